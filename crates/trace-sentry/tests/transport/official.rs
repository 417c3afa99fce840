//! The same bytes arrive as over the official transport.

use std::sync::Arc;

use sentry::protocol::{
    Attachment, Envelope, EnvelopeItem, Log, LogLevel, MonitorCheckIn, MonitorCheckInStatus,
    SessionAttributes, SessionStatus, SessionUpdate, Transaction,
};
use sentry::{Client, ClientOptions, TransportFactory};
use trace_sentry::Transport;

use crate::client::{PATIENCE, bytes, error, transaction};
use crate::server::{Mood, Server};

fn envelopes() -> Vec<Envelope> {
    let now = std::time::SystemTime::now();
    let id = sentry::types::random_uuid();
    let session = SessionUpdate {
        session_id: id,
        distinct_id: None,
        sequence: None,
        timestamp: None,
        started: now,
        init: true,
        duration: None,
        status: SessionStatus::Ok,
        errors: 0,
        attributes: SessionAttributes {
            release: "a".into(),
            environment: None,
            ip_address: None,
            user_agent: None,
        },
    };
    let check_in = MonitorCheckIn {
        check_in_id: id,
        monitor_slug: "nightly".to_owned(),
        status: MonitorCheckInStatus::Ok,
        environment: None,
        duration: None,
        monitor_config: None,
    };
    let log = Log {
        level: LogLevel::Info,
        body: "two\nlines".to_owned(),
        trace_id: None,
        timestamp: now,
        severity_number: None,
        attributes: Default::default(),
    };
    let one = |item: EnvelopeItem| {
        let mut envelope = Envelope::new();
        envelope.add_item(item);
        envelope
    };
    let mut with_attachment = error();
    with_attachment.add_item(session.clone());
    let buffer = b"a\nb\n".to_vec();
    with_attachment.add_item(Attachment { buffer, filename: "a".to_owned(), ..Attachment::default() });
    let raw = Envelope::from_bytes_raw(bytes(&with_attachment)).unwrap();
    vec![
        error(),
        with_attachment,
        raw,
        transaction(5),
        one(Transaction { name: Some("job".to_owned()), ..Transaction::default() }.into()),
        one(session.into()),
        one(check_in.into()),
        one(vec![log.clone(), log].into()),
    ]
}

#[test]
fn envelopes_are_equal_to_those_over_the_official_transport() {
    let envelopes = envelopes();
    let send = |transport: Arc<dyn TransportFactory>| {
        let server = Server::start(Mood::Quick);
        let mut options = ClientOptions::new().dsn(&server.dsn());
        options.transport = Some(transport);
        let client = Client::from_config(options);
        for envelope in &envelopes {
            client.send_envelope(envelope.clone());
            assert!(client.flush(Some(PATIENCE)));
        }
        let requests = server.accepted();
        let texts = requests.into_iter().map(|request| String::from_utf8(request.body).unwrap());
        texts.collect::<Vec<_>>()
    };
    let official = send(Arc::new(sentry::transports::DefaultTransportFactory));
    assert_eq!(official.len(), envelopes.len());
    assert_eq!(send(Arc::new(Transport::new())), official);
    assert_eq!(send(Arc::new(Transport::new().gzip(false))), official);
}
