//! JSON as `serde_json` writes it, but cheaper: names of fields are copied, and whether a text has something to escape is
//! asked of many bytes at once. Numbers, and texts with something to escape, are left to `serde_json`.
//!
//! Two things are different: bytes become a text of hex digits, as ids are written, and values that are nested deeper than
//! `serde_json` reads are an error, so that nobody's values exhaust the stack.

mod open;

use std::fmt::Display;
use std::io::Write;

use serde::ser::{self, Error as _, Serialize};
use serde_json::{Error, Result, to_writer};

use open::{Open, separate};

/// The most objects and arrays within each other. `serde_json` reads no more, and neither does Relay.
const DEEPEST: u8 = 127;

/// Appends a value, as `serde_json::to_writer` does. The keys of its maps must be texts.
///
/// # Errors
///
/// Returns the error of a value that JSON cannot hold. Part of it may have been written.
pub(crate) fn append(bytes: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) -> Result<()> {
    value.serialize(Json { bytes, depth: 0 })
}

/// Appends a member to an open object.
///
/// # Errors
///
/// Returns the error of a value that JSON cannot hold. Part of it may have been written.
pub(crate) fn append_member(bytes: &mut Vec<u8>, key: &str, value: &(impl Serialize + ?Sized)) -> Result<()> {
    separate(bytes);
    append(bytes, key)?;
    bytes.push(b':');
    append(bytes, value)
}

/// Appends members that are written already to an open object.
pub(crate) fn append_members(bytes: &mut Vec<u8>, members: &[u8]) {
    separate(bytes);
    bytes.extend_from_slice(members);
}

/// The end of a text to which a value is appended.
struct Json<'a> {
    bytes: &'a mut Vec<u8>,
    /// The number of objects and arrays round the value.
    depth: u8,
}

impl<'a> Json<'a> {
    fn put(self, text: &str) -> Result<()> {
        self.bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// Appends a value by `serde_json`.
    fn leave<T: Serialize>(self, value: T) -> Result<()> {
        to_writer(self.bytes, &value)
    }

    fn open(self, bracket: u8) -> Result<Open<'a>> {
        if self.depth == DEEPEST {
            return Err(Error::custom("values are nested too deep"));
        }
        Ok(Open::new(self.bytes, bracket, self.depth + 1))
    }
}

/// Returns whether nothing has to be escaped. Folds without an early end become a few vector instructions.
fn is_plain(text: &[u8]) -> bool {
    fn is_special<const N: usize>(block: &[u8; N]) -> bool {
        block.iter().fold(false, |any, byte| any | (*byte < b' ') | (*byte == b'"') | (*byte == b'\\'))
    }
    // The last block may overlap the one before it, so that no byte is looked at alone.
    if let Some(last) = text.last_chunk::<16>() {
        let (blocks, _) = text.as_chunks::<16>();
        !blocks.iter().fold(is_special(last), |any, block| any | is_special(block))
    } else if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        !(is_special(first) | is_special(last))
    } else {
        !text.iter().any(|byte| is_special(&[*byte]))
    }
}

/// Returns the hex digits of bytes.
fn hex<const N: usize>(bytes: &[u8; N]) -> [[u8; 2]; N] {
    let digit = |value: u8| value + if value < 10 { b'0' } else { b'a' - 10 };
    let mut digits = [[0; 2]; N];
    for (pair, byte) in digits.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    digits
}

macro_rules! left_to_serde_json {
    ($($method:ident: $value:ty)*) => {
        $(fn $method(self, value: $value) -> Result<()> { self.leave(value) })*
    };
}

impl<'a> ser::Serializer for Json<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Open<'a>;
    type SerializeTuple = Open<'a>;
    type SerializeTupleStruct = Open<'a>;
    type SerializeTupleVariant = Open<'a>;
    type SerializeMap = Open<'a>;
    type SerializeStruct = Open<'a>;
    type SerializeStructVariant = Open<'a>;

    left_to_serde_json! {
        serialize_i8: i8 serialize_i16: i16 serialize_i32: i32 serialize_i64: i64 serialize_i128: i128
        serialize_u8: u8 serialize_u16: u16 serialize_u32: u32 serialize_u64: u64 serialize_u128: u128
        serialize_f32: f32 serialize_f64: f64 serialize_char: char
    }

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.put(if value { "true" } else { "false" })
    }

    fn serialize_str(self, text: &str) -> Result<()> {
        if !is_plain(text.as_bytes()) {
            return self.leave(text);
        }
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(b'"');
        Ok(())
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<()> {
        let start = self.bytes.len();
        write!(self.bytes, "\"{value}\"").map_err(Error::io)?;
        let text = self.bytes.get(start + 1..self.bytes.len() - 1).unwrap_or_default();
        if is_plain(text) {
            return Ok(());
        }
        let text = String::from_utf8_lossy(text).into_owned();
        self.bytes.truncate(start);
        self.leave(text)
    }

    fn serialize_bytes(self, id: &[u8]) -> Result<()> {
        let (blocks, rest) = id.as_chunks::<8>();
        self.bytes.push(b'"');
        blocks.iter().for_each(|block| self.bytes.extend_from_slice(hex(block).as_flattened()));
        rest.iter().for_each(|byte| self.bytes.extend_from_slice(hex(&[*byte]).as_flattened()));
        self.bytes.push(b'"');
        Ok(())
    }

    fn serialize_none(self) -> Result<()> {
        self.put("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.put("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.put("null")
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<()> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        let mut object = self.open(b'{')?;
        ser::SerializeStruct::serialize_field(&mut object, name, value)?;
        object.close()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'a>> {
        self.open(b'[')
    }

    fn serialize_tuple(self, _: usize) -> Result<Open<'a>> {
        self.open(b'[')
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Open<'a>> {
        self.open(b'[')
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Open<'a>> {
        self.open(b'{')?.variant(name, b'[')
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Open<'a>> {
        self.open(b'{')
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Open<'a>> {
        self.open(b'{')
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Open<'a>> {
        self.open(b'{')?.variant(name, b'{')
    }
}

#[cfg(test)]
mod tests;
