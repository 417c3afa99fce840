//! Objects and arrays while they are written.

use serde::ser::{self, Error as _, Serialize};
use serde_json::{Error, Result};

use super::Json;

/// An object or an array that is not closed yet.
pub(super) struct Open<'a> {
    bytes: &'a mut Vec<u8>,
    bracket: u8,
    depth: u8,
    /// `true` for the content of a variant, whose object is closed, too.
    is_variant: bool,
}

impl<'a> Open<'a> {
    pub(super) fn new(bytes: &'a mut Vec<u8>, bracket: u8, depth: u8) -> Self {
        bytes.push(bracket);
        Self { bytes, bracket, depth, is_variant: false }
    }

    /// Begins the content of a variant, of which the object with its name is open.
    pub(super) fn variant(self, name: &'static str, bracket: u8) -> Result<Self> {
        key(self.bytes, name);
        let content = Json { bytes: self.bytes, depth: self.depth }.open(bracket)?;
        Ok(Self { is_variant: true, ..content })
    }

    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        separate(self.bytes);
        value.serialize(Json { bytes: self.bytes, depth: self.depth })
    }

    #[inline]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        key(self.bytes, name);
        value.serialize(Json { bytes: self.bytes, depth: self.depth })
    }

    pub(super) fn close(self) -> Result<()> {
        self.bytes.push(if self.bracket == b'{' { b'}' } else { b']' });
        if self.is_variant {
            self.bytes.push(b'}');
        }
        Ok(())
    }
}

macro_rules! members {
    ($($kind:ident: $method:ident($($name:ident: $type:ty)?) by $by:ident)*) => {
        $(impl ser::$kind for Open<'_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, $($name: $type,)? value: &T) -> Result<()> {
                self.$by($($name,)? value)
            }

            fn end(self) -> Result<()> {
                self.close()
            }
        })*
    };
}

members! {
    SerializeSeq: serialize_element() by element
    SerializeTuple: serialize_element() by element
    SerializeTupleStruct: serialize_field() by element
    SerializeTupleVariant: serialize_field() by element
    SerializeStruct: serialize_field(name: &'static str) by field
    SerializeStructVariant: serialize_field(name: &'static str) by field
}

impl ser::SerializeMap for Open<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        separate(self.bytes);
        let start = self.bytes.len();
        key.serialize(Json { bytes: self.bytes, depth: self.depth })?;
        match self.bytes.get(start) {
            Some(b'"') => Ok(()),
            _ => Err(Error::custom("a key is not a text")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.bytes.push(b':');
        value.serialize(Json { bytes: self.bytes, depth: self.depth })
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

/// Appends what separates a member from the one before it, if there is one: no value ends with an opening bracket.
pub(super) fn separate(bytes: &mut Vec<u8>) {
    if !matches!(bytes.last(), None | Some(b'{' | b'[')) {
        bytes.push(b',');
    }
}

/// Appends the name of a field, in which there is nothing to escape. Inlined, it is a copy of known length.
#[inline(always)]
fn key(bytes: &mut Vec<u8>, name: &'static str) {
    separate(bytes);
    bytes.push(b'"');
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(b"\":");
}
