//! `/hop`.

use collector::Nobody;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::service::{SPAN, Service, TRACE, encoded, parts};

#[tokio::test]
async fn the_next_service_is_called_within_the_trace() {
    let next = Service::start(&[]);
    for flags in [&[][..], &["--traces-sample-rate=1"][..]] {
        let service = Service::start(flags);
        for via in ["hyper", "reqwest"] {
            let (answer, downstream) =
                service.hop(&next, via, &[("sentry-trace", &format!("{TRACE}-{SPAN}-1"))]).await;
            assert_eq!((&answer["trace_id"], &downstream["trace_id"]), (&json!(TRACE), &json!(TRACE)));
            let (_, span_id, flag) = parts(&downstream);
            assert_eq!(downstream["parent_span_id"], span_id, "{via}");
            assert_eq!(flag, Some("1"), "{via}");
            // A call is a span of its own, recorded or not.
            assert_ne!(answer["span_id"], span_id, "{via}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_text() {
    let next = Service::start(&[]);
    let (status, body) = Service::start(&[]).get(&format!("/hop?to={}/nothing", next.url), &[]).await;
    assert_eq!((status, &body["downstream"]), (200, &json!({ "status": 404, "body": "" })));
}

#[tokio::test]
async fn the_url_is_used_as_it_is() {
    let service = Service::start(&[]);
    for via in ["hyper", "reqwest"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = format!("http://{}/a%2Fb/%C3%BC?q=1%202+3&r", listener.local_addr().unwrap());
        let path = format!("/hop?to={}&via={via}", encoded(&to));
        let ((status, body), head) =
            tokio::join!(service.get(&path, &[]), answer_once(&listener, "200 OK", "fine"));
        assert_eq!((status, &body["downstream"]["body"]), (200, &Value::from("fine")), "{via}");
        assert!(head.starts_with("GET /a%2Fb/%C3%BC?q=1%202+3&r HTTP/1.1\r\n"), "{via}: {head}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let service = Service::start(&[]);
    for via in ["hyper", "reqwest"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let path = format!("/hop?to=http://{}/&via={via}", listener.local_addr().unwrap());
        let redirect = answer_once(&listener, "302 Found\r\nlocation: /elsewhere", "gone");
        let ((_, body), _) = tokio::join!(service.get(&path, &[]), redirect);
        assert_eq!(body["downstream"], json!({ "status": 302, "body": "gone" }), "{via}");
    }
}

/// Answers one request, and gives its head.
async fn answer_once(listener: &TcpListener, status: &str, body: &str) -> String {
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.unwrap());
    }
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    connection.write_all(answer.as_bytes()).await.unwrap();
    String::from_utf8(head).unwrap()
}

#[tokio::test]
async fn who_cannot_be_reached_is_a_bad_gateway() {
    let service = Service::start(&[]);
    for via in ["hyper", "reqwest"] {
        let nobody = Nobody::bind();
        let to = format!("http://{}", nobody.address);
        let (status, body) = service.get(&format!("/hop?to={to}&via={via}"), &[]).await;
        assert_eq!(status, 502, "{via}");
        assert!(body["error"].as_str().unwrap().contains("refused"), "{via}: {body}");
    }
}

#[tokio::test]
async fn bad_parameters_are_bad_requests() {
    let service = Service::start(&[]);
    let good = "http://127.0.0.1";
    let bad = [
        "",
        "x",
        "/leaf",
        "ftp://127.0.0.1/",
        "https://127.0.0.1/",
        "http://",
        "http:///leaf",
        "http://a b/",
    ];
    let mut paths: Vec<_> = bad.iter().map(|to| format!("/hop?to={}", encoded(to))).collect();
    paths.extend([
        "/hop".to_owned(),
        format!("/hop?to={good}&to={good}"),
        format!("/hop?to={good}&via=pigeon"),
        format!("/hop?to={good}&via="),
    ]);
    for path in paths {
        let (status, body) = service.get(&path, &[]).await;
        assert_eq!(status, 400, "{path}: {body}");
        assert!(!body["error"].as_str().unwrap().is_empty(), "{path}");
    }
}
