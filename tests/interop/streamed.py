"""The rules of an envelope with streamed spans, from Sentry's Spans specification 1.0.0 and Relay's conditions."""

import re

CONTENT_TYPE = "application/vnd.sentry.items.span.v2+json"
TYPES = {"string": str, "integer": int, "double": (int, float), "boolean": bool, "array": list}


def broken_rules(headers, item_headers, batch):
    """The rules that an envelope breaks. Those of the real SDKs show that the rules are not made up."""
    spans = batch["items"]
    trace = headers.get("trace") or {}
    rules = {
        "sent_at": "sent_at" in headers,
        "trace": is_id(trace.get("trace_id"), 32) and bool(trace.get("public_key")),
        "content type": item_headers.get("content_type") == CONTENT_TYPE,
        "item count": item_headers.get("item_count") == len(spans) and 1 <= len(spans) <= 1000,
        "version": batch["version"] == 2,
        "one trace": all(span["trace_id"] == trace.get("trace_id") for span in spans),
    }
    broken = [rule for rule, holds in rules.items() if not holds]
    return broken + [f"{rule}: {span}" for span in spans for rule in broken_in(span)]


def broken_in(span):
    attributes = span["attributes"]
    parent = span.get("parent_span_id")
    rules = {
        "ids": is_id(span["trace_id"], 32) and is_id(span["span_id"], 16),
        "parent": is_id(parent, 16) if parent is not None else span["is_segment"],
        "name": bool(span["name"]),
        "status": span["status"] in ("ok", "error"),
        "times": 0 < span["start_timestamp"] <= span["end_timestamp"],
        "types": all(isinstance(it["value"], TYPES[it["type"]]) for it in attributes.values()),
        "segment": bool(value(span, "sentry.segment.name")) and is_id(value(span, "sentry.segment.id"), 16),
        "own segment": span["is_segment"] == (value(span, "sentry.segment.id") == span["span_id"]),
        "lifecycle": value(span, "sentry.trace_lifecycle") == "stream",
        "release": "sentry.release" in attributes and "sentry.environment" in attributes,
        "sdk": "sentry.sdk.name" in attributes and "sentry.sdk.version" in attributes,
    }
    return [rule for rule, holds in rules.items() if not holds]


def value(span, key):
    return span["attributes"].get(key, {}).get("value")


def is_id(text, length):
    return isinstance(text, str) and re.fullmatch(f"[0-9a-f]{{{length}}}", text) is not None
