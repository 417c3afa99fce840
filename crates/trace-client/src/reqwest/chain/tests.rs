use super::*;

#[test]
fn the_method_and_the_body_of_the_next_request() {
    let kept = |method| Some((method, true));
    let table = [
        (300, Method::GET, None),
        (301, Method::GET, kept(Method::GET)),
        (301, Method::POST, Some((Method::GET, false))),
        (301, Method::PUT, kept(Method::PUT)),
        (302, Method::POST, Some((Method::GET, false))),
        (302, Method::DELETE, kept(Method::DELETE)),
        (302, Method::HEAD, kept(Method::HEAD)),
        (303, Method::PUT, Some((Method::GET, false))),
        (303, Method::HEAD, Some((Method::HEAD, false))),
        (304, Method::GET, None),
        (305, Method::GET, None),
        (306, Method::GET, None),
        (307, Method::POST, kept(Method::POST)),
        (308, Method::DELETE, kept(Method::DELETE)),
        (200, Method::GET, None),
        (404, Method::POST, None),
    ];
    for (status, method, expected) in table {
        let found = method_after(StatusCode::from_u16(status).unwrap(), &method);
        assert_eq!(found, expected, "{status} {method}");
    }
}

#[test]
fn locations_that_are_followed_and_others() {
    let base: Url = "http://a.test:8080/x/y?q=1".parse().unwrap();
    let table = [
        ("http://b.test/", Some("http://b.test/")),
        ("HTTPS://B.test:443/z#part", Some("https://b.test/z#part")),
        ("//b.test/z", Some("http://b.test/z")),
        ("/z", Some("http://a.test:8080/z")),
        ("z", Some("http://a.test:8080/x/z")),
        ("../z", Some("http://a.test:8080/z")),
        ("?r", Some("http://a.test:8080/x/y?r")),
        ("#part", Some("http://a.test:8080/x/y?q=1#part")),
        ("http://user:secret@b.test/", Some("http://b.test/")),
        ("//user@b.test", Some("http://b.test/")),
        ("\\\\b.test/z", Some("http://b.test/z")),
        ("/\\b.test/z", Some("http://b.test/z")),
        ("http:///b.test/z", Some("http://b.test/z")),
        ("http:z", Some("http://a.test:8080/x/z")),
        ("http://a.test:8080@b.test/", Some("http://b.test/")),
        ("http://b.test\\@a.test:8080/", Some("http://b.test/@a.test:8080/")),
        ("http://a.test%2eb.test/", Some("http://a.test.b.test/")),
        ("http://b\u{fc}cher.test/", Some("http://xn--bcher-kva.test/")),
        ("http://0x7f.2/", Some("http://127.0.0.2/")),
        ("http://\u{ff41}.test:0/", Some("http://a.test:0/")),
        ("http://[::ffff:127.0.0.2]/", Some("http://[::ffff:7f00:2]/")),
        ("http://[fe80::1%25eth0]/", None),
        ("http://b.test%00/", None),
        ("about:blank", None),
        ("blob:http://b.test/z", None),
        ("", None),
        (" ", None),
        ("http://b.test/ z", None),
        ("http://b.test/\u{9}z", None),
        ("http://[::1", None),
        ("http://b.test:99999/", None),
        ("http://", None),
        ("ftp://b.test/", None),
        ("javascript:alert(1)", None),
        ("mailto:a@b.test", None),
        ("file:///etc/passwd", None),
        ("ws://b.test/", None),
        ("data:,x", None),
    ];
    for (location, expected) in table {
        assert_eq!(url_after(&base, location).as_ref().map(Url::as_str), expected, "{location:?}");
    }
}

#[test]
fn the_first_of_several_locations_counts() {
    let request = Request::new(Method::GET, "http://a.test/".parse().unwrap());
    let response =
        http::Response::builder().status(302).header(LOCATION, "/b").header(LOCATION, "http://c.test/");
    let response: Response = response.body(String::new()).unwrap().into();
    let hop = Chain::new(&request, 1).follow(&response).unwrap();
    assert_eq!(hop.url().as_str(), "http://a.test/b");
}

fn redirect(status: u16, location: &str) -> Response {
    let response = http::Response::builder().status(status).header(LOCATION, location);
    response.body(String::new()).unwrap().into()
}

#[test]
fn what_is_meant_for_one_host_stays_there_for_good() {
    let mut request = Request::new(Method::GET, "http://a.test/".parse().unwrap());
    for name in OF_HOST {
        request.headers_mut().insert(name, "s3cret".parse().unwrap());
    }
    request.headers_mut().insert("x-kept", "1".parse().unwrap());
    let table = [
        ("/same", 8),
        ("http://a.test:80/still-the-same", 8),
        ("https://a.test/another-scheme", 1),
        ("http://a.test/back", 1),
    ];
    let mut chain = Chain::new(&request, 10);
    for (location, expected) in table {
        let hop = chain.follow(&redirect(302, location)).unwrap();
        assert_eq!(hop.headers().len(), expected, "{location}");
    }
    for location in ["http://a.test:81/", "http://b.test/"] {
        let hop = Chain::new(&request, 1).follow(&redirect(302, location)).unwrap();
        assert_eq!(hop.headers().len(), 1, "{location}");
    }
}

#[test]
fn the_headers_of_a_body_go_with_it_and_a_limit_is_a_limit() {
    let mut request = Request::new(Method::POST, "http://a.test/".parse().unwrap());
    *request.body_mut() = Some("order".into());
    request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    let mut chain = Chain::new(&request, 2);
    let kept = chain.follow(&redirect(307, "/b")).unwrap();
    assert_eq!((kept.method(), kept.headers().len()), (&Method::POST, 1));
    assert_eq!(kept.body().and_then(|body| body.as_bytes()), Some(b"order".as_slice()));
    let dropped = chain.follow(&redirect(303, "/c")).unwrap();
    assert_eq!((dropped.method(), dropped.headers().len()), (&Method::GET, 0));
    assert!(dropped.body().is_none() && chain.follow(&redirect(302, "/d")).is_none());
    assert!(Chain::new(&request, 0).follow(&redirect(302, "/b")).is_none());
}

#[test]
fn a_stream_is_sent_once() {
    let mut request = Request::new(Method::POST, "http://a.test/".parse().unwrap());
    *request.body_mut() = Some(super::super::library::Body::wrap("a stream".to_owned()));
    request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    request.headers_mut().insert("x-kept", "1".parse().unwrap());
    *request.timeout_mut() = Some(std::time::Duration::from_secs(7));
    assert!(Chain::new(&request, 10).follow(&redirect(307, "/b")).is_none());
    let mut chain = Chain::new(&request, 10);
    let hop = chain.follow(&redirect(303, "/b")).unwrap();
    assert_eq!((hop.method(), hop.headers().len(), hop.timeout()), (&Method::GET, 1, request.timeout()));
    // The method has no body any more, so that it can be repeated.
    assert!(chain.follow(&redirect(307, "/c")).is_some());
}
