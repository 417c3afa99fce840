//! A handler that streams tokens: with streamed spans, Sentry has those that ended while the answer still runs.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use axum::{Router, routing::get};
use collector::{Answer, Collector, Envelope};
use futures_util::{StreamExt, stream};
use sentry::{Client, ClientOptions};
use tokio::sync::Semaphore;
use trace_core::TraceLifecycle;
use trace_sentry::SentrySink;
use trace_server::{CurrentTrace, TraceServerLayer};

const TOKENS: usize = 5000;

async fn chat(CurrentTrace(trace): CurrentTrace, State(last): State<Arc<Semaphore>>) -> impl IntoResponse {
    let chat = trace.span("gen_ai.chat", "chat tiny-llm").attribute("gen_ai.operation.name", "chat");
    let chat =
        chat.attribute("gen_ai.request.model", "tiny-llm").attribute("gen_ai.response.streaming", true);
    let chat = chat.start();
    Sse::new(stream::iter(1..=TOKENS).then(move |number| {
        let (token, last) = (chat.start_span("gen_ai.token", "token"), last.clone());
        async move {
            let _permit = if number == TOKENS { last.acquire().await.ok() } else { None };
            token.end();
            Ok::<_, Infallible>(Event::default().data(format!("word{number}")))
        }
    }))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let collector = Collector::open(Answer::Ok);
    let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
    let client = Client::from(sentry::apply_defaults(options)).into();
    let sink = SentrySink::builder(client).trace_lifecycle(TraceLifecycle::Stream).build()?;
    let last = Arc::new(Semaphore::new(0));
    let app = Router::new().route("/chat", get(chat)).with_state(last.clone());
    let url = small::serve(app.layer(TraceServerLayer::new(sink.tracer().build()?))).await? + "/chat";

    let answer = tokio::spawn(small::browse(url));
    let early = spans(&collector.next("span"));
    println!("{early} spans have arrived, and the answer still lacks its last word.");
    last.add_permits(1);
    assert!(answer.await??.contains(&format!("word{TOKENS}")));
    assert!(sink.close(std::time::Duration::from_secs(10)));
    let late: usize = collector.arrived().iter().map(spans).sum();
    assert_eq!(early + late, TOKENS + 2, "none is missing");
    Ok(())
}

fn spans(envelope: &Envelope) -> usize {
    envelope.item.get("items").and_then(|items| items.as_array()).map_or(0, Vec::len)
}
