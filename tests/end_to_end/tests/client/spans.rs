//! What is recorded of a call.

use end_to_end::recording;
use http::{Method, Request};
use trace_client::TraceClientLayer;
use trace_core::{SpanStatus, TraceExt};

use crate::destination::{Destination, Kind};
use crate::handler::{end, handler};

#[tokio::test]
async fn a_span_tells_method_url_and_status() {
    let destination = Destination::start().await;
    let (tracer, mut transactions) = recording();
    let layer = TraceClientLayer::new(tracer.clone());
    let table = [(200, "ok"), (304, "ok"), (404, "not_found"), (409, "already_exists"), (503, "unavailable")];
    for kind in Kind::ALL {
        for (code, status) in table {
            let handler = handler(&tracer);
            let url = destination.url(&format!("/{code}?token=s3cret"));
            let request = Request::builder().method(Method::PUT).uri(&url).body(()).unwrap();
            let call = destination.send(kind, &layer, request).in_trace(&handler);
            assert_eq!(call.await.unwrap(), code);

            let spans = end(handler, &mut transactions);
            let [span] = spans.as_slice() else { panic!("{spans:?}") };
            let bare = destination.url(&format!("/{code}"));
            assert_eq!(span.operation, "http.client");
            assert_eq!(span.description, format!("PUT {bare}"));
            assert_eq!(span.status.map(SpanStatus::as_str), Some(status), "{kind:?} {code}");
            assert_eq!(span.origin, kind.origin());
            let mut data: Vec<_> =
                span.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
            data.sort();
            let expected = [
                "http.request.method=PUT".to_owned(),
                format!("http.response.status_code={code}"),
                "server.address=127.0.0.1".to_owned(),
                format!("server.port={}", destination.port()),
                format!("url.full={bare}"),
            ];
            assert_eq!(data, expected, "{kind:?} {code}");
            assert!(!format!("{span:?}").contains("s3cret"), "{span:#?}");
        }
    }
}

#[tokio::test]
async fn a_query_is_recorded_only_if_asked_for_and_scrubbed_and_credentials_never() {
    let destination = Destination::start().await;
    let (tracer, mut transactions) = recording();
    let layer = TraceClientLayer::new(tracer.clone()).record_query(true);
    for kind in [Kind::Own, Kind::Reqwest] {
        let handler = handler(&tracer);
        let url = destination.url("/200?page=2&token=s3cret");
        let url = match kind {
            // reqwest makes a header of them before any layer sees the request.
            Kind::Reqwest => url,
            _ => url.replace("127.0.0.1", "user:s3cret@127.0.0.1"),
        };
        let request = Request::get(url).body(()).unwrap();
        destination.send(kind, &layer, request).in_trace(&handler).await.unwrap();

        let spans = end(handler, &mut transactions);
        let query = spans[0].attribute("http.query").and_then(|query| query.as_str());
        assert_eq!(query, Some("page=2&token=[Filtered]"));
        assert_eq!(spans[0].description, format!("GET {}", destination.url("/200")));
        assert!(!format!("{spans:?}").contains("s3cret"), "{spans:#?}");
    }
}
