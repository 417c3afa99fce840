//! Services that tools call, not users.

use trace_core::RequestHead;

/// The health service, and the reflection service in both versions.
const SERVICES: [&str; 3] = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
];

/// Decides that calls of gRPC's health and reflection services are not sampled, and leaves the decision about other
/// requests open. It is a function for [`TraceServerLayer::sample`](crate::TraceServerLayer::sample).
///
/// ```
/// # let tracer = trace_core::Tracer::builder().traces_sample_rate(0.1).build()?;
/// use trace_server::{TraceServerLayer, skip_grpc_probes};
///
/// let layer = TraceServerLayer::new(tracer).sample(skip_grpc_probes);
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[must_use]
pub fn skip_grpc_probes(request: &RequestHead<'_>) -> Option<bool> {
    let service = request.uri().path().strip_prefix('/')?.split_once('/')?.0;
    SERVICES.contains(&service).then_some(false)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn health_and_reflection_are_skipped() {
        let table = [
            ("/grpc.health.v1.Health/Check", Some(false)),
            ("/grpc.health.v1.Health/Watch", Some(false)),
            ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Some(false)),
            ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Some(false)),
            ("http://a.test/grpc.health.v1.Health/Check", Some(false)),
            ("/grpc.health.v1.Healthy/Check", None),
            ("/grpc.health.v1.Health", None),
            ("/x/grpc.health.v1.Health/Check", None),
            ("/shop.Orders/Get", None),
            ("/", None),
            ("*", None),
        ];
        for (uri, expected) in table {
            let request = Request::post(uri).body(()).unwrap();
            assert_eq!(skip_grpc_probes(&RequestHead::from(&request)), expected, "{uri}");
        }
    }
}
