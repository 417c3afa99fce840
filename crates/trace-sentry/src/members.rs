//! The members of an object: tags, attributes and other values of the application, whose keys may be anything.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use trace_core::AttributeValue;

use crate::cut::{MAX_TAG, MAX_TEXT, cut};

/// Tags or attributes, each of whose keys occurs once.
pub(crate) struct Map<'a, V>(pub(crate) &'a [(Cow<'static, str>, V)]);

impl<V> Map<'_, V> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<V: Value> Serialize for Map<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(members(self.0))
    }
}

/// Returns the members of an object. What cannot be sent is left out.
pub(crate) fn members<'a, V: Value>(
    values: &'a [(Cow<'static, str>, V)],
) -> impl Iterator<Item = (&'a str, Limited<'a, V>)> {
    let members = keyed(values, |(key, _)| key).filter(|(_, (_, value))| value.has_form());
    members.map(|(key, (_, value))| (key, Limited(value)))
}

/// Returns values with their keys, cut to their limit. Each key occurs once: one that has to be cut gives way to others.
pub(crate) fn keyed<T>(values: &[T], key: impl Fn(&T) -> &str) -> impl Iterator<Item = (&str, &T)> {
    values.iter().enumerate().filter_map(move |(place, value)| {
        let (whole, short) = (key(value), cut(key(value), MAX_TAG));
        let is_taken = || {
            let mut others = values.iter().enumerate().filter(|(other, _)| *other != place);
            others.any(|(other, value)| {
                key(value) == short || other < place && cut(key(value), MAX_TAG) == short
            })
        };
        let is_sent = !whole.is_empty() && (short.len() == whole.len() || !is_taken());
        is_sent.then_some((short, value))
    })
}

/// A value that is cut to its limit when it is written.
pub(crate) struct Limited<'a, V>(pub(crate) &'a V);

pub(crate) trait Value {
    /// Returns whether JSON has a form for the value.
    fn has_form(&self) -> bool {
        true
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

impl<V: Value> Serialize for Limited<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl Value for String {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(cut(self, MAX_TAG))
    }
}

impl Value for AttributeValue {
    fn has_form(&self) -> bool {
        !matches!(self, Self::Float(number) if !number.is_finite())
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(cut(value, MAX_TEXT)),
            // A kind of value that this version does not know.
            other => serializer.collect_str(other),
        }
    }
}
