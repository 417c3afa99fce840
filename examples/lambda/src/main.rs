//! A function on AWS Lambda in the trace of its caller, whose transaction is delivered before the function is frozen.
//!
//! Lambda freezes the process between two invocations, in the middle of whatever it does. So the layer round the runtime
//! flushes after each one: the answer has been posted by then, so that nobody waits for it, and the next event has not
//! been asked for. The DSN comes from `SENTRY_DSN`.

use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use lambda_http::lambda_runtime::Runtime;
use lambda_http::{Adapter, Error};
use tower::util::MapFutureLayer;
use trace_core::TraceContext;
use trace_sentry::SentrySink;
use trace_server::TraceServerLayer;

async fn order(Path(id): Path<u32>) -> String {
    let trace = TraceContext::current().map(|context| context.trace_id().to_string());
    format!("order {id} in trace {}", trace.unwrap_or_default())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let options = sentry::ClientOptions::new().release("orders@1.4.0").traces_sample_rate(1.0);
    let _guard = sentry::init(options);
    let sink = SentrySink::of_current_client()?;
    let tracer = sink.tracer().build()?;

    let app = Router::new().route("/orders/{id}", get(order)).layer(TraceServerLayer::new(tracer));
    let flush = MapFutureLayer::new(move |invocation| {
        let sink = sink.clone();
        async move {
            let answered = invocation.await;
            // What is not sent in time is sent by a later invocation.
            let _is_all_sent = sink.flush(Duration::from_secs(2));
            answered
        }
    });
    // `lambda_http::run` is this without a layer; `lambda_http::runtime` wants a response that is `Sync`, as axum's is not.
    Runtime::new(Adapter::from(app)).layer(flush).run().await
}
