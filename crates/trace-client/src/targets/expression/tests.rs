use http::Uri;

use crate::targets::RequestUrl;
use crate::targets::mistake::reasons;
use crate::{PropagationTargets, Target, TargetWarning};

use crate::Mistake::{
    self, Credentials, DefaultPort, Fragment, MissingOrigin, MissingScheme, MissingSlash, OtherScheme,
    UpperCase, WhiteSpace,
};

fn warnings(target: Target) -> Vec<TargetWarning> {
    PropagationTargets::new([target]).unwrap().warnings()
}

#[test]
fn a_url_matches_if_a_part_of_it_does() {
    let table = [
        (Target::regex("/v[2-4]/"), "https://example.com/v3/x", true),
        (Target::regex("^https://api\\."), "http://api.example.com/", false),
        (Target::regex("example\\.com/$"), "https://example.com", true),
        (Target::regex("[A]"), "https://example.com/a", false),
    ];
    for (target, url, expected) in table {
        let targets = PropagationTargets::new([target]).unwrap();
        assert_eq!(targets.explain(url).is_match(), expected, "{targets:?} {url}");
        assert_eq!(targets.matches(&url.parse().unwrap()), expected, "{targets:?} {url}");
    }
}

#[test]
fn classes_and_case_are_those_of_unicode() {
    let table = [
        (r"/\w+$", "caf\u{e9}", true),
        (r"/\W+$", "caf\u{e9}", false),
        (r"/\d$", "\u{663}", true),
        (r"/[[:alpha:]]+$", "caf\u{e9}", false),
        (r"/\s$", "\u{2003}", true),
        (r"caf\b", "caf\u{e9}", false),
        (r"(?-u)caf\b", "caf\u{e9}", true),
        (r"(?i)/k$", "\u{212a}", true),
        (r"(?i)/\u{c9}$", "\u{e9}", true),
        (r"/.$", "\u{e9}", true),
        (r"(?-u)/.$", "\u{e9}", false),
    ];
    for (pattern, path, expected) in table {
        let targets = PropagationTargets::new([Target::regex(pattern)]).unwrap();
        let uri: Uri = format!("https://a.test/{path}").parse().unwrap();
        assert_eq!(targets.matches(&uri), expected, "{pattern} {path}");
    }
}

#[test]
fn a_bad_regex_is_named_with_its_rule() {
    let table = [
        (Target::regex(""), "regex \"\"", "must not be empty"),
        (Target::regex("("), "regex \"(\"", "regular expression"),
        (Target::regex("^/(?!/)"), "regex", "look-around"),
    ];
    for (target, name, rule) in table {
        let message = PropagationTargets::new([target]).unwrap_err().to_string();
        assert!(message.contains("trace_propagation_targets"), "{message}");
        assert!(message.contains(name) && message.contains(rule), "{message}");
    }
}

#[test]
fn an_explanation_names_the_regex_and_the_stranger() {
    let targets = ["^https://c", "^https://e\\.test/"].map(Target::regex);
    let targets = PropagationTargets::new(targets).unwrap();
    let table = [
        (
            "https://c.test/",
            "matches regex \"^https://c\"; warning: so does https://c.test.stranger.test/",
            true,
        ),
        ("https://e.test/", "matches regex \"^https://e\\\\.test/\"", false),
        ("https://d.test/", "does not match: no target", false),
    ];
    for (url, text, has_stranger) in table {
        let explanation = targets.explain(url);
        assert!(explanation.to_string().starts_with(text), "{url}: {explanation}");
        assert_eq!(explanation.stranger().is_some(), has_stranger, "{url}");
    }
}

#[test]
fn an_explanation_warns_of_strangers_that_look_alike() {
    let api = "https://api.example.com/v1?x=1";
    let table = [
        (
            Target::regex(r"^https?://[^/]*example\.com/"),
            "https://example.com/",
            "https://strangerexample.com/",
        ),
        (
            Target::regex(r"^https?://[^?]*example\.com/"),
            "https://example.com/",
            "https://stranger.test/example.com/",
        ),
        (Target::regex("^https://api.example.com/"), api, "https://apixexample.com/v1?x=1"),
        (Target::regex(r"^https://api\.example.com/"), api, "https://api.examplexcom/v1?x=1"),
        (Target::regex(r"^https://api\.example\.com"), api, "https://api.example.com.stranger.test/v1?x=1"),
        (Target::regex(r"^https://api\.example\.[a-z]{2,4}/"), api, "https://api.example.test/v1?x=1"),
        (Target::regex(r"^https://api\.example\.com[a-z]*/"), api, "https://api.example.comstranger/v1?x=1"),
        (Target::regex(r"^https://api\.[^/]+/"), api, "https://api.example.com.stranger.test/v1?x=1"),
        (
            Target::regex(r"^https://api\.\w+\.test/"),
            "https://api.example.test/",
            "https://api.strangerexample.test/",
        ),
        (Target::regex(r"^https://[^.]+\.[^.]+\.com/"), api, "https://api.strangerexample.com/v1?x=1"),
        (Target::regex(r"^https://[^/]+/v1"), api, "https://api.example.com.stranger.test/v1?x=1"),
        (Target::regex(".*"), api, "https://stranger.test/?https://api.example.com/v1?x=1"),
        (Target::regex("^http"), api, "https://stranger.test/?https://api.example.com/v1?x=1"),
        (
            Target::regex(r"^https?://[^.]+\.example\.com/"),
            "https://api.example.com/",
            "https://3221225985/api.example.com/",
        ),
        (
            Target::regex(r"^https?://[^.\d]+\d[^.]+\.example\.com/"),
            "https://a1a.example.com/",
            "https://[2001:db8::66]/a1a.example.com/",
        ),
        (
            Target::regex(r"^https?://.{8}\.example\.com/"),
            "https://orders-1.example.com/",
            "https://1/ders-1.example.com/",
        ),
        (
            Target::regex(r"^https?://api\.example\.com[^a-z.]"),
            "https://api.example.com/",
            "https://api.example.com-stranger.test/",
        ),
        (
            Target::regex(r"^https?://api\.example\.(com|[a-z]{2})/"),
            "https://api.example.com/",
            "https://api.example.zz/",
        ),
        (
            Target::regex(r"^https?://api\.example\.[a-z]{3}/"),
            "https://api.example.com/",
            "https://api.example.zzz/",
        ),
        (Target::regex(r"^https?://10\.0.0\.1/"), "http://10.0.0.1/", "http://10.020.1/"),
        (Target::regex("^https?://10.0.0.1/"), "http://10.0.0.1/", "http://10.020.1/"),
        (Target::regex(r"^https?://\d+/"), "http://1/", "http://3221225985/"),
        (Target::regex(r"^https?://\[[0-9a-f:]+\]/"), "http://[::1]/", "http://[2001:db8::66]/"),
        (Target::regex(r"^https://[^/]+\.example\.com/"), api, ""),
        (Target::regex(r"^https://([a-z.]+\.)?example\.com/"), api, ""),
        (Target::regex(r"^https://[a-z.]*api\.example\.com/"), api, ""),
        (Target::regex(r"^https://api\.example\.com[:/]"), api, ""),
    ];
    for (target, url, stranger) in table {
        let explanation = PropagationTargets::new([target.clone()]).unwrap().explain(url);
        assert!(explanation.is_match(), "{target} {url}");
        assert_eq!(explanation.stranger().unwrap_or_default(), stranger, "{target} {url}");
    }
}

#[test]
fn patterns_that_cannot_be_joined_match_all_the_same() {
    let table =
        [["(?P<name>a)1", "(?P<name>b)2"], ["(?x) a1 # )", "\nb2|b2"], ["(?i)A1", "b2"], ["x|a1", "b2"]];
    for patterns in table {
        let targets = PropagationTargets::new(patterns.map(Target::regex)).unwrap();
        for (path, expected) in [("a1", true), ("b2", true), ("a2", false), ("B2", false)] {
            let url = format!("http://h/{path}");
            assert_eq!(targets.explain(&url).is_match(), expected, "{patterns:?} {path}");
            assert_eq!(targets.matches(&url.parse().unwrap()), expected, "{patterns:?} {path}");
        }
    }
}

#[test]
fn what_matches_only_by_accident_is_warned_of() {
    let table: &[(Target, bool, &[Mistake])] = &[
        (Target::regex(r"API\.example\.com"), false, &[UpperCase]),
        (Target::regex("[A-Z]+"), false, &[UpperCase]),
        (Target::regex(r"example\.com$"), false, &[MissingSlash]),
        (Target::regex(r"\.internal$"), false, &[MissingSlash]),
        (Target::regex(r"example\.com:443/"), false, &[DefaultPort]),
        (Target::regex("^unix://"), false, &[OtherScheme]),
        (Target::regex(r"^http\+unix://%2fvar%2frun"), false, &[OtherScheme]),
        (Target::regex("^inventory"), false, &[MissingScheme]),
        (Target::regex(r"^api\.example\.com"), false, &[MissingScheme]),
        (Target::regex("^127.0.0.1"), false, &[MissingScheme]),
        // The repetition of any character reaches the path.
        (Target::regex(r"^https://.*\.example\.com$"), false, &[MissingSlash]),
        (Target::regex(r"^https://(.*)\.example\.com$"), false, &[MissingSlash]),
        (Target::regex(r"^https?://.+\.example\.com\?x"), false, &[MissingSlash]),
        (Target::regex(r"^https?://[^.]+\.example\.com$"), false, &[MissingSlash]),
        (Target::regex(r"^https?://.{8}\.example\.com$"), false, &[MissingSlash]),
        (Target::regex(r"^https://\S*\.example\.com$"), false, &[MissingSlash]),
        (Target::regex(r"^https://api.example.com$"), false, &[MissingSlash]),
        (Target::regex(r".*\.example\.com$"), false, &[MissingSlash]),
        (Target::regex(r"^.*\.example\.com$"), false, &[MissingSlash]),
        (Target::regex(r"^https://.*example\.com:443/"), false, &[DefaultPort]),
        (Target::regex(r"^http://.*:80/"), false, &[DefaultPort]),
        (Target::regex(r"^.*://API\."), false, &[UpperCase]),
        (Target::regex(r"^https?://.*API\.example\.com/"), false, &[UpperCase]),
        (Target::regex(r"^https?://.*@example\.com/"), false, &[Credentials]),
        (Target::regex(r"user@example\.com"), false, &[Credentials]),
    ];
    for (target, is_dead, mistakes) in table {
        let warnings = warnings(target.clone());
        assert_eq!(warnings.len(), 1, "{target}: {warnings:?}");
        let warning = &warnings[0];
        assert_eq!((warning.is_dead(), warning.mistakes()), (*is_dead, *mistakes), "{target}");
        assert_eq!((warning.target(), warning.alternative()), (target, None), "{target}");
        let text = warning.to_string();
        assert!(text.starts_with(&target.to_string()) && !text.contains("s3cret"), "{text}");
    }
}

#[test]
fn what_can_match_as_it_was_meant_is_not_warned_of() {
    let table: &[Target] = &[
        Target::regex(r"(?i)^https://API\.example\.com/"),
        Target::regex(r"^https?://[^/]+\.internal(:\d+)?/"),
        Target::regex(r"^https://[\w.-]+/Orders/\d+$"),
        Target::regex(r"^https://(?:[^/@]+\.)?example\.com/"),
        Target::regex(r"^http://\[::1\]:9000/"),
        Target::regex(r"\bexample\b"),
        Target::regex("^(?:ws|http)s?://"),
        Target::regex(r"/v[2-4]/"),
        Target::regex("[A-Z]+/"),
        Target::regex("^.*/api"),
        Target::regex("^.*$"),
        Target::regex("^.+$"),
        Target::regex("^https?://.*$"),
        Target::regex("^https?://.*/api/v1$"),
        Target::regex("^https?://.*orders$"),
        Target::regex("^https?://.*orders.*$"),
        Target::regex("^https?://.*/Orders"),
        Target::regex(r"^https?://.*:\d+/"),
        Target::regex(r"^https?://.*\.example\.com/"),
        Target::regex(r"^https?://.*\.example\.com"),
        Target::regex(r"^https?://[^?]*example\.com/"),
        Target::regex(r"^https?://api.example.com/"),
        Target::regex(r"^https://example\.com.*$"),
        Target::regex(r"^https://example\.com.*\.json$"),
        Target::regex(r"^https?://.*example\.com.*\.json$"),
        Target::regex(r"^https://example\.com/.*\.json$"),
        Target::regex(r"^https://.*/v1/.*\.json$"),
        Target::regex(r"^http://localhost:8080.*Orders$"),
        Target::regex(r"^https://api\.example\.com[^a-z.:]"),
        Target::regex(r"^http://.*example\.com:443/"),
        Target::regex(".*"),
    ];
    for target in table {
        assert_eq!(warnings(target.clone()), [], "{target}");
    }
}

#[test]
fn a_regex_that_can_match_no_url_is_an_error_that_says_why() {
    let table: &[(&str, &[Mistake])] = &[
        ("^/api/", &[MissingOrigin]),
        (r"\A/api/", &[MissingOrigin]),
        ("(?m)^/api/", &[MissingOrigin]),
        ("^(/api/|/v1/)", &[MissingOrigin]),
        ("^/api/|^/v1/", &[MissingOrigin]),
        ("^(?:/api)?/v1$", &[MissingOrigin]),
        ("^//example", &[MissingOrigin]),
        ("^API", &[MissingScheme, UpperCase]),
        ("^HTTPS://", &[UpperCase]),
        (r"^https://API\.example\.com/", &[UpperCase]),
        (r"^https?://[^/]*Example\.com/", &[UpperCase]),
        (r"^api\.example\.com/", &[MissingScheme]),
        ("^localhost:3000", &[MissingScheme]),
        ("^127.0.0.1/", &[MissingScheme]),
        ("^https:/api", &[MissingSlash]),
        (r"^https:api\.example\.com/", &[MissingSlash]),
        (r"^https://api\.example\.com$", &[MissingSlash]),
        (r"^https://api\.example\.com\?x", &[MissingSlash]),
        (r"^https://api\.example\.com:443/", &[DefaultPort]),
        (r"^http://[^/]+:80/", &[DefaultPort]),
        ("^https://user@example", &[Credentials]),
        ("^https://user:Pass@example", &[Credentials]),
        ("/path#top", &[Fragment]),
        ("https://a b", &[WhiteSpace]),
        ("a\n", &[WhiteSpace]),
        ("a^", &[]),
        ("^$", &[]),
        ("$.", &[]),
        ("\u{0}", &[]),
        ("[^\u{0}-\u{10ffff}]", &[]),
    ];
    for (pattern, mistakes) in table {
        let message = PropagationTargets::new([Target::regex(*pattern)]).unwrap_err().to_string();
        assert!(message.contains("can match no URL") && message.contains("Target::path"), "{message}");
        let reasons = reasons(mistakes);
        assert!(message.contains(&format!("no URL: {reasons}. ")), "{pattern}: {message}");
    }
}

#[test]
fn the_first_alternatives_of_several_groups_are_looked_at() {
    let with = |at: usize| {
        let groups = (0..200).map(|place| if place == at { "(?:AA|bb)" } else { "(?:aa|b)" });
        warnings(Target::regex(format!("^https://{}", groups.collect::<String>()))).len()
    };
    assert_eq!((with(0), with(15), with(16)), (1, 1, 0));
    let hosts: Vec<_> = (0..200).map(|place| format!(r"h{place}\.test")).collect();
    assert_eq!(warnings(Target::regex(format!("^https://({}|API)/", hosts.join("|")))).len(), 1);
}

#[test]
fn a_url_that_is_accepted_is_never_said_to_match_nothing() {
    let parts = [
        "~://h/",
        "://h/",
        "a~://h/",
        "a~b://h/",
        "http://~/",
        "http://a~/",
        "http://a~b.test/",
        "http://[~]/",
        "http://[::1~]/",
        "http://[fe80::1%25~]/",
        "http://[::1]~/",
        "http://~[::1]/",
        "http://[::1]:~/",
        "http://a:~/",
        "http://a:8~/",
        "http://a:44~/",
        "http://u~@a/",
        "http://a/~",
        "http://a?~",
        "a~:1",
        "~",
        "a~",
    ];
    for part in parts {
        for byte in 0..=u8::MAX {
            let written = part.replace('~', &char::from(byte).to_string());
            let Ok(uri) = written.parse::<Uri>() else { continue };
            let Some(url) = RequestUrl::of(&uri, None) else { continue };
            let pattern = Target::regex(format!("^{}$", regex::escape(&url.to_string())));
            let targets = PropagationTargets::new([pattern]);
            assert!(targets.is_ok_and(|targets| targets.matches(&uri)), "{written:?}");
        }
    }
    for pattern in [r"^http://\*\.a", r"^http://[!~]+\.test/", r"^http://\[fe80::1%25eth0\]/", "^://"] {
        assert!(PropagationTargets::new([Target::regex(pattern)]).is_ok(), "{pattern}");
    }
}

#[test]
fn a_dead_alternative_is_warned_of_by_its_text() {
    type Expected<'a> = &'a [(&'a str, bool, &'a [Mistake])];
    let table: &[(&str, Expected<'_>)] = &[
        (r"^/api/|^https://a\.test/", &[("/api/", true, &[MissingOrigin])]),
        (
            r"^https://a\.test/|^/api/|^A",
            &[("/api/", true, &[MissingOrigin]), ("A", true, &[MissingScheme, UpperCase])],
        ),
        (r"^https://(API|api)\.example\.com/", &[("API", true, &[UpperCase])]),
        (r"^(http|https)://(API|api)\.example\.com/", &[("API", true, &[UpperCase])]),
        (r"api\.example\.com|API\.example\.com", &[("API", false, &[UpperCase])]),
        (r"orders|example\.com:443/", &[(":443/", false, &[DefaultPort])]),
        (r"^https?://(orders|items)\.internal/|/health$", &[]),
    ];
    for (pattern, expected) in table {
        let warnings = warnings(Target::regex(*pattern));
        assert_eq!(warnings.len(), expected.len(), "{pattern}: {warnings:?}");
        for (warning, (alternative, is_dead, mistakes)) in warnings.iter().zip(*expected) {
            assert!(warning.alternative().unwrap().contains(alternative), "{pattern}: {warning}");
            assert_eq!((warning.is_dead(), warning.mistakes()), (*is_dead, *mistakes), "{pattern}");
        }
    }
}
