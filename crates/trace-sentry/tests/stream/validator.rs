//! The rules of an envelope with streamed spans, from Sentry's Spans specification 1.0.0 and Relay's conditions.

use std::collections::BTreeSet;

use collector::{Answer, Collector, Envelope};
use serde_json::Value;

/// The attributes that every span of ours has, with their types.
const REQUIRED: [&str; 7] = [
    "sentry.segment.id",
    "sentry.segment.name",
    "sentry.trace_lifecycle",
    "sentry.platform",
    "sentry.environment",
    "sentry.sdk.name",
    "sentry.sdk.version",
];

/// Checks an envelope with spans. Returns the spans.
pub(crate) fn spans(envelope: &Envelope) -> Vec<Value> {
    broken_rule(envelope).map_or(Ok(()), Err).unwrap();
    envelope.item["items"].as_array().unwrap().clone()
}

/// Returns the ids of the spans of several envelopes, each of which has to be valid.
pub(crate) fn ids<'a>(envelopes: impl IntoIterator<Item = &'a Envelope>) -> BTreeSet<String> {
    let spans = envelopes.into_iter().filter(|envelope| envelope.kind == "span").flat_map(spans);
    spans.map(|span| span["span_id"].as_str().unwrap().to_owned()).collect()
}

/// Returns the first rule that an envelope breaks.
pub(crate) fn broken_rule(envelope: &Envelope) -> Option<String> {
    let (header, item) = (&envelope.header, &envelope.item);
    let spans = item["items"].as_array().map_or(&[][..], Vec::as_slice);
    let trace = &header["trace"];
    let rules = [
        ("sent_at", header["sent_at"].is_string()),
        ("sdk", header["sdk"]["name"].is_string() && header["sdk"]["version"].is_string()),
        ("no event id", header.get("event_id").is_none()),
        ("trace", is_id(&trace["trace_id"], 32) && trace["public_key"].is_string()),
        ("texts in trace", trace.as_object().is_some_and(|members| members.values().all(Value::is_string))),
        ("type", envelope.item_header["type"] == "span"),
        ("content type", envelope.item_header["content_type"] == "application/vnd.sentry.items.span.v2+json"),
        ("length", envelope.item_header["length"].is_u64()),
        ("version", item["version"] == 2),
        ("number of spans", (1..=1000).contains(&spans.len())),
        ("item count", envelope.item_header["item_count"] == spans.len()),
        ("one trace", spans.iter().all(|span| span["trace_id"] == trace["trace_id"])),
    ];
    let broken = rules.iter().find(|(_, holds)| !holds).map(|(rule, _)| (*rule).to_owned());
    broken.or_else(|| spans.iter().find_map(|span| broken_in(span).map(|rule| format!("{rule}: {span}"))))
}

fn broken_in(span: &Value) -> Option<&'static str> {
    let attributes = span["attributes"].as_object()?;
    let [start, end] = ["start_timestamp", "end_timestamp"].map(|key| span[key].as_f64().unwrap_or(-1.0));
    let is_segment = span["is_segment"] == true;
    let value = |key: &str| &attributes.get(key).unwrap_or(&Value::Null)["value"];
    let known = [
        "trace_id",
        "span_id",
        "parent_span_id",
        "name",
        "status",
        "is_segment",
        "start_timestamp",
        "end_timestamp",
        "attributes",
        "links",
    ];
    let rules = [
        ("no other fields", span.as_object()?.keys().all(|key| known.contains(&&**key))),
        ("ids", is_id(&span["trace_id"], 32) && is_id(&span["span_id"], 16)),
        ("parent", span.get("parent_span_id").map_or(is_segment, |parent| is_id(parent, 16))),
        ("name", span["name"].as_str().is_some_and(|name| !name.is_empty())),
        ("status", span["status"] == "ok" || span["status"] == "error"),
        ("is_segment", span["is_segment"].is_boolean()),
        ("times", 0.0 <= start && start <= end),
        (
            "typed attributes",
            attributes.iter().all(|(key, attribute)| !key.is_empty() && is_typed(attribute)),
        ),
        ("required attributes", REQUIRED.iter().all(|key| value(key).is_string())),
        ("lifecycle", value("sentry.trace_lifecycle") == "stream"),
        ("own segment", is_segment == (value("sentry.segment.id") == &span["span_id"])),
        ("source of the segment alone", is_segment == value("sentry.segment.name.source").is_string()),
        ("name of the segment", !is_segment || value("sentry.segment.name") == &span["name"]),
        ("links", span.get("links").is_none_or(are_links)),
    ];
    rules.iter().find(|(_, holds)| !holds).map(|(rule, _)| *rule)
}

fn is_typed(attribute: &Value) -> bool {
    let value = &attribute["value"];
    attribute.as_object().is_some_and(|fields| fields.len() == 2)
        && match attribute["type"].as_str() {
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64(),
            Some("double") => value.is_f64(),
            Some("boolean") => value.is_boolean(),
            Some("array") => value.as_array().is_some_and(|values| values.iter().all(Value::is_string)),
            _ => false,
        }
}

fn are_links(links: &Value) -> bool {
    let is_link = |link: &Value| {
        is_id(&link["trace_id"], 32)
            && is_id(&link["span_id"], 16)
            && link.get("sampled").is_none_or(Value::is_boolean)
            && link.get("attributes").is_none_or(|it| it.as_object().unwrap().values().all(is_typed))
    };
    links.as_array().is_some_and(|links| !links.is_empty() && links.iter().all(is_link))
}

fn is_id(id: &Value, length: usize) -> bool {
    id.as_str().is_some_and(|id| {
        id.len() == length && id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[test]
fn the_validator_finds_what_is_broken() {
    let collector = Collector::open(Answer::Ok);
    let (sink, tracer) = super::start(&collector);
    let job = tracer.service_span("task", "job").start();
    job.start_span("function", "work").end();
    job.end();
    assert!(sink.flush(super::PATIENCE));
    let mut envelope = collector.next("span");
    assert_eq!(broken_rule(&envelope), None);
    let table: [(&str, &str, Value); 10] = [
        ("trace", "header/trace/public_key", Value::Null),
        ("item count", "item_header/item_count", 3.into()),
        ("version", "item/version", 1.into()),
        ("one trace", "item/items/0/trace_id", "771a43a4192642f0b136d5159a501700".into()),
        ("status", "item/items/0/status", "cancelled".into()),
        ("times", "item/items/0/start_timestamp", 9e9.into()),
        ("parent", "item/items/0/parent_span_id", "b72fa28504b0728".into()),
        ("typed attributes", "item/items/0/attributes/sentry.op/type", "double".into()),
        (
            "required attributes",
            "item/items/0/attributes/sentry.platform",
            serde_json::json!({ "type": "integer", "value": 1 }),
        ),
        ("own segment", "item/items/1/attributes/sentry.segment.id/value", "b72fa28504b07285".into()),
    ];
    for (rule, place, broken) in table {
        let whole = std::mem::replace(field(&mut envelope, place), broken);
        let found = broken_rule(&envelope).unwrap_or_default();
        assert!(found.starts_with(rule), "{rule}: {found}");
        *field(&mut envelope, place) = whole;
    }
}

/// Returns the field of an envelope at a place.
fn field<'a>(envelope: &'a mut Envelope, place: &str) -> &'a mut Value {
    let (part, pointer) = place.split_at(place.find('/').unwrap());
    let part = match part {
        "header" => &mut envelope.header,
        "item_header" => &mut envelope.item_header,
        _ => &mut envelope.item,
    };
    part.pointer_mut(pointer).unwrap()
}
