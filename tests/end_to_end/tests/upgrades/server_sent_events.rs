//! Server-sent events: a transaction lasts as long as their stream.

use std::convert::Infallible;

use axum::Router;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use axum::routing::get;
use end_to_end::{Gate, Transactions, in_time, recording};
use futures_util::stream::{self, StreamExt};
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use trace_core::{Outcome, TraceContext};
use trace_server::TraceServerLayer;

fn event() -> Result<Event, Infallible> {
    let trace = TraceContext::current().map(|context| context.trace_id().to_string());
    Ok(Event::default().data(trace.unwrap_or_default()))
}

/// The body of a stream whose second event waits for the gate, after its first event.
async fn begun(gate: &Gate, is_kept_alive: bool) -> (Incoming, Transactions) {
    let (tracer, mut transactions) = recording();
    let gate = gate.clone();
    let handler = async move || {
        let second = async move {
            gate.opened().await;
            event()
        };
        let events = Sse::new(stream::once(async { event() }).chain(stream::once(second)));
        if is_kept_alive { Ok(events.keep_alive(KeepAlive::default())) } else { Err(events) }
    };
    let app = Router::new().route("/", get(handler)).layer(TraceServerLayer::new(tracer));
    let address = crate::serve(app).await;
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let request = Request::get(format!("http://{address}/")).body(Empty::new()).unwrap();
    let mut body = in_time("a head", client.request(request)).await.unwrap().into_body();
    let first = in_time("an event", body.frame()).await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(first.len(), "data: \n\n".len() + 32, "the trace is current in the stream: {first:?}");
    assert!(transactions.ended().is_empty(), "the stream lasts");
    (body, transactions)
}

#[tokio::test]
async fn it_ends_with_the_last_event() {
    for is_kept_alive in [true, false] {
        let gate = Gate::default();
        let (body, mut transactions) = begun(&gate, is_kept_alive).await;
        gate.open();
        in_time("the end", body.collect()).await.unwrap();
        assert_eq!(transactions.next().await.outcome, Outcome::Complete, "kept alive: {is_kept_alive}");
    }
}

#[tokio::test]
async fn it_ends_when_the_client_leaves() {
    for is_kept_alive in [true, false] {
        let (body, mut transactions) = begun(&Gate::default(), is_kept_alive).await;
        drop(body);
        assert_eq!(transactions.next().await.outcome, Outcome::Cancelled, "kept alive: {is_kept_alive}");
    }
}
