//! What becomes of trace headers that a request carries already.

use end_to_end::{sentry_trace, trace_id};
use http::Request;
use trace_client::{Target, TraceClientLayer};
use trace_core::{TraceExt, Tracer};

use crate::destination::{Destination, Kind};

/// What came in on the request that is being served.
const INCOMING: [(&str, &str); 2] = [
    ("sentry-trace", "00000000000000000000000000000007-0000000000000007-1"),
    ("baggage", "incoming=1,sentry-trace_id=00000000000000000000000000000007,sentry-sample_rand=0.5"),
];
const OURS: &str = "sentry-trace_id=00000000000000000000000000000007,sentry-sample_rand=0.5";
const COPIED: &str = "00000000000000000000000000000007-0000000000000007-1";
const BY_HAND: &str = "00000000000000000000000000000008-0000000000000008-0";
const SENTRY_ONLY: &str = "sentry-trace_id=00000000000000000000000000000007,sentry-sample_rand=0.5";

/// What is expected of `sentry-trace`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trace {
    /// One line in the name of our span.
    Ours,
    /// This line, as it was.
    Kept(&'static str),
    Absent,
}

struct Row {
    name: &'static str,
    headers: &'static [(&'static str, &'static str)],
    to_target: (Trace, Option<&'static str>),
    to_stranger: (Trace, Option<&'static str>),
}

const TABLE: &[Row] = &[
    Row {
        name: "nothing",
        headers: &[],
        to_target: (Trace::Ours, Some(OURS)),
        to_stranger: (Trace::Absent, None),
    },
    Row {
        name: "a sentry-trace of the application",
        headers: &[("sentry-trace", BY_HAND), ("baggage", "sentry-release=mine")],
        to_target: (Trace::Kept(BY_HAND), Some("sentry-release=mine")),
        to_stranger: (Trace::Kept(BY_HAND), Some("sentry-release=mine")),
    },
    Row {
        name: "baggage of others",
        headers: &[("baggage", "a=b , c = d;e")],
        to_target: (
            Trace::Ours,
            Some("a=b , c = d;e,sentry-trace_id=00000000000000000000000000000007,sentry-sample_rand=0.5"),
        ),
        to_stranger: (Trace::Absent, Some("a=b , c = d;e")),
    },
    Row {
        name: "baggage on two lines, with Sentry members of another trace between",
        headers: &[("baggage", "a=b,sentry-release=old"), ("baggage", "c=d")],
        to_target: (
            Trace::Ours,
            Some("a=b,c=d,sentry-trace_id=00000000000000000000000000000007,sentry-sample_rand=0.5"),
        ),
        to_stranger: (Trace::Absent, Some("a=b,c=d")),
    },
    Row {
        name: "headers that a proxy copied",
        headers: &[
            ("sentry-trace", COPIED),
            ("baggage", "a=b,sentry-trace_id=00000000000000000000000000000007,c=d"),
        ],
        to_target: (
            Trace::Ours,
            Some("a=b,c=d,sentry-trace_id=00000000000000000000000000000007,sentry-sample_rand=0.5"),
        ),
        to_stranger: (Trace::Absent, Some("a=b,c=d")),
    },
    Row {
        name: "headers that a proxy copied, Sentry's only",
        headers: &[("sentry-trace", COPIED), ("baggage", SENTRY_ONLY)],
        to_target: (Trace::Ours, Some(OURS)),
        to_stranger: (Trace::Absent, None),
    },
    Row {
        name: "baggage that a proxy copied without its trace",
        headers: &[("baggage", SENTRY_ONLY)],
        to_target: (Trace::Ours, Some(OURS)),
        to_stranger: (Trace::Absent, None),
    },
    Row {
        name: "a trace header that nobody can read",
        headers: &[("sentry-trace", "words")],
        to_target: (Trace::Ours, Some(OURS)),
        to_stranger: (Trace::Absent, None),
    },
    Row {
        name: "two trace headers that a proxy copied",
        headers: &[("sentry-trace", COPIED), ("sentry-trace", "words")],
        to_target: (Trace::Ours, Some(OURS)),
        to_stranger: (Trace::Absent, None),
    },
];

#[tokio::test]
async fn headers_of_the_request_are_kept_merged_replaced_or_removed() {
    let destination = Destination::start().await;
    for row in TABLE {
        for kind in Kind::ALL {
            let stranger = [Target::host("elsewhere.test")];
            let sentry_host = |builder: trace_core::TracerBuilder| {
                builder.dsn(format!("http://key@127.0.0.1:{}/42", destination.port()))
            };
            let plain = Tracer::builder().build().unwrap();
            let to_sentry = sentry_host(Tracer::builder()).build().unwrap();
            let layers = [
                ("a target", &plain, TraceClientLayer::new(plain.clone()), row.to_target),
                (
                    "a stranger",
                    &plain,
                    TraceClientLayer::new(plain.clone()).targets(stranger).unwrap(),
                    row.to_stranger,
                ),
                ("Sentry", &to_sentry, TraceClientLayer::new(to_sentry.clone()), row.to_stranger),
            ];
            for (to, tracer, layer, expected) in layers {
                let path = if to == "Sentry" { "/api/42/envelope/" } else { "/200" };
                let name = format!("{} to {to} by {kind:?}", row.name);
                let mut request = Request::get(destination.url(path)).header("authorization", "mine");
                for (header, value) in row.headers {
                    request = request.header(*header, *value);
                }
                let context = tracer.continue_trace(INCOMING.as_slice());
                let call = destination.send(kind, &layer, request.body(()).unwrap());
                call.in_trace(context).await.expect(&name);

                let head = destination.only();
                let trace = match head.lines("sentry-trace") {
                    None => Trace::Absent,
                    Some(line) if line == BY_HAND => Trace::Kept(BY_HAND),
                    Some(line) => {
                        assert!(line.starts_with(&trace_id(7)) && line.ends_with("-1"), "{name}: {line}");
                        assert!(!line.contains('|') && line != sentry_trace(7), "{name}: {line}");
                        Trace::Ours
                    }
                };
                assert_eq!((trace, head.lines("baggage").as_deref()), expected, "{name}");
                assert_eq!(head.lines("authorization").as_deref(), Some("mine"), "{name}");
            }
        }
    }
}
