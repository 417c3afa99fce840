//! The inputs: headers of all kinds, right and wrong.

use conformance::{SPAN, TRACE};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;
use trace_core::Tracer;

pub(crate) const BAGGAGE: HeaderName = HeaderName::from_static("baggage");
pub(crate) const SENTRY_TRACE: HeaderName = HeaderName::from_static("sentry-trace");
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Bytes that HTTP carries.
pub(crate) fn any_value() -> impl Strategy<Value = HeaderValue> {
    vec(any::<u8>(), 0..300).prop_map(|bytes| {
        let carried = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
        HeaderValue::from_bytes(&bytes.into_iter().filter(carried).collect::<Vec<_>>()).unwrap()
    })
}

/// Text with the shape of a `baggage`, of which little is right.
pub(crate) fn any_baggage() -> impl Strategy<Value = HeaderValue> {
    let key = prop_oneof![
        "sentry-(trace_id|release|sample_rand|sample_rate|org_id|x|y)",
        "[a-z%]{0,6}",
        "(Sentry|sentry| sentry)-?[a-z ]{0,3}",
    ];
    let value =
        prop_oneof!["[!-~]{0,12}", "[ -~\u{e9}]{0,8}", "(%[0-9a-fA-F]{2}|%|[a-z]){0,6}", "0\\.[0-9]{1,7}"];
    let member = (key, "[ \t]{0,2}(=|=|=|)[ \t]{0,2}", value, "(;[a-z=]{0,4}|)[ \t]{0,2}")
        .prop_map(|(key, equals, value, property)| format!("{key}{equals}{value}{property}"));
    vec(member, 0..12).prop_map(|members| HeaderValue::from_bytes(members.join(",").as_bytes()).unwrap())
}

/// A `baggage` that is as long as the limits, or longer.
pub(crate) fn long_baggage() -> impl Strategy<Value = HeaderValue> {
    let key = "(sentry-|)[a-z]{1,3}[0-9]{1,3}";
    // Few long members meet the limit of bytes, many short ones that of members.
    (1usize..400).prop_flat_map(move |longest| {
        let member = (key, 1..=longest).prop_map(|(key, length)| format!("{key}={}", "v".repeat(length)));
        vec(member, 0..90).prop_map(|members| HeaderValue::from_str(&members.join(",")).unwrap())
    })
}

pub(crate) fn any_lines() -> impl Strategy<Value = Vec<HeaderValue>> {
    prop_oneof![vec(any_baggage(), 0..4), vec(any_value(), 0..4), vec(long_baggage(), 1..3),]
}

pub(crate) fn headers_of(name: &HeaderName, lines: &[HeaderValue]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(name, line.clone());
    }
    headers
}

/// The headers of a request whose trace is continued.
pub(crate) fn incoming(flag: Option<bool>, baggage: &[HeaderValue]) -> HeaderMap {
    let flag = flag.map_or("", |sampled| if sampled { "-1" } else { "-0" });
    let mut headers = headers_of(&BAGGAGE, baggage);
    headers.insert(SENTRY_TRACE, format!("{TRACE}-{SPAN}{flag}").parse().unwrap());
    headers
}

pub(crate) fn tracer(rate: Option<f64>) -> Tracer {
    let builder = Tracer::builder().dsn("https://key@sentry.example.com/1").release("r");
    match rate {
        Some(rate) => builder.traces_sample_rate(rate),
        None => builder,
    }
    .build()
    .unwrap()
}

/// The members of several lines, without the white space around them.
pub(crate) fn members(lines: &[HeaderValue]) -> Vec<Vec<u8>> {
    lines
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(|member| member.trim_ascii().to_vec())
        .filter(|member| !member.is_empty())
        .collect()
}

pub(crate) fn sentry_key(member: &[u8]) -> Option<Vec<u8>> {
    let key = member.split(|byte| *byte == b'=').next()?.trim_ascii();
    key.starts_with(b"sentry-").then(|| key.to_vec())
}
