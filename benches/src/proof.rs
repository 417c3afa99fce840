//! That everybody really does the work, before anything is measured: what is sent, and what is recorded.

use std::cell::RefCell;
use std::convert::Infallible;
use std::process::Command;

use http::{HeaderMap, Response};
use tower::service_fn;

use crate::contenders::Contender;
use crate::harness::{Answer, answer};
use crate::inputs::{BAGGAGE, Request, SENTRY_TRACE, TARGET_URL, outgoing_request, uri};
use crate::measure::child::{arguments, myself};
use crate::named::Named;
use crate::row::Row;
#[cfg(test)]
use crate::scale::Axis;
use crate::subject::Subject;

/// Panics if a contender does not do what its rows say.
pub(crate) fn check(contender: Contender, rows: &[Row]) {
    let mut command = Command::new(myself());
    let subjects: Vec<_> = rows.iter().copied().map(Subject::Row).collect();
    arguments(command.arg("prove"), contender, &subjects);
    let status = command.status().expect("a child process can be started");
    assert!(status.success(), "{} does not do the work", contender.name());
}

/// What the child does: each row once.
pub(crate) fn child(contender: Contender, subjects: &[Subject]) {
    for &subject in subjects {
        let Subject::Row(row) = subject else { continue };
        crate::recorded::take();
        let Some(mut case) = contender.case_with(row, service_fn(keep)) else { continue };
        let written = crate::recorded::envelopes();
        case.warm_up(1);
        if let Some(spans) = row.spans_of_envelope().filter(|_| contender != Contender::Bare) {
            crate::recorded::await_envelopes(written + 1);
            let of_last = crate::recorded::spans_of_envelope();
            // An envelope of spans that are sent as they end has at most a thousand.
            assert!(
                of_last == spans || spans > 1000 && [1000, spans - 1000].contains(&of_last),
                "{of_last} spans of {}",
                row.name()
            );
        }
        if contender == Contender::Fastrace {
            fastrace::flush();
        }
        let what = format!("{}, {}", contender.name(), row.name());
        assert_eq!(crate::recorded::take(), expected_spans(contender, row), "spans of {what}");
        if let Some(headers) = SENT.take() {
            check_sent(&headers, contender, row, &what);
        }
    }
}

thread_local! {
    static SENT: RefCell<Option<HeaderMap>> = const { RefCell::new(None) };
}

async fn keep(request: Request) -> Result<Response<Answer>, Infallible> {
    SENT.set(Some(request.into_parts().0.headers));
    answer()
}

fn expected_spans(contender: Contender, row: Row) -> usize {
    match (contender, row) {
        (Contender::Bare | Contender::Floor | Contender::TraceLayer, _) => 0,
        (_, Row::ServerRecorded1 | Row::ServerNewRecorded | Row::TracingRecorded1) => 2,
        (_, Row::ServerRecorded20 | Row::TracingRecorded20 | Row::TracingFields20) => 21,
        // The span that is entered lives on; the job has ended, unless it waits for its spans.
        (Contender::Opentelemetry, Row::TracingEnterRecorded) => 0,
        (_, Row::TracingEnterRecorded) => 1,
        // A caller who says "sampled" is recorded at any rate.
        (Contender::Sentry, Row::ServerContinued | Row::Gateway) => 1,
        _ => 0,
    }
}

fn check_sent(headers: &HeaderMap, contender: Contender, row: Row, what: &str) {
    let text = |name| headers.get(name).map_or("", |value| value.to_str().unwrap());
    let (sentry_trace, baggage, traceparent) = (text("sentry-trace"), text("baggage"), text("traceparent"));
    let sends_nothing = contender == Contender::Bare || matches!(row, Row::ClientNoMatch | Row::ClientEmpty);
    if sends_nothing {
        assert_eq!(headers, outgoing_request(uri(TARGET_URL)).headers(), "{what}");
        return;
    }
    if row == Row::GatewayNew {
        if contender == Contender::Ours {
            let (trace_id, rest) = sentry_trace.split_at(32);
            assert!(baggage.starts_with(&format!("sentry-trace_id={trace_id},sentry-public_key=")), "{what}");
            assert!(rest.ends_with("-0") && baggage.contains("sentry-sampled=false"), "{what}");
        }
        return;
    }
    let (trace_id, span_id) = (&SENTRY_TRACE[..32], &SENTRY_TRACE[33..49]);
    match contender {
        Contender::Floor | Contender::Ours | Contender::Streamed => {
            assert_eq!(baggage, BAGGAGE, "{what}");
            assert_eq!((sentry_trace.len(), &sentry_trace[49..], traceparent), (51, "-1", ""), "{what}");
        }
        Contender::Sentry => assert_eq!((baggage, traceparent), ("", ""), "{what}"),
        Contender::Fastrace => assert_eq!((sentry_trace, baggage), ("", ""), "{what}"),
        Contender::Opentelemetry => {
            assert_eq!((sentry_trace, baggage.split(',').count()), ("", 9), "{what}");
        }
        Contender::Bare | Contender::TraceLayer => {}
    }
    let header = if traceparent.is_empty() { sentry_trace } else { &traceparent[3..] };
    assert!(header.starts_with(trace_id), "{what}: {header}");
    assert_ne!(&header[33..49], span_id, "{what}: a span of its own");
}

// The others have state that is global, and are proved before they are measured. The first subscriber stays that of the
// process: with ours, the floor still records nothing.
#[test]
fn we_do_the_work_and_so_does_the_floor() {
    let all: Vec<_> = Row::all().iter().copied().map(Subject::Row).collect();
    child(Contender::Ours, &all);
    child(Contender::Floor, &all);
    // These come last, since their envelopes may arrive late, and envelopes are counted for the process.
    for axis in Axis::all() {
        for value in axis.values() {
            for contender in [Contender::Bare, Contender::Ours] {
                let case = contender.scaled(*axis, *value);
                case.unwrap_or_else(|| panic!("{axis:?}: {contender:?}")).warm_up(1);
            }
        }
    }
}
