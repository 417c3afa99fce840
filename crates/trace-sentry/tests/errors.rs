//! What a service fails with becomes one event, on the trace of the request.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Extensions, Request, Response, StatusCode};
use collector::{Answer, Collector};
use sentry::{Client, ClientOptions, Hub, SentryFutureExt};
use serde_json::Value;
use tower::{BoxError, Layer, ServiceExt, service_fn};
use trace_core::TraceExt;
use trace_sentry::{ErrorLayer, HubLayer, SentrySink, SourceError, TraceIntegration};
use trace_server::TraceServerLayer;

const PATIENCE: Duration = Duration::from_secs(10);
const TRACE: &str = "771a43a4192642f0b136d5159a501700";

/// An error with a source.
#[derive(Debug)]
struct OrderFailed(std::num::ParseIntError);

impl fmt::Display for OrderFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the order failed")
    }
}

impl Error for OrderFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

fn failure() -> OrderFailed {
    OrderFailed("seventeen".parse::<u64>().unwrap_err())
}

fn answer(status: StatusCode, source: Option<SourceError>) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.extensions_mut().extend(
        source
            .map(|source| {
                let mut extensions = Extensions::new();
                extensions.insert(source);
                extensions
            })
            .unwrap_or_default(),
    );
    response
}

async fn serve(request: Request<Body>) -> Result<Response<Body>, BoxError> {
    let internal = StatusCode::INTERNAL_SERVER_ERROR;
    Ok(match &*request.uri().path().replace("%20", " ") {
        "/err" => return Err(failure().into()),
        "/err captured" => {
            sentry::capture_error(&failure());
            return Err(failure().into());
        }
        "/err with a captured source" => {
            sentry::capture_error(&failure().0);
            return Err(failure().into());
        }
        "/err captured by a task" => {
            let task = async { sentry::capture_error(&failure()) };
            tokio::spawn(task.in_current_trace()).await.unwrap();
            return Err(failure().into());
        }
        "/err after another was captured" => {
            sentry::capture_error(&fmt::Error);
            return Err(failure().into());
        }
        "/500" => answer(internal, Some(SourceError::new(failure()))),
        "/500 captured" => {
            sentry::capture_error(&failure());
            answer(internal, Some(SourceError::new(failure())))
        }
        "/500 without a source" => answer(internal, None),
        "/404" => answer(StatusCode::NOT_FOUND, Some(SourceError::new(failure()))),
        "/200" => answer(StatusCode::OK, Some(SourceError::new(failure()))),
        "/panic" => panic!("no more"),
        "/unwinding" => resume_unwind(Box::new("quietly")),
        path => unreachable!("{path}"),
    })
}

/// One test, because the main hub has one client at a time and the panic hook is that of the process.
#[tokio::test]
async fn every_failure_is_one_event_on_the_trace() {
    // The path, and the outermost errors of the events with and without the panic integration of the client.
    let failed = "the order failed";
    let source = "invalid digit found in string";
    let other = "an error occurred when formatting an argument";
    let table: [(&str, &[&str], &[&str]); 12] = [
        ("/err", &[failed], &[failed]),
        ("/err captured", &[failed], &[failed]),
        ("/err with a captured source", &[source], &[source]),
        ("/err captured by a task", &[failed], &[failed]),
        ("/err after another was captured", &[other, failed], &[other, failed]),
        ("/500", &[failed], &[failed]),
        ("/500 captured", &[failed], &[failed]),
        ("/500 without a source", &[], &[]),
        ("/404", &[], &[]),
        ("/200", &[], &[]),
        ("/panic", &["no more"], &["no more"]),
        ("/unwinding", &[], &["quietly"]),
    ];
    for has_panic_integration in [true, false] {
        let collector = Collector::open(Answer::Ok);
        let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
        let options = match has_panic_integration {
            true => sentry::apply_defaults(options.add_integration(TraceIntegration)),
            false => sentry::apply_defaults(options.default_integrations(false)),
        };
        let client = Arc::new(Client::from_config(options));
        Hub::main().bind_client(Some(client.clone()));
        let sink = SentrySink::new(client).unwrap();
        let trace = TraceServerLayer::new(sink.tracer().build().unwrap());
        for (path, with, without) in table {
            // Twice, as the attempts of a client are.
            for attempt in 1..=2 {
                let service =
                    trace.layer(HubLayer::new().layer(ErrorLayer::boxed().layer(service_fn(serve))));
                let request = Request::get(path.replace(' ', "%20"))
                    .header("sentry-trace", format!("{TRACE}-b72fa28504b07285-1"))
                    .header("host", "shop.test")
                    .body(Body::empty());
                let mut request = request.unwrap();
                *request.uri_mut() = path.replace(' ', "%20").parse().unwrap();
                let _ended = tokio::spawn(service.oneshot(request)).await.map(|answer| answer.map(drop));
                assert!(sink.flush(PATIENCE));
                let arrived = collector.arrived();
                let of = |kind: &str| -> Vec<&Value> {
                    arrived.iter().filter(|it| it.kind == kind).map(|it| &it.item).collect()
                };
                let (events, transaction) = (of("event"), of("transaction")[0]);
                let outermost = |event: &Value| {
                    let exceptions = event["exception"]["values"].as_array().unwrap();
                    exceptions.last().unwrap()["value"].as_str().unwrap().to_owned()
                };
                let texts: Vec<_> = events.iter().map(|event| outermost(event)).collect();
                let expected = if has_panic_integration { with } else { without };
                assert_eq!(texts, expected, "{path}, {has_panic_integration}, {attempt}");
                for event in events {
                    let (trace, root) = (&event["contexts"]["trace"], &transaction["contexts"]["trace"]);
                    assert_eq!(trace["trace_id"], TRACE, "{path}");
                    assert_eq!(trace["span_id"], root["span_id"], "{path}");
                    assert_eq!(event["request"]["method"], "GET", "{path}");
                    assert_eq!(event["transaction"], transaction["transaction"], "{path}");
                }
            }
        }
    }
}

#[tokio::test]
async fn plain_errors_and_infallible_services_have_the_layer_too() {
    let infallible = service_fn(|_: Request<()>| async { Ok::<_, Infallible>(Response::new(())) });
    ErrorLayer::new().layer(infallible).oneshot(Request::new(())).await.unwrap();
    let plain = service_fn(|_: Request<()>| async { Err::<Response<()>, _>(failure()) });
    // The other test has bound a client to the main hub.
    let nobody = Arc::new(Hub::new(None, Arc::default()));
    ErrorLayer::new().layer(plain).oneshot(Request::new(())).bind_hub(nobody).await.unwrap_err();
}

/// An error that cannot be shown.
#[derive(Debug)]
struct Unspeakable;

impl fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("in Display")
    }
}

impl Error for Unspeakable {}

#[tokio::test]
async fn an_error_that_cannot_be_captured_changes_no_answer() {
    let service = service_fn(async |_: Request<Body>| {
        Ok::<_, Infallible>(answer(StatusCode::BAD_GATEWAY, Some(SourceError::new(Unspeakable))))
    });
    let response = ErrorLayer::new().layer(service).oneshot(Request::new(Body::empty())).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
}
