//! The propagation matrix (Sentry's Trace Propagation document, reference section): what comes in, whether the URL
//! matches, the rate; and then, what is recorded and what goes out.

use conformance::{SPAN, TRACE, carrier, flag};
use http::HeaderMap;
use trace_core::{InMemorySink, Tracer, TransactionName};

use crate::client::call;

/// What a request towards a target carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Nothing,
    NoFlag,
    Flag0,
    Flag1,
}

use Sent::{Flag0, Flag1, NoFlag, Nothing};

const MATCH: bool = true;
const NO_MATCH: bool = false;
const RECORDED: bool = true;
const NOT_RECORDED: bool = false;

#[test]
fn twenty_four_rows() {
    let table = [
        ("none", MATCH, None, NOT_RECORDED, NoFlag),
        ("none", MATCH, Some(0.0), NOT_RECORDED, Flag0),
        ("none", MATCH, Some(1.0), RECORDED, Flag1),
        ("none", NO_MATCH, None, NOT_RECORDED, Nothing),
        ("none", NO_MATCH, Some(0.0), NOT_RECORDED, Nothing),
        ("none", NO_MATCH, Some(1.0), RECORDED, Nothing),
        ("deferred", MATCH, None, NOT_RECORDED, NoFlag),
        ("deferred", MATCH, Some(0.0), NOT_RECORDED, Flag0),
        ("deferred", MATCH, Some(1.0), RECORDED, Flag1),
        ("1", MATCH, None, NOT_RECORDED, Flag1),
        ("1", MATCH, Some(0.0), RECORDED, Flag1),
        ("1", MATCH, Some(1.0), RECORDED, Flag1),
        ("0", MATCH, None, NOT_RECORDED, Flag0),
        ("0", MATCH, Some(0.0), NOT_RECORDED, Flag0),
        ("0", MATCH, Some(1.0), NOT_RECORDED, Flag0),
        ("deferred", NO_MATCH, None, NOT_RECORDED, Nothing),
        ("deferred", NO_MATCH, Some(0.0), NOT_RECORDED, Nothing),
        ("deferred", NO_MATCH, Some(1.0), RECORDED, Nothing),
        ("1", NO_MATCH, None, NOT_RECORDED, Nothing),
        ("1", NO_MATCH, Some(0.0), RECORDED, Nothing),
        ("1", NO_MATCH, Some(1.0), RECORDED, Nothing),
        ("0", NO_MATCH, None, NOT_RECORDED, Nothing),
        ("0", NO_MATCH, Some(0.0), NOT_RECORDED, Nothing),
        ("0", NO_MATCH, Some(1.0), NOT_RECORDED, Nothing),
    ];
    for (incoming, is_match, rate, recorded, sent) in table {
        let row = format!("incoming {incoming}, match {is_match}, rate {rate:?}");
        let sentry_trace = match incoming {
            "none" => None,
            "deferred" => Some(format!("{TRACE}-{SPAN}")),
            decision => Some(format!("{TRACE}-{SPAN}-{decision}")),
        };
        let (spans, outgoing) = serve_and_call(sentry_trace.as_deref(), is_match, rate);
        assert_eq!(spans.is_some(), recorded, "{row}");
        // A span is made of every call, whether or not it carries headers.
        assert_eq!(spans, recorded.then_some(1), "{row}");
        let expected = match sent {
            Nothing => None,
            NoFlag => Some(None),
            Flag0 => Some(Some("0")),
            Flag1 => Some(Some("1")),
        };
        let went_out = outgoing.get("sentry-trace").map(|_| flag(&outgoing));
        assert_eq!(went_out.as_ref().map(Option::as_deref), expected, "{row}");
        assert_eq!(outgoing.contains_key("baggage"), sent != Nothing, "{row}");
        if let Some(value) = outgoing.get("sentry-trace") {
            let is_same_trace = value.to_str().unwrap().starts_with(TRACE);
            assert_eq!(is_same_trace, incoming != "none", "{row}");
            assert!(!value.to_str().unwrap().contains(SPAN), "{row}: the caller's span is not the sender");
        }
    }
}

#[test]
fn an_empty_list_sends_to_nobody_and_the_trace_is_continued_all_the_same() {
    let tracer = Tracer::builder().build().unwrap();
    let sentry_trace = format!("{TRACE}-{SPAN}-1");
    let context = tracer.continue_trace(&carrier([("sentry-trace", Some(sentry_trace.as_str()))]));
    assert_eq!(context.trace_id().to_string(), TRACE);
    assert!(call(&tracer, &context, &[]).is_empty());
    assert!(!call(&tracer, &context, &["other.example.com", "api.example.com"]).is_empty());
}

/// Serves one request, in which one call is made: the number of its recorded child spans, and the headers of the call.
fn serve_and_call(
    sentry_trace: Option<&str>,
    is_match: bool,
    rate: Option<f64>,
) -> (Option<usize>, HeaderMap) {
    let sink = InMemorySink::default();
    let mut builder = Tracer::builder().sink(sink.clone());
    if let Some(rate) = rate {
        builder = builder.traces_sample_rate(rate);
    }
    let tracer = builder.build().unwrap();
    let target = if is_match { "api.example.com" } else { "other.example.com" };
    let context = tracer.continue_trace(&carrier([("sentry-trace", sentry_trace)]));
    let span = tracer.service_span("http.server", TransactionName::route("GET /")).in_trace(context).start();
    let headers = call(&tracer, span.context(), &[target]);
    drop(span);
    let mut transactions = sink.take();
    assert!(transactions.len() <= 1);
    (transactions.pop().map(|transaction| transaction.spans.len()), headers)
}
