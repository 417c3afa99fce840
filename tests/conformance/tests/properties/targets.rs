//! A pattern that matches a URL is never refused as one that can match none.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use regex::Regex;
use trace_client::{PropagationTargets, Target};

/// Parts of patterns, of which many together match, and many contradict each other.
const PIECES: [&str; 36] = [
    "^", "$", "|", "(?i)", ".", ".*", "[^/]*", "[a-z]+", r"\w+", r"\d*", "(?:", ")", "(?:a|B)", "a", "b",
    "A", "B", r"\.", "h", "http", "https?", "ws", ":", "//", "://", "/", ":80", ":443", ":8080", "0", r"\?",
    "a=1", "%41", r"\b", "[::1]", r"\[::1\]",
];

/// The text of a URL as targets see it.
fn url() -> impl Strategy<Value = String> {
    let scheme = select(vec!["http", "https", "ws", "wss", "unix"]);
    let host = prop_oneof!["[ab0][ab.0_-]{0,4}", Just("[::1]".to_owned())];
    let port = select(vec!["", ":80", ":443", ":8080", ":8"]);
    let rest = r"(/[abAB0]{0,3}){1,2}(\?a=1)?";
    (scheme, host, port, rest).prop_map(|(scheme, host, port, rest)| {
        let is_default = match port {
            ":443" => matches!(scheme, "https" | "wss"),
            ":80" => !matches!(scheme, "https" | "wss"),
            _ => false,
        };
        format!("{scheme}://{host}{}{rest}", if is_default { "" } else { port })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pattern_that_matches_a_url_is_not_refused(
        url in url(), pieces in vec(select(PIECES.to_vec()), 1..8),
    ) {
        let pattern = pieces.concat();
        // The URL of a WebSocket is also compared as that of the request that opens it.
        let opening = url.strip_prefix("ws").map(|rest| format!("http{rest}"));
        let is_match = |pattern: Regex| [Some(&url), opening.as_ref()].into_iter().flatten().any(|url| pattern.is_match(url));
        let matches = Regex::new(&pattern).is_ok_and(is_match);
        match PropagationTargets::new([Target::regex(pattern.as_str())]) {
            Ok(targets) => prop_assert_eq!(targets.explain(&url).is_match(), matches, "{} {}", pattern, url),
            Err(error) => prop_assert!(!matches, "{} {}", error, url),
        }
    }

    #[test]
    fn the_pattern_of_a_whole_url_is_neither_refused_nor_warned_of(
        url in url(), forms in vec(0..4, 40),
    ) {
        // A dot within the host would match other hosts, and is warned of.
        let end_of_host = url.match_indices('/').nth(2).map_or(url.len(), |(end, _)| end);
        let part = |((at, char), form): ((usize, char), &i32)| match form {
            0 if at > end_of_host => ".".to_owned(),
            1 => format!("(?:{}|x)", regex::escape(&char.to_string())),
            _ => regex::escape(&char.to_string()),
        };
        let pattern = format!("^{}$", url.char_indices().zip(forms.iter().cycle()).map(part).collect::<String>());
        let targets = PropagationTargets::new([Target::regex(&pattern)]).map_err(|error| error.to_string());
        prop_assert!(targets.is_ok(), "{:?}", targets);
        let explanation = targets.unwrap().explain(&url);
        prop_assert!(explanation.is_match(), "{} {}", pattern, url);
        let warnings = explanation.warnings();
        let is_known = url.starts_with("http") || url.starts_with("ws");
        prop_assert!(warnings.is_empty() || !is_known, "{} {}", url, explanation);
    }
}
