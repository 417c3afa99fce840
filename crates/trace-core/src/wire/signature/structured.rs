//! Dictionaries of structured fields (RFC 8941), parsed as far as necessary to find the names in their inner lists.
//!
//! ```text
//! dictionary = member *( OWS "," OWS member )      member     = key [ "=" ( inner-list / value ) ] parameters
//! inner-list = "(" *SP [ text parameters *( 1*SP text parameters ) ] *SP ")"
//! parameters = *( ";" *SP key [ "=" value ] )
//! ```

/// Calls `found` with each name in the inner lists of a dictionary of structured fields (RFC 8941). Returns `None` if
/// the line is not a dictionary. Keys and the values of parameters are checked only as far as necessary to find their
/// ends.
pub(super) fn read_inner_lists(line: &[u8], mut found: impl FnMut(&[u8])) -> Option<()> {
    let mut rest = line.trim_ascii();
    loop {
        let end = rest.iter().position(|byte| !is_part_of_key(*byte)).unwrap_or(rest.len());
        let after_key = rest.get(end..).filter(|_| end > 0)?;
        rest = match after_key.strip_prefix(b"=(") {
            Some(list) => read_parameters(read_list(list, &mut found)?)?,
            None if after_key.starts_with(b"=") => read_value(after_key.get(1..)?)?,
            // A key without a value is the boolean true.
            None => read_parameters(after_key)?,
        };
        rest = match rest.trim_ascii_start().split_first() {
            None => return Some(()),
            Some((b',', more)) => more.trim_ascii_start(),
            Some(_) => return None,
        };
    }
}

/// Reads the items of a list after its opening bracket; each item is a text with parameters.
fn read_list<'a>(list: &'a [u8], found: &mut impl FnMut(&[u8])) -> Option<&'a [u8]> {
    let mut rest = list;
    loop {
        let item = rest.trim_ascii_start();
        if let Some(after) = item.strip_prefix(b")") {
            return Some(after);
        }
        // Only spaces separate items.
        if rest.len() != list.len() && item.len() == rest.len() || rest.first() == Some(&b'\t') {
            return None;
        }
        let (name, after) = read_text(item.strip_prefix(b"\"")?)?;
        found(name);
        rest = read_parameters(after)?;
    }
}

/// Reads any number of `;key` and `;key=value`.
fn read_parameters(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    while let Some(parameter) = rest.strip_prefix(b";") {
        let parameter = parameter.trim_ascii_start();
        let end = parameter.iter().position(|byte| !is_part_of_key(*byte)).unwrap_or(parameter.len());
        let after_key = parameter.get(end..).filter(|_| end > 0)?;
        rest = match after_key.strip_prefix(b"=") {
            Some(value) => read_bare(value)?,
            None => after_key,
        };
    }
    Some(rest)
}

/// Reads a value with its parameters.
fn read_value(text: &[u8]) -> Option<&[u8]> {
    read_parameters(read_bare(text)?)
}

/// Reads a text, or a number, token or byte sequence, which contain no delimiter.
fn read_bare(text: &[u8]) -> Option<&[u8]> {
    match text.strip_prefix(b"\"") {
        Some(text) => read_text(text).map(|(_, after)| after),
        None => {
            let is_end = |byte: &u8| b" \t,;()\"".contains(byte);
            let end = text.iter().position(is_end).unwrap_or(text.len());
            text.get(end..).filter(|_| end > 0)
        }
    }
}

fn is_part_of_key(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.*".contains(&byte)
}

/// Reads a quoted text up to its end, without decoding escapes.
fn read_text(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut place = 0;
    loop {
        match (text.get(place)?, text.get(place + 1)) {
            (b'"', _) => return Some((text.get(..place)?, text.get(place + 1..)?)),
            (b'\\', Some(b'"' | b'\\')) => place += 2,
            (b'\\', _) => return None,
            (b' '..=b'~', _) => place += 1,
            _ => return None,
        }
    }
}
