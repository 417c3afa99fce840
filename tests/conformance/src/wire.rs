//! Headers as the tests write and read them.

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode;
use trace_core::TraceContext;

/// The trace id of most recorded cases.
pub const TRACE: &str = "771a43a4192642f0b136d5159a501700";
/// The span id of most recorded cases.
pub const SPAN: &str = "b72fa28504b07285";

/// Incoming headers: the values that are there, and that HTTP can carry.
#[must_use]
pub fn carrier<'a>(headers: impl IntoIterator<Item = (&'static str, Option<&'a str>)>) -> HeaderMap {
    headers
        .into_iter()
        .filter_map(|(name, value)| {
            let value = HeaderValue::from_bytes(value?.as_bytes()).ok()?;
            Some((HeaderName::from_static(name), value))
        })
        .collect()
}

/// The headers of an outgoing request without any of its own.
#[must_use]
pub fn injected(context: &TraceContext) -> HeaderMap {
    let mut headers = HeaderMap::new();
    context.inject(&mut headers);
    headers
}

/// The one `baggage` header as text; empty if there is none.
///
/// # Panics
///
/// If there are several, or it is no text.
#[must_use]
pub fn baggage(headers: &HeaderMap) -> String {
    let lines: Vec<_> = headers.get_all("baggage").iter().collect();
    assert!(lines.len() <= 1, "several lines: {lines:?}");
    let text = lines.iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    text.collect()
}

/// The members of a `baggage` in order, decoded.
#[must_use]
pub fn members(baggage: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode(text.trim().as_bytes()).decode_utf8_lossy().into_owned();
    baggage
        .split(',')
        .filter_map(|member| member.split_once('='))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

/// The flag of a `sentry-trace` value, if it has one.
#[must_use]
pub fn flag(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("sentry-trace")?.to_str().ok()?;
    value.split('-').nth(2).map(str::to_owned)
}

/// Whether both texts are numbers, and the same one.
#[must_use]
pub fn numbers_equal(left: &str, right: &str) -> bool {
    matches!((left.parse::<f64>(), right.parse::<f64>()), (Ok(left), Ok(right)) if left == right)
}
