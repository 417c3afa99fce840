//! URLs as they may be recorded.
//!
//! Source: Sentry's Data Collection document: sensitive values are told by terms in the names of their keys.

use std::borrow::Cow;

/// What stands in place of a value that is not recorded.
const FILTERED: &str = "[Filtered]";

/// Terms that make a key sensitive, wherever they stand in it.
const SENSITIVE_TERMS: [&str; 18] = [
    "auth",
    "token",
    "secret",
    "password",
    "passwd",
    "pwd",
    "key",
    "jwt",
    "bearer",
    "sso",
    "saml",
    "csrf",
    "xsrf",
    "credentials",
    "session",
    "sid",
    "identity",
    "signature",
];

/// Keys that are sensitive as a whole; `AWSAccessKeyId` and `X-Goog-Signature` hold a term above.
const SENSITIVE_KEYS: [&str; 1] = ["sig"];

/// A query with the values of sensitive keys replaced by `[Filtered]`. A part that is no `key=value` is replaced
/// whole, since nothing tells what it is.
///
/// ```
/// use trace_core::http::scrub_query;
///
/// assert_eq!(scrub_query("page=2&api_key=s3cret"), "page=2&api_key=[Filtered]");
/// ```
#[must_use]
pub fn scrub_query(query: &str) -> String {
    let scrub = |part: &str| match part.split_once('=') {
        Some((key, _)) if is_sensitive(key) => format!("{key}={FILTERED}"),
        Some(_) => part.to_owned(),
        None if part.is_empty() => String::new(),
        None => FILTERED.to_owned(),
    };
    query.split('&').map(scrub).collect::<Vec<_>>().join("&")
}

fn is_sensitive(key: &str) -> bool {
    let decoded: Cow<'_, str> = percent_encoding::percent_decode_str(key).decode_utf8_lossy();
    let key = decoded.to_ascii_lowercase();
    SENSITIVE_KEYS.contains(&key.as_str()) || SENSITIVE_TERMS.iter().any(|term| key.contains(term))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sensitive_values_are_replaced() {
        let table = [
            ("a=1&b=2", "a=1&b=2"),
            ("Token=x", "Token=[Filtered]"),
            ("my_api_key=x&page=1", "my_api_key=[Filtered]&page=1"),
            ("%74oken=x", "%74oken=[Filtered]"),
            ("X-Goog-Signature=x&sig=y&sign=z", "X-Goog-Signature=[Filtered]&sig=[Filtered]&sign=z"),
            ("AWSAccessKeyId=x", "AWSAccessKeyId=[Filtered]"),
            ("secret-without-key", "[Filtered]"),
            ("a=1&&b=2", "a=1&&b=2"),
            ("", ""),
        ];
        for (query, expected) in table {
            assert_eq!(scrub_query(query), expected, "{query:?}");
        }
    }
}
