//! Layers that limit: a timeout outside of ours gives the request up, one inside is an answer of the service; a request that
//! is turned away outside is none of ours, one inside fails.

use std::convert::Infallible;
use std::time::Duration;

use end_to_end::{Client, Gate, Protocol, ScriptedBody, Server, assert_nothing_left, ending, recording};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use tower::timeout::TimeoutLayer;
use tower::{Layer, ServiceBuilder, service_fn};
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

#[tokio::test]
async fn a_request_that_is_turned_away_outside_has_no_transaction() {
    let table = [
        ("outside", true, &[(Cancelled, "cancelled")][..]),
        ("inside", false, &[(Failed, "internal_error"), (Cancelled, "cancelled")]),
    ];
    for (name, is_outside, expected) in table {
        let (tracer, mut transactions) = recording();
        let traced = TraceServerLayer::new(tracer);
        // The first request is under way for as long as its client waits.
        let (arrived, limit) = (Gate::default(), ServiceBuilder::new().load_shed().concurrency_limit(1));
        let service = service_fn({
            let arrived = arrived.clone();
            move |request| {
                arrived.open();
                never(request)
            }
        });
        let server = match is_outside {
            true => Server::start(Protocol::Http2, limit.layer(traced).service(service)).await,
            false => Server::start(Protocol::Http2, traced.layer(limit.service(service))).await,
        };
        let client = Client::connect(Protocol::Http2, &server).await;
        let first = client.send(get());
        let second = async {
            arrived.opened().await;
            client.send(get()).await
        };
        tokio::select! {
            _ = first => panic!("{name}: the first is never answered"),
            turned_away = second => assert!(turned_away.is_err(), "{name}"),
        }
        drop(client);
        for expected in expected {
            assert_eq!(ending(&transactions.next().await), *expected, "{name}");
        }
        assert_nothing_left(server, &mut transactions).await;
    }
}

async fn never(_: Request<Incoming>) -> Result<Response<ScriptedBody>, Infallible> {
    std::future::pending().await
}

fn get() -> Request<()> {
    Request::get("/").body(()).expect("a request")
}
