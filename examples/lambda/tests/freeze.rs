//! The function before a runtime that gives it one event and then lets it wait, as Lambda does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use collector::{Answer, Collector};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::mpsc::unbounded_channel;

const TRACE: &str = "771a43a4192642f0b136d5159a501700";

/// An event of a function URL.
fn event() -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/orders/17",
        "rawQueryString": "",
        "headers": {
            "host": "x.lambda-url.eu-central-1.on.aws",
            "sentry-trace": format!("{TRACE}-b72fa28504b07285-1"),
            "baggage": format!("sentry-trace_id={TRACE},sentry-release=web%407"),
        },
        "requestContext": {
            "http": {
                "method": "GET", "path": "/orders/17", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "a test",
            },
            "stage": "$default", "time": "26/Nov/2026:00:00:00 +0000", "timeEpoch": 1_795_651_200_000_u64,
            "requestId": "1", "accountId": "1", "apiId": "x", "domainName": "x.test", "domainPrefix": "x",
        },
        "isBase64Encoded": false,
    })
}

#[tokio::test]
async fn a_transaction_is_delivered_before_the_next_event_is_asked_for() {
    let collector = Collector::open(Answer::Ok);
    let (answers, mut answered) = unbounded_channel();
    let (asked_again, mut frozen) = unbounded_channel();
    let asked = Arc::new(AtomicUsize::new(0));
    let next = async move || {
        if asked.fetch_add(1, Ordering::SeqCst) > 0 {
            asked_again.send(()).unwrap();
            std::future::pending::<()>().await;
        }
        let headers = [
            ("lambda-runtime-aws-request-id", "1"),
            ("lambda-runtime-deadline-ms", "1795651260000"),
            ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:1:function:orders"),
        ];
        (headers, event().to_string()).into_response()
    };
    let answer = async move |body: String| answers.send(body).unwrap();
    let runtime = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async { axum::serve(listener, runtime).await });

    let _function = Command::new(env!("CARGO_BIN_EXE_lambda"))
        .env("AWS_LAMBDA_RUNTIME_API", address)
        .env("AWS_LAMBDA_FUNCTION_NAME", "orders")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("SENTRY_DSN", &collector.dsn)
        .env("NO_PROXY", "127.0.0.1")
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    tokio::time::timeout(Duration::from_secs(30), frozen.recv()).await.expect("the next event is asked for");

    // From now on the function may be frozen: all must have happened.
    let answer: Value = serde_json::from_str(&answered.try_recv().unwrap()).unwrap();
    assert_eq!(answer["body"], format!("order 17 in trace {TRACE}"));
    let arrived = collector.arrived();
    let transaction = arrived.iter().find(|envelope| envelope.kind == "transaction").expect("a transaction");
    assert_eq!(transaction.item["transaction"], "GET /orders/{id}");
    assert_eq!(transaction.item["contexts"]["trace"]["trace_id"], TRACE);
    assert_eq!(transaction.item["contexts"]["trace"]["parent_span_id"], "b72fa28504b07285");
    assert_eq!(transaction.header["trace"]["release"], "web@7");
}
