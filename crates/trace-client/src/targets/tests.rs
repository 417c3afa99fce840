use super::*;
use http::{HeaderValue, Uri};

fn list(targets: &[Target]) -> PropagationTargets {
    PropagationTargets::new(targets.iter().cloned()).unwrap()
}

fn admits(targets: &PropagationTargets, url: Option<&RequestUrl<'_>>) -> bool {
    targets.refuse(url).is_none()
}

fn is_match(target: &Target, url: &str) -> bool {
    let uri: Uri = url.parse().unwrap();
    let matched = list(std::slice::from_ref(target)).matches(&uri);
    assert_eq!(list(std::slice::from_ref(target)).explain(url).is_match(), matched, "{target} {url}");
    matched
}

#[test]
fn what_each_target_matches() {
    let table = [
        (Target::host("api.example.com"), "https://api.example.com/v1", true),
        (Target::host("API.example.com"), "http://api.EXAMPLE.com:9000/v1", true),
        (Target::host("api.example.com"), "https://api.example.com.evil.test/", false),
        (Target::host("api.example.com"), "https://evil.test/?api.example.com", false),
        (Target::host("api.example.com"), "https://api.example.com@evil.test/", false),
        (Target::host("api.example.com:8080"), "http://api.example.com:8080/", true),
        (Target::host("api.example.com:443"), "https://api.example.com/", true),
        (Target::host("api.example.com:8080"), "http://api.example.com/", false),
        (Target::host("[::1]"), "http://[::1]:9000/x", true),
        (Target::origin("https://api.example.com"), "https://api.example.com:443/x", true),
        (Target::origin("https://api.example.com"), "http://api.example.com/x", false),
        (Target::origin("https://api.example.com"), "https://api.example.com:8443/x", false),
        (Target::origin("http://[::1]:8080/"), "http://[::1]:8080/x", true),
        (Target::subdomains_of("example.com"), "https://api.example.com/", true),
        (Target::subdomains_of("example.com"), "https://a.b.example.com/", true),
        (Target::subdomains_of("example.com"), "https://example.com/", false),
        (Target::subdomains_of("example.com"), "evil.test:.example.com", false),
        (Target::subdomains_of("f.f"), "0F:.F.F", false),
        (Target::subdomains_of("example.com"), "https://notexample.com/", false),
        (Target::url_prefix("https://api.example.com"), "https://api.example.com/x", true),
        (Target::url_prefix("https://api.example.com"), "https://api.example.com.evil.test/", false),
        (Target::url_prefix("https://api.example.com/v1/"), "https://API.example.com/v1/x", true),
        (Target::url_prefix("https://api.example.com/v1/"), "https://api.example.com/v2/x", false),
        (
            Target::url_prefix("https://api.example.com/v1/"),
            "https://evil.test/https://api.example.com/v1/",
            false,
        ),
        (Target::url_prefix("https://api.example.com/"), "https://api.example.com?x=1", true),
        (Target::url_prefix("https://api.example.com:80"), "https://api.example.com:8080/", false),
        (Target::url_prefix("https://api.example.com/b"), "https://api.example.com/a/../b", false),
        (Target::origin("wss://api.example.com"), "WSS://api.example.com:443/x", true),
        (Target::subdomains_of("example.com"), "https://api.example.com.evil.test/", false),
        (Target::host("my_service"), "http://my_service:8080/", true),
        (Target::host("[::1]:9000"), "http://[::1]/", false),
        (Target::path("/api/"), "https://example.com/api/orders", true),
        (Target::path("/api/"), "http://[::1]:9000/api/?x", true),
        (Target::path("/api"), "https://example.com/api?x", true),
        (Target::path("/"), "https://example.com", true),
        (Target::path("/api/"), "https://example.com/api", false),
        (Target::path("/api/"), "https://example.com/v1/api/", false),
        (Target::path("/api/"), "https://example.com/Api/", false),
        (Target::path("/api/"), "https://example.com/?/api/", false),
        (Target::substring("localhost"), "http://LOCALHOST:3000/", true),
        (Target::substring("localhost"), "http://127.0.0.1/", false),
        (Target::substring("/Api"), "https://example.com/api", false),
        (Target::substring("https://example.com/"), "https://example.com", true),
        (Target::substring("example.com:80"), "http://example.com:80/", false),
        (Target::substring("key"), "https://key@example.com/", false),
        (Target::substring("?debug=1"), "https://example.com/?debug=1", true),
        (Target::substring("frag"), "https://example.com/#frag", false),
    ];
    for (target, url, expected) in table {
        assert_eq!(is_match(&target, url), expected, "{target} {url}");
    }
}

#[test]
fn all_none_and_several() {
    let uri: Uri = "https://example.com/".parse().unwrap();
    let url = RequestUrl::of(&uri, None);
    assert!(admits(&PropagationTargets::default(), url.as_ref()));
    assert!(admits(&PropagationTargets::default(), None));
    assert!(!admits(&list(&[]), url.as_ref()));
    assert!(admits(&list(&["nope".into(), Target::host("x"), "exam".into()]), url.as_ref()));
    assert!(!admits(&list(&["nope".into(), Target::host("x")]), url.as_ref()));
    assert!(!admits(&list(&["http".into()]), None));
}

#[test]
fn the_host_header_names_the_host_of_an_origin_form() {
    let uri: Uri = "/x?y=1".parse().unwrap();
    let host = HeaderValue::from_static("api.example.com:8080");
    let url = RequestUrl::of(&uri, Some(&host));
    assert!(admits(&list(&[Target::host("api.example.com:8080")]), url.as_ref()));
    assert!(admits(&list(&["http://api.example.com:8080/x?y=1".into()]), url.as_ref()));
    assert!(RequestUrl::of(&uri, None).is_none());
    for no_host in
        ["", "api.example.com/x", "api.example.com:+80", "api.example.com::80", "[::1", "*", "\u{e9}"]
    {
        let host = HeaderValue::from_str(no_host).unwrap();
        assert!(RequestUrl::of(&uri, Some(&host)).is_none(), "{no_host}");
    }
    // The URI decides where the request is sent, not the header.
    let uri: Uri = "http://evil.test/".parse().unwrap();
    let url = RequestUrl::of(&uri, Some(&host));
    assert!(!admits(&list(&[Target::host("api.example.com")]), url.as_ref()));
    let uri: Uri = "api.example.com:443".parse().unwrap();
    let url = RequestUrl::of(&uri, None);
    assert!(admits(&list(&[Target::host("api.example.com:443")]), url.as_ref()), "the form of CONNECT");
}

#[test]
fn texts_are_found_as_they_are_however_many_there_are() {
    for number in [1, 2, 64, 65, 200, 1000] {
        let texts = (0..number).map(|place| Target::substring(format!("/item.{place}+(")));
        let targets = PropagationTargets::new(texts).unwrap();
        let finds = |path: &str| targets.matches(&format!("http://h{path}").parse().unwrap());
        for place in [0, number / 2, number - 1] {
            assert!(finds(&format!("/item.{place}+(")), "{place} of {number}");
            assert!(!finds(&format!("/item-{place}+(")), "{place} of {number}");
        }
        assert!(!finds(&format!("/item.{number}+(")) && !finds("/"), "{number}");
    }
}

#[test]
fn what_is_recorded_has_no_query_and_no_credentials() {
    let table = [
        ("https://user:pass@Example.com:443/a/b?c=d", "https://example.com/a/b"),
        ("http://example.com:8080", "http://example.com:8080/"),
        ("HTTP://[::1]:80/x", "http://[::1]/x"),
    ];
    for (url, expected) in table {
        let uri: Uri = url.parse().unwrap();
        assert_eq!(RequestUrl::of(&uri, None).unwrap().without_query(), expected);
    }
}

#[test]
fn long_urls_are_matched_too() {
    let long = format!("https://example.com/{}needle", "x".repeat(4000));
    assert!(is_match(&"needle".into(), &long));
    assert!(!is_match(&"absent".into(), &long));
}

#[test]
fn bad_targets_are_named_with_their_rule() {
    let table = [
        (Target::substring(""), "substring \"\"", "must not be empty"),
        (Target::host(""), "host \"\"", "must be a host"),
        (Target::host("https://example.com"), "host", "must be a host"),
        (Target::host("a/b"), "host", "must be a host"),
        (Target::host("*.example.com"), "host", "must be a host"),
        (Target::host(".example.com"), "host", "must be a host"),
        (Target::host("::1"), "host", "must be a host"),
        (Target::host("[::1]x"), "host", "must be a host"),
        (Target::host("a:65536"), "host", "must be a host"),
        (Target::host("m\u{fc}nchen.example"), "host", "must be a host"),
        (Target::subdomains_of("*.example.com"), "subdomains of", "must be a host"),
        (Target::host("a:b"), "host", "must be a host"),
        (Target::host("user@a"), "host", "must be a host"),
        (Target::subdomains_of("example.com:80"), "subdomains of", "without a port"),
        (Target::origin("example.com"), "origin", "scheme and a host"),
        (Target::origin("https://example.com/x"), "origin", "without a path"),
        (Target::origin("https://example.com?x"), "origin", "without a path"),
        (Target::origin("https://*.example.com"), "origin", "scheme and a host"),
        (Target::origin("https://.example.com"), "origin", "scheme and a host"),
        (Target::url_prefix("https://*.example.com/"), "URL prefix", "scheme and a host"),
        (Target::url_prefix("/v1"), "URL prefix", "scheme and a host"),
        (Target::url_prefix("https://key@example.com/"), "URL prefix", "without credentials"),
        (Target::url_prefix(""), "URL prefix", "scheme and a host"),
        (Target::path(""), "path \"\"", "begins with `/`"),
        (Target::path("api/"), "path", "begins with `/`"),
        (Target::path("/api?x"), "path", "without query"),
        (Target::path("/api#x"), "path", "without query and fragment"),
        (Target::path("/a b"), "path", "begins with `/`"),
        (Target::path("https://example.com/"), "path", "begins with `/`"),
    ];
    for (target, name, rule) in table {
        let message = PropagationTargets::new([target]).unwrap_err().to_string();
        assert!(message.contains("trace_propagation_targets"), "{message}");
        assert!(message.contains(name) && message.contains(rule), "{message}");
    }
}

#[test]
fn explanations_name_the_target_and_the_stranger() {
    let targets = list(&[Target::host("a.test"), "b.test".into()]);
    let table = [
        ("https://a.test/", "matches host \"a.test\"", false),
        ("https://b.test/", "matches substring \"b.test\"; warning: so does https://stranger.test/?", true),
        ("https://d.test/", "does not match: no target", false),
        ("/relative", "does not match: it has no host, so the client has to name its origin", false),
        ("not a url", "does not match: it is no absolute URL", false),
    ];
    for (url, text, has_stranger) in table {
        let explanation = targets.explain(url);
        assert!(explanation.to_string().starts_with(text), "{url}: {explanation}");
        assert_eq!(explanation.stranger().is_some(), has_stranger, "{url}");
    }
    assert!(PropagationTargets::default().explain("/x").is_match());
    assert!(!list(&[]).explain("https://a.test/").is_match());
}

#[test]
fn explanations_warn_of_strangers_that_look_alike() {
    let api = "https://api.example.com/v1?x=1";
    let table = [
        (Target::path("/v1"), api, "https://api.example.com.stranger.test/v1?x=1"),
        (Target::path("/v1"), "http://[::1]:81/v1", "http://stranger.test:81/v1"),
        (Target::path("/v1"), "http://127.0.0.1/v1", "http://127.0.0.1.stranger.test/v1"),
        (Target::subdomains_of("com"), api, "https://strangerexample.com/v1?x=1"),
        (Target::subdomains_of("co.uk"), "https://a.example.co.uk/", "https://strangerexample.co.uk/"),
        ("example.com".into(), api, "https://stranger.test/?https://api.example.com/v1?x=1"),
        ("https://example".into(), "https://example.com/", "https://stranger.test/?https://example.com/"),
        (
            "example.com".into(),
            "https://user:s3cret@example.com/?token=s3cret",
            "https://stranger.test/?https://example.com/?token=[Filtered]",
        ),
        (Target::host("api.example.com"), api, ""),
        (Target::origin("https://api.example.com"), api, ""),
        (Target::url_prefix("https://api.example.com/v1"), api, ""),
        (Target::subdomains_of("example.com"), api, ""),
        (Target::subdomains_of("example.co.uk"), "https://api.example.co.uk/", ""),
    ];
    for (target, url, stranger) in table {
        let explanation = list(std::slice::from_ref(&target)).explain(url);
        assert!(explanation.is_match(), "{target} {url}");
        assert_eq!(explanation.stranger().unwrap_or_default(), stranger, "{target} {url}");
    }
}

#[test]
fn a_request_is_refused_for_a_reason() {
    let known: Uri = "https://example.com/".parse().unwrap();
    let known = RequestUrl::of(&known, None);
    let some = [Target::path("/api/"), "example.test".into()];
    let table = [
        ("all", PropagationTargets::default(), known, None),
        ("all, unknown host", PropagationTargets::default(), None, None),
        ("none", list(&[]), known, Some(Withheld::NotATarget)),
        ("none, unknown host", list(&[]), None, Some(Withheld::NotATarget)),
        ("some", list(&some), known, Some(Withheld::NotATarget)),
        ("some, unknown host", list(&some), None, Some(Withheld::UnknownHost)),
    ];
    for (name, targets, url, expected) in table {
        assert_eq!(targets.refuse(url.as_ref()), expected, "{name}");
    }
}

#[test]
fn the_url_of_a_websocket_is_also_that_of_the_request_that_opens_it() {
    let secure = "wss://api.example.com/live?x=1";
    let table = [
        (Target::origin("https://api.example.com"), secure, true),
        (Target::origin("wss://api.example.com"), secure, true),
        (Target::origin("http://api.example.com"), secure, false),
        (Target::url_prefix("https://api.example.com/live"), "WSS://API.example.com:443/live", true),
        (Target::url_prefix("http://api.example.com/live"), "ws://api.example.com:80/live", true),
        (Target::url_prefix("https://api.example.com/live"), "ws://api.example.com/live", false),
        ("https://api.".into(), secure, true),
        ("wss://api.".into(), secure, true),
        (Target::host("api.example.com:443"), secure, true),
        (Target::origin("https://api.example.com"), "wsx://api.example.com", false),
        (Target::origin("wss://api.example.com"), "https://api.example.com/", false),
    ];
    for (target, url, expected) in table {
        assert_eq!(is_match(&target, url), expected, "{target} {url}");
        assert_eq!(list(std::slice::from_ref(&target)).explain(url).is_match(), expected, "{target} {url}");
    }
}
