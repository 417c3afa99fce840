//! The names of all attributes that this project writes by itself.
//!
//! Sentry's Spans specification 1.0.0 asks for names from Sentry's conventions. The table was compared with the model of
//! <https://github.com/getsentry/sentry-conventions> at commit b350b1edbfa8f9ff854b20dfc7ac5ff54d12f293 of August 2026.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::process::Command;
use std::time::Duration;

use collector::{Answer, Collector};
use http::{HeaderMap, Method, Request, Response, StatusCode, Version};
use sentry::ClientOptions;
use serde_json::Value;
use tower::{Layer, ServiceExt, service_fn};
use trace_client::TraceClientLayer;
use trace_core::{QueueMessage, TraceContext, Tracer, TransactionName};
use trace_sentry::HubLayer;
use trace_server::TraceServerLayer;

use crate::validator::spans;
use crate::{PATIENCE, scope};

/// Where a name is defined.
#[derive(Debug, PartialEq)]
enum Defined {
    /// In Sentry's conventions, with this type and not as deprecated.
    Conventions,
    /// In Sentry's conventions, but with another type than we write, or as deprecated, for the reason given.
    Differs(&'static str),
    /// Elsewhere.
    Elsewhere(&'static str),
}

use Defined::{Conventions, Differs, Elsewhere};

/// The names, with the types that we write.
const NAMES: [(&str, &str, Defined); 65] = [
    ("app.build", "string", Conventions),
    ("app.identifier", "string", Conventions),
    ("app.name", "string", Conventions),
    ("app.version", "string", Conventions),
    ("browser.name", "string", Conventions),
    ("browser.version", "string", Conventions),
    ("client.address", "string", Conventions),
    ("device.family", "string", Conventions),
    ("device.model", "string", Conventions),
    ("device.model_id", "string", Conventions),
    ("device.name", "string", Conventions),
    ("error.type", "string", Conventions),
    ("http.query", "string", Differs("without the question mark, as Sentry's module specification has it")),
    ("http.request.header.<key>", "array", Conventions),
    ("http.request.method", "string", Conventions),
    ("http.request.method_original", "string", Elsewhere("OpenTelemetry, HTTP spans")),
    ("http.request.time_to_first_byte", "double", Differs("counted by browsers from their time origin")),
    ("http.response.body.size", "integer", Conventions),
    ("http.response.status_code", "integer", Conventions),
    ("http.route", "string", Conventions),
    ("messaging.destination.name", "string", Conventions),
    ("messaging.message.body.size", "integer", Conventions),
    ("messaging.message.id", "string", Conventions),
    (
        "messaging.message.receive.latency",
        "double",
        Differs("milliseconds as a float on Sentry's Queues page"),
    ),
    ("messaging.message.retry.count", "integer", Conventions),
    ("messaging.system", "string", Conventions),
    ("network.protocol.version", "string", Conventions),
    ("os.build_id", "string", Conventions),
    ("os.kernel_version", "string", Conventions),
    ("os.name", "string", Conventions),
    ("os.version", "string", Conventions),
    ("process.runtime.name", "string", Conventions),
    ("process.runtime.version", "string", Conventions),
    ("rpc.grpc.status_code", "integer", Differs("deprecated, but Sentry infers a status from it")),
    ("rpc.grpc.timeout_ms", "double", Elsewhere("ours, since no convention has the deadline of a call")),
    ("rpc.method", "string", Conventions),
    ("rpc.response.status_code", "string", Conventions),
    ("rpc.service", "string", Conventions),
    ("rpc.system", "string", Conventions),
    (
        "sentry.dropped_attributes_count",
        "integer",
        Elsewhere("the name under which Sentry stores it of links"),
    ),
    ("sentry.environment", "string", Conventions),
    ("sentry.op", "string", Conventions),
    ("sentry.origin", "string", Conventions),
    ("sentry.platform", "string", Conventions),
    ("sentry.release", "string", Conventions),
    ("sentry.sdk.name", "string", Conventions),
    ("sentry.sdk.version", "string", Conventions),
    ("sentry.segment.id", "string", Conventions),
    ("sentry.segment.name", "string", Conventions),
    ("sentry.segment.name.source", "string", Conventions),
    ("sentry.status.message", "string", Conventions),
    ("sentry.trace_lifecycle", "string", Conventions),
    ("server.address", "string", Conventions),
    ("server.port", "integer", Conventions),
    ("thread.id", "string", Differs("a string in the Spans specification and in the Python SDK")),
    ("thread.name", "string", Conventions),
    ("url.full", "string", Conventions),
    ("url.path", "string", Conventions),
    ("url.query", "string", Conventions),
    ("url.scheme", "string", Conventions),
    ("user.email", "string", Conventions),
    ("user.id", "string", Conventions),
    ("user.ip_address", "string", Conventions),
    ("user.name", "string", Conventions),
    ("user_agent.original", "string", Conventions),
];

/// Does something of everything that records spans.
async fn record_everything(tracer: &Tracer) {
    let stock = service_fn(async |_: Request<String>| Ok::<_, Infallible>(Response::new(String::new())));
    let stock = TraceClientLayer::new(tracer.clone()).record_query(true).layer(stock);
    let tracer_of_handler = tracer.clone();
    let handler = service_fn(move |request: Request<String>| {
        let (stock, tracer) = (stock.clone(), tracer_of_handler.clone());
        async move {
            scope::set_scope();
            let context = TraceContext::current().unwrap();
            context.set_route(TransactionName::route("GET /orders/{id}"), Some("/orders/{id}".into()));
            context.set_attribute("number", f64::NAN);
            let call = Request::get("http://stock.test:8080/items?page=2").version(Version::HTTP_2);
            stock.oneshot(call.body(String::new()).unwrap()).await.unwrap();
            let message = QueueMessage::new("kafka", "orders").id("17").body_size(3).retry_count(1);
            let message = message.receive_latency(Duration::from_millis(20));
            message.publish(&tracer, &mut HeaderMap::new()).end();
            tracer.start_subprocess_span(&mut Command::new("true")).end();
            let mut response = Response::new(String::new());
            if request.method() != Method::POST {
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            } else {
                response.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
                response.headers_mut().insert("grpc-status", "2".parse().unwrap());
            }
            Ok::<_, Infallible>(response)
        }
    });
    let layer = TraceServerLayer::new(tracer.clone())
        .record_query(true)
        .peer_address(|_| Some([192, 0, 2, 7].into()))
        .record_client_address(true);
    let app = layer.layer(HubLayer::new().layer(handler));
    for method in ["POST", "PURGE"] {
        let request = Request::builder()
            .method(method)
            .uri("http://shop.test:8080/orders/17?page=2")
            .header("content-type", "application/grpc")
            .header("grpc-timeout", "5S")
            .header("user-agent", "curl/8.5");
        app.clone().oneshot(request.body(String::new()).unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn every_name_that_is_written_is_a_known_one_and_has_its_type() {
    let _alone = scope::MAIN_HUB.lock().await;
    let collector = Collector::open(Answer::Ok);
    let options = ClientOptions::new().release("orders@2.0.3").server_name("host-1");
    let (sink, tracer) = scope::start(&collector, options);
    record_everything(&tracer).await;
    assert!(sink.flush(PATIENCE));
    let mut written = BTreeSet::new();
    for envelope in collector.arrived().iter().filter(|envelope| envelope.kind == "span") {
        for span in spans(envelope) {
            written.extend(span["attributes"].as_object().unwrap().iter().map(name_and_type));
        }
    }
    let expected: BTreeSet<_> =
        NAMES.iter().map(|(name, kind, _)| ((*name).to_owned(), (*kind).to_owned())).collect();
    let unknown: Vec<_> = written.difference(&expected).collect();
    let stale: Vec<_> = expected.difference(&written).collect();
    assert!(unknown.is_empty() && stale.is_empty(), "not in the table: {unknown:?}; not written: {stale:?}");
}

fn name_and_type((key, attribute): (&String, &Value)) -> (String, String) {
    let header = key.strip_prefix("http.request.header.").map(|_| "http.request.header.<key>".to_owned());
    (header.unwrap_or_else(|| key.clone()), attribute["type"].as_str().unwrap().to_owned())
}
