use http::Uri;

use crate::targets::RequestUrl;
use crate::{PropagationTargets, Target, TargetWarning};

use super::Mistake::{
    self, Credentials, DefaultPort, Fragment, MissingOrigin, MissingScheme, MissingSlash, NonAscii,
    OtherScheme, Pattern, UpperCase, WhiteSpace,
};

fn warnings(target: Target) -> Vec<TargetWarning> {
    PropagationTargets::new([target]).unwrap().warnings()
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
        let reasons = super::reasons(mistakes);
        assert!(message.contains(&format!("no URL: {reasons}. ")), "{pattern}: {message}");
    }
}

#[test]
fn what_matches_only_by_accident_is_warned_of() {
    let table: &[(Target, bool, &[Mistake])] = &[
        ("API.example.com".into(), false, &[UpperCase]),
        ("Localhost".into(), false, &[UpperCase]),
        ("HTTPS://api.example.com/".into(), false, &[UpperCase]),
        ("https://API.example.com/Orders".into(), false, &[UpperCase]),
        ("https://api.example.com:443/".into(), false, &[DefaultPort]),
        ("http://api.example.com:80".into(), false, &[DefaultPort]),
        ("example.com:443".into(), false, &[DefaultPort]),
        (":80/".into(), false, &[DefaultPort]),
        ("https://user:s3cret@example.com/".into(), false, &[Credentials]),
        ("user@example.com".into(), false, &[Credentials]),
        ("https://example.com/#top".into(), true, &[Fragment]),
        ("https://example.com#top".into(), true, &[Fragment, MissingSlash]),
        ("?a=1#top".into(), true, &[Fragment]),
        ("example.com ".into(), true, &[WhiteSpace]),
        ("?q=a b".into(), true, &[WhiteSpace]),
        ("m\u{fc}nchen.example".into(), false, &[NonAscii]),
        ("/stra\u{df}e".into(), false, &[NonAscii]),
        ("https://example.com?x=1".into(), false, &[MissingSlash]),
        ("example.com?x=1".into(), false, &[MissingSlash]),
        ("ftp://example.com/".into(), false, &[OtherScheme]),
        (
            "HTTPS://User@API.example.com:443/#top".into(),
            true,
            &[Credentials, Fragment, DefaultPort, UpperCase],
        ),
        ("\u{7}".into(), true, &[]),
        (Target::path("/stra\u{df}e"), false, &[NonAscii]),
        (Target::url_prefix("https://example.com/stra\u{df}e"), false, &[NonAscii]),
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
        ("https:/api.example.com".into(), false, &[MissingSlash]),
        ("https:api.example.com/v1".into(), false, &[MissingSlash]),
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
fn a_text_that_looks_like_a_pattern_is_warned_of() {
    let table: &[Target] = &[
        "*.example.com".into(),
        "https://*.example.com".into(),
        "^/api/".into(),
        r"^https://api\.example\.com/".into(),
        r"api\.example\.com".into(),
        r"\bexample\b".into(),
        "example.com$".into(),
        "a.test|b.test".into(),
        "(?i)example.com".into(),
        "/orders/{id}".into(),
        "https://.+/orders".into(),
        Target::path("/api/*"),
        Target::path("/api/{id}"),
        Target::path("/api/.*"),
        Target::path("/^api"),
        Target::url_prefix("https://example.com/api/*"),
        Target::url_prefix("https://example.com:443/{id}"),
        Target::url_prefix("https://example.com/?q=*"),
    ];
    for target in table {
        let warnings = warnings(target.clone());
        assert_eq!(warnings.len(), 1, "{target}");
        assert_eq!((warnings[0].mistakes(), warnings[0].is_dead()), (&[Pattern][..], false), "{target}");
        let text = warnings[0].to_string();
        assert!(text.contains("use Target::regex"), "{text}");
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

#[test]
fn what_can_match_as_it_was_meant_is_not_warned_of() {
    let table: &[Target] = &[
        "localhost".into(),
        "api.example.com".into(),
        "api.example.com:8080".into(),
        "my_service".into(),
        "https://api.example.com/Orders?Sort=Name".into(),
        "https://api.example.com:80/".into(),
        "http://api.example.com:443/".into(),
        "http://[::1]:9000/".into(),
        "/Api/V1".into(),
        "?Debug=TRUE".into(),
        "Sort=Name&page=2".into(),
        "//api.".into(),
        "8080/leaf".into(),
        "v1/Users".into(),
        "wss://".into(),
        "/@scope/name".into(),
        Target::path("/Api/"),
        Target::host("API.example.com:443"),
        Target::origin("HTTPS://API.example.com:443"),
        Target::url_prefix("https://API.example.com:443/Orders"),
        Target::regex(r"(?i)^https://API\.example\.com/"),
        Target::regex(r"^https?://[^/]+\.internal(:\d+)?/"),
        Target::regex(r"^https://[\w.-]+/Orders/\d+$"),
        Target::regex(r"^https://(?:[^/@]+\.)?example\.com/"),
        Target::regex(r"^http://\[::1\]:9000/"),
        Target::regex(r"\bexample\b"),
        Target::regex("^(?:ws|http)s?://"),
        Target::regex(r"/v[2-4]/"),
        // Texts that are meant as a path, or could be.
        "Orders/".into(),
        "Orders/Items".into(),
        "Orders?x=1".into(),
        "items/Orders/".into(),
        "/$metadata".into(),
        "?$filter=name".into(),
        "items[0]=1".into(),
        "/proxy/https:/api".into(),
        "user:name".into(),
        "c:/x".into(),
        Target::path("/odata/$batch"),
        Target::origin("https://a.test."),
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
fn the_whole_list_is_looked_through_and_explained() {
    let targets = ["API.test".into(), Target::host("a.test"), Target::substring("B.test")];
    let targets = PropagationTargets::new(targets).unwrap();
    assert_eq!(targets.warnings().len(), 2);
    let explanation = targets.explain("https://api.test/");
    assert_eq!(explanation.warnings(), targets.warnings());
    assert!(
        explanation.to_string().contains("substring \"B.test\" matches only by accident"),
        "{explanation}"
    );
    assert_eq!(PropagationTargets::default().warnings(), []);
}
