//! Requests of Sentry's own, in each form that a request can have.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use end_to_end::recording_with;
use http::{Method, Request, Response, Version};
use http_body_util::Empty;
use tower::{Layer, ServiceExt, service_fn};
use trace_client::{Target, TraceClientLayer};
use trace_core::{Injection, PropagationEvent, TraceExt, Tracer, TransactionName, Withheld};

/// A request as a client of hyper's or another can get it.
struct Row {
    dsn: &'static str,
    method: Method,
    uri: &'static str,
    host: Option<&'static str>,
    version: Version,
    is_sentrys: bool,
}

const TOP: &str = "https://key@o1.ingest.test/42";
const DOTTED: &str = "http://key:s3cret@O1.ingest.test.:9000/42";
const BELOW: &str = "https://key@example.test/sentry/42";

fn row(dsn: &'static str, uri: &'static str, host: Option<&'static str>, is_sentrys: bool) -> Row {
    Row { dsn, method: Method::POST, uri, host, version: Version::HTTP_11, is_sentrys }
}

fn table() -> Vec<Row> {
    let envelope = "/api/42/envelope/?sentry_key=key";
    vec![
        row(TOP, "https://o1.ingest.test/api/42/envelope/", None, true),
        row(TOP, "https://O1.Ingest.test./api/7/store/", None, true),
        row(TOP, "http://o1.ingest.test:8080/api/42/envelope/", None, true),
        row(TOP, "wss://o1.ingest.test/api/42/stream/", None, true),
        row(TOP, "https://user:password@o1.ingest.test/api/42/envelope/", None, true),
        row(TOP, envelope, Some("o1.ingest.test"), true),
        row(TOP, envelope, Some("O1.INGEST.TEST.:443"), true),
        Row { version: Version::HTTP_2, ..row(TOP, "https://o1.ingest.test/api/42/envelope/", None, true) },
        Row { version: Version::HTTP_2, ..row(TOP, envelope, Some("o1.ingest.test"), true) },
        row(DOTTED, "https://o1.ingest.test/api/42/envelope/", None, true),
        row(BELOW, "http://example.test/sentry/api/42/envelope/", None, true),
        row(BELOW, "/sentry/api/42/envelope/", Some("example.test:8443"), true),
        row(TOP, "https://o1.ingest.test/", None, false),
        row(TOP, "https://o1.ingest.test/api/42", None, false),
        row(TOP, "https://o1.ingest.test/api/orders/", None, false),
        row(TOP, "https://o1.ingest.test/?/api/42/envelope/", None, false),
        row(TOP, "https://o2.ingest.test/api/42/envelope/", None, false),
        row(TOP, "https://o1.ingest.test.evil.test/api/42/envelope/", None, false),
        row(TOP, "https://o1.ingest.test@evil.test/api/42/envelope/", None, false),
        row(TOP, "https://evil.test/api/42/envelope/", Some("o1.ingest.test"), false),
        row(TOP, envelope, Some("evil.test"), false),
        row(TOP, envelope, None, false),
        Row { method: Method::CONNECT, ..row(TOP, "o1.ingest.test:443", None, false) },
        Row { method: Method::OPTIONS, ..row(TOP, "*", Some("o1.ingest.test"), false) },
        row(BELOW, "https://example.test/api/orders", None, false),
        row(BELOW, "https://example.test/api/42/envelope/", None, false),
        row(BELOW, "/api/orders", Some("example.test"), false),
    ]
}

#[tokio::test]
async fn requests_of_sentrys_own_get_neither_headers_nor_a_span() {
    for row in table() {
        let decisions = Arc::new(Mutex::new(Vec::new()));
        let options = Tracer::builder().dsn(row.dsn).traces_sample_rate(1.0).on_propagation({
            let decisions = decisions.clone();
            move |event| {
                if let PropagationEvent::Outgoing { decision, .. } = event {
                    decisions.lock().unwrap().push(*decision);
                }
            }
        });
        let (tracer, mut transactions) = recording_with(options);
        let no_list = TraceClientLayer::new(tracer.clone());
        // Explicit targets change nothing.
        let explicit = no_list.clone().targets([Target::regex("."), Target::path("/")]).unwrap();
        for (list, layer) in [("no list", no_list), ("a list", explicit)] {
            let name = format!("{} {} {:?} {:?} with {list}", row.dsn, row.uri, row.host, row.version);
            let mut request = Request::builder().method(row.method.clone()).uri(row.uri).version(row.version);
            if let Some(host) = row.host {
                request = request.header("host", host);
            }
            let sent = service_fn(|request: Request<()>| async move {
                let mut response = Response::new(Empty::<&[u8]>::new());
                *response.headers_mut() = request.headers().clone();
                Ok::<_, Infallible>(response)
            });
            let root = tracer.service_span("test", TransactionName::custom("test")).start();
            let call = layer.layer(sent).oneshot(request.body(()).unwrap());
            let response = call.in_trace(&root).await.unwrap();
            root.end();

            let decision = decisions.lock().unwrap().pop().expect(&name);
            let is_ours = decision == Injection::Withheld(Withheld::SentryHost);
            assert_eq!(is_ours, row.is_sentrys, "{name}");
            let is_refused = matches!(decision, Injection::Withheld(_));
            assert_eq!(response.headers().contains_key("sentry-trace"), !is_refused, "{name}");
            let ended = transactions.ended().remove(0);
            assert_eq!(ended.spans.len(), usize::from(!row.is_sentrys), "{name}");
        }
    }
}
