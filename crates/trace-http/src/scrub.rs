//! URLs as they may be recorded: without user names and passwords, and without sensitive values.
//!
//! Source: Sentry's Data Collection document. Sensitive values are recognized by terms in the names of their keys.

use std::borrow::Cow;

use crate::characters::characters;

/// The text that replaces a value that is not recorded.
const FILTERED: &str = "[Filtered]";

/// The terms that make a key sensitive, at any position in the key.
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

/// The keys that are sensitive as a whole; `AWSAccessKeyId` and `X-Goog-Signature` contain a term above.
const SENSITIVE_KEYS: [&str; 1] = ["sig"];

/// Returns a query in which `[Filtered]` replaces the values of sensitive keys, and the values that contain a URL with
/// a user name, a password or sensitive keys. A part that is not a `key=value` is replaced as a whole, because its
/// meaning is unknown.
///
/// ```
/// use trace_http::scrub_query;
///
/// assert_eq!(scrub_query("page=2&api_key=s3cret"), "page=2&api_key=[Filtered]");
/// assert_eq!(scrub_query("next=https%3A%2F%2Fa.test%2F%3Ftoken%3Ds3cret"), "next=[Filtered]");
/// ```
#[must_use]
pub fn scrub_query(query: &str) -> String {
    let mut scrubbed = String::with_capacity(query.len());
    for part in query.split_inclusive(['&', ';']) {
        let text = part.trim_end_matches(['&', ';']);
        match text.split_once('=') {
            Some((key, value)) if is_sensitive_key(key) || holds_secret(value) => {
                scrubbed.extend([&*without_userinfo(key), "=", FILTERED]);
            }
            Some((key, value)) => scrubbed.extend([&*without_userinfo(key), "=", value]),
            None if text.is_empty() => {}
            None => scrubbed.push_str(FILTERED),
        }
        scrubbed.push_str(part.get(text.len()..).unwrap_or_default());
    }
    scrubbed
}

/// Returns a path without possible user names and passwords. These are the ones of an authority, as in
/// `//user:password@host/`, also in a URL that is a part of the path, and any other text before an `@` in a segment
/// that contains a colon. `[Filtered]` replaces the values of sensitive keys in the path. Percent-encoded characters
/// are treated like plain ones.
///
/// ```
/// use trace_http::scrub_path;
///
/// assert_eq!(scrub_path("/proxy/http://user:s3cret@a.test/x"), "/proxy/http://a.test/x");
/// assert_eq!(scrub_path("/orders/17"), "/orders/17");
/// ```
#[must_use]
pub fn scrub_path(path: &str) -> Cow<'_, str> {
    // Nearly every path has none of these characters, and then there is nothing to remove.
    if memchr::memchr3(b'@', b'=', b'%', path.as_bytes()).is_none() {
        return Cow::Borrowed(path);
    }
    match without_userinfo(path) {
        Cow::Borrowed(path) => without_sensitive_values(path),
        Cow::Owned(path) => Cow::Owned(without_sensitive_values(&path).into_owned()),
    }
}

/// Returns whether a value contains a URL that must not be recorded.
fn holds_secret(value: &str) -> bool {
    matches!(without_userinfo(value), Cow::Owned(_))
        || matches!(without_sensitive_values(value), Cow::Owned(_))
}

fn without_userinfo(text: &str) -> Cow<'_, str> {
    let mut cuts = Cuts::of(text);
    let (mut start, mut slashes, mut is_authority) = (0, 0, false);
    // The end of the last `@` of the segment with a colon before it, or of any in an authority.
    let (mut has_colon, mut end) = (false, None);
    for (byte, place) in characters(text) {
        match byte {
            b'/' | b'\\' | b'?' | b'#' => {
                cuts.cut(start, end, "");
                slashes = if matches!(byte, b'/' | b'\\') { slashes + 1 } else { 0 };
                (start, is_authority, has_colon, end) = (place.end, slashes >= 2, false, None);
                continue;
            }
            b':' => has_colon = true,
            b'@' if is_authority || has_colon => end = Some(place.end),
            _ => {}
        }
        slashes = 0;
    }
    cuts.cut(start, end, "");
    cuts.into_text()
}

fn without_sensitive_values(text: &str) -> Cow<'_, str> {
    let mut cuts = Cuts::of(text);
    // The start of a key, and of its value if it is sensitive.
    let (mut key, mut value) = (Some(0), None);
    for (byte, place) in characters(text) {
        match byte {
            b'/' | b'\\' | b'?' | b'#' | b'&' | b';' => {
                if let Some(value) = value {
                    cuts.cut(value, Some(place.start), FILTERED);
                }
                (key, value) = (Some(place.end), None);
            }
            b'=' => {
                let name = key.take().and_then(|key| text.get(key..place.start));
                if name.is_some_and(is_sensitive_key) {
                    value = Some(place.end);
                }
            }
            _ => {}
        }
    }
    if let Some(value) = value {
        cuts.cut(value, Some(text.len()), FILTERED);
    }
    cuts.into_text()
}

/// Returns whether the value of a key, such as the name of a header, must not be recorded. Percent-encoded characters of
/// the key are treated like plain ones.
///
/// ```
/// assert!(trace_http::is_sensitive_key("X-Api-Key"));
/// assert!(!trace_http::is_sensitive_key("accept"));
/// ```
#[must_use]
pub fn is_sensitive_key(key: &str) -> bool {
    let key: Vec<u8> = characters(key).map(|(byte, _)| byte.to_ascii_lowercase()).collect();
    let key = String::from_utf8_lossy(&key);
    SENSITIVE_KEYS.contains(&&*key) || SENSITIVE_TERMS.iter().any(|term| key.contains(term))
}

/// A text of which parts are replaced, from left to right. The text is copied only if a part is replaced.
struct Cuts<'a> {
    text: &'a str,
    /// The finished output for the text up to `end`.
    done: String,
    end: usize,
}

impl<'a> Cuts<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, done: String::new(), end: 0 }
    }

    /// Replaces the text between two positions; does nothing if there is no end.
    fn cut(&mut self, start: usize, end: Option<usize>, replacement: &str) {
        let Some(end) = end else { return };
        self.done.extend([self.text.get(self.end..start).unwrap_or_default(), replacement]);
        self.end = end;
    }

    fn into_text(mut self) -> Cow<'a, str> {
        if self.end == 0 {
            return Cow::Borrowed(self.text);
        }
        self.done.push_str(self.text.get(self.end..).unwrap_or_default());
        Cow::Owned(self.done)
    }
}

#[cfg(test)]
mod tests;
