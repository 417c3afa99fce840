//! The table of hostile headers.

use crate::baggage;

/// A request by its headers, and what becomes of its trace.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) headers: Vec<(&'static str, Vec<u8>)>,
    pub(crate) continuation: &'static str,
    /// The decoded `sentry-release` that was adopted, empty if none was.
    pub(crate) release: &'static str,
}

const NO_HEADER: &str = "new: no trace header came in";
const MALFORMED: &str = "new: the trace header is malformed";
pub(crate) const ADOPTED: &str = "continued: sentry-trace, with the caller's dynamic sampling context";
pub(crate) const ABSENT: &str = "continued: sentry-trace, the caller sent no dynamic sampling context";
pub(crate) const OF_ANOTHER: &str =
    "continued: sentry-trace, the dynamic sampling context was dropped, it names another trace";

const SENTRY_TRACE: &str = "sentry-trace";
const BAGGAGE: &str = "baggage";
pub(crate) const VALID: &str = "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1";

/// Every row. Hex digits, signs and lengths have their own tables beside the parsers: here stands what a server and
/// its header map could stumble over.
pub(crate) fn table() -> Vec<Row> {
    let mut rows = malformed();
    rows.extend(repeated());
    rows.extend(baggage::rows());
    rows
}

fn row(
    name: &'static str,
    headers: impl IntoIterator<Item = (&'static str, impl Into<Vec<u8>>)>,
    continuation: &'static str,
    release: &'static str,
) -> Row {
    let headers = headers.into_iter().map(|(name, value)| (name, value.into())).collect();
    Row { name, headers, continuation, release }
}

fn malformed() -> Vec<Row> {
    let values: [(&str, Vec<u8>); 13] = [
        ("an empty value", b"".into()),
        ("white space", b" \t ".into()),
        ("words", b"no trace at all".into()),
        ("a flag alone", b"1".into()),
        ("dashes", b"---".into()),
        ("a trace id alone", b"771a43a4192642f0b136d5159a501700".into()),
        ("a zero trace id", b"00000000000000000000000000000000-b72fa28504b07285-1".into()),
        ("a zero span id", b"771a43a4192642f0b136d5159a501700-0000000000000000-1".into()),
        ("another flag", b"771a43a4192642f0b136d5159a501700-b72fa28504b07285-2".into()),
        ("one part too many", format!("{VALID}-1").into()),
        ("the shape of traceparent", b"00-771a43a4192642f0b136d5159a501700-b72fa28504b07285-01".into()),
        ("bytes that are no UTF-8", b"\xff\xfe\x80".into()),
        ("a valid value with a byte that is no UTF-8", [VALID.as_bytes(), b"\xff"].concat()),
    ];
    let mut rows: Vec<_> =
        values.into_iter().map(|(name, value)| row(name, [(SENTRY_TRACE, value)], MALFORMED, "")).collect();
    rows.push(row("200 KB of hex", [(SENTRY_TRACE, "a".repeat(200_000))], MALFORMED, ""));
    rows.push(row("200 KB of dashes and commas", [(SENTRY_TRACE, "-,".repeat(100_000))], MALFORMED, ""));
    rows.push(row("baggage without a trace", [(BAGGAGE, "sentry-release=1")], NO_HEADER, ""));
    let pair = [(SENTRY_TRACE, "words"), (BAGGAGE, "sentry-release=1")];
    rows.push(row("baggage with a malformed trace", pair, MALFORMED, ""));
    rows
}

fn repeated() -> Vec<Row> {
    let junk_then_valid = |number| {
        let junk = std::iter::repeat_n((SENTRY_TRACE, "words"), number);
        junk.chain([(SENTRY_TRACE, VALID)]).collect::<Vec<_>>()
    };
    vec![
        row("80 lines, the last one valid", junk_then_valid(80), ABSENT, ""),
        row("80 lines, none valid", vec![(SENTRY_TRACE, "words"); 80], MALFORMED, ""),
        row("parts between commas", [(SENTRY_TRACE, format!("words, {VALID} ,words"))], ABSENT, ""),
        row(
            "upper case and white space",
            [(SENTRY_TRACE, format!("\t{} ", VALID.to_uppercase()))],
            ABSENT,
            "",
        ),
        row(
            "members on several lines, the last duplicate wins",
            [
                (BAGGAGE, "sentry-release=1"),
                (SENTRY_TRACE, VALID),
                (BAGGAGE, "a=b , sentry-release = 2 ;p=q"),
            ],
            ADOPTED,
            "2",
        ),
    ]
}
