//! What a proxy for plain HTTP sees: the whole request, with the headers that its target gets.

use end_to_end::recording;
use reqwest::Proxy;
use trace_client::{SendTraced, Target, TraceClientLayer};
use trace_core::TraceExt;

use crate::destination::Destination;
use crate::handler::{end, handler};

#[tokio::test]
async fn it_sees_the_headers_of_a_target_and_none_on_the_way_to_a_stranger() {
    let proxy = Destination::start().await;
    let (tracer, mut transactions) = recording();
    // Whether the proxy itself is a target decides nothing.
    let layer = TraceClientLayer::new(tracer.clone()).targets([Target::host("orders.internal")]).unwrap();
    let client = reqwest::Client::builder().proxy(Proxy::http(proxy.url("")).unwrap()).build().unwrap();
    for (url, is_target) in [("http://orders.internal/200", true), ("http://stranger.test/200", false)] {
        let handler = handler(&tracer);
        let response = client.get(url).send_traced(&layer).in_trace(&handler).await.unwrap();
        drop(response);
        let spans = end(handler, &mut transactions);
        assert_eq!(spans[0].description, format!("GET {url}"));
        let head = proxy.only();
        assert_eq!(head.lines("sentry-trace").is_some(), is_target, "{url}");
        assert_eq!(head.lines("baggage").is_some(), is_target, "{url}");
        assert_eq!(head.lines("host"), Some(url.trim_start_matches("http://").replace("/200", "")));
    }
}
