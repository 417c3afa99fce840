//! Redirects and retries: each hop and each attempt is a request of its own.

use std::collections::BTreeSet;

use bytes::Bytes;
use end_to_end::{in_time, recording, recording_with};
use http::{HeaderMap, Request, Response};
use http_body_util::Empty;
use tower::retry::{Policy, RetryLayer};
use tower::{ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;
use trace_client::{Target, TraceClientLayer};
use trace_core::{InTrace, Tracer, TransactionName};

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
    let handler =
        tracer.start_transaction(tracer.start_new_trace(), "test", || TransactionName::custom("test"));

    let last = ours.url("/200");
    let second = stranger.url(&format!("/302?to={last}"));
    let first = ours.url(&format!("/307?to={second}"));
    let call = client.oneshot(get(first)).in_trace(handler.context().clone());
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

/// Tries again after 503.
#[derive(Clone)]
struct Attempts(usize);

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
        let handler = tracer.start_transaction(tracer.start_new_trace(), "test", name);
        let call = client.oneshot(get(destination.url("/503"))).in_trace(handler.context().clone());
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
