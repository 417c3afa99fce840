use crate::{PropagationTargets, Target, TargetWarning};

use super::Mistake::{
    self, Credentials, DefaultPort, Fragment, MissingSlash, NonAscii, OtherScheme, Pattern, UpperCase,
    WhiteSpace,
};

fn warnings(target: Target) -> Vec<TargetWarning> {
    PropagationTargets::new([target]).unwrap().warnings()
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
        ("https:/api.example.com".into(), false, &[MissingSlash]),
        ("https:api.example.com/v1".into(), false, &[MissingSlash]),
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
