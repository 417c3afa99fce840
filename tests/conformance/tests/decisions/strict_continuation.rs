//! Strict continuation (Sentry's Trace Propagation document, `strictTraceContinuation`), in ten rows.

use conformance::{SPAN, TRACE, carrier};
use trace_core::{Continuation, NewTrace, Tracer};

#[test]
fn ten_rows() {
    let continued = None;
    let other = Some(NewTrace::OtherOrganization);
    let table = [
        (Some(1), Some(1), false, continued),
        (None, Some(1), false, continued),
        (Some(1), None, false, continued),
        (None, None, false, continued),
        (Some(1), Some(2), false, other),
        (Some(1), Some(1), true, continued),
        (None, Some(1), true, Some(NewTrace::UnknownOrganization)),
        (Some(1), None, true, Some(NewTrace::OwnOrganizationUnknown)),
        (None, None, true, continued),
        (Some(1), Some(2), true, other),
    ];
    for (theirs, ours, strict, expected) in table {
        for by_option in [true, false] {
            let row = format!("incoming {theirs:?}, own {ours:?} by option {by_option}, strict {strict}");
            let mut builder = Tracer::builder().strict_trace_continuation(strict);
            builder = match (ours, by_option) {
                (Some(id), true) => builder.dsn("https://key@sentry.example.com/1").org_id(id),
                (Some(id), false) => builder.dsn(format!("https://key@o{id}.ingest.sentry.io/1")),
                (None, _) => builder.dsn("https://key@sentry.example.com/1"),
            };
            let tracer = builder.build().unwrap();
            let org_id = theirs.map(|id: u64| format!(",sentry-org_id={id}")).unwrap_or_default();
            let baggage = format!("sentry-trace_id={TRACE},sentry-release=theirs{org_id}");
            let sentry_trace = format!("{TRACE}-{SPAN}-1");
            let headers =
                [("sentry-trace", Some(sentry_trace.as_str())), ("baggage", Some(baggage.as_str()))];
            let context = tracer.continue_trace(&carrier(headers));
            let reason = match context.continuation() {
                Continuation::Continued { .. } => None,
                Continuation::New(reason) => Some(reason),
            };
            assert_eq!(reason, expected, "{row}");

            // A new trace takes over nothing.
            let is_continued = expected.is_none();
            assert_eq!(context.trace_id().to_string() == TRACE, is_continued, "{row}");
            assert_eq!(context.parent_span_id().is_some(), is_continued, "{row}");
            assert_eq!(context.sampled(), is_continued.then_some(true), "{row}");
            let release = context.dynamic_sampling_context().get("release").map(|text| text.into_owned());
            assert_eq!(release.as_deref(), is_continued.then_some("theirs"), "{row}");
            // A known own organization is sent with the own trace.
            let sent = context.dynamic_sampling_context().get("org_id").map(|text| text.into_owned());
            let expected = if is_continued { theirs } else { ours };
            assert_eq!(sent, expected.map(|id| id.to_string()), "{row}");
        }
    }
}
