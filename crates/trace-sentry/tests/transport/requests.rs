//! The requests as the server gets them.

use sentry::ClientOptions;
use sentry::protocol::{ClientSdkInfo, DynamicSamplingContext, Envelope, EnvelopeHeaders};
use trace_sentry::Transport;

use crate::client::{Tapped, bytes, client, error, transaction};
use crate::server::{Mood, Server};

#[test]
fn a_request_names_what_it_is_and_who_sends_it() {
    let server = Server::start(Mood::Quick);
    let dsn = format!("http://public:secret@{}/a/b/42", server.address);
    let options = ClientOptions::new().dsn(&dsn).user_agent("mine/1.0");
    let tapped = Tapped::new(options, Transport::new());
    tapped.send(error());
    tapped.flush();
    let request = server.accepted().remove(0);
    assert_eq!(request.line, "POST /a/b/api/42/envelope/ HTTP/1.1");
    let header = |name: &str| request.headers.get(name).map(String::as_str);
    assert_eq!(header("content-type"), Some("application/x-sentry-envelope"));
    assert_eq!(header("user-agent"), Some("mine/1.0"));
    let auth = "Sentry sentry_key=public, sentry_version=7, sentry_client=mine/1.0, sentry_secret=secret";
    assert_eq!(header("x-sentry-auth"), Some(auth));
    assert_eq!(header("host"), Some(&*server.address));
}

#[test]
fn only_large_bodies_are_compressed_and_only_if_wanted() {
    for (gzip, spans, expected) in [(true, 20, Some("gzip")), (true, 0, None), (false, 20, None)] {
        let server = Server::start(Mood::Quick);
        let client = client(&server, Transport::new().gzip(gzip));
        client.send(transaction(spans));
        client.flush();
        let request = server.accepted().remove(0);
        assert_eq!(request.headers.get("content-encoding").map(String::as_str), expected);
        let length: usize = request.headers["content-length"].parse().unwrap();
        assert_eq!(length < request.body.len(), gzip && spans > 0, "{length}");
        assert_eq!(request.body, bytes(&transaction(spans)));
    }
}

#[test]
fn the_headers_of_a_typed_envelope_survive() {
    let server = Server::start(Mood::Quick);
    let client = client(&server, Transport::new());
    let event = error();
    let sdk = ClientSdkInfo { name: "a".into(), version: "1".into(), integrations: vec![], packages: vec![] };
    let headers = EnvelopeHeaders::new()
        .with_event_id(*event.uuid().unwrap())
        .with_dsn(client.client.dsn().unwrap().clone())
        .with_sdk(sdk)
        .with_sent_at(std::time::SystemTime::now())
        .with_trace(DynamicSamplingContext::new().with_public_key("public".to_owned()));
    let envelope = event.with_headers(headers);
    client.send(envelope.clone());
    client.flush();
    let request = server.accepted().remove(0);
    assert_eq!(request.body, bytes(&envelope));
    let header =
        String::from_utf8(request.body.split(|byte| *byte == b'\n').next().unwrap().to_vec()).unwrap();
    for name in ["event_id", "dsn", "sdk", "sent_at", "trace"] {
        assert!(header.contains(&format!("\"{name}\":")), "{header}");
    }
}

#[test]
fn an_envelope_without_items_is_not_sent() {
    let server = Server::start(Mood::Quick);
    let client = client(&server, Transport::new());
    client.send(Envelope::new());
    client.send(Envelope::from_bytes_raw(b"{}\n".to_vec()).unwrap());
    client.flush();
    assert!(server.accepted().is_empty());
}
