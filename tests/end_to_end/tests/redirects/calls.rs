//! What the hops of one call have in common, and what only the first of them has.

use std::collections::BTreeSet;

use end_to_end::{recording, sentry_trace, trace_id};
use http::{HeaderMap, Method};
use reqwest::redirect::Policy;
use reqwest_middleware::ClientBuilder;
use trace_client::{CallOptions, FollowRedirectsLayer, SendTraced, SendTracedBlocking};
use trace_core::{TraceExt, in_current_trace};

use crate::chains::{assert_spans, end, handler};
use crate::follower::Follower;
use crate::sites::{Answer, OURS, STRANGER, Sites, assert_no_leak};

#[tokio::test]
async fn a_trace_that_the_application_wrote_stays_at_its_host() {
    let sites = Sites::start().await;
    for follower in Follower::ALL.into_iter().filter(|it| it.is_ours()) {
        let answer = |site, hop| Answer { status: 307, location: sites.url(site, hop).into_bytes() };
        sites.plan(vec![answer(OURS, 1), answer(STRANGER, 2), answer(OURS, 3)]);
        let (tracer, _transactions) = recording();
        let handler = handler(&tracer);
        let mut headers = HeaderMap::new();
        headers.insert("sentry-trace", sentry_trace(9).parse().unwrap());
        headers.insert("baggage", format!("a=b,sentry-trace_id={:032x}", 9).parse().unwrap());
        let (layer, url) = (sites.layer(&tracer), sites.url(OURS, 0));
        let call = follower.send(&layer, Method::GET, url, headers, None, sites.proxy()).in_trace(&handler);
        assert_eq!(call.await.unwrap(), 200);

        let arrived = sites.arrived();
        for (request, trace) in arrived.iter().zip([Some(9), Some(9), None, Some(7)]) {
            for number in [7, 9] {
                let is_named = request.names("sentry-trace", &trace_id(number));
                assert_eq!(is_named, trace == Some(number), "{follower:?} {request:#?}");
            }
            assert_eq!(request.names("baggage", &trace_id(9)), trace == Some(9), "{follower:?} {request:#?}");
            assert!(request.names("baggage", "a=b"), "{follower:?} {request:#?}");
        }
    }
}

#[tokio::test]
async fn without_a_trace_the_hops_of_a_call_are_in_one_that_it_starts() {
    let sites = Sites::start().await;
    for follower in Follower::ALL.into_iter().filter(|it| it.is_ours()) {
        let answer = |site, hop| Answer { status: 302, location: sites.url(site, hop).into_bytes() };
        let (tracer, _transactions) = recording();
        let layer = sites.layer(&tracer);
        let mut traces = BTreeSet::new();
        for _ in 0..2 {
            sites.plan(vec![answer(STRANGER, 1), answer(OURS, 2)]);
            let url = sites.url(OURS, 0);
            follower.send(&layer, Method::GET, url, HeaderMap::new(), None, sites.proxy()).await.unwrap();
            let arrived = sites.arrived();
            assert_no_leak(&arrived, true, &format!("{follower:?}"));
            let [first, last] = [&arrived[0], &arrived[2]].map(|request| request.trace_id().to_owned());
            assert_eq!(first, last, "{follower:?}");
            traces.insert(first);
        }
        assert_eq!(traces.len(), 2, "{follower:?}: each call has its own");
    }
}

#[tokio::test]
async fn a_template_names_the_first_hop_only() {
    let sites = Sites::start().await;
    for kind in ["send_traced", "middleware", "blocking"] {
        sites.plan(vec![Answer { status: 302, location: b"/1".to_vec() }]);
        let (tracer, mut transactions) = recording();
        let handler = handler(&tracer);
        let (following, url) = (FollowRedirectsLayer::new(sites.layer(&tracer)), sites.url(OURS, 0));
        let options = CallOptions::new().url_template("/{hop}");
        let client = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        match kind {
            "send_traced" => {
                let call = client.get(url).send_traced_with(&following, options);
                call.in_trace(&handler).await.unwrap();
            }
            "middleware" => {
                let client = ClientBuilder::new(client).with(following).build();
                client.get(url).with_extension(options).send().in_trace(&handler).await.unwrap();
            }
            _ => {
                let call = move || {
                    let client = reqwest::blocking::Client::builder().no_proxy().redirect(Policy::none());
                    let request = client.build().unwrap().get(url);
                    drop(request.send_traced_with(&following, &options).unwrap());
                };
                let call = handler.scope(|| in_current_trace(call));
                tokio::task::spawn_blocking(call).await.unwrap();
            }
        }
        let spans = end(handler, &mut transactions);
        let names: Vec<_> = spans.iter().map(|span| span.description.as_ref()).collect();
        assert_eq!(names, ["GET /{hop}", &format!("GET {}", sites.url(OURS, 1))], "{kind}");
        let templates = spans.iter().map(|span| span.attribute("url.template").is_some());
        assert_eq!(templates.collect::<Vec<_>>(), [true, false], "{kind}");
        assert_spans(Follower::SendTraced, &spans, &sites.arrived());
    }
}
