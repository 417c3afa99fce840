"""The rules of an envelope with streamed spans, from Sentry's Spans specification 1.0.0 and Relay's conditions."""

import copy
import re

from delivery import complaints

CONTENT_TYPE = "application/vnd.sentry.items.span.v2+json"
TYPES = {"string": str, "integer": int, "double": (int, float), "boolean": bool, "array": list}
FIELDS = {
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
}
TEXTS = ("user.id", "user.email", "user.name", "user.ip_address", "thread.id", "thread.name", "os.name")


def broken_rules(headers, item_headers, batch):
    """The rules that an envelope breaks. Those of the real SDKs show that the rules are not made up."""
    spans = batch["items"]
    trace = headers.get("trace") or {}
    # What the real SDKs send for a trace without baggage, as delivery.omits_context says.
    is_known_fault = not is_ours(spans[0]) and set(trace) <= {"sample_rand"}
    rules = {
        "sent_at": "sent_at" in headers,
        "sdk header": not is_ours(spans[0]) or bool(headers.get("sdk", {}).get("version")),
        "no event id": "event_id" not in headers,
        "trace": is_known_fault or is_id(trace.get("trace_id"), 32) and bool(trace.get("public_key")),
        "content type": item_headers.get("content_type") == CONTENT_TYPE,
        "item count": item_headers.get("item_count") == len(spans) and 1 <= len(spans) <= 1000,
        "version": batch["version"] == 2,
        "one trace": is_known_fault or all(span["trace_id"] == trace.get("trace_id") for span in spans),
    }
    broken = [f"{rule}: {headers}" for rule, holds in rules.items() if not holds]
    return broken + [f"{rule}: {span}" for span in spans for rule in broken_in(span)]


def broken_in(span):
    attributes = span["attributes"]
    parent = span.get("parent_span_id")
    rules = {
        "fields": set(span) <= FIELDS,
        "ids": is_id(span["trace_id"], 32) and is_id(span["span_id"], 16),
        "parent": is_id(parent, 16) if parent is not None else span["is_segment"],
        "name": bool(span["name"]),
        "status": span["status"] in ("ok", "error"),
        "times": 0 < span["start_timestamp"] <= span["end_timestamp"],
        "types": all(is_typed(attribute) for attribute in attributes.values()),
        "empty attributes": all(attribute["value"] not in (None, "", []) for attribute in attributes.values()),
        "texts": all(isinstance(value(span, key) or "", str) for key in TEXTS),
        "http headers": not is_ours(span) or all(it["type"] == "array" for it in http_headers(attributes)),
        "links": all(is_link(link) for link in span.get("links", [])),
        "segment": bool(value(span, "sentry.segment.name")) and is_id(value(span, "sentry.segment.id"), 16),
        "own segment": span["is_segment"] == (value(span, "sentry.segment.id") == span["span_id"]),
        "source": span["is_segment"] == ("sentry.segment.name.source" in attributes),
        "lifecycle": value(span, "sentry.trace_lifecycle") == "stream",
        "release": "sentry.release" in attributes and "sentry.environment" in attributes,
        "sdk": "sentry.sdk.name" in attributes and "sentry.sdk.version" in attributes,
    }
    return [rule for rule, holds in rules.items() if not holds]


def is_ours(span):
    """Whether the specification holds to the letter. The SDKs for Python and Node leave out the header `sdk`, and the one for
    Python writes each header of HTTP as one text."""
    return value(span, "sentry.sdk.name") == "sentry.rust"


def http_headers(attributes):
    return [attribute for key, attribute in attributes.items() if key.startswith("http.request.header.")]


def is_typed(attribute):
    value, kind = attribute["value"], attribute["type"]
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def is_link(link):
    ids = is_id(link["trace_id"], 32) and is_id(link["span_id"], 16)
    return ids and all(is_typed(attribute) for attribute in link.get("attributes", {}).values())


def value(span, key):
    return span["attributes"].get(key, {}).get("value")


def is_id(text, length):
    return isinstance(text, str) and re.fullmatch(f"[0-9a-f]{{{length}}}", text) is not None


# Each of these spoils a good envelope, and its rule has to notice.
SPOILED = {
    "trace": lambda headers, item, batch: headers["trace"].pop("public_key"),
    "sent_at": lambda headers, item, batch: headers.pop("sent_at"),
    "content type": lambda headers, item, batch: item.update(content_type="application/json"),
    "item count": lambda headers, item, batch: item.update(item_count=0),
    "version": lambda headers, item, batch: batch.update(version=1),
    "one trace": lambda headers, item, batch: batch["items"][0].update(trace_id="771a43a4192642f0b136d5159a501700"),
    "fields": lambda headers, item, batch: batch["items"][0].update(op="http.server"),
    "ids": lambda headers, item, batch: batch["items"][0].update(span_id="b72f"),
    "name": lambda headers, item, batch: batch["items"][0].update(name=""),
    "status": lambda headers, item, batch: batch["items"][0].update(status="cancelled"),
    "times": lambda headers, item, batch: batch["items"][0].update(end_timestamp=1),
    "types": lambda headers, item, batch: attribute(batch, "sentry.op").update(type="integer"),
    "empty attributes": lambda headers, item, batch: attribute(batch, "sentry.op").update(value=""),
    "texts": lambda headers, item, batch: batch["items"][0]["attributes"].update(
        {"thread.id": {"type": "integer", "value": 1}}
    ),
    "links": lambda headers, item, batch: batch["items"][0].update(links=[{"trace_id": "1", "span_id": "2"}]),
    "segment": lambda headers, item, batch: batch["items"][0]["attributes"].pop("sentry.segment.name"),
    "own segment": lambda headers, item, batch: batch["items"][0].update(is_segment=not batch["items"][0]["is_segment"]),
    "lifecycle": lambda headers, item, batch: attribute(batch, "sentry.trace_lifecycle").update(value="static"),
    "sdk": lambda headers, item, batch: batch["items"][0]["attributes"].pop("sentry.sdk.version"),
}


def attribute(batch, key):
    return batch["items"][0]["attributes"][key]


def unnoticed(envelope):
    """The rules that do not notice when they are broken."""
    found = []
    for rule, spoil in SPOILED.items():
        spoiled = copy.deepcopy(envelope)
        spoil(*spoiled)
        if not any(broken.startswith(rule) for broken in broken_rules(*spoiled)):
            found.append(f"went unnoticed by the rule '{rule}'")
    return found


def relay_takes(batch):
    """Whether the normalizer of sentry-relay takes this item. That of 0.10.1 reads events only: it calls `items` an invalid
    attribute of an event, each field of a span as well, and has no function for an item of an envelope."""
    return not complaints(batch) or not complaints(batch["items"][0])
