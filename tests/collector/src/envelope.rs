//! What arrives.

use std::borrow::Cow;
use std::io::Read;

use axum::http::{HeaderMap, Uri};
use flate2::read::GzDecoder;
use serde_json::Value;

/// One envelope with one item.
#[derive(Debug)]
pub struct Envelope {
    /// The header of the envelope.
    pub header: Value,
    /// The path it was posted to.
    pub path: String,
    /// What the request says it is.
    pub content_type: Option<String>,
    /// The header of the item.
    pub item_header: Value,
    /// The type of the item.
    pub kind: String,
    /// The item.
    pub item: Value,
}

impl Envelope {
    /// Parses the body of a request. It panics if the body is not an envelope, which ends the connection.
    pub(crate) fn parse(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Self {
        let body = match headers.get("content-encoding") {
            Some(encoding) if encoding == "gzip" => {
                let mut plain = Vec::new();
                GzDecoder::new(body).read_to_end(&mut plain).expect("gzip");
                Cow::Owned(plain)
            }
            _ => Cow::Borrowed(body),
        };
        let mut lines = body.splitn(3, |byte| *byte == b'\n');
        let [header, item_header, rest] = [(); 3].map(|()| lines.next().expect("three lines"));
        let item_header: Value = serde_json::from_slice(item_header).expect("an item header");
        let item = match item_header["length"].as_u64() {
            Some(length) => &rest[..length as usize],
            None => rest,
        };
        let content_type = headers.get("content-type").map(|text| text.to_str().unwrap().to_owned());
        Self {
            header: serde_json::from_slice(header).expect("an envelope header"),
            path: uri.to_string(),
            content_type,
            kind: item_header["type"].as_str().expect("a type").to_owned(),
            item: serde_json::from_slice(item).expect("a JSON item"),
            item_header,
        }
    }
}
