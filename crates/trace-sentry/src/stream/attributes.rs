//! The attributes of a streamed span, with their types.
//!
//! Source: Sentry's Spans specification 1.0.0, and the names of Sentry's conventions.

use std::borrow::Cow;
use std::env::consts::OS;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use trace_core::{AttributeValue, SpanStatus, StreamedSpan, TransactionName};

use super::payload::{Span, UNNAMED};
use crate::official_options::Identity;
use crate::payload::Sdk;
use crate::span_payload::{MAX_TAG, MAX_TEXT, cut};

type Attribute = (Cow<'static, str>, AttributeValue);

/// All attributes of a span.
pub(super) struct Attributes<'a>(pub(super) &'a Span<'a>);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Span { streamed, transaction_name, identity } = self.0;
        let span = &streamed.span;
        let common = common(streamed, transaction_name, identity);
        let is_ours = |key: &str| common.iter().any(|(ours, value)| value.is_some() && *ours == key);
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &common {
            if let Some(value) = value {
                map.serialize_entry(key, &Typed::Text(value))?;
            }
        }
        let mut dropped = span.dropped_values;
        for (key, value) in span.attributes.iter().filter(|(key, _)| !is_ours(key)) {
            match Typed::of(key, value) {
                Some(typed) => map.serialize_entry(key, &typed)?,
                None => dropped += 1,
            }
        }
        if dropped > 0 {
            let dropped = i64::try_from(dropped).unwrap_or(i64::MAX);
            map.serialize_entry("sentry.dropped_attributes_count", &Typed::Integer(dropped))?;
        }
        map.end()
    }
}

/// Returns the attributes that Sentry requires or that are known of every span.
fn common<'a>(
    streamed: &'a StreamedSpan,
    transaction_name: &'a TransactionName,
    identity: &'a Identity,
) -> [(&'static str, Option<Cow<'a, str>>); 14] {
    let (span, is_segment) = (&streamed.span, streamed.is_service_span());
    let known =
        |text: &'a str, most| Some(text).filter(|text| !text.is_empty()).map(|text| cut(text, most).into());
    let unless_set = |key, text| known(text, MAX_TAG).filter(|_| span.attribute(key).is_none());
    let server = identity.server_name.as_deref().filter(|_| is_segment).unwrap_or_default();
    let status = span.status.filter(|status| *status != SpanStatus::Ok);
    [
        ("sentry.segment.id", Some(streamed.service_span_id().to_string().into())),
        ("sentry.segment.name", known(transaction_name.as_str(), MAX_TEXT).or(Some(UNNAMED.into()))),
        ("sentry.segment.name.source", is_segment.then(|| transaction_name.source().as_str().into())),
        ("sentry.trace_lifecycle", Some("stream".into())),
        ("sentry.op", known(&span.operation, MAX_TAG)),
        ("sentry.origin", known(&span.origin, MAX_TAG)),
        // The status of a span is only `ok` or `error`.
        ("sentry.status.message", status.map(|status| status.as_str().into())),
        ("sentry.release", identity.release.as_deref().and_then(|release| known(release, MAX_TAG))),
        ("sentry.environment", known(&identity.environment, MAX_TAG)),
        ("sentry.platform", Some("native".into())),
        ("sentry.sdk.name", Some(Sdk::OURS.name.into())),
        ("sentry.sdk.version", Some(Sdk::OURS.version.into())),
        ("os.name", unless_set("os.name", OS)),
        ("server.address", unless_set("server.address", server)),
    ]
}

/// The attributes of a link.
pub(super) struct OfLink<'a>(pub(super) &'a [Attribute]);

impl Serialize for OfLink<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter_map(|(key, value)| Some((key, Typed::of(key, value)?))))
    }
}

/// A value with its type.
#[derive(Serialize)]
#[serde(tag = "type", content = "value", rename_all = "lowercase")]
enum Typed<'a> {
    #[serde(rename = "string")]
    Text(&'a str),
    Integer(i64),
    Double(f64),
    Boolean(bool),
}

impl<'a> Typed<'a> {
    /// Returns the value of an attribute, or `None` if the attribute cannot be sent: JSON has no infinite numbers, and a
    /// key that were cut could become that of another attribute.
    fn of(key: &str, value: &'a AttributeValue) -> Option<Self> {
        let is_key = !key.is_empty() && cut(key, MAX_TAG).len() == key.len();
        match value {
            _ if !is_key => None,
            AttributeValue::Text(text) => Some(Self::Text(cut(text, MAX_TEXT))),
            AttributeValue::Integer(number) => Some(Self::Integer(*number)),
            AttributeValue::Float(number) => number.is_finite().then_some(Self::Double(*number)),
            AttributeValue::Bool(value) => Some(Self::Boolean(*value)),
            // A kind of value that this version does not know.
            _ => None,
        }
    }
}
