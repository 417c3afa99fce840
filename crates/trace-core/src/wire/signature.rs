//! The headers that a signature of a request names. If one is changed or removed, the server rejects the request.
//!
//! | scheme | place of the names |
//! | --- | --- |
//! | AWS SigV4 and SigV4A, Google V4, Alibaba, Tencent, Huawei, Azure | `Authorization: SCHEME ... SignedHeaders=a;b` |
//! | Tencent's object storage | `Authorization: ...&q-header-list=a;b&...` |
//! | the same, presigned | a parameter of the query, `X-Amz-SignedHeaders=a%3Bb` |
//! | Alibaba's API gateway | `X-Ca-Signature-Headers: a,b` |
//! | Baidu | `Authorization: bce-auth-v1/key/time/seconds/a;b/signature` |
//! | draft-cavage-http-signatures | `headers="a b"` in `Signature`, or in `Authorization: Signature` |
//! | HTTP Message Signatures (RFC 9421) | `Signature-Input: label=("a" "b";sf);created=1` |
//!
//! In doubt, a header counts as signed. For all schemes but the last, a name counts at any position in such a value.

mod structured;

use std::borrow::Cow;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use percent_encoding::percent_decode;

use crate::wire::FEW_HEADERS;
use crate::wire::names::TraceHeaderName;

const SIGNATURE: HeaderName = HeaderName::from_static("signature");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE_HEADERS: HeaderName = HeaderName::from_static("x-ca-signature-headers");

/// The headers in which signatures name others.
pub(crate) static HEADERS: [HeaderName; 4] = [AUTHORIZATION, SIGNATURE, SIGNATURE_INPUT, SIGNATURE_HEADERS];

/// The trace headers that a signature of the request names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SignedHeaders {
    names: [bool; TraceHeaderName::ALL.len()],
}

impl SignedHeaders {
    /// Reads the headers and the query of a request.
    #[inline]
    pub(crate) fn of(headers: &HeaderMap, query: Option<&str>) -> Self {
        let mut signed = Self::default();
        if headers.len() <= FEW_HEADERS {
            for (name, line) in headers {
                // A comparison with a constant is one with a number; the array would have to be read.
                if *name == AUTHORIZATION
                    || *name == SIGNATURE
                    || *name == SIGNATURE_INPUT
                    || *name == SIGNATURE_HEADERS
                {
                    signed.read(name, line.as_bytes());
                }
            }
        } else {
            for name in &HEADERS {
                headers.get_all(name).iter().for_each(|line| signed.read(name, line.as_bytes()));
            }
        }
        if let Some(query) = query.filter(|query| query.len() >= SHORTEST_KEY) {
            signed.read_query(query);
        }
        signed
    }

    pub(crate) fn has(self, name: TraceHeaderName) -> bool {
        self.names.into_iter().zip(TraceHeaderName::ALL).any(|(is_signed, known)| is_signed && known == name)
    }

    #[inline(never)]
    fn read(&mut self, header: &HeaderName, line: &[u8]) {
        if *header == SIGNATURE_INPUT {
            let mut named = Self::default();
            let is_readable = structured::read_inner_lists(line, |name| {
                named.add(|known| name.eq_ignore_ascii_case(known))
            });
            self.add(|known| is_readable.is_none() || named.names_text(known));
        } else if *header != AUTHORIZATION || lists_names(line) {
            self.add(|known| has_word(line, known));
        }
    }

    fn read_query(&mut self, query: &str) {
        for parameter in query.as_bytes().split(|byte| *byte == b'&') {
            let equals = memchr::memchr(b'=', parameter).unwrap_or(parameter.len());
            let (key, value) = parameter.split_at(equals);
            if key.len() >= SHORTEST_KEY && lists_names(&decode(key)) {
                let value = decode(value);
                self.add(|known| has_word(&value, known));
            }
        }
    }

    fn add(&mut self, is_named: impl Fn(&[u8]) -> bool) {
        for (is_signed, known) in self.names.iter_mut().zip(TraceHeaderName::ALL) {
            *is_signed |= is_named(known.as_str().as_bytes());
        }
    }

    fn names_text(self, text: &[u8]) -> bool {
        self.names
            .into_iter()
            .zip(TraceHeaderName::ALL)
            .any(|(is_signed, known)| is_signed && known.as_str().as_bytes() == text)
    }
}

/// The length of the shortest key in a query that announces names of headers.
const SHORTEST_KEY: usize = "q-header-list".len();

/// Returns whether a value, or the key of a parameter, announces names of headers: `SignedHeaders`, `headers`,
/// `q-header-list`.
fn lists_names(text: &[u8]) -> bool {
    positions(text, b"header").next().is_some() || positions(text, b"bce-auth").next().is_some()
}

/// Returns whether a text contains a name that is not a part of a longer one.
fn has_word(text: &[u8], word: &[u8]) -> bool {
    let is_part =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte));
    positions(text, word).any(|start| {
        let before = start.checked_sub(1).and_then(|place| text.get(place));
        !is_part(before) && !is_part(text.get(start + word.len()))
    })
}

/// Returns the positions of a lower-case text in another text, regardless of case.
fn positions<'a>(text: &'a [u8], sought: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let first = sought.first().copied().unwrap_or_default();
    let candidates = memchr::memchr2_iter(first, first.to_ascii_uppercase(), text);
    candidates.filter(move |start| {
        let found = text.get(*start..).and_then(|rest| rest.get(..sought.len()));
        found.is_some_and(|found| found.eq_ignore_ascii_case(sought))
    })
}

fn decode(text: &[u8]) -> Cow<'_, [u8]> {
    percent_decode(text).into()
}

#[cfg(test)]
mod tests;
