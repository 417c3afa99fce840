//! The `trace` header: every envelope with an event has one, and all of a trace are equal.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sentry::{Client, ClientOptions, Hub, Level};
use serde_json::{Value, json};
use trace_sentry::{SentrySink, TraceIntegration, Transport};

use crate::server::{Mood, Request, Server};

const PATIENCE: Duration = Duration::from_secs(20);
const TRACE: &str = "771a43a4192642f0b136d5159a501700";

/// Returns the types of the items of each envelope, and its `trace` header.
fn traces(requests: &[Request]) -> Vec<(String, Value)> {
    let trace = |request: &Request| {
        let line = request.body.split(|byte| *byte == b'\n').next().unwrap();
        let header: Value = serde_json::from_slice(line).unwrap();
        (
            request.items().into_iter().map(|(kind, _)| kind).collect::<Vec<_>>().join(" "),
            header["trace"].clone(),
        )
    };
    let mut traces: Vec<_> = requests.iter().map(trace).collect();
    traces.sort_by(|a, b| a.0.cmp(&b.0));
    traces
}

/// Captures an error in a transaction of a trace that came in with these headers, and one without a trace.
fn send(headers: &[(&str, &str)]) -> Vec<(String, Value)> {
    let server = Server::start(Mood::Quick);
    let options = ClientOptions::new()
        .dsn(&server.dsn())
        .traces_sample_rate(1.0)
        .release("shop@1.4.0")
        .environment("test")
        .add_integration(TraceIntegration)
        .transport(Transport::new());
    let client = Arc::new(Client::from(options));
    let sink = SentrySink::new(client.clone()).unwrap();
    let tracer = sink.tracer().build().unwrap();
    let headers: HashMap<&str, &str> = headers.iter().copied().collect();
    let job = tracer.service_span("task", "job").continuing(&headers).start();
    let hub = Arc::new(Hub::new(Some(client.clone()), Arc::default()));
    Hub::run(hub, || {
        job.scope(|| sentry::capture_message("in the trace", Level::Error));
    });
    job.end();
    assert!(sink.close(PATIENCE) && client.close(Some(PATIENCE)));
    traces(&server.accepted())
}

#[test]
fn an_error_has_the_context_of_its_trace() {
    let sentry_trace = format!("{TRACE}-b72fa28504b07285-1");
    let caller = "sentry-trace_id=771a43a4192642f0b136d5159a501700,sentry-public_key=theirs,sentry-sample_rand=0.25,\
                  sentry-sample_rate=0.5,sentry-sampled=true,sentry-replay_id=abc";
    let table = [
        ("a new trace", vec![], "public"),
        ("a bare header", vec![("sentry-trace", &*sentry_trace)], "public"),
        ("a caller's context", vec![("sentry-trace", &*sentry_trace), ("baggage", caller)], "theirs"),
    ];
    for (name, headers, key) in table {
        let found = send(&headers);
        let kinds: Vec<_> = found.iter().map(|(kind, _)| &**kind).collect();
        assert_eq!(kinds, ["event", "transaction"], "{name}");
        assert_eq!(found[0].1, found[1].1, "{name}");
        assert_eq!(found[0].1["public_key"], key, "{name}");
        assert_eq!(found[0].1["trace_id"] == TRACE, !headers.is_empty(), "{name}: {found:?}");
        assert_eq!(found[0].1.get("replay_id").is_some(), key == "theirs", "{name}");
    }
}

#[test]
fn an_error_without_a_current_trace_has_what_is_known() {
    let server = Server::start(Mood::Quick);
    let options = ClientOptions::new()
        .dsn(&server.dsn())
        .release("shop@1.4.0")
        .environment("test")
        .transport(Transport::new());
    let client = Arc::new(Client::from(options));
    let hub = Arc::new(Hub::new(Some(client.clone()), Arc::default()));
    Hub::run(hub, || sentry::capture_message("alone", Level::Error));
    assert!(client.close(Some(PATIENCE)));
    let requests = server.accepted();
    let event = requests[0].items().remove(0).1;
    let expected = json!({
        "trace_id": event["contexts"]["trace"]["trace_id"],
        "public_key": "public",
        "release": "shop@1.4.0",
        "environment": "test",
    });
    assert_eq!(traces(&requests).remove(0).1, expected);
}
