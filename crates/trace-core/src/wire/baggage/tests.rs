use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn read(line: &str) -> Vec<(String, String)> {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    numbered_members([line.as_bytes()].into_iter())
        .map(|(_, member)| (text(member.key), text(member.value)))
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

#[test]
fn a_bad_member_costs_only_itself() {
    let table: [(&str, &[(&str, &str)]); 12] = [
        ("a=1,b=2", &[("a", "1"), ("b", "2")]),
        ("a=1 ,\t b = 2 ", &[("a", "1"), ("b", "2")]),
        ("a=1;p;q=2,b=2", &[("a", "1"), ("b", "2")]),
        ("a=1 ; p", &[("a", "1")]),
        ("a=b=c", &[("a", "b=c")]),
        ("a==", &[("a", "=")]),
        ("a=,b=2", &[("b", "2")]),
        ("a= ,b=2", &[("b", "2")]),
        ("a,b=2,", &[("b", "2")]),
        ("=1", &[("", "1")]),
        (",,,", &[]),
        ("a=my app", &[("a", "my app")]),
    ];
    for (line, expected) in table {
        assert_eq!(read(line), pairs(expected), "{line:?}");
    }
}

#[test]
fn every_byte_counts_at_every_place() {
    for (place, byte) in (0..40).flat_map(|place| (0..=u8::MAX).map(move |byte| (place, byte))) {
        let mut line = [b'x'; 40];
        line[place] = byte;
        assert_eq!(is_plain(&line), is_octet(byte) || byte == b',', "{byte:#x} at {place}");
    }
}

#[test]
fn plain_is_what_can_be_written_as_it_came() {
    let table = [
        ("a=1,b=2", Some(true)),
        ("a==", Some(true)),
        ("a=,b=2", Some(false)),
        ("a,b=2", Some(false)),
        ("a=1,", Some(false)),
        ("", Some(false)),
        (" a=1", None),
        ("a=1;p", None),
        ("a=\u{e9}", None),
        ("a b=1", None),
        ("a=\"1\"", None),
    ];
    for (line, expected) in table {
        let all = plain_members(line.as_bytes()).map(|mut members| members.all(|member| member.is_some()));
        assert_eq!(all, expected, "{line:?}");
    }
    let long = format!("a=1,b={}", "x".repeat(MAX_BYTES_READ));
    assert_eq!(plain_members(long.as_bytes()).unwrap().count(), 1);
}

#[test]
fn work_is_bounded() {
    let many = "a=1,".repeat(1000);
    assert_eq!(read(&many).len(), MAX_MEMBERS_READ);
    let long = format!("a=1,b={}", "x".repeat(MAX_BYTES_READ));
    assert_eq!(read(&long), pairs(&[("a", "1")]));
    let line = format!("a={}", "x".repeat(MAX_BYTES_READ - 10));
    let lines = [line.as_bytes(), b"b=12345678,c=3", b"d=4"];
    let keys: Vec<_> = numbered_members(lines.into_iter()).map(|(_, member)| member.key).collect();
    assert_eq!(keys, [b"a"]);
}

#[test]
fn foreign_members_stay_byte_for_byte() {
    let table: &[(&[&str], &str, usize, bool)] = &[
        (&["a=1;p, b = 2 ;q"], "a=1;p, b = 2 ;q", 2, false),
        (&["a=1, sentry-x=1, b=2"], "a=1, b=2", 2, true),
        (&["sentry-x=1,a=1"], "a=1", 1, true),
        (&["a=1", "b"], "a=1,b", 2, false),
        (&[",, a=1,,"], "a=1", 1, false),
        (&["sentry-x=1"], "", 0, true),
        (&["sentry-"], "", 0, true),
        (&["Sentry-x=1,x-sentry-x=1"], "Sentry-x=1,x-sentry-x=1", 2, false),
        (&["a=1;sentry-x=1"], "a=1;sentry-x=1", 1, false),
    ];
    for (lines, expected, number, beside_sentry_members) in table {
        let others = OtherMembers::of(lines.iter().map(|line| line.as_bytes()));
        let found = (std::str::from_utf8(&others.text).unwrap(), others.number, others.beside_sentry_members);
        assert_eq!(found, (*expected, *number, *beside_sentry_members), "{lines:?}");
    }
}

#[test]
fn broken_escapes_do_not_decode() {
    let table = [
        ("a%20b", Some("a b")),
        ("100%25", Some("100%")),
        ("a+b", Some("a+b")),
        ("Am%C3%A9lie", Some("Am\u{e9}lie")),
        ("%zz", None),
        ("100%", None),
        ("%4", None),
        ("%FF", None),
        ("%-1", None),
    ];
    for (raw, expected) in table {
        assert_eq!(decode(raw.as_bytes()).as_deref(), expected, "{raw:?}");
    }
}

#[test]
fn values_are_forwarded_raw_if_they_may_be() {
    let table: [(&[u8], Option<&str>); 6] = [
        (b"a%2Fb/c", Some("a%2Fb/c")),
        (b"%zz", Some("%zz")),
        (b"my app", Some("my%20app")),
        ("\u{e9}%20\"".as_bytes(), Some("%C3%A9%20%22")),
        (b"%zz \\", None),
        (b"\xff", None),
    ];
    for (raw, expected) in table {
        let forwarded = forwardable(raw).map(|value| String::from_utf8(value.into_owned()).unwrap());
        assert_eq!(forwarded.as_deref(), expected, "{raw:?}");
    }
}

#[test]
fn own_values_are_encoded() {
    let mut text = Vec::new();
    push_encoded(&mut text, "release", "shop@1.4+b ü~");
    push_encoded(&mut text, "environment", "a_b-c.d");
    assert_eq!(text, b"sentry-release=shop%401.4%2Bb%20%C3%BC~,sentry-environment=a_b-c.d");
}

proptest! {
    #[test]
    fn plain_members_are_those_of_any_line(pieces in vec(select(&["a", "b1", "=", ",", "xyzxyzxyz"][..]), 0..40)) {
        let line = pieces.concat();
        let plain: Vec<_> = plain_members(line.as_bytes()).into_iter().flatten().flatten().collect();
        let all: Vec<_> = numbered_members([line.as_bytes()].into_iter()).map(|(_, member)| member).collect();
        prop_assert_eq!(plain, all);
    }
}
