//! The addresses that may be shown, without secrets.

use sentry_core::types::Dsn;

/// Returns a DSN without its secret key.
pub(crate) fn dsn(dsn: &Dsn) -> String {
    let (scheme, key, host) = (dsn.scheme(), dsn.public_key(), dsn.host());
    let port = match dsn.port() {
        port if port == scheme.default_port() => String::new(),
        port => format!(":{port}"),
    };
    format!("{scheme}://{key}@{host}{port}{}{}", dsn.path(), dsn.project_id())
}

/// Returns a text without credentials and query, also if it is not a URL. If its path contains an `@`, only the scheme
/// and the text after the last `@` are shown, because a password may contain a slash.
#[cfg(feature = "spotlight")]
pub(crate) fn url(text: &str) -> String {
    let is_scheme = |at: &usize| text.bytes().take(*at).all(|byte| byte.is_ascii_alphanumeric());
    let (scheme, rest) = text.split_at(text.find("://").filter(is_scheme).map_or(0, |at| at + "://".len()));
    let address = rest.rsplit_once('@').map_or(rest, |(_, address)| address);
    let without_query = address.split(['?', '#']).next().unwrap_or_default();
    [scheme, without_query].concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_dsn_is_shown_without_its_secret_key() {
        let table = [
            ("https://public@host/42", "https://public@host/42"),
            ("https://public:s3cret@host:9000/a/b/42", "https://public@host:9000/a/b/42"),
            ("http://public:s3cret@[::1]:80/42", "http://public@[::1]/42"),
        ];
        for (text, shown) in table {
            assert_eq!(super::dsn(&text.parse().unwrap()), shown);
        }
    }

    #[cfg(feature = "spotlight")]
    #[test]
    fn a_url_is_shown_without_credentials_and_query() {
        let table = [
            ("http://localhost:8969/stream", "http://localhost:8969/stream"),
            ("http://user:s3cret@localhost:8969/stream", "http://localhost:8969/stream"),
            ("http://s3cret@localhost/stream", "http://localhost/stream"),
            ("http://user:s3@cret@localhost/stream", "http://localhost/stream"),
            ("http://user:s3/cret@localhost/stream", "http://localhost/stream"),
            ("http://user:s3?cret@localhost/stream", "http://localhost/stream"),
            ("http://localhost/stream?token=s3cret", "http://localhost/stream"),
            ("http://localhost/stream#s3cret", "http://localhost/stream"),
            ("user:s3cret@localhost", "localhost"),
            ("user:s3cret://x@localhost", "localhost"),
            ("http://user:s3cret@", "http://"),
            ("maybe", "maybe"),
            ("", ""),
        ];
        for (text, shown) in table {
            assert_eq!(super::url(text), shown, "{text}");
        }
    }
}
