//! What an application can do wrong with the scope and the client of a request: the request is served, and nothing is lost
//! silently.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Request};
use axum::{Router, routing::get};
use collector::{Answer, Collector, Envelope};
use http_body_util::BodyExt;
use sentry::{Client, ClientOptions, Hub, Level, Transport};
use serde_json::json;
use tower::ServiceExt;
use trace_sentry::{HubLayer, SentrySink, TraceIntegration};
use trace_server::TraceServerLayer;

const PATIENCE: Duration = Duration::from_secs(10);

fn client(options: ClientOptions) -> Arc<Client> {
    let options = options.traces_sample_rate(1.0).add_integration(TraceIntegration);
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    Hub::main().bind_client(Some(client.clone()));
    client
}

fn app(sink: &SentrySink) -> Router {
    let order = async || {
        sentry::configure_scope(|scope| {
            scope.set_tag("plan", "gold");
            scope.set_transaction(Some("of the scope"));
        });
        sentry::capture_message("out of stock", Level::Error);
        ""
    };
    let panics = async || {
        sentry::configure_scope(|scope| scope.set_tag("plan", "gold"));
        sentry::configure_scope(|scope| {
            scope.set_tag("plan", "of the callback that panics");
            if scope.user().is_none() {
                panic!("in a callback");
            }
        });
    };
    Router::new()
        .route("/orders", get(order))
        .route("/panics", get(panics))
        .layer(HubLayer::new())
        .layer(TraceServerLayer::new(sink.tracer().build().unwrap()))
}

/// Serves a request in a task of its own. Returns whether it panicked.
async fn serve(app: &Router, path: &str) -> bool {
    let mut request = Request::get(path).header("host", "shop.test").body(Body::empty()).unwrap();
    request.headers_mut().insert("x-client", HeaderValue::from_bytes(b"caf\xe9").unwrap());
    let answer = app.clone().oneshot(request);
    let served = tokio::spawn(async { answer.await.unwrap().into_body().collect().await.unwrap() });
    served.await.is_err()
}

fn kinds(arrived: &[Envelope]) -> Vec<&str> {
    let mut kinds: Vec<_> = arrived.iter().map(|envelope| &*envelope.kind).collect();
    kinds.sort_unstable();
    kinds
}

/// A transport that is not ours, and sends nothing.
struct Foreign(Arc<Mutex<Vec<u8>>>);

impl Transport for Foreign {
    fn send_envelope(&self, envelope: sentry::Envelope) {
        envelope.to_writer(&mut *self.0.lock().unwrap()).unwrap();
    }
}

/// One test, because the main hub has one client at a time.
#[tokio::test]
async fn each_request_is_served_and_accounted_for() {
    // A name on the scope is that of events. Headers that are no UTF-8 are sent with a replacement character.
    let first = Collector::open(Answer::Ok);
    let old = client(ClientOptions::new().dsn(&first.dsn));
    let sink = SentrySink::new(old.clone()).unwrap();
    let app_of_old = app(&sink);
    assert!(!serve(&app_of_old, "/orders").await);
    assert!(sink.flush(PATIENCE));
    let (event, transaction) = (first.next("event").item, first.next("transaction").item);
    assert_eq!(
        (&event["transaction"], &transaction["transaction"]),
        (&json!("of the scope"), &json!("GET /orders"))
    );
    for item in [&event, &transaction] {
        assert_eq!(item["request"]["headers"]["x-client"], "caf\u{fffd}");
        assert_eq!(item["tags"]["plan"], "gold");
    }

    // A callback that panics is a handler that panics. Only what the callback changed is lost.
    assert!(serve(&app_of_old, "/panics").await);
    assert!(sink.flush(PATIENCE));
    let transaction = first.next("transaction").item;
    assert_eq!(transaction["contexts"]["trace"]["status"], "internal_error");
    assert_eq!(transaction["tags"]["plan"], "gold");
    let _panic_event = first.arrived();

    // Another client replaces the first one: errors follow the hub, transactions the sink, until it is closed.
    let second = Collector::open(Answer::Ok);
    let new = client(ClientOptions::new().dsn(&second.dsn));
    assert!(!serve(&app_of_old, "/orders").await);
    assert!(sink.flush(PATIENCE) && new.flush(Some(PATIENCE)));
    assert_eq!(kinds(&first.arrived()), ["transaction"]);
    let moved = second.arrived();
    assert_eq!(kinds(&moved), ["event"]);
    assert!(moved[0].item["contexts"]["trace"]["trace_id"].is_string());
    assert!(old.close(Some(PATIENCE)));
    assert!(!serve(&app_of_old, "/orders").await);
    assert!(!sink.flush(PATIENCE), "a loss that nobody can report");
    assert_eq!((sink.statistics().handed_over, sink.statistics().dropped), (3, 1));
    assert!(new.flush(Some(PATIENCE)));
    assert_eq!(kinds(&second.arrived()), ["event"]);

    // A transport that is not ours.
    let sent = Arc::<Mutex<Vec<u8>>>::default();
    let foreign = Arc::new(Foreign(sent.clone()));
    let sink = SentrySink::new(client(ClientOptions::new().dsn(&second.dsn).transport(foreign))).unwrap();
    assert!(!serve(&app(&sink), "/orders").await);
    assert!(sink.flush(PATIENCE));
    let text = String::from_utf8(std::mem::take(&mut *sent.lock().unwrap())).unwrap();
    assert!(text.contains("out of stock") && text.contains("\"GET /orders\""), "{text}");
    assert_eq!(sink.statistics().handed_over, 1);

    // No DSN: the request has a trace, and what cannot be sent is counted.
    let sink = SentrySink::new(client(ClientOptions::new())).unwrap();
    assert!(!serve(&app(&sink), "/orders").await);
    assert!(!sink.flush(PATIENCE));
    assert_eq!((sink.statistics().handed_over, sink.statistics().dropped), (0, 1));
}
