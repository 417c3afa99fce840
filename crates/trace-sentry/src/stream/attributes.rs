//! The attributes of a streamed span, with their types.
//!
//! Source: Sentry's Spans specification 1.0.0, and the names of Sentry's conventions. Where several sources know an
//! attribute, what identifies the span and the sender comes first, then what the application set on the span, then the
//! scope of the request, then the process.

use std::borrow::Cow;
use std::env::consts::OS;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use trace_core::{AttributeValue, SpanStatus};

use super::payload::{Span, UNNAMED};
use super::scope_attributes::{self, ScopeAttributes};
use super::typed::Typed;
use crate::payload::Sdk;
use crate::span_payload::{MAX_TAG, MAX_TEXT, cut};

/// The attribute for the source of a service span's name.
const SOURCE: &str = "sentry.segment.name.source";

/// All attributes of a span.
pub(super) struct Attributes<'a>(pub(super) &'a Span<'a>);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let span = &self.0.ended.streamed.span;
        let identifying = identifying(self.0);
        // The source is that of a service span alone.
        let is_identifying = |key: &str| {
            identifying.iter().any(|(ours, value)| *ours == key && (value.is_some() || *ours == SOURCE))
        };
        let of_service_span = match self.0.ended.streamed.is_service_span() {
            true => scope_attributes::of_service_span(self.0.scope, span),
            false => ScopeAttributes::new(),
        };
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &identifying {
            if let Some(value) = value {
                map.serialize_entry(key, &Typed::Text(value))?;
            }
        }
        let mut dropped = span.dropped_values;
        for (key, value) in span.attributes.iter().filter(|(key, _)| !is_identifying(key)) {
            match Typed::of(key, value) {
                Some(typed) => map.serialize_entry(key, &typed)?,
                None => dropped += 1,
            }
        }
        let is_known = |key: &str| is_identifying(key) || span.attribute(key).is_some();
        for (key, value) in of_service_span.iter().filter(|(key, _)| !is_known(key)) {
            match Typed::of_scope(key, value) {
                Some(typed) => map.serialize_entry(key, &typed)?,
                None => dropped += 1,
            }
        }
        let is_known = |key: &str| is_known(key) || of_service_span.iter().any(|(known, _)| known == key);
        for (key, value) in &surrounding(self.0) {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty() && !is_known(key)) {
                map.serialize_entry(key, &Typed::Text(cut(value, MAX_TEXT)))?;
            }
        }
        if dropped > 0 {
            let dropped = i64::try_from(dropped).unwrap_or(i64::MAX);
            map.serialize_entry("sentry.dropped_attributes_count", &Typed::Integer(dropped))?;
        }
        map.end()
    }
}

type Text<'a> = (&'static str, Option<Cow<'a, str>>);

/// Returns the attributes that identify the span and the sender, which the application cannot set.
fn identifying<'a>(Span { ended, transaction_name, identity, .. }: &'a Span<'a>) -> [Text<'a>; 12] {
    let streamed = &ended.streamed;
    let (span, is_segment) = (&streamed.span, streamed.is_service_span());
    let known =
        |text: &'a str, most| Some(text).filter(|text| !text.is_empty()).map(|text| cut(text, most).into());
    let status = span.status.filter(|status| *status != SpanStatus::Ok);
    [
        ("sentry.segment.id", Some(streamed.service_span_id().to_string().into())),
        ("sentry.segment.name", known(transaction_name.as_str(), MAX_TEXT).or(Some(UNNAMED.into()))),
        (SOURCE, is_segment.then(|| transaction_name.source().as_str().into())),
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
    ]
}

/// Returns the attributes that describe where the span ended.
fn surrounding<'a>(Span { ended, scope, identity, .. }: &'a Span<'a>) -> [Text<'a>; 8] {
    let thread = ended.thread.as_deref();
    let server = identity.server_name.as_deref().filter(|_| ended.streamed.is_service_span());
    let [id, email, name, address] = scope_attributes::of_user(scope.scope.user());
    [
        id,
        email,
        name,
        address,
        ("thread.id", thread.map(|thread| thread.id.as_str().into())),
        ("thread.name", thread.and_then(|thread| thread.name.as_deref()).map(Cow::from)),
        ("os.name", Some(os_name(OS).into())),
        ("server.address", server.map(Cow::from)),
    ]
}

/// Returns the name of an operating system as people write it.
fn os_name(os: &'static str) -> &'static str {
    match os {
        "linux" => "Linux",
        "macos" => "macOS",
        "windows" => "Windows",
        other => other,
    }
}

/// The attributes of a link.
pub(super) struct OfLink<'a>(pub(super) &'a [(Cow<'static, str>, AttributeValue)]);

impl Serialize for OfLink<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter_map(|(key, value)| Some((key, Typed::of(key, value)?))))
    }
}
