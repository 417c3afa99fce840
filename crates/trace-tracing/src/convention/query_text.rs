//! The text of a query without the values that are written in it.

/// Returns the text of a query in which each literal is `?`. Parameters stay: `?`, `$1`, `:name`, `@name`. White space around
/// the text goes, and so do comments: that of diesel's `debug_query` holds the bound values.
///
/// Bound values are never in the text; these are the ones that the program wrote there itself. Texts in double quotes stay,
/// because they are identifiers in standard SQL.
pub(crate) fn without_literals(text: &str) -> String {
    const LITERAL: Option<&str> = Some("?");
    const COMMENT: Option<&str> = Some("");
    let mut rest = text.trim();
    let mut parameterised = String::with_capacity(rest.len());
    let mut is_word = false;
    while let Some(first) = rest.chars().next() {
        let (length, replacement) = match first {
            '\'' => (quoted_length(rest), LITERAL),
            '"' | '`' => (identifier_length(rest, first), None),
            '0'..='9' if !is_word => (run_length(rest, is_of_number), LITERAL),
            '$' => match dollar_quoted_length(rest) {
                Some(length) => (length, LITERAL),
                None => (1 + run_length(rest.get(1..).unwrap_or_default(), is_of_word), None),
            },
            '-' if rest.starts_with("--") => (run_length(rest, |found| found != '\n'), COMMENT),
            '/' if rest.starts_with("/*") => (comment_length(rest), COMMENT),
            _ => (first.len_utf8(), None),
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        parameterised.push_str(replacement.unwrap_or(token));
        is_word = replacement.is_none() && is_of_word(first) || matches!(first, ':' | '@' | '?');
        rest = after;
    }
    parameterised.truncate(parameterised.trim_end().len());
    parameterised
}

/// Returns the length of a comment in `/* … */`. PostgreSQL has nested ones.
fn comment_length(text: &str) -> usize {
    let (mut depth, mut place) = (0_usize, 0);
    while let Some(pair) = text.as_bytes().get(place..place + 2) {
        (depth, place) = match pair {
            b"/*" => (depth + 1, place + 2),
            b"*/" => (depth - 1, place + 2),
            _ => (depth, place + 1),
        };
        if depth == 0 {
            return place;
        }
    }
    text.len()
}

/// Returns the length of a text in single quotes; a quote within it is doubled, or follows a backslash.
fn quoted_length(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1).peekable();
    while let Some((place, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                let _escaped = bytes.next();
            }
            b'\'' if bytes.next_if(|(_, next)| *next == b'\'').is_none() => return place + 1,
            _ => {}
        }
    }
    text.len()
}

fn identifier_length(text: &str, quote: char) -> usize {
    text.get(1..).and_then(|after| after.find(quote)).map_or(text.len(), |end| end + 2)
}

/// Returns the length of a text between two tags of PostgreSQL, such as `$$` or `$body$`.
fn dollar_quoted_length(text: &str) -> Option<usize> {
    let name = run_length(text.get(1..)?, is_of_word);
    let tag = text.get(..name + 2).filter(|tag| tag.ends_with('$'))?;
    let after = text.get(tag.len()..)?;
    Some(after.find(tag).map_or(text.len(), |end| end + 2 * tag.len()))
}

fn run_length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|found| !belongs(found)).unwrap_or(text.len())
}

fn is_of_word(found: char) -> bool {
    found.is_alphanumeric() || found == '_'
}

fn is_of_number(found: char) -> bool {
    found.is_ascii_alphanumeric() || found == '.'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::without_literals;

    #[test]
    fn literals_are_left_out_and_parameters_stay() {
        let table = [
            ("SELECT 1", "SELECT ?"),
            ("\n\nSELECT * FROM t\n", "SELECT * FROM t"),
            ("SELECT a1, t2.b FROM t2 WHERE id = $1", "SELECT a1, t2.b FROM t2 WHERE id = $1"),
            ("WHERE a = ? AND b = ?2", "WHERE a = ? AND b = ?2"),
            ("WHERE a = :name AND b = @1x", "WHERE a = :name AND b = @1x"),
            ("WHERE name = 's3cret'", "WHERE name = ?"),
            ("WHERE name = 'it''s s3cret' AND x", "WHERE name = ? AND x"),
            (r"WHERE name = 'a\'s3cret' AND x", "WHERE name = ? AND x"),
            ("WHERE name = 's3cret", "WHERE name = ?"),
            ("VALUES (1, 2.5, 1e9, 0xff, -3)", "VALUES (?, ?, ?, ?, -?)"),
            ("SELECT \"it's\" FROM `t'1`", "SELECT \"it's\" FROM `t'1`"),
            ("SELECT $$s3cret$$, $b$s3'cret$b$", "SELECT ?, ?"),
            ("SELECT $$s3cret", "SELECT ?"),
            ("SELECT 'ß' FROM größe", "SELECT ? FROM größe"),
            ("SELECT a -- don't\nFROM t", "SELECT a \nFROM t"),
            ("SELECT ? -- binds: [1, \"s3cret\"]", "SELECT ?"),
            ("SELECT /* it's s3cret */ a /*/* s3cret */*/FROM t", "SELECT  a FROM t"),
            ("SELECT a/b, '--', '/*' FROM t /* s3cret", "SELECT a/b, ?, ? FROM t"),
            ("", ""),
            ("'", "?"),
            ("$", "$"),
        ];
        for (text, expected) in table {
            assert_eq!(without_literals(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,60}") {
            without_literals(&text);
        }

        #[test]
        fn no_text_in_quotes_is_left(before in "[a-z =(]{0,9}", value in "[^'\\\\]{1,9}", after in "[a-z )]{0,9}") {
            let text = without_literals(&format!("{before}'{value}'{after}"));
            let expected = format!("{before}?{after}");
            prop_assert_eq!(text, expected.trim());
        }
    }
}
