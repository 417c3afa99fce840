//! Values, names and depths that no program should have.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use support::run;
use trace_core::{AttributeValue, TraceContext};
use tracing::{error, info_span};

mod support;

#[test]
fn each_type_of_a_field_has_a_value() {
    let sent = run(|| {
        let unknown: Option<u32> = None;
        let spans = info_span!(
            "span",
            large = u64::MAX,
            wide = i128::MIN,
            wider = u128::MAX,
            nan = f64::NAN,
            infinite = f64::NEG_INFINITY,
            bytes = &[1_u8, 255][..],
            some = Some(3),
            unknown,
            wrapped = std::num::Wrapping(-3),
            text = "a\u{0}b\u{202e}😀",
            error = &std::fmt::Error as &(dyn std::error::Error + 'static),
        );
        drop(spans);
    });
    let span = sent.span("span");
    let expected: [(&str, AttributeValue); 10] = [
        ("large", u64::MAX.into()),
        ("wide", i128::MIN.to_string().into()),
        ("wider", u128::MAX.to_string().into()),
        ("infinite", f64::NEG_INFINITY.into()),
        ("bytes", "[01 ff]".into()),
        ("some", 3.into()),
        ("wrapped", (-3).into()),
        ("text", "a\u{0}b\u{202e}😀".into()),
        ("error", std::fmt::Error.to_string().into()),
        ("nan", f64::NAN.into()),
    ];
    for (name, expected) in expected {
        let found = span.attribute(name).unwrap();
        assert!(*found == expected || name == "nan", "{name}: {found:?}");
    }
    assert_eq!(span.attribute("unknown"), None);
}

#[test]
fn names_and_types_that_mean_nothing_change_nothing() {
    let sent = run(|| {
        drop(info_span!(
            "typed",
            sentry.op = 3,
            otel.kind = 7,
            otel.status_code = 2,
            otel.name = true,
            sentry.name = ""
        ));
        info_span!("late", sentry.op = "first", otel.status_code = "OK").record("sentry.op", 4);
        drop(info_span!(
            "named",
            trace_id = 1,
            span_id = "x",
            parent_span_id = "y",
            op = "z",
            status = "error"
        ));
        drop(info_span!(
            "status",
            http.response.status_code = 99_999_999_u64,
            "tags." = "nameless",
            "" = "nameless"
        ));
        drop(info_span!("error", error = false, error.r#type = tracing::field::Empty));
    });
    assert_eq!(sent.children("job").len(), 5);
    let of = |name: &str| {
        let span = sent.span(name);
        (span.operation.to_string(), span.status, span.tags.len())
    };
    for name in ["typed", "named", "status", "error"] {
        assert_eq!(of(name), ("function".to_owned(), None, 0), "{name}");
    }
    assert_eq!(of("late"), ("first".to_owned(), Some(trace_core::SpanStatus::Ok), 0));
    assert_eq!(sent.span("named").attribute("trace_id"), Some(&1.into()));
}

#[test]
fn deep_recursion_costs_in_proportion_to_its_depth() {
    fn recurse(depth: usize) {
        if depth > 0 {
            info_span!("level", depth).in_scope(|| {
                recurse(depth - 1);
                error!(error = "at each level");
            });
        }
    }
    let began = Instant::now();
    let sent = run(|| {
        let context = TraceContext::current().unwrap();
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let work = move || tracing::dispatcher::with_default(&dispatch, || context.scope(|| recurse(4000)));
        // The frames of the recursion are those of this test.
        std::thread::Builder::new().stack_size(64 << 20).spawn(work).unwrap().join().unwrap();
    });
    assert_eq!(sent.spans.len(), 1000, "as many as a transaction keeps");
    // It takes a tenth of a second; looking at all levels at each took half a minute.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
