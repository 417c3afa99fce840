//! The calls of a plain reqwest client carry the trace, for one word a call.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use migration::calls::{after, before};
use reqwest::{Client, redirect::Policy};
use tokio::net::TcpListener;
use trace_client::{Target, TraceClientLayer, redirect_policy};
use trace_core::{InMemorySink, TraceExt, Tracer};

/// Serves orders. What places one is told whose trace it is on.
async fn serve() -> String {
    let place = async |headers: HeaderMap, Json(order): Json<Vec<String>>| {
        let trace = headers.get("sentry-trace").map_or("no trace", |line| line.to_str().unwrap());
        format!("{} by {trace}", order.join(" and "))
    };
    let app = Router::new()
        .route("/orders/last", get(async || Json(["tea", "cake"])))
        .route("/orders", post(place));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn the_calls_carry_the_trace_and_are_recorded() {
    let url = serve().await;
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
    let layer = TraceClientLayer::new(tracer.clone()).targets([Target::origin(&*url)]).unwrap();
    let client =
        Client::builder().redirect(redirect_policy(&layer, Policy::default())).no_proxy().build().unwrap();

    assert_eq!(before::reorder(&client, &url).await.unwrap(), "tea and cake by no trace");
    let job = tracer.service_span("task", "reorder").start();
    let answer = after::reorder(&client, &url, &layer).in_trace(&job).await.unwrap();
    job.end();
    let spans = sink.take().remove(0).spans;
    assert_eq!(spans.len(), 2);
    let last = spans.last().unwrap();
    assert!(answer.starts_with("tea and cake by ") && answer.contains(&last.span_id.to_string()), "{answer}");
}

#[test]
fn a_call_differs_by_one_word() {
    let calls = |source: &'static str| source.lines().filter(|line| line.contains("client.")).map(words);
    let words_of_both =
        calls(include_str!("../src/calls/before.rs")).zip(calls(include_str!("../src/calls/after.rs")));
    let mut compared = 0;
    for (before, after) in words_of_both {
        let changed: Vec<_> = after.iter().filter(|word| !before.contains(word)).collect();
        assert_eq!(changed, [&"send_traced", &"layer"], "the word, and what it is given");
        compared += 1;
    }
    assert_eq!(compared, 2);
}

fn words(line: &'static str) -> Vec<&'static str> {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect()
}
