//! The content of an envelope.

use collector::{Answer, Collector};
use serde_json::{Value, json};
use trace_core::{SpanStatus, TransactionName};

use crate::validator::spans;
use crate::{PATIENCE, start};

const TRACE: &str = "771a43a4192642f0b136d5159a501700";

pub(crate) fn text(text: &str) -> Value {
    json!({ "type": "string", "value": text })
}

#[test]
fn every_span_arrives_with_its_typed_attributes_and_those_that_all_have() {
    let collector = Collector::open(Answer::Ok);
    let (sink, tracer) = start(&collector);
    let incoming = [
        ("sentry-trace", format!("{TRACE}-b72fa28504b07285-1")),
        ("baggage", format!("sentry-trace_id={TRACE},sentry-public_key=49d0f738,sentry-sample_rate=0.25")),
    ];
    let context = tracer.continue_trace(incoming.as_slice());
    let root =
        tracer.service_span("http.server", TransactionName::url("GET /orders/17")).in_trace(context).start();
    root.context().set_tag("customer", "gold");
    root.context().set_measurement("memory_used", 12.5, "megabyte");
    root.set_attribute("http.response.status_code", 404);
    let child = root.start_span("db.query", "SELECT 1");
    child.context().set_origin("auto.db.mine");
    child.set_attribute("db.rows", 3);
    child.set_attribute("share", 0.5);
    child.set_attribute("cached", true);
    child.set_attribute("sentry.op", "not mine to set");
    child.set_attribute("sentry.segment.name.source", "not mine to set");
    child.set_status(SpanStatus::DataLoss);
    let earlier = tracer.start_new_trace();
    child.context().add_link(earlier.link().with_attribute("sentry.link.type", "previous_trace"));
    let ids = (root.span_id().to_string(), child.span_id().to_string());
    child.end();
    root.set_status(SpanStatus::Ok);
    root.context().set_transaction_name(TransactionName::route("GET /orders/{id}"));
    root.end();

    // The end of the service span sends the batch, without a flush.
    let envelope = collector.next("span");
    assert_eq!(envelope.header["sdk"]["name"], "sentry.rust");
    let trace = &envelope.header["trace"];
    assert_eq!((&trace["public_key"], &trace["sample_rate"]), (&json!("49d0f738"), &json!("0.25")));
    let spans = spans(&envelope);
    let [child, root] = spans.as_slice() else { panic!("{spans:?}") };
    assert_eq!((&root["span_id"], &root["parent_span_id"]), (&json!(ids.0), &json!("b72fa28504b07285")));
    assert_eq!((&child["span_id"], &child["parent_span_id"]), (&json!(ids.1), &json!(ids.0)));
    assert_eq!((&root["name"], &child["name"]), (&json!("GET /orders/{id}"), &json!("SELECT 1")));
    assert_eq!((&root["status"], &child["status"]), (&json!("ok"), &json!("error")));
    assert_eq!((&root["is_segment"], &child["is_segment"]), (&json!(true), &json!(false)));
    let mut shared = json!({
        "sentry.segment.id": text(&ids.0),
        "sentry.segment.name": text("GET /orders/{id}"),
        "sentry.trace_lifecycle": text("stream"),
        "sentry.release": text("orders@2.0.3"),
        "sentry.environment": text("staging"),
        "sentry.platform": text("native"),
        "sentry.sdk.name": text("sentry.rust"),
        "sentry.sdk.version": text(env!("CARGO_PKG_VERSION")),
        "os.name": text("Linux"),
        "thread.id": child["attributes"]["thread.id"],
        "thread.name": text(std::thread::current().name().unwrap()),
    });
    let shared = shared.as_object_mut().unwrap();
    let with = |own: Value| {
        let mut all = shared.clone();
        all.extend(own.as_object().unwrap().clone());
        Value::Object(all)
    };
    let own = json!({
        "sentry.segment.name.source": text("route"),
        "sentry.op": text("http.server"),
        "sentry.origin": text("manual"),
        "server.address": text("host-1"),
        "http.response.status_code": { "type": "integer", "value": 404 },
        "memory_used": { "type": "double", "value": 12.5 },
    });
    assert_eq!(root["attributes"], with(own));
    let own = json!({
        "sentry.op": text("db.query"),
        "sentry.origin": text("auto.db.mine"),
        "sentry.status.message": text("data_loss"),
        "db.rows": { "type": "integer", "value": 3 },
        "share": { "type": "double", "value": 0.5 },
        "cached": { "type": "boolean", "value": true },
    });
    assert_eq!(child["attributes"], with(own));
    assert_eq!(
        child["links"],
        json!([{ "trace_id": earlier.trace_id().to_string(), "span_id": earlier.span_id().to_string(),
            "attributes": { "sentry.link.type": text("previous_trace") } }])
    );
    assert!(root.get("links").is_none());
    drop(sink);
}

#[test]
fn the_trace_header_is_complete_whatever_the_caller_sent() {
    let header = |value: &str| ("sentry-trace", format!("{TRACE}-b72fa28504b07285{value}"));
    let w3c = ("traceparent", format!("00-{TRACE}-b72fa28504b07285-01"));
    let baggage = ("baggage", format!("sentry-trace_id={TRACE},sentry-release=web%401.0"));
    let whole = format!(
        "other=1,sentry-trace_id={TRACE},sentry-public_key=web,sentry-sample_rate=0.25,sentry-sampled=true,\
         sentry-transaction=GET%20%2F"
    );
    let foreign = ("baggage", whole.replace(TRACE, "0af7651916cd43dd8448eb211c80319c"));
    let broken = ("baggage", format!("sentry-trace_id={TRACE},sentry-public_key=web,sentry-release=%zz"));
    let whole = ("baggage", whole);
    // The columns: a name, the headers, and the members of the trace header besides `trace_id`, `sample_rand`.
    let table = [
        (
            "its own",
            vec![],
            json!({ "public_key": "public", "sample_rate": "1", "sampled": "true",
            "release": "orders@2.0.3", "environment": "staging", "transaction": "job" }),
        ),
        ("bare, decided", vec![header("-1")], json!({ "public_key": "public" })),
        ("bare, undecided", vec![header("")], json!({ "public_key": "public", "sample_rate": "1" })),
        (
            "whole",
            vec![header("-1"), whole.clone()],
            json!({ "public_key": "web", "sample_rate": "0.25", "sampled": "true", "transaction": "GET /" }),
        ),
        ("of another trace", vec![header("-1"), foreign], json!({ "public_key": "public" })),
        ("invalid escapes", vec![header("-1"), broken], json!({ "public_key": "web" })),
        (
            "traceparent, whole",
            vec![w3c.clone(), whole],
            json!({ "public_key": "web", "sample_rate": "0.25", "sampled": "true", "transaction": "GET /" }),
        ),
        ("no key", vec![header("-1"), baggage], json!({ "public_key": "public", "release": "web@1.0" })),
        (
            "traceparent",
            vec![w3c],
            json!({ "public_key": "public", "sampled": "true",
            "release": "orders@2.0.3", "environment": "staging", "transaction": "job" }),
        ),
    ];
    for (name, headers, expected) in table {
        let collector = Collector::open(Answer::Ok);
        let sink = crate::streaming(&collector.dsn);
        let tracer = sink.tracer().accept_traceparent(true).build().unwrap();
        let context = tracer.continue_trace(headers.as_slice());
        tracer.service_span("task", TransactionName::task("job")).in_trace(context).start().end();
        assert!(sink.flush(PATIENCE), "{name}");
        let envelope = collector.next("span");
        let spans = spans(&envelope);
        let mut trace = envelope.header["trace"].as_object().unwrap().clone();
        let trace_id = trace.remove("trace_id").unwrap();
        assert!(headers.is_empty() || trace_id == TRACE, "{name}");
        assert_eq!(spans[0]["trace_id"], trace_id, "{name}");
        trace.remove("sample_rand");
        trace.remove("org_id");
        assert_eq!(Value::Object(trace), expected, "{name}");
    }
}
