//! Requests that the application has signed, with the signer of AWS's own SDK: what was signed arrives as it was.

use std::convert::Infallible;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use end_to_end::sentry_trace;
use http::{HeaderMap, Request, Response};
use http_body_util::Empty;
use tower::{Layer, ServiceExt, service_fn};
use trace_client::{Target, TraceClientLayer};
use trace_core::{TraceContext, Tracer};

const URL: &str = "https://bucket.s3.eu-west-1.amazonaws.com/orders/17";
const BODY: &[u8] = b"an order";

/// Signs headers of a request: what signing adds is put on it.
fn sign_request(request: &mut Request<()>, location: SignatureLocation, time: SystemTime) {
    let identity = Credentials::new("AKIDEXAMPLE", "an example key", None, None, "test").into();
    let mut settings = SigningSettings::default();
    settings.signature_location = location;
    settings.expires_in = (location == SignatureLocation::QueryParams).then_some(Duration::from_secs(900));
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name("s3")
        .time(time)
        .settings(settings)
        .build()
        .unwrap();
    let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let signable =
        SignableRequest::new("GET", request.uri().to_string(), headers, SignableBody::Bytes(BODY)).unwrap();
    let (instructions, _) = sign(signable, &SigningParams::V4(params)).unwrap().into_parts();
    instructions.apply_to_request_http1x(request);
}

/// Whether the far side takes a request: it signs the same headers of what arrived again.
fn verify(arrived: &Request<()>, location: SignatureLocation, time: SystemTime) -> bool {
    let text = |request: &Request<()>| match location {
        SignatureLocation::Headers => request.headers()["authorization"].to_str().unwrap().to_owned(),
        _ => request.uri().query().unwrap().to_owned(),
    };
    let list = text(arrived).replace("%3B", ";");
    let (_, names) = list.split_once("SignedHeaders=").unwrap();
    let names: Vec<_> = names.split([',', '&']).next().unwrap().split(';').collect();
    let mut again = Request::get(URL).body(()).unwrap();
    for (name, value) in arrived.headers() {
        if names.contains(&name.as_str()) && !["host", "x-amz-date"].contains(&name.as_str()) {
            again.headers_mut().append(name, value.clone());
        }
    }
    sign_request(&mut again, location, time);
    text(&again) == text(arrived)
}

/// Sends a request through the layer within a trace, and gives it as it arrives.
async fn send(request: Request<()>, context: &TraceContext, layer: &TraceClientLayer) -> Request<()> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let client = layer.layer(service_fn(move |request: Request<()>| {
        sender.send(request).unwrap();
        async { Ok::<_, Infallible>(Response::new(Empty::<bytes::Bytes>::new())) }
    }));
    let call = || client.oneshot(request);
    trace_core::TraceExt::in_trace(context.scope(call), context.clone()).await.unwrap();
    receiver.recv().unwrap()
}

#[tokio::test]
async fn what_was_signed_arrives_as_it_was() {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_786_000_000);
    let tracer = Tracer::builder().propagate_traceparent(true).build().unwrap();
    let copied = [("sentry-trace", sentry_trace(7)), ("baggage", "sentry-release=a,tenant=acme".to_owned())];
    let context = tracer.continue_trace(copied.as_slice());
    let [(_, trace), (_, members)] = &copied;
    // Headers that are on the request when it is signed, and which of ours can be added afterwards.
    type Row<'a> = (&'static str, Vec<(&'static str, &'a str)>, bool, bool);
    let table: [Row<'_>; 5] = [
        ("nothing of ours", vec![("x-amz-meta-a", "1")], true, true),
        ("members of others", vec![("baggage", "tenant=acme")], true, false),
        ("two lines", vec![("baggage", "a=1"), ("baggage", "b=2")], true, false),
        ("all that a proxy copied", vec![("sentry-trace", trace), ("baggage", members)], false, false),
        (
            "a traceparent",
            vec![("traceparent", "00-00000000000000000000000000000007-0000000000000007-01")],
            true,
            true,
        ),
    ];
    for location in [SignatureLocation::Headers, SignatureLocation::QueryParams] {
        for (name, before, adds_trace, adds_baggage) in &table {
            let mut request = Request::get(URL).body(()).unwrap();
            for (header, value) in before {
                request.headers_mut().append(*header, value.parse().unwrap());
            }
            sign_request(&mut request, location, time);
            assert!(verify(&request, location, time), "{name}: the check itself");
            let signed: HeaderMap = request.headers().clone();
            let arrived = send(request, &context, &TraceClientLayer::new(tracer.clone())).await;
            assert!(verify(&arrived, location, time), "{name}: {arrived:?}");
            for (header, _) in before {
                let lines =
                    |headers: &HeaderMap| headers.get_all(*header).iter().cloned().collect::<Vec<_>>();
                assert_eq!(lines(arrived.headers()), lines(&signed), "{name}: {header}");
            }
            assert_eq!(
                arrived.headers().get("sentry-trace") != signed.get("sentry-trace"),
                *adds_trace,
                "{name}"
            );
            assert_eq!(arrived.headers().get("baggage") != signed.get("baggage"), *adds_baggage, "{name}");
        }
    }
}

#[tokio::test]
async fn a_signed_copy_does_not_reach_a_stranger() {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_786_000_000);
    let tracer = Tracer::builder().build().unwrap();
    let context = tracer.continue_trace([("sentry-trace", sentry_trace(7))].as_slice());
    let layer = TraceClientLayer::new(tracer).targets([Target::host("elsewhere.test")]).unwrap();
    let mut request = Request::get(URL).header("sentry-trace", sentry_trace(7)).body(()).unwrap();
    request.headers_mut().insert("baggage", "sentry-release=a,tenant=acme".parse().unwrap());
    sign_request(&mut request, SignatureLocation::Headers, time);
    let arrived = send(request, &context, &layer).await;
    assert_eq!(arrived.headers().get("sentry-trace"), None);
    assert_eq!(arrived.headers()["baggage"], "tenant=acme");
    assert!(!verify(&arrived, SignatureLocation::Headers, time), "which the signature does not survive");
}
