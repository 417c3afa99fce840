//! The members of an object, in the text of JSON.

use std::borrow::Cow;

/// Returns the start of an object, from its brace to its last member, without the members of these names.
pub(crate) fn without<'a>(start: &'a str, names: &[&str]) -> Cow<'a, str> {
    let is_member = |member: &str| names.iter().any(|name| has_name(member, name));
    // Most lines have none, and a search costs less than reading the text.
    let may_have = names.iter().any(|name| start.contains(name));
    match start.split_once('{') {
        Some((before, list)) if may_have => {
            let kept: Vec<_> = members(list).filter(|member| !is_member(member)).collect();
            format!("{before}{{{}", kept.join(",")).into()
        }
        _ => start.into(),
    }
}

fn has_name(member: &str, name: &str) -> bool {
    let rest = member.trim_start().strip_prefix('"').and_then(|rest| rest.strip_prefix(name));
    rest.is_some_and(|rest| rest.starts_with('"'))
}

/// Returns the members of a list: what is between commas that are in no text, no object and no array.
fn members(list: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    list.split(move |found: char| {
        if is_text {
            is_text = is_escaped || found != '"';
            is_escaped = !is_escaped && found == '\\';
            return false;
        }
        match found {
            '"' => is_text = true,
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        found == ',' && depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn members_of_these_names_are_left_out() {
        let table = [
            (r#"{"a":1,"b":2"#, r#"{"a":1,"b":2"#),
            (r#"{"id":1"#, "{"),
            (r#"{"id":1,"a":2"#, r#"{"a":2"#),
            (r#"{"a":2, "id" : "x,\"}{","b":[1,{"id":2}]"#, r#"{"a":2,"b":[1,{"id":2}]"#),
            (r#"{"a":"\"id\":1,","b":{"id":1},"id":[1,2],"id":{}"#, r#"{"a":"\"id\":1,","b":{"id":1}"#),
            (r#"{"a":"\\","id":"\\\"","ids":1"#, r#"{"a":"\\","ids":1"#),
            (r#"{"a":"id","b":"ß","id":"😀""#, r#"{"a":"id","b":"ß""#),
            ("{", "{"),
            ("", ""),
            ("\"id\"", "\"id\""),
        ];
        for (start, expected) in table {
            assert_eq!(without(start, &["id"]), expected, "{start}");
        }
    }
}
