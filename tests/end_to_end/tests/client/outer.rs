//! Layers outside of the client layer that call it from tasks of their own, or several times.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use end_to_end::{Gate, Protocol, Server, Transactions, in_time, recording};
use http::{Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::body::Incoming;
use tower::balance::p2c::Balance;
use tower::buffer::Buffer;
use tower::discover::ServiceList;
use tower::hedge::{self, Hedge};
use tower::load::Constant;
use tower::retry::RetryLayer;
use tower::spawn_ready::SpawnReady;
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use trace_client::{ParentLayer, ReqwestService, Target, TraceClientLayer};
use trace_core::{FinishedSpan, SpanStatus, TraceExt, Tracer};

use crate::destination::{Destination, hyper_client};
use crate::handler::{end, handler};
use crate::hops::Attempts;

type Get = Request<Empty<Bytes>>;

fn get(url: String) -> Get {
    Request::get(url).body(Empty::new()).unwrap()
}

fn resend_counts(spans: &[FinishedSpan]) -> Vec<String> {
    let count = |span: &FinishedSpan| span.attribute("http.request.resend_count").map(ToString::to_string);
    spans.iter().map(|span| count(span).unwrap_or_default()).collect()
}

/// Sends a request within a handler, and returns its spans.
async fn spans_of<S, R, B>(
    client: S,
    request: R,
    tracer: &Tracer,
    transactions: &mut Transactions,
) -> Vec<FinishedSpan>
where
    S: Service<R, Response = Response<B>, Error: Into<BoxError>>,
{
    let handler = handler(tracer);
    let id = handler.span_id();
    let response = in_time("a response", client.oneshot(request).in_trace(&handler)).await;
    drop(response.map_err(Into::into).unwrap());
    let spans = end(handler, transactions);
    assert!(spans.iter().all(|span| span.parent_span_id == Some(id)), "{spans:#?}");
    spans
}

#[tokio::test]
async fn the_parent_goes_along_through_layers_with_tasks_of_their_own() {
    let (tracer, mut transactions) = recording();
    let destination = Destination::start().await;
    let client = || TraceClientLayer::new(tracer.clone()).layer(hyper_client());
    let check = async |name: &str, spans: Vec<FinishedSpan>| {
        let [span] = spans.as_slice() else { panic!("{name}: {spans:#?}") };
        let sent = destination.only().lines("sentry-trace").unwrap();
        assert!(sent.contains(&span.span_id.to_string()), "{name}: {sent}");
    };
    let request = || get(destination.url("/200"));

    let buffer = ParentLayer::new().layer(Buffer::new(client(), 8));
    check("buffer", spans_of(buffer, request(), &tracer, &mut transactions).await).await;

    let ready = ParentLayer::new().layer(SpawnReady::new(client()));
    check("spawn_ready", spans_of(ready, request(), &tracer, &mut transactions).await).await;

    let services = ServiceList::new::<Get>([Constant::new(client(), 1), Constant::new(client(), 1)]);
    let balance = ParentLayer::new().layer(Buffer::new(Balance::new(services), 8));
    check("balance", spans_of(balance, request(), &tracer, &mut transactions).await).await;

    let reqwest = ServiceBuilder::new()
        .layer(ParentLayer::new())
        .buffer(8)
        .layer(TraceClientLayer::new(tracer.clone()))
        .service(ReqwestService::new(reqwest::Client::builder().no_proxy().build().unwrap()));
    let body = request().map(|_| reqwest::Body::default());
    check("reqwest", spans_of(reqwest, body, &tracer, &mut transactions).await).await;

    // The call is made here, only its future elsewhere.
    let mut buffer = ParentLayer::new().layer(Buffer::new(client(), 8));
    let handler = handler(&tracer);
    buffer.ready().await.unwrap();
    let call = handler.scope(|| buffer.call(request()));
    drop(tokio::spawn(call).await.unwrap().unwrap());
    check("spawned", end(handler, &mut transactions)).await;
}

#[tokio::test]
async fn attempts_are_numbered_and_each_has_one_line_and_an_id_of_its_own() {
    let (tracer, mut transactions) = recording();
    let destination = Destination::start().await;
    let client = ServiceBuilder::new()
        .layer(ParentLayer::new())
        .buffer(8)
        .layer(RetryLayer::new(Attempts(3)))
        .layer(TraceClientLayer::new(tracer.clone()))
        .service(hyper_client());
    let request = get(destination.url("/503"));
    let spans = spans_of(client, request, &tracer, &mut transactions).await;
    assert_eq!(resend_counts(&spans), ["", "1", "2"]);
    let received = destination.received();
    for (span, head) in spans.iter().zip(&received) {
        let line = head.lines("sentry-trace").unwrap();
        assert!(line.contains(&format!("-{}-1", span.span_id)) && !line.contains('|'), "{line}");
        assert!(!head.lines("baggage").unwrap().contains('|'));
        assert_eq!(head.headers.len(), received[0].headers.len(), "nothing grows");
    }
}

/// Sends the same request again, whatever it is.
#[derive(Clone)]
struct Again;

impl hedge::Policy<Get> for Again {
    fn clone_request(&self, request: &Get) -> Option<Get> {
        Some(request.clone())
    }

    fn can_retry(&self, _: &Get) -> bool {
        true
    }
}

#[tokio::test]
async fn a_hedge_has_a_span_for_each_of_its_requests() {
    let arrived = Arc::new(AtomicUsize::new(0));
    let gate = Gate::default();
    let service = service_fn({
        let (arrived, gate) = (arrived.clone(), gate.clone());
        move |_: Request<Incoming>| {
            let is_first = arrived.fetch_add(1, Ordering::Relaxed) == 0;
            let gate = gate.clone();
            async move {
                if is_first {
                    gate.opened().await;
                }
                Ok::<_, Infallible>(Response::new(String::new()))
            }
        }
    });
    let server = Server::start(Protocol::Http1, service).await;
    for (name, targets) in [("a target", vec![Target::origin(server.url(""))]), ("a stranger", vec![])] {
        arrived.store(0, Ordering::Relaxed);
        let (tracer, mut transactions) = recording();
        let layer = TraceClientLayer::new(tracer.clone()).targets(targets).unwrap();
        let latencies = [1; 10];
        let client = layer.layer(hyper_client());
        let hedged =
            Hedge::new_with_mock_latencies(client, Again, 1, 0.5, Duration::from_secs(60), &latencies);
        let client = ParentLayer::new().layer(hedged);
        let spans = spans_of(client, get(server.url("/")), &tracer, &mut transactions).await;
        let mut ends: Vec<_> = spans.iter().map(|span| span.status.unwrap()).collect();
        ends.sort_by_key(|status| status.as_str());
        assert_eq!(ends, [SpanStatus::Cancelled, SpanStatus::Ok], "{name}");
        let mut counts = resend_counts(&spans);
        counts.sort();
        assert_eq!(counts, ["", "1"], "{name}");
        assert_ne!(spans[0].span_id, spans[1].span_id, "{name}");
    }
}

/// A middleware of reqwest-middleware, under one that retries.
mod middleware {
    use collector::Nobody;
    use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Error};
    use reqwest_retry::RetryTransientMiddleware;
    use reqwest_retry::policies::ExponentialBackoff;
    use trace_client::{CallOptions, TraceMiddleware};

    use super::*;

    fn retrying(tracer: &Tracer) -> ClientWithMiddleware {
        let policy = ExponentialBackoff::builder()
            .retry_bounds(Duration::from_millis(1), Duration::from_millis(2))
            .build_with_max_retries(2);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        ClientBuilder::new(client)
            .with(RetryTransientMiddleware::new_with_policy(policy))
            .with(TraceMiddleware::new(TraceClientLayer::new(tracer.clone())))
            .build()
    }

    #[tokio::test]
    async fn retries_are_numbered_and_keep_the_options_of_the_call() {
        let (tracer, mut transactions) = recording();
        let destination = Destination::start().await;
        let handler = handler(&tracer);
        let options = CallOptions::new().url_template("/{status}");
        let call = retrying(&tracer).post(destination.url("/503")).json(&[1]).with_extension(options).send();
        let response = in_time("a response", call.in_trace(&handler)).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        drop(response);
        let spans = end(handler, &mut transactions);
        assert_eq!(resend_counts(&spans), ["", "1", "2"]);
        for (span, head) in spans.iter().zip(destination.received()) {
            assert_eq!(span.description, "POST /{status}");
            assert_eq!(span.status, Some(SpanStatus::Unavailable), "an attempt that was not the last, too");
            let line = head.lines("sentry-trace").unwrap();
            assert!(line.contains(&format!("-{}-1", span.span_id)) && !line.contains('|'), "{line}");
        }
    }

    #[tokio::test]
    async fn without_a_trace_the_attempts_are_in_one_that_the_call_starts() {
        let (tracer, _transactions) = recording();
        let destination = Destination::start().await;
        let client = retrying(&tracer);
        let mut traces = BTreeSet::new();
        for _ in 0..2 {
            in_time("a response", client.get(destination.url("/503")).send()).await.unwrap();
            let lines = destination.received().into_iter().map(|head| head.lines("sentry-trace").unwrap());
            let ids: Vec<_> = lines.map(|line| line.split_at(32).0.to_owned()).collect();
            assert_eq!(ids.len(), 3);
            traces.extend(ids);
        }
        assert_eq!(traces.len(), 2, "each call has its own");
    }

    #[tokio::test]
    async fn an_error_stays_one_that_is_retried() {
        let (tracer, mut transactions) = recording();
        let nobody = Nobody::bind();
        let handler = handler(&tracer);
        let call = retrying(&tracer).get(format!("http://{}/", nobody.address)).send();
        let error = in_time("an error", call.in_trace(&handler)).await.unwrap_err();
        assert!(
            matches!(&error, Error::Middleware(error) if error.to_string().contains("retries")),
            "{error:?}"
        );
        let spans = end(handler, &mut transactions);
        assert_eq!(resend_counts(&spans), ["", "1", "2"]);
        assert!(spans.iter().all(|span| span.status == Some(SpanStatus::InternalError)));
    }

    #[tokio::test]
    async fn without_retries_the_error_is_that_of_reqwest() {
        let (tracer, _transactions) = recording();
        let nobody = Nobody::bind();
        let layer = TraceMiddleware::new(TraceClientLayer::new(tracer.clone()));
        let client = ClientBuilder::new(reqwest::Client::builder().no_proxy().build().unwrap()).with(layer);
        let error = client.build().get(format!("http://{}/", nobody.address)).send().await.unwrap_err();
        assert!(matches!(error, Error::Reqwest(error) if error.is_connect()));
    }
}
