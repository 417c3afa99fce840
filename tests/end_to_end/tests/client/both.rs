//! Server and client together: one trace through several services, and both layers on one service.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::get;
use bytes::Bytes;
use end_to_end::{Client, Protocol, Server, current_trace, ending, recording, sentry_trace, trace_id};
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
use trace_client::{Target, TraceClient, TraceClientLayer};
use trace_core::Outcome::Complete;
use trace_server::TraceServerLayer;

use crate::destination::{Destination, HyperClient, hyper_client};

const BAGGAGE: &str = "sentry-trace_id=00000000000000000000000000000007,sentry-public_key=abc,\
    sentry-sample_rand=0.25,sentry-release=head%401,sentry-vendor=unknown%2C";

#[tokio::test]
async fn one_trace_through_a_server_of_axum_and_one_of_hyper() {
    for &protocol in Protocol::BOTH {
        let (far_tracer, mut far) = recording();
        let service = service_fn(async |request: Request<Incoming>| {
            let baggage = request.headers()["baggage"].to_str().unwrap().to_owned();
            Ok::<_, Infallible>(Response::new(format!("{} {baggage}", current_trace())))
        });
        let far_server =
            Server::start(Protocol::Http1, TraceServerLayer::new(far_tracer).layer(service)).await;

        let (near_tracer, mut near) = recording();
        let client = TraceClientLayer::new(near_tracer.clone()).layer(hyper_client());
        let far_url = far_server.url("/stock");
        let forward = async move |State(client): State<TraceClient<HyperClient>>| {
            let request = Request::get(far_url).body(Empty::<Bytes>::new()).unwrap();
            let response = client.oneshot(request).await.unwrap();
            // Streamed on: the span of the call lives as long as the response of the server.
            Response::new(Body::new(response.into_body()))
        };
        let router = Router::new().route("/orders", get(forward)).with_state(client);
        let near_server = Server::start(protocol, router.layer(TraceServerLayer::new(near_tracer))).await;

        let user = Client::connect(protocol, &near_server).await;
        let headers = [("sentry-trace", sentry_trace(7)), ("baggage", BAGGAGE.to_owned())];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = user.get("/orders", &headers).await;
        assert_eq!(answer, format!("{} {BAGGAGE}", trace_id(7)), "{protocol:?}");

        let (near, far) = (near.next().await, far.next().await);
        assert_eq!(near.trace_id, far.trace_id);
        assert_eq!(near.root.parent_span_id.unwrap().to_string(), format!("{:016x}", 7));
        let [call] = near.spans.as_slice() else { panic!("{:?}", near.spans) };
        assert_eq!(call.parent_span_id, Some(near.root.span_id));
        assert_eq!(far.root.parent_span_id, Some(call.span_id));
        assert_eq!(near.dynamic_sampling_context().as_baggage().unwrap(), BAGGAGE);
        assert_eq!(far.dynamic_sampling_context().as_baggage().unwrap(), BAGGAGE);
    }
}

#[tokio::test]
async fn a_proxy_that_copies_all_headers_is_cleaned_up_after() {
    let (target, stranger) = (Destination::start().await, Destination::start().await);
    let (tracer, _transactions) = recording();
    let targets = [Target::origin(target.url(""))];
    let client = TraceClientLayer::new(tracer.clone()).targets(targets).unwrap().layer(hyper_client());
    let urls = [target.url("/200"), stranger.url("/200")];
    let proxy = service_fn(move |request: Request<Incoming>| {
        let (client, urls) = (client.clone(), urls.clone());
        async move {
            for url in urls {
                let mut copy = Request::get(url).body(Empty::new()).unwrap();
                *copy.headers_mut() = request.headers().clone();
                copy.headers_mut().remove("host");
                client.clone().oneshot(copy).await.unwrap();
            }
            Ok::<_, Infallible>(Response::new(String::new()))
        }
    });
    let server = Server::start(Protocol::Http1, TraceServerLayer::new(tracer).layer(proxy)).await;
    let user = Client::connect(Protocol::Http1, &server).await;
    let baggage = format!("user=1,{BAGGAGE}");
    let headers = [("sentry-trace", sentry_trace(7)), ("baggage", baggage.clone()), ("x-own", "1".into())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    user.get("/", &headers).await;

    let (target, stranger) = (target.only(), stranger.only());
    let sent = target.lines("sentry-trace").unwrap();
    assert!(sent.starts_with(&trace_id(7)) && sent != sentry_trace(7), "{sent}");
    assert_eq!(target.lines("baggage"), Some(baggage));
    assert_eq!(stranger.lines("sentry-trace"), None);
    assert_eq!(stranger.lines("baggage").as_deref(), Some("user=1"));
    assert_eq!(stranger.lines("x-own").as_deref(), Some("1"));
}

#[tokio::test]
async fn both_layers_on_one_service_in_either_order() {
    let answer = service_fn(async |request: Request<Body>| {
        let sent = request.headers().get("sentry-trace").map(|sent| sent.to_str().unwrap().to_owned());
        Ok::<_, Infallible>(Response::new(format!("{} {}", current_trace(), sent.unwrap_or_default())))
    });
    let request = || {
        let request = Request::get("http://shop.test/orders").header("sentry-trace", sentry_trace(7));
        request.header("baggage", BAGGAGE).body(Body::empty()).unwrap()
    };
    let text = async |response: Response<_>| {
        let body = BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
        String::from_utf8_lossy(&body).into_owned()
    };

    // The server outside, as in a proxy: the request goes on in the name of the client's span.
    let (tracer, mut transactions) = recording();
    let service = ServiceBuilder::new()
        .layer(TraceServerLayer::new(tracer.clone()))
        .layer(TraceClientLayer::new(tracer))
        .service(answer);
    let answered = text(service.oneshot(request()).await.unwrap()).await;
    let transaction = transactions.only();
    assert_eq!(ending(&transaction), (Complete, "ok"));
    let [call] = transaction.spans.as_slice() else { panic!("{:?}", transaction.spans) };
    assert_eq!(call.parent_span_id, Some(transaction.root.span_id));
    assert_eq!(answered, format!("{0} {0}-{1}-1", trace_id(7), call.span_id));

    // The client outside, as with a service in the same process: it is served as a child of the client's span.
    let (tracer, mut transactions) = recording();
    let handler = tracer.service_span("test", trace_core::TransactionName::custom("test")).start();
    let service = ServiceBuilder::new()
        .layer(TraceClientLayer::new(tracer.clone()))
        .layer(TraceServerLayer::new(tracer))
        .service(answer);
    let mut outgoing = request();
    outgoing.headers_mut().clear();
    outgoing.extensions_mut().insert(handler.context().clone());
    let answered = text(service.oneshot(outgoing).await.unwrap()).await;
    handler.end();
    let [served, handled] = transactions.ended().try_into().expect("two transactions");
    assert_eq!(served.trace_id, handled.trace_id);
    let [call] = handled.spans.as_slice() else { panic!("{:?}", handled.spans) };
    assert_eq!(served.root.parent_span_id, Some(call.span_id));
    assert_eq!(answered, format!("{0} {0}-{1}-1", served.trace_id, call.span_id));
}
