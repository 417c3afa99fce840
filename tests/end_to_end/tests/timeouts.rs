//! A timeout outside of the layer gives the request up, one inside is an answer of the service.

use std::convert::Infallible;
use std::time::Duration;

use end_to_end::{Client, Protocol, ScriptedBody, Server, assert_nothing_left, ending, recording};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use tower::ServiceBuilder;
use tower::timeout::TimeoutLayer;
use trace_core::Outcome::{Cancelled, Complete, Failed};
use trace_server::TraceServerLayer;

const SOON: Duration = Duration::from_millis(1);

#[tokio::test]
async fn a_timeout_outside_cancels_and_one_inside_fails() {
    for &protocol in Protocol::BOTH {
        let (tracer, mut transactions) = recording();
        let outside = ServiceBuilder::new()
            .layer(TimeoutLayer::new(SOON))
            .layer(TraceServerLayer::new(tracer))
            .service_fn(never);
        let server = Server::start(protocol, outside).await;
        assert!(Client::connect(protocol, &server).await.send(get()).await.is_err());
        assert_eq!(ending(&transactions.next().await), (Cancelled, "cancelled"));
        assert_nothing_left(server, &mut transactions).await;

        let (tracer, mut transactions) = recording();
        let inside = ServiceBuilder::new()
            .layer(TraceServerLayer::new(tracer))
            .layer(TimeoutLayer::new(SOON))
            .service_fn(never);
        let server = Server::start(protocol, inside).await;
        assert!(Client::connect(protocol, &server).await.send(get()).await.is_err());
        assert_eq!(ending(&transactions.next().await), (Failed, "internal_error"));
        assert_nothing_left(server, &mut transactions).await;

        let (tracer, mut transactions) = recording();
        let answer = StatusCode::GATEWAY_TIMEOUT;
        let answering = ServiceBuilder::new()
            .layer(TraceServerLayer::new(tracer))
            .layer(tower_http::timeout::TimeoutLayer::with_status_code(answer, SOON))
            .service_fn(never);
        let server = Server::start(protocol, answering).await;
        let response = Client::connect(protocol, &server).await.send(get()).await.unwrap();
        assert_eq!(response.status(), answer);
        drop(response);
        assert_eq!(ending(&transactions.next().await), (Complete, "deadline_exceeded"));
        assert_nothing_left(server, &mut transactions).await;
    }
}

async fn never(_: Request<Incoming>) -> Result<Response<ScriptedBody>, Infallible> {
    std::future::pending().await
}

fn get() -> Request<()> {
    Request::get("/").body(()).expect("a request")
}
