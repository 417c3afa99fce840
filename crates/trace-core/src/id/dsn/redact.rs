//! Texts that are meant as a DSN, without the parts that could be their secret key.

/// The character that replaces a part that is not shown.
const ELIDED: char = '…';

/// Returns the public key and the address of a text that is meant as a DSN. Before the last `@`, all text after the
/// first word could be the secret key. Without an `@`, any text that cannot be a part of an address could be.
pub(super) fn redact(text: &str) -> String {
    let (scheme, rest) = split_scheme(text.trim());
    let Some((keys, address)) = rest.rsplit_once('@') else {
        return format!("{scheme}{}", shown_address(rest));
    };
    let (public, others) = split_word(keys, |_| false);
    let elided = if others.is_empty() { String::new() } else { format!(":{ELIDED}") };
    format!("{scheme}{public}{elided}@{}", shown_address(address))
}

fn shown_address(text: &str) -> String {
    let (scheme, rest) = split_scheme(text);
    let (host, rest) = split_host(rest);
    let (port, rest) = rest.split_at(port_length(rest));
    let (path, rest) = split_word(rest, |char| matches!(char, '/' | ' '));
    let elided = match rest.strip_prefix(':') {
        Some(_) => format!(":{ELIDED}"),
        None if rest.is_empty() => String::new(),
        None => ELIDED.to_string(),
    };
    format!("{scheme}{host}{port}{path}{elided}")
}

/// Splits a text after its scheme, such as `https://`.
fn split_scheme(text: &str) -> (&str, &str) {
    let in_scheme = |char: char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.');
    match text.split_once("://") {
        Some((scheme, rest)) if scheme.chars().all(in_scheme) => {
            text.split_at_checked(text.len() - rest.len()).unwrap_or(("", text))
        }
        _ => ("", text),
    }
}

/// Splits a text after its leading IPv6 address in brackets or, if there is none, after its leading word.
fn split_host(text: &str) -> (&str, &str) {
    let in_address = |char: char| char.is_ascii_hexdigit() || matches!(char, ':' | '.');
    let inside = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match inside.filter(|(address, _)| address.chars().all(in_address)) {
        Some((_, rest)) => text.split_at_checked(text.len() - rest.len()).unwrap_or(("", text)),
        None => split_word(text, |_| false),
    }
}

/// Returns the length of the `:port` at the start of a text; 0 if there is no colon or no port after it.
fn port_length(text: &str) -> usize {
    let Some(port) = text.strip_prefix(':') else { return 0 };
    let digits = port.bytes().take_while(u8::is_ascii_digit).count();
    let is_port = digits <= 5 && matches!(port.as_bytes().get(digits), None | Some(b'/'));
    if is_port { 1 + digits } else { 0 }
}

/// Splits a text after its leading word of letters, digits, `-`, `_`, `.`, `~` and the characters that `or` accepts.
fn split_word(text: &str, or: impl Fn(char) -> bool) -> (&str, &str) {
    let in_word = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_' | '.' | '~') || or(char);
    let end = text.find(|char| !in_word(char)).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn a_secret_key_is_never_shown() {
        let table = [
            ("https://public@host:9000/42", "https://public@host:9000/42"),
            ("https://host/1", "https://host/1"),
            ("http://[::1]:9000/1", "http://[::1]:9000/1"),
            (" http://key@host/ ", "http://key@host/"),
            ("https://host:99999/1", "https://host:99999/1"),
            ("https://public:secret@host:9000/42", "https://public:…@host:9000/42"),
            ("https://public:secret@host:99999/1", "https://public:…@host:99999/1"),
            ("https://public:secret@/1", "https://public:…@/1"),
            ("https://:secret@host/1", "https://:…@host/1"),
            ("public:secret@host", "public:…@host"),
            ("public:secret@https://host/1", "public:…@https://host/1"),
            ("https:/public:secret@host/42", "https:…@host/42"),
            ("SENTRY_DSN=https://public:secret@host/1", "SENTRY_DSN:…@host/1"),
            ("https://public:sec@ret@host/42", "https://public:…@host/42"),
            ("https://public:sec/ret@host/42", "https://public:…@host/42"),
            ("https://public:sec?ret#@host/42", "https://public:…@host/42"),
            ("https://public/secret@host/42", "https://public:…@host/42"),
            ("https://public%3Asecret@host/42", "https://public:…@host/42"),
            ("https://public secret@host/42", "https://public:…@host/42"),
            ("https://public@host:secret/42", "https://public@host:…"),
            ("https://public@host/42?secret", "https://public@host/42…"),
            ("https://public@host/42#secret", "https://public@host/42…"),
            // Without an `@`, this could be the keys.
            ("https://public:secret/42", "https://public:…"),
            ("https://public:1secret/42", "https://public:…"),
            ("https://public:secret.host/42", "https://public:…"),
            ("https://public%3Asecret%40host/42", "https://public…"),
            ("[secret]", "…"),
            ("public:secret", "public:…"),
            ("public@https://host/42", "public@https://host/42"),
            ("no DSN", "no DSN"),
            ("", ""),
        ];
        for (text, shown) in table {
            assert_eq!(redact(text), shown, "{text:?}");
        }
    }
}
