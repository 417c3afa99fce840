//! Chains from a target to a stranger and back, by every status.

use end_to_end::{Transactions, recording, recording_with, sentry_trace};
use http::{HeaderMap, HeaderValue, Method};
use trace_client::TraceClientLayer;
use trace_core::{FinishedSpan, Span, TraceExt, Tracer};

use crate::follower::Follower;
use crate::sites::{Answer, Arrived, OURS, STRANGER, Sites, assert_no_leak};

/// A handler that continues the trace of a caller.
pub(crate) fn handler(tracer: &Tracer) -> Span {
    let context = tracer.continue_trace([("sentry-trace", sentry_trace(7))].as_slice());
    tracer.service_span("test", "test").in_trace(context).start()
}

/// The headers of a request that a proxy has copied from the caller, with a credential of its own.
pub(crate) fn copied() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("sentry-trace", sentry_trace(7).parse().unwrap());
    headers.insert("baggage", format!("sentry-trace_id={:032x}", 7).parse().unwrap());
    headers.insert("authorization", HeaderValue::from_static("Bearer s3cret"));
    headers
}

/// What each hop of our own following has to show for itself: a span, with the id that was sent and its number.
pub(crate) fn assert_spans(follower: Follower, spans: &[FinishedSpan], arrived: &[Arrived]) {
    assert_eq!(spans.len(), arrived.len(), "{follower:?}");
    for (number, (span, request)) in spans.iter().zip(arrived).enumerate() {
        if request.site == OURS {
            assert_eq!(request.span_id(), Some(span.span_id.to_string().as_str()), "{follower:?}");
        }
        let expected = (follower.is_ours() && number > 0).then(|| number.to_string());
        let resent = span.attribute("http.request.resend_count").map(ToString::to_string);
        assert_eq!(resent, expected, "{follower:?}");
    }
}

pub(crate) fn end(handler: Span, transactions: &mut Transactions) -> Vec<FinishedSpan> {
    handler.end();
    transactions.only().spans
}

#[tokio::test]
async fn from_a_target_to_a_stranger_and_back_by_every_status() {
    let sites = Sites::start().await;
    for follower in Follower::ALL {
        for status in 300..=308 {
            for (method, body) in
                [(Method::GET, None), (Method::POST, Some("order")), (Method::PUT, Some("order"))]
            {
                let what = format!("{follower:?} {status} {method}");
                let answer = |site, hop| Answer { status, location: sites.url(site, hop).into_bytes() };
                sites.plan(vec![answer(STRANGER, 1), answer(OURS, 2)]);
                let (tracer, mut transactions) = recording();
                let handler = handler(&tracer);
                let url = sites.url(OURS, 0);
                let layer = sites.layer(&tracer);
                let call = follower
                    .send(&layer, method.clone(), url, copied(), body, sites.proxy())
                    .in_trace(&handler);
                let last = call.await.unwrap();

                let (spans, arrived) = (end(handler, &mut transactions), sites.arrived());
                let is_followed = matches!(status, 301..=303 | 307..=308);
                let hops = if is_followed && follower.decides_each_hop() { 3 } else { 1 };
                assert_eq!(arrived.len(), hops, "{what}");
                assert_eq!(last, if hops == 3 { 200 } else { status }, "{what}");
                assert_no_leak(&arrived, true, &what);
                assert_spans(follower, &spans, &arrived);
                let keeps = matches!(status, 307 | 308) || (status != 303 && method == Method::PUT);
                for request in &arrived[1..] {
                    let expected = if keeps { method.clone() } else { Method::GET };
                    assert_eq!(request.method, expected, "{what}");
                    let expected = if keeps { body.unwrap_or_default() } else { "" };
                    assert_eq!(request.body, expected, "{what}");
                    // tower-http removes credentials only with its policy for that.
                    if follower.is_ours() {
                        assert_eq!(request.count("authorization"), 0, "{what}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_relative_location_stays_at_its_host_and_keeps_the_credentials() {
    let sites = Sites::start().await;
    for follower in Follower::ALL {
        let answer = |location: &str| Answer { status: 302, location: location.into() };
        sites.plan(vec![answer("/1"), answer("2"), answer("?q"), answer("")]);
        let (tracer, mut transactions) = recording();
        let handler = handler(&tracer);
        let layer = sites.layer(&tracer);
        let url = sites.url(OURS, 0);
        let call = follower.send(&layer, Method::GET, url, copied(), None, sites.proxy()).in_trace(&handler);
        // `?q` leads to the same path until the limit.
        let last = call.await;
        let arrived = sites.arrived();
        assert_eq!(arrived.len(), 11, "{follower:?}");
        assert!(arrived.iter().all(|request| request.site == OURS && request.count("authorization") == 1));
        assert_no_leak(&arrived, true, &format!("{follower:?}"));
        match follower.decides_each_hop() {
            true => assert_eq!(last.unwrap(), 302, "{follower:?}"),
            false => assert!(last.unwrap_err().to_string().contains("redirect")),
        }
        let spans = end(handler, &mut transactions);
        if follower.decides_each_hop() {
            assert_spans(follower, &spans, &arrived);
        }
    }
}

#[tokio::test]
async fn a_guarded_client_goes_on_where_it_carries_nothing() {
    let sites = Sites::start().await;
    for follower in [Follower::Policy, Follower::BlockingPolicy] {
        let answer = |site, hop| Answer { status: 302, location: sites.url(site, hop).into_bytes() };
        sites.plan(vec![answer(2, 1), answer(OURS, 2), answer(STRANGER, 3)]);
        let (tracer, _transactions) = recording();
        let handler = handler(&tracer);
        let layer = sites.layer(&tracer);
        let url = sites.url(STRANGER, 0);
        let call = follower.send(&layer, Method::GET, url, copied(), None, sites.proxy()).in_trace(&handler);
        assert_eq!(call.await.unwrap(), 200);
        let arrived = sites.arrived();
        assert_eq!(arrived.len(), 4);
        assert_no_leak(&arrived, false, &format!("{follower:?}"));
    }
}

#[tokio::test]
async fn the_endpoint_of_the_dsn_is_a_stranger_though_all_hosts_are_targets() {
    let sites = Sites::start().await;
    let root = sites.url(STRANGER, 0).trim_end_matches('0').to_owned();
    let dsn = format!("{}42", root.replace("http://", "http://key@"));
    let location = format!("{root}api/42/envelope/").into_bytes();
    for follower in Follower::ALL {
        sites.plan(vec![Answer { status: 307, location: location.clone() }]);
        let (tracer, _transactions) = recording_with(Tracer::builder().dsn(&*dsn).traces_sample_rate(1.0));
        let handler = handler(&tracer);
        let layer = TraceClientLayer::new(tracer.clone());
        let url = sites.url(OURS, 0);
        let call = follower.send(&layer, Method::POST, url, copied(), None, sites.proxy()).in_trace(&handler);
        call.await.unwrap();
        let arrived = sites.arrived();
        assert_eq!(arrived.len(), if follower.decides_each_hop() { 2 } else { 1 }, "{follower:?}");
        assert_no_leak(&arrived, true, &format!("{follower:?}"));
    }
}
