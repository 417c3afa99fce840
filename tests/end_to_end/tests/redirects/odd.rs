//! Locations that a hostile or broken server sends: the call fails no more than it would without us, and nothing leaks.

use end_to_end::recording;
use http::Method;
use trace_core::TraceExt;

use crate::chains::{assert_spans, copied, end, handler};
use crate::follower::Follower;
use crate::sites::{Answer, OURS, STRANGER, Sites, assert_no_leak};

#[tokio::test]
async fn odd_locations() {
    let sites = Sites::start().await;
    let stranger = sites.url(STRANGER, 9);
    let with_user = stranger.replace("http://", "http://user:s3cret@");
    let scheme_relative = stranger.trim_start_matches("http:").to_owned();
    let upper_case = stranger.replace("http://", "HTTP://");
    let backslashes = stranger.replace('/', "\\");
    let slash_and_backslash = scheme_relative.replacen("//", "/\\", 1);
    let number = stranger.replace("127.0.0.2", "2130706434");
    let with_our_address =
        stranger.replace("http://", &format!("http://{}@", &sites.proxy()["http://".len()..]));
    let looping = sites.url(OURS, 0);
    // The location, and the number of requests by our own following.
    let table: [(&[u8], usize); 22] = [
        (b"http://[::1", 1),
        (b"http://a b/", 1),
        (b"http://127.0.0.1:99999/", 1),
        (b"", 1),
        (b"\t", 1),
        (b"\xff\xfe", 1),
        (b"ftp://127.0.0.2/", 1),
        (b"javascript:alert(1)", 1),
        (b"mailto:a@b.test", 1),
        (b"file:///etc/passwd", 1),
        (b"data:text/html,x", 1),
        (b"ws://127.0.0.2/", 1),
        (b"http://", 1),
        (b"#part", 11),
        (with_user.as_bytes(), 2),
        (scheme_relative.as_bytes(), 2),
        (upper_case.as_bytes(), 2),
        (backslashes.as_bytes(), 2),
        (slash_and_backslash.as_bytes(), 2),
        (number.as_bytes(), 2),
        (with_our_address.as_bytes(), 2),
        (looping.as_bytes(), 11),
    ];
    for follower in Follower::ALL {
        for (location, requests) in &table {
            let what = format!("{follower:?} {}", location.escape_ascii());
            sites.plan(vec![Answer { status: 302, location: location.to_vec() }]);
            let (tracer, mut transactions) = recording();
            let handler = handler(&tracer);
            let layer = sites.layer(&tracer);
            let url = sites.url(OURS, 0);
            let call =
                follower.send(&layer, Method::GET, url, copied(), None, sites.proxy()).in_trace(&handler);
            let last = call.await;

            let (spans, arrived) = (end(handler, &mut transactions), sites.arrived());
            assert_no_leak(&arrived, true, &what);
            assert!(!format!("{spans:?}").contains("s3cret"), "{what}");
            if follower.is_ours() {
                assert_eq!(arrived.len(), *requests, "{what}");
                assert_eq!(last.unwrap(), if *requests == 2 { 200 } else { 302 }, "{what}");
                assert_spans(follower, &spans, &arrived);
            }
            if !follower.decides_each_hop() {
                assert_eq!(spans.len(), 1, "{what}: it ends once, however the client fails");
            }
        }
    }
}
