//! Whole URLs as they may be recorded and shown.

use std::borrow::Cow;

use trace_core::Authority;

use crate::{scrub_path, scrub_query};

/// Returns a URL as it may be recorded: without credentials and fragment, and with its path and its query scrubbed as
/// [`scrub_path`] and [`scrub_query`] do.
///
/// ```
/// use trace_http::scrub_url;
///
/// assert_eq!(scrub_url("https://user:s3cret@host:99999/p?page=2&token=x"), "https://host:99999/p?page=2&token=[Filtered]");
/// ```
#[must_use]
pub fn scrub_url(url: &str) -> String {
    let url = strip_credentials(url);
    let url = url.split('#').next().unwrap_or_default();
    match url.split_once('?') {
        Some((path, query)) => format!("{}?{}", scrub_path(path), scrub_query(query)),
        None => scrub_path(url).into_owned(),
    }
}

/// Returns a text without the user names and passwords of the URLs in it. The text need not be a valid URL: credentials
/// are the text before an `@` where an authority could be, after two slashes and at the start.
///
/// ```
/// use trace_http::strip_credentials;
///
/// assert_eq!(strip_credentials("//user:s3cret@host/alice@example.com"), "//host/alice@example.com");
/// ```
#[must_use]
pub fn strip_credentials(text: &str) -> Cow<'_, str> {
    let Some(last_at) = text.rfind('@') else { return Cow::Borrowed(text) };
    let mut stripped = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let to_last_at = (last_at + 1).checked_sub(text.len() - rest.len());
        let credentials = to_last_at.map_or(0, |to_last_at| credentials_length(rest, to_last_at));
        rest = rest.get(credentials..).unwrap_or_default();
        let end = end_of_slashes(rest).unwrap_or(rest.len());
        let (kept, next) = rest.split_at_checked(end).unwrap_or((rest, ""));
        stripped.push_str(kept);
        if next.is_empty() {
            return Cow::Owned(stripped);
        }
        rest = next;
    }
}

/// Returns the length of the credentials at the start of a text where an authority could be; 0 if there are none. The
/// last `@` of the text ends at `to_last_at`.
fn credentials_length(text: &str, to_last_at: usize) -> usize {
    let end = text.find(['/', '\\', '?', '#']).unwrap_or(text.len());
    let authority = text.get(..end).unwrap_or_default();
    match authority.rfind('@') {
        Some(at) => at + 1,
        // A password with a slash in it: `user:pass` is not an authority, because `pass` is not a port.
        None if authority.contains(':') && Authority::parse(authority).is_none() => to_last_at,
        None => 0,
    }
}

/// Returns the end of the first run of two or more slashes of either kind.
fn end_of_slashes(text: &str) -> Option<usize> {
    let is_slash = |byte: &u8| matches!(byte, b'/' | b'\\');
    let start = text.as_bytes().windows(2).position(|pair| pair.iter().all(is_slash))?;
    let run = text.bytes().skip(start).take_while(|byte| is_slash(byte)).count();
    Some(start + run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_stripped_wherever_an_authority_could_be() {
        let table = [
            ("https://user:s3cret@host/p", "https://host/p"),
            ("http://user:s3cret@host:99999/", "http://host:99999/"),
            ("http://s3cret@host", "http://host"),
            ("http://a@s3cret@host/", "http://host/"),
            ("http://user:s3/cret@host/", "http://host/"),
            ("http://user:s3?cret@host/", "http://host/"),
            ("http://user:s3#cret@host/", "http://host/"),
            ("http://user:s3\\cret@host/", "http://host/"),
            ("http:///user:s3cret@host/", "http:///host/"),
            ("//user:s3cret@host/p", "//host/p"),
            ("/\\user:s3cret@host/p", "/\\host/p"),
            ("/proxy/https://user:s3cret@host/p", "/proxy/https://host/p"),
            ("/?a=//u:s3cret@b/&c=//u:s3cret@d/", "/?a=//b/&c=//d/"),
            ("user:s3cret@host:443", "host:443"),
            ("host:443", "host:443"),
            ("https://[::1]:443/@", "https://[::1]:443/@"),
            ("https://host/alice@example.com", "https://host/alice@example.com"),
            ("/npm/@scope/name?mail=alice@example.com", "/npm/@scope/name?mail=alice@example.com"),
            ("//host//a@b", "//host//b"),
            ("@", ""),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(strip_credentials(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_recorded_url_has_no_fragment_and_no_sensitive_value() {
        let table = [
            ("https://u:s3cret@host/p?a=1&token=s3cret#s3cret", "https://host/p?a=1&token=[Filtered]"),
            ("/p?next=//u:s3cret@host/", "/p?next=//host/"),
            ("http://a.test:81/https%3A%2F%2Fuser%3As3cret%40h/", "http://a.test:81/https%3A%2F%2Fh/"),
            ("http://p.test/login;token=s3cret/x?a=1", "http://p.test/login;token=[Filtered]/x?a=1"),
            ("http://[::1]:81/p;jsessionid=s3cret#top", "http://[::1]:81/p;jsessionid=[Filtered]"),
            ("http://p.test/mailto:user:s3cret@h", "http://p.test/h"),
            ("/users/me@a.test", "/users/me@a.test"),
            ("/p", "/p"),
            ("/p?", "/p?"),
        ];
        for (url, expected) in table {
            assert_eq!(scrub_url(url), expected, "{url:?}");
        }
    }
}
