//! Redirects and retries: each hop and each attempt is a request of its own.

use std::collections::BTreeSet;

use bytes::Bytes;
use end_to_end::{in_time, recording, recording_with};
use http::{HeaderMap, HeaderName, Method, Request, Response};
use http_body_util::Empty;
use tower::retry::{Policy, RetryLayer};
use tower::{Layer, ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;
use trace_client::{Target, TraceClientLayer};
use trace_core::{TraceExt, Tracer, TransactionName};

use crate::destination::{Destination, Head, hyper_client};

fn get(url: String) -> Request<Empty<Bytes>> {
    Request::get(url).body(Empty::new()).unwrap()
}

/// The ids of the spans that were sent.
fn span_ids(heads: &[Head]) -> BTreeSet<String> {
    let sent = heads.iter().filter_map(|head| head.lines("sentry-trace"));
    sent.map(|line| line.split('-').nth(1).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_hop_of_a_redirect_is_decided_anew() {
    let (ours, stranger) = (Destination::start().await, Destination::start().await);
    let (tracer, mut transactions) = recording();
    let targets = [Target::origin(ours.url(""))];
    let client = ServiceBuilder::new()
        .layer(FollowRedirectLayer::new())
        .layer(TraceClientLayer::new(tracer.clone()).targets(targets).unwrap())
        .service(hyper_client());
    let handler = tracer.service_span("test", TransactionName::custom("test")).start();

    let last = ours.url("/200");
    let second = stranger.url(&format!("/302?to={last}"));
    let first = ours.url(&format!("/307?to={second}"));
    let call = client.oneshot(get(first)).in_trace(&handler);
    let response = in_time("the last hop", call).await.unwrap();
    assert_eq!(response.status(), 200);
    drop(response);
    handler.end();

    let (at_ours, at_stranger) = (ours.received(), stranger.only());
    let paths: Vec<_> = at_ours.iter().map(|head| head.path.as_str()).collect();
    assert_eq!(paths, ["/307", "/200"]);
    assert_eq!((at_stranger.lines("sentry-trace"), at_stranger.lines("baggage")), (None, None));
    assert!(at_ours.iter().all(|head| head.lines("baggage").is_some()));

    let transaction = transactions.only();
    let hops: Vec<_> = transaction.spans.iter().map(|span| span.description.clone()).collect();
    let urls = [ours.url("/307"), stranger.url("/302"), ours.url("/200")];
    assert_eq!(hops, urls.map(|url| format!("GET {url}")));
    let spans = [&transaction.spans[0], &transaction.spans[2]].map(|span| span.span_id.to_string());
    assert_eq!(span_ids(&at_ours), spans.into());
}

#[tokio::test]
async fn reqwest_stops_where_the_targets_end_if_its_policy_asks_them() {
    let (ours, stranger) = (Destination::start().await, Destination::start().await);
    let tracer = Tracer::builder().build().unwrap();
    let layer = TraceClientLayer::new(tracer).targets([Target::origin(ours.url(""))]).unwrap();
    let targets = layer.propagation_targets().clone();
    let policy = reqwest::redirect::Policy::custom(move |attempt| {
        let is_target = attempt.url().as_str().parse().is_ok_and(|url| targets.matches(&url));
        if is_target { reqwest::redirect::Policy::default().redirect(attempt) } else { attempt.stop() }
    });
    let client = reqwest::Client::builder().redirect(policy).no_proxy().build().unwrap();
    let client = layer.layer(client);
    for (to, expected) in [(ours.url("/200"), 200), (stranger.url("/200"), 302)] {
        let url = ours.url(&format!("/302?to={to}")).parse().unwrap();
        let request = reqwest::Request::new(Method::GET, url);
        assert_eq!(client.clone().oneshot(request).await.unwrap().status(), expected);
    }
    assert_eq!(ours.received().len(), 3);
    assert!(stranger.received().is_empty(), "it is never called, so nothing leaks");
}

#[tokio::test]
async fn what_reqwest_adds_below_the_layer_is_not_seen_by_it() {
    let destination = Destination::start().await;
    let defaults =
        HeaderMap::from_iter([(HeaderName::from_static("baggage"), "tenant=acme".parse().unwrap())]);
    let client = reqwest::Client::builder().default_headers(defaults).no_proxy().build().unwrap();
    let tracer = Tracer::builder().release("shop@1").build().unwrap();
    let traced = TraceClientLayer::new(tracer).layer(client);
    let get = || reqwest::Request::new(Method::GET, destination.url("/200").parse().unwrap());
    traced.clone().oneshot(get()).await.unwrap();
    assert!(!destination.only().lines("baggage").unwrap().contains("tenant"), "ours takes its place");
    let mut request = get();
    request.headers_mut().insert("baggage", "tenant=acme".parse().unwrap());
    traced.oneshot(request).await.unwrap();
    assert!(destination.only().lines("baggage").unwrap().starts_with("tenant=acme,sentry-"));
}

/// Tries again after 503.
#[derive(Clone)]
pub(crate) struct Attempts(pub(crate) usize);

impl<B, E> Policy<Request<Empty<Bytes>>, Response<B>, E> for Attempts {
    type Future = std::future::Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<Empty<Bytes>>,
        result: &mut Result<Response<B>, E>,
    ) -> Option<Self::Future> {
        let again = self.0 > 1 && matches!(result, Ok(response) if response.status() == 503);
        self.0 -= 1;
        again.then(|| std::future::ready(()))
    }

    fn clone_request(&mut self, request: &Request<Empty<Bytes>>) -> Option<Request<Empty<Bytes>>> {
        Some(request.clone())
    }
}

#[tokio::test]
async fn each_attempt_has_an_id_of_its_own() {
    // Recorded or not: the receiver must be able to tell the attempts apart.
    for rate in [None, Some(1.0)] {
        let destination = Destination::start().await;
        let options = match rate {
            Some(rate) => Tracer::builder().traces_sample_rate(rate),
            None => Tracer::builder(),
        };
        let (tracer, mut transactions) = recording_with(options);
        let client = ServiceBuilder::new()
            .layer(RetryLayer::new(Attempts(3)))
            .layer(TraceClientLayer::new(tracer.clone()))
            .service(hyper_client());
        let name = || TransactionName::custom("test");
        let handler = tracer.service_span("test", name()).start();
        let call = client.oneshot(get(destination.url("/503"))).in_trace(&handler);
        assert_eq!(in_time("the last attempt", call).await.unwrap().status(), 503);
        handler.end();

        let received = destination.received();
        assert_eq!(received.len(), 3);
        let lines = |headers: &HeaderMap| headers.get_all("sentry-trace").iter().count();
        assert!(received.iter().all(|head| lines(&head.headers) == 1), "{received:?}");
        let ids = span_ids(&received);
        assert_eq!(ids.len(), 3, "{ids:?}");
        if rate.is_some() {
            let spans = transactions.only().spans;
            let recorded: BTreeSet<_> = spans.iter().map(|span| span.span_id.to_string()).collect();
            assert_eq!(recorded, ids);
            assert!(spans.iter().all(|span| span.status == Some(trace_core::SpanStatus::Unavailable)));
        }
    }
}
