//! The cookies of a header, as attributes show them.
//!
//! Source: Sentry's Spans specification 1.0.0, "Cookies".

use trace_http::is_sensitive_key;

use crate::request_data::FILTERED;

/// The terms that make the name of a cookie sensitive, besides those of all keys.
const SENSITIVE_TERMS: [&str; 9] =
    ["sessid", "remember", "oidc", "pkce", "nonce", "__secure-", "__host-", "mfa", "2fa"];

/// Returns the cookies of a `cookie` header, each as `name=value`. `[Filtered]` replaces the values of sensitive names,
/// and whatever has no name.
pub(crate) fn of_cookie(header: &str) -> Vec<String> {
    not_empty(header.split(';').filter_map(shown).collect())
}

/// Returns the cookie of a `set-cookie` header, without its attributes.
pub(crate) fn of_set_cookie(header: &str) -> Vec<String> {
    not_empty(header.split(';').next().and_then(shown).into_iter().collect())
}

/// A header without a cookie may hold a token.
fn not_empty(cookies: Vec<String>) -> Vec<String> {
    if cookies.is_empty() { vec![FILTERED.to_owned()] } else { cookies }
}

fn shown(part: &str) -> Option<String> {
    let (name, value) = part.split_once('=').unwrap_or(("", part));
    match (name.trim(), value.trim()) {
        ("", value) if value.trim_matches('=').is_empty() => None,
        ("", _) => Some(FILTERED.to_owned()),
        (name, _) if is_sensitive(name) => Some(format!("{name}={FILTERED}")),
        (name, value) => Some(format!("{name}={value}")),
    }
}

fn is_sensitive(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_sensitive_key(name) || SENSITIVE_TERMS.iter().any(|term| lower.contains(term))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cookie_stands_alone_and_secrets_are_replaced() {
        let table: [(&str, &[&str]); 11] = [
            ("theme=dark", &["theme=dark"]),
            (
                "user_session=a1; connect.sid=b2; theme=dark-mode",
                &["user_session=[Filtered]", "connect.sid=[Filtered]", "theme=dark-mode"],
            ),
            ("jwt_count=eyJhbGc=", &["jwt_count=[Filtered]"]),
            ("data=eyJhbGc=", &["data=eyJhbGc="]),
            (" a = b ;; = ;==; c=", &["a=b", "c="]),
            ("a token without a name", &["[Filtered]"]),
            ("=value", &["[Filtered]"]),
            (
                "PHPSESSID=1;__Host-x=2;Remember_me=3",
                &["PHPSESSID=[Filtered]", "__Host-x=[Filtered]", "Remember_me=[Filtered]"],
            ),
            ("a=b%3Bc", &["a=b%3Bc"]),
            ("a=\"b\"", &["a=\"b\""]),
            ("", &["[Filtered]"]),
        ];
        for (header, expected) in table {
            assert_eq!(of_cookie(header), expected, "{header}");
        }
    }

    #[test]
    fn attributes_of_a_set_cookie_are_left_out() {
        let table = [
            ("theme=dark; Path=/; HttpOnly", "theme=dark"),
            ("sid=1; Path=/", "sid=[Filtered]"),
            ("; Path=/", FILTERED),
        ];
        for (header, expected) in table {
            assert_eq!(of_set_cookie(header), [expected], "{header}");
        }
    }
}
