//! What the spans of a call tell.

use std::time::Duration;

use end_to_end::in_time;
use grpc::{Call, Kind};
use trace_core::{AttributeValue, FinishedSpan, NameSource, TraceExt};
use trace_server::skip_grpc_probes;

use crate::sides::Sides;

#[track_caller]
fn assert_attributes(span: &FinishedSpan, expected: &[(&str, Option<AttributeValue>)]) {
    for (key, value) in expected {
        assert_eq!(span.attribute(key), value.as_ref(), "{key} of {}", span.operation);
    }
}

#[tokio::test]
async fn both_sides_name_service_method_status_and_deadline() {
    let mut sides = Sides::start().await;
    let caller = sides.caller();
    let call = Call::new("test.Scripted", Kind::Unary, "fail 5").timeout(Duration::from_secs(60));
    let made = in_time("the end", call.make(sides.channel.clone()).in_trace(caller.context().clone())).await;
    assert!(made.is_err());
    let (near, far) = sides.ended(caller).await;
    let text = |text: &str| Some(AttributeValue::from(text));
    for span in [&near, &far.root] {
        assert_attributes(
            span,
            &[
                ("rpc.system", text("grpc")),
                ("rpc.service", text("test.Scripted")),
                ("rpc.method", text("test.Scripted/Unary")),
                ("rpc.response.status_code", text("NOT_FOUND")),
                ("rpc.grpc.status_code", Some(5.into())),
                ("rpc.grpc.timeout_ms", Some(60_000.0.into())),
                ("http.response.status_code", Some(200.into())),
            ],
        );
    }
    assert_eq!(&*near.description, "/test.Scripted/Unary");
    assert_eq!((&*near.origin, &*far.root.origin), ("auto.grpc.tower_client", "auto.grpc.tower"));
    assert_eq!((far.name.as_str(), far.name.source()), ("/test.Scripted/Unary", NameSource::Route));
}

#[tokio::test]
async fn a_method_that_nobody_has_names_nothing() {
    let mut sides = Sides::start().await;
    let caller = sides.caller();
    let call = Call::new("card.4111111111111111", Kind::Unary, "");
    let made = in_time("the end", call.make(sides.channel.clone()).in_trace(caller.context().clone())).await;
    assert_eq!(made.unwrap_err().code(), tonic::Code::Unimplemented);
    let (_, far) = sides.ended(caller).await;
    assert_eq!(far.name.source(), NameSource::Url);
    assert_attributes(&far.root, &[("rpc.service", None), ("rpc.method", None)]);
    assert_attributes(&far.root, &[("rpc.response.status_code", Some("UNIMPLEMENTED".into()))]);
}

#[tokio::test]
async fn probes_are_not_sampled_where_they_are_skipped() {
    let mut sides = Sides::with(|layer| layer.sample(skip_grpc_probes)).await;
    for (service, method_is_there) in [("grpc.health.v1.Health", false), ("test.Scripted", true)] {
        let call = Call::new(service, Kind::Unary, "trace");
        let made = in_time("the end", call.make(sides.channel.clone())).await;
        assert_eq!(made.is_ok(), method_is_there, "{service}");
    }
    let caller = sides.caller();
    let call = Call::new("test.Scripted", Kind::Unary, "fail 5");
    let _made = in_time("the end", call.make(sides.channel.clone()).in_trace(caller.context().clone())).await;
    let (_, far) = sides.ended(caller).await;
    assert_eq!(far.name.as_str(), "/test.Scripted/Unary", "the first that was recorded");
}
