//! The trace headers as values, for carriers without HTTP headers.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::propagation::OutgoingTrace;
use crate::wire::names::{BAGGAGE, SENTRY_TRACE, TRACEPARENT, TRACESTATE};

/// The trace headers of one context as text values.
///
/// Source: Sentry's `getTraceData` and `getTraceMetaTags`. All values are visible ASCII.
///
/// ```
/// use trace_core::Tracer;
///
/// let data = Tracer::builder().build()?.start_new_trace().trace_data();
/// assert!(data.to_json().starts_with(r#"{"sentry-trace":""#));
/// assert!(data.to_meta_tags().starts_with(r#"<meta name="sentry-trace" content=""#));
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceData {
    /// Empty if tracing is suppressed.
    sentry_trace: String,
    baggage: Option<String>,
    traceparent: Option<String>,
    tracestate: Option<String>,
}

impl TraceData {
    pub(crate) fn new(trace: &OutgoingTrace<'_>, propagates_traceparent: bool) -> Self {
        let OutgoingTrace { header, context, w3c_state } = trace;
        let traceparent = propagates_traceparent.then(|| header.to_traceparent(*w3c_state).to_string());
        let tracestate = w3c_state.and_then(|state| state.tracestate.as_ref()?.to_str().ok());
        let (fitting, _) = context.limited(0, 0);
        Self {
            sentry_trace: header.to_string(),
            baggage: fitting.as_baggage().and_then(|text| text.to_str().ok()).map(str::to_owned),
            tracestate: tracestate.filter(|_| traceparent.is_some()).map(str::to_owned),
            traceparent,
        }
    }

    /// Returns the value of `sentry-trace`; an empty text if tracing is suppressed.
    #[must_use]
    pub fn sentry_trace(&self) -> &str {
        &self.sentry_trace
    }

    /// Returns the value of `baggage`; `None` if it has no members.
    #[must_use]
    pub fn baggage(&self) -> Option<&str> {
        self.baggage.as_deref()
    }

    /// Returns the value of `traceparent`, if the tracer propagates it.
    #[must_use]
    pub fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }

    /// Returns the value of `tracestate`, if the tracer propagates one that came in with an accepted `traceparent`.
    #[must_use]
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_deref()
    }

    /// Iterates over names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { sentry_trace, baggage, traceparent, tracestate } = self;
        [
            (&SENTRY_TRACE, Some(sentry_trace).filter(|value| !value.is_empty())),
            (&BAGGAGE, baggage.as_ref()),
            (&TRACEPARENT, traceparent.as_ref()),
            (&TRACESTATE, tracestate.as_ref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.as_str(), value?.as_str())))
    }

    /// Returns a map with the names of the headers as keys.
    #[must_use]
    pub fn to_map(&self) -> BTreeMap<String, String> {
        self.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Returns the values as HTTP headers.
    #[must_use]
    pub fn to_headers(&self) -> HeaderMap {
        self.iter()
            .filter_map(|(name, value)| {
                Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
            })
            .collect()
    }

    /// Returns a JSON object with the names of the headers as keys. It is safe within a script of a page, since none
    /// of its characters ends the script or begins a tag.
    #[must_use]
    pub fn to_json(&self) -> String {
        let member = |(name, value)| format!("\"{name}\":\"{}\"", escape_json(value));
        format!("{{{}}}", self.iter().map(member).collect::<Vec<_>>().join(","))
    }

    /// Returns HTML `<meta>` tags for the head of a page, where Sentry's browser SDK looks for them. A page that has
    /// them must not be cached for others.
    #[must_use]
    pub fn to_meta_tags(&self) -> String {
        let tag = |(name, value)| format!(r#"<meta name="{name}" content="{}">"#, escape_html(value));
        self.iter().map(tag).collect::<Vec<_>>().join("\n")
    }
}

fn escape_html(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Escapes characters that end a JSON string, have a meaning in HTML or end a line of JavaScript.
fn escape_json(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '"' | '\\' | '<' | '>' | '&' | '\'' | '\u{2028}' | '\u{2029}' | '\0'..='\x1f' => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tracer;

    const TRACE: &str = "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1";

    #[test]
    fn nothing_of_a_caller_leaves_its_place_in_a_page() {
        let tracer = Tracer::builder().propagate_traceparent(true).build().unwrap();
        for value in ["</script><script>alert(1)</script>", "<!--", "a&b'c", "]]>"] {
            let baggage = format!("sentry-a={value}");
            let data = tracer
                .continue_trace([("sentry-trace", TRACE), ("baggage", &baggage)].as_slice())
                .trace_data();
            assert!(data.baggage().unwrap().contains(value), "it is sent on as it came: {value}");
            let json = data.to_json();
            assert!(!json.contains(['<', '>', '&', '\'']), "{json}");
            let unescaped = ["<", ">", "&", "'"].iter().fold(json, |json, text| {
                json.replace(&format!("\\u{:04x}", u32::from(text.chars().next().unwrap())), text)
            });
            assert!(unescaped.contains(value), "{unescaped}");
            let tags = data.to_meta_tags();
            assert_eq!(tags.matches('<').count(), tags.matches("<meta name=").count(), "{tags}");
        }
    }

    #[test]
    fn what_ends_a_text_or_a_line_is_escaped() {
        let table = [
            ("a\"b\\c", "a\\u0022b\\u005cc"),
            ("\u{2028}\u{2029}", "\\u2028\\u2029"),
            ("\n\0", "\\u000a\\u0000"),
            ("\u{e9}-_%", "\u{e9}-_%"),
        ];
        for (value, expected) in table {
            assert_eq!(escape_json(value), expected);
        }
    }
}
