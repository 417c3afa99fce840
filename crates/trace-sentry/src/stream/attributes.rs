//! The attributes of a streamed span, with their types.
//!
//! Source: Sentry's Spans specification 1.0.0, and the names of Sentry's conventions. Where several sources know an
//! attribute, what identifies the span and the sender comes first, then what the application set on the span, then the
//! scope of the request, then the process.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::Result;
use trace_core::{AttributeValue, SpanStatus};

use super::common::Common;
use super::ended::EndedSpan;
use super::scope_attributes::{self, ScopeAttributes};
use super::typed::Typed;
use crate::cut::{MAX_TAG, cut};
use crate::json;

/// The attribute for the source of a service span's name.
const SOURCE: &str = "sentry.segment.name.source";

/// Appends the attributes of a span, as members of an object.
pub(super) fn append(bytes: &mut Vec<u8>, ended: &EndedSpan, common: &Common) -> Result<()> {
    let span = &ended.streamed.span;
    let identifying = identifying(ended, common);
    // The source is that of a service span alone.
    let is_identifying = |key: &str| {
        let is_own =
            |(ours, value): &(&str, Option<&str>)| *ours == key && (value.is_some() || key == SOURCE);
        key.starts_with("sentry.") && (common.identifies(key) || identifying.iter().any(is_own))
    };
    json::append_members(bytes, common.identifying());
    for (key, value) in &identifying {
        if let Some(value) = value {
            json::append_member(bytes, key, &Typed::Text(value))?;
        }
    }
    let mut dropped = span.dropped_values;
    for (key, value) in span.attributes.iter().filter(|(key, _)| !is_identifying(key)) {
        match Typed::of(key, value) {
            Some(typed) => json::append_member(bytes, key, &typed)?,
            None => dropped += 1,
        }
    }
    let of_service_span = match ended.streamed.is_service_span() {
        true => scope_attributes::of_service_span(common.scope(), span),
        false => ScopeAttributes::new(),
    };
    let is_known = |key: &str| is_identifying(key) || span.attribute(key).is_some();
    for (key, value) in of_service_span.iter().filter(|(key, _)| !is_known(key)) {
        match Typed::of_scope(key, value) {
            Some(typed) => json::append_member(bytes, key, &typed)?,
            None => dropped += 1,
        }
    }
    let is_known = |key: &str| is_known(key) || of_service_span.iter().any(|(known, _)| known == key);
    for member in common.surrounding(ended).filter(|member| !is_known(member.key)) {
        json::append_members(bytes, &member.text);
    }
    if dropped > 0 {
        let dropped = i64::try_from(dropped).unwrap_or(i64::MAX);
        json::append_member(bytes, "sentry.dropped_attributes_count", &Typed::Integer(dropped))?;
    }
    Ok(())
}

/// Returns the attributes that identify this span, beside those of its service span and of the sender.
fn identifying<'a>(ended: &'a EndedSpan, common: &'a Common) -> [(&'static str, Option<&'a str>); 4] {
    let span = &ended.streamed.span;
    let known = |text: &'a str| Some(text).filter(|text| !text.is_empty()).map(|text| cut(text, MAX_TAG));
    let source = ended.streamed.is_service_span().then(|| common.transaction_name().source().as_str());
    let status = span.status.filter(|status| *status != SpanStatus::Ok);
    [
        (SOURCE, source),
        ("sentry.op", known(&span.operation)),
        ("sentry.origin", known(&span.origin)),
        // The status of a span is only `ok` or `error`.
        ("sentry.status.message", status.map(SpanStatus::as_str)),
    ]
}

/// The attributes of a link.
pub(super) struct OfLink<'a>(pub(super) &'a [(Cow<'static, str>, AttributeValue)]);

impl Serialize for OfLink<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter_map(|(key, value)| Some((key, Typed::of(key, value)?))))
    }
}
