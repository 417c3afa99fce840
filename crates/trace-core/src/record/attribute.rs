//! Values of attributes.

use std::borrow::Cow;
use std::fmt;

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AttributeValue {
    /// A boolean.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// A text.
    Text(Cow<'static, str>),
}

impl AttributeValue {
    /// Returns the value of a static text, without a copy.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// Returns the text, if the value is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bool(_) | Self::Integer(_) | Self::Float(_) => None,
        }
    }
}

/// The value alone, a text without quotes.
impl fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
        }
    }
}

macro_rules! attribute_from {
    ($($source:ty => $variant:ident),*) => {
        $(impl From<$source> for AttributeValue {
            fn from(value: $source) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

attribute_from!(bool => Bool, i8 => Integer, i16 => Integer, i32 => Integer, i64 => Integer, u8 => Integer, u16 => Integer,
    u32 => Integer, f32 => Float, f64 => Float, String => Text, Cow<'static, str> => Text);

/// Copies the text; [`from_static`](AttributeValue::from_static) does not.
impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned().into())
    }
}

/// Converts to an integer if the number is at most `i64::MAX`, else to the nearest float.
impl From<u64> for AttributeValue {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or(Self::Float(number as f64), Self::Integer)
    }
}

/// Converts to an integer if the number is at most `i64::MAX`, else to the nearest float.
impl From<usize> for AttributeValue {
    fn from(number: usize) -> Self {
        (number as u64).into()
    }
}

#[cfg(test)]
mod tests {
    use super::AttributeValue::{self, Bool, Float, Integer};

    #[test]
    fn what_an_application_has_at_hand_is_a_value() {
        let text = String::from("borrowed");
        let table: [(AttributeValue, AttributeValue); 8] = [
            (3_usize.into(), Integer(3)),
            (3_u64.into(), Integer(3)),
            (u64::MAX.into(), Float(18_446_744_073_709_551_615.0)),
            (3_u8.into(), Integer(3)),
            (0.5_f32.into(), Float(0.5)),
            (true.into(), Bool(true)),
            (text.as_str().into(), AttributeValue::from_static("borrowed")),
            ("static".into(), AttributeValue::from_static("static")),
        ];
        for (value, expected) in table {
            assert_eq!(value, expected);
        }
    }
}
