//! The value of an attribute with its type.

use serde::Serialize;
use trace_core::AttributeValue;

use super::scope_attributes::ScopeValue;
use crate::cut::{MAX_TAG, MAX_TEXT, cut};

/// A value with its type.
#[derive(Serialize)]
#[serde(tag = "type", content = "value", rename_all = "lowercase")]
pub(super) enum Typed<'a> {
    #[serde(rename = "string")]
    Text(&'a str),
    Integer(i64),
    Double(f64),
    Boolean(bool),
    Array(&'a [String]),
}

impl<'a> Typed<'a> {
    /// Returns the value of an attribute, or `None` if the attribute cannot be sent: JSON has no infinite numbers, and a
    /// key that were cut could become that of another attribute.
    pub(super) fn of(key: &str, value: &'a AttributeValue) -> Option<Self> {
        match value {
            _ if !is_key(key) => None,
            AttributeValue::Text(text) => Some(Self::Text(cut(text, MAX_TEXT))),
            AttributeValue::Integer(number) => Some(Self::Integer(*number)),
            AttributeValue::Float(number) => number.is_finite().then_some(Self::Double(*number)),
            AttributeValue::Bool(value) => Some(Self::Boolean(*value)),
            // A kind of value that this version does not know.
            _ => None,
        }
    }

    /// Returns the value of an attribute from a scope, by the same rules.
    pub(super) fn of_scope(key: &str, value: &'a ScopeValue) -> Option<Self> {
        match value {
            ScopeValue::One(value) => Self::of(key, value),
            ScopeValue::Texts(texts) => is_key(key).then_some(Self::Array(texts)),
        }
    }
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && cut(key, MAX_TAG).len() == key.len()
}
