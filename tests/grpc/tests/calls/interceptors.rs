//! Interceptors of tonic on either side of a layer.

use end_to_end::{in_time, recording};
use grpc::{Call, Channel, Kind, scripted};
use tokio::net::TcpListener;
use tonic::service::interceptor::{InterceptedService, InterceptorLayer};
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request, Status};
use tower::Layer;
use trace_client::TraceClientLayer;
use trace_core::{TraceContext, TraceExt};
use trace_server::TraceServerLayer;

use crate::sides::{Sides, channel, only_call, status};

/// Lets a request pass that has the header, and tells in which trace it runs.
fn guard(request: Request<()>) -> Result<Request<()>, Status> {
    let trace = TraceContext::current().map(|context| context.trace_id().to_string());
    match request.metadata().get("x-pass") {
        Some(_) => Ok(request),
        None => Err(Status::unauthenticated(trace.unwrap_or_default())),
    }
}

fn pass(mut request: Request<()>) -> Result<Request<()>, Status> {
    request.metadata_mut().insert("x-pass", "1".parse().unwrap());
    Ok(request)
}

async fn make(channel: impl Channel, caller: &trace_core::Span) -> Result<(), Status> {
    let call = Call::new("test.Scripted", Kind::Unary, "trace");
    in_time("the end", call.make(channel).in_trace(caller.context().clone())).await.map(drop)
}

#[tokio::test]
async fn a_server_that_refuses_is_in_the_trace_and_both_sides_have_its_status() {
    let ((tracer, mut near), (far_tracer, mut far)) = (recording(), recording());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tonic::transport::Server::builder()
        .layer(TraceServerLayer::new(far_tracer))
        .layer(InterceptorLayer::new(guard))
        .add_routes(scripted());
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));

    let caller = tracer.service_span("test", "caller").start();
    let refused = make(channel(&tracer, &url), &caller).await.unwrap_err();
    assert_eq!(refused.message(), caller.trace_id().to_string(), "the trace is current in it");
    let call = only_call(caller, &mut near);
    assert_eq!((status(&call), status(&far.next().await.root)), ("unauthenticated", "unauthenticated"));

    let caller = tracer.service_span("test", "caller").start();
    make(InterceptedService::new(channel(&tracer, &url), pass), &caller).await.unwrap();
    let call = only_call(caller, &mut near);
    assert_eq!((status(&call), status(&far.next().await.root)), ("ok", "ok"));
}

#[tokio::test]
async fn a_client_that_refuses_makes_no_call_outside_and_one_that_fails_inside() {
    let mut sides = Sides::start().await;
    let caller = sides.caller();
    let refused = make(InterceptedService::new(sides.channel.clone(), guard), &caller).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
    caller.end();
    assert!(sides.near.only().spans.is_empty());

    let (tracer, mut near) = recording();
    let caller = tracer.service_span("test", "caller").start();
    let inside = InterceptedService::new(sides.channel.get_ref().clone(), guard);
    let refused = make(TraceClientLayer::new(tracer).layer(inside), &caller).await.unwrap_err();
    assert_eq!(refused.message(), caller.trace_id().to_string(), "the trace is current in it");
    assert_eq!(status(&only_call(caller, &mut near)), "unauthenticated");
}
