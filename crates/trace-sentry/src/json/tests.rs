use std::collections::BTreeMap;

use proptest::prelude::{any, prop_assert_eq, proptest};
use serde::Serialize;
use serde_json::json;

use super::append;

fn written(value: &(impl Serialize + ?Sized)) -> String {
    let mut bytes = Vec::new();
    append(&mut bytes, value).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn by_serde_json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap()
}

/// A text that is written by `Display`.
struct Shown<'a>(&'a str);

impl Serialize for Shown<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

#[test]
fn every_character_at_every_place_is_written_as_serde_json_does() {
    let special = (0..=0xff).map(|code| char::from_u32(code).unwrap()).chain(['\u{2028}', '\u{1f980}']);
    for character in special {
        for length in [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40] {
            for place in 0..=length {
                let text = "a".repeat(place) + &character.to_string() + &"b".repeat(length - place);
                assert_eq!(written(&text), by_serde_json(&text));
                assert_eq!(written(&Shown(&text)), by_serde_json(&Shown(&text)));
            }
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_written_as_serde_json_does(text in any::<String>(), key in any::<String>(), number in any::<f64>()) {
        let values = json!({ key: { "text": text, "number": number }, "list": [text, number, [], {}, null] });
        prop_assert_eq!(written(&values), by_serde_json(&values));
        prop_assert_eq!(written(&Shown(&text)), by_serde_json(&text));
    }
}

struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

#[test]
fn bytes_are_written_in_hex() {
    for length in [0_usize, 1, 7, 8, 9, 16, 17] {
        let bytes: Vec<_> = (0..length).map(|place| (place * 53 + 9) as u8).collect();
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(written(&Bytes(bytes)), format!("\"{digits}\""));
    }
}

#[derive(Serialize)]
struct Unit;

#[derive(Serialize)]
struct Tuple(u8, Option<&'static str>);

#[derive(Serialize)]
struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    none: Option<u8>,
    character: char,
    #[serde(flatten)]
    more: BTreeMap<&'static str, bool>,
}

#[derive(Serialize)]
enum Variant {
    Unit,
    Newtype(f32),
    Tuple(i128, u64),
    Struct { inner: Tuple },
}

#[test]
fn every_kind_of_value_is_written_as_serde_json_does() {
    let fields = || Fields { none: None, character: '"', more: BTreeMap::from([("x", true), ("y", false)]) };
    let inner = Tuple(1, None);
    let variants = [Variant::Unit, Variant::Newtype(0.1), Variant::Tuple(-1, 2), Variant::Struct { inner }];
    let all = ((), Unit, Tuple(7, Some("a\nb")), fields(), [fields()], variants, (f64::NAN, -0.0, 1e300));
    assert_eq!(written(&all), by_serde_json(&all));
}

#[test]
fn a_key_that_is_not_a_text_is_an_error() {
    assert!(append(&mut Vec::new(), &BTreeMap::from([(1, 2)])).is_err());
}
