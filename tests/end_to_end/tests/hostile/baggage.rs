//! Hostile `baggage` beside a valid trace.

use crate::headers::{ABSENT, ADOPTED, OF_ANOTHER, Row, VALID};

pub(crate) fn rows() -> Vec<Row> {
    let table: [(&str, Vec<u8>, _, _); 14] = [
        ("an empty value", b"".into(), ABSENT, ""),
        ("commas", b",,,,".into(), ABSENT, ""),
        ("foreign members only", b"a=b,c=d".into(), ABSENT, ""),
        ("no equals sign", b"sentry-release,sentry-release=1,sentry-".into(), ADOPTED, "1"),
        ("an empty member value", b"sentry-release=,sentry-environment=x".into(), ADOPTED, ""),
        ("broken escapes", b"sentry-release=%zz,sentry-environment=x".into(), ADOPTED, ""),
        ("escapes that are no UTF-8", b"sentry-release=%ff,sentry-environment=x".into(), ADOPTED, ""),
        ("bytes that are no UTF-8", b"\xff=\xff,sentry-\xff=1,sentry-release=1".into(), ADOPTED, "1"),
        ("quotes and backslashes", b"sentry-release=\"1\\\",sentry-environment=x".into(), ADOPTED, "\"1\\\""),
        ("another trace", b"sentry-trace_id=00000000000000000000000000000007".into(), OF_ANOTHER, ""),
        ("no trace id", b"sentry-trace_id=7,sentry-release=1".into(), OF_ANOTHER, ""),
        ("300 members before ours", [b"a=b,".repeat(300), b"sentry-release=1".into()].concat(), ABSENT, ""),
        (
            "ours before 300 KB",
            [b"sentry-release=1,a=".to_vec(), b"b".repeat(300_000)].concat(),
            ADOPTED,
            "1",
        ),
        (
            "300 KB before ours",
            [b"a=".to_vec(), b"b".repeat(300_000), b",sentry-release=1".into()].concat(),
            ABSENT,
            "",
        ),
    ];
    let row = |(name, baggage, continuation, release)| {
        let headers = vec![("sentry-trace", VALID.into()), ("baggage", baggage)];
        Row { name, headers, continuation, release }
    };
    table.into_iter().map(row).collect()
}
