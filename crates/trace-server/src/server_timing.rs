//! The trace of a page in its `Server-Timing` header, where Sentry's browser SDK reads it.
//!
//! The header is a list of metrics. The SDK takes the description of the first one named `sentry-trace` and `baggage`.
//! Only a quoted description can hold a `baggage`. A line with an unterminated quote loses what follows on it, and so does
//! a list that a proxy joins from several lines, so the trace stands on a line of its own before the others.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use trace_core::TraceContext;
use trace_core::headers::{BAGGAGE, SENTRY_TRACE};

use crate::page_caching;

pub(crate) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The most bytes of the line. Proxies refuse a response whose head is too large, nginx by default above 4096 bytes.
const MAX_LENGTH: usize = 2048;

/// Adds the trace to a page that no cache may reuse, unless the response names a trace already.
pub(crate) fn add(status: StatusCode, headers: &mut HeaderMap, context: &TraceContext) {
    if !page_caching::is_fresh_page(status, headers) || names_trace(headers) {
        return;
    }
    let data = context.trace_data();
    let Some(line) = line(data.sentry_trace(), data.baggage()) else { return };
    let others: Vec<_> = headers.get_all(SERVER_TIMING).iter().cloned().collect();
    // A map that is full stays as it is.
    if headers.try_insert(SERVER_TIMING, line).is_ok() {
        for other in others {
            let _room = headers.try_append(SERVER_TIMING, other);
        }
    }
}

fn names_trace(headers: &HeaderMap) -> bool {
    let name = SENTRY_TRACE.as_str().as_bytes();
    headers
        .get_all(SERVER_TIMING)
        .iter()
        .any(|line| line.as_bytes().windows(name.len()).any(|part| part.eq_ignore_ascii_case(name)))
}

/// Returns both values as metrics, without the sampling context if it is too long.
fn line(sentry_trace: &str, baggage: Option<&str>) -> Option<HeaderValue> {
    let mut line = metric(&SENTRY_TRACE, sentry_trace);
    if let Some(baggage) = baggage.map(|baggage| metric(&BAGGAGE, baggage))
        && line.len() + ", ".len() + baggage.len() <= MAX_LENGTH
    {
        line = [line, baggage].join(", ");
    }
    HeaderValue::try_from(line).ok()
}

fn metric(name: &HeaderName, description: &str) -> String {
    let escaped = description.replace('\\', r"\\").replace('"', r#"\""#);
    format!(r#"{name};desc="{escaped}""#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted() {
        let long = "x".repeat(2100);
        let table = [
            ("T-S-1", None, r#"sentry-trace;desc="T-S-1""#),
            ("T-S", Some("a=1,b=2"), r#"sentry-trace;desc="T-S", baggage;desc="a=1,b=2""#),
            ("T-S", Some(r#"a=\,b=""#), r#"sentry-trace;desc="T-S", baggage;desc="a=\\,b=\"""#),
            ("T-S", Some(&long), r#"sentry-trace;desc="T-S""#),
        ];
        for (trace, baggage, expected) in table {
            assert_eq!(line(trace, baggage).unwrap(), expected);
        }
        assert_eq!(line("T-S", Some("a=\n")), None);
    }

    #[test]
    fn a_trace_that_is_named_already_stays() {
        let table = [
            (vec![], false),
            (vec!["db;dur=5"], false),
            (vec!["db;dur=5", "sentry-trace;desc=\"T-S-1\""], true),
            (vec!["db;desc=\"x, Sentry-Trace;desc=y"], true),
        ];
        for (lines, expected) in table {
            let headers = lines.iter().map(|line| (SERVER_TIMING, HeaderValue::from_static(line)));
            let mut map = HeaderMap::new();
            headers.for_each(|(name, line)| _ = map.append(name, line));
            assert_eq!(names_trace(&map), expected, "{lines:?}");
        }
    }
}
