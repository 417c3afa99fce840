"""A check that never fails proves nothing: each of these spoils a good walk, and its check has to notice.

What hop can be told to break by its flags stands in chains.py; here is the rest.
"""

import copy


def _lose_a_member(walk):
    members = walk.last["received"]["baggage"].split(",")
    walk.last["received"]["baggage"] = ",".join(members[1:])


def _change_a_member(walk):
    walk.last["received"]["baggage"] = walk.last["received"]["baggage"].replace("sentry-release=", "sentry-release=x")


def _pass_a_foreign_member(walk):
    walk.last["received"]["baggage"] += ",vendor=acme;ttl=60"


def _pass_the_callers_span(walk):
    walk.last["received"]["sentry-trace"] = walk.hop["received"]["sentry-trace"]
    walk.last["parent_span_id"] = walk.hop["parent_span_id"]


def _forget_the_parent(walk):
    walk.last["parent_span_id"] = None


def _change_the_trace_header(walk):
    walk.hop_transaction.trace["release"] = "hop@1"


def _lose_the_trace_header(walk):
    walk.last_transaction.trace.clear()


def _link_to_another_span(walk):
    walk.hop_transaction.event["contexts"]["trace"]["parent_span_id"] = "b72fa28504b07285"


def _write_no_id(walk):
    walk.hop_transaction.event["spans"][0]["span_id"] = "b72f"


def _end_before_the_start(walk):
    walk.hop_transaction.event["timestamp"] = walk.hop_transaction.event["start_timestamp"] - 1


def _write_no_text(walk):
    walk.hop_transaction.event["release"] = {"hop": 1}


def _capture_on_another_trace(walk):
    captured = walk.captured[0]
    walk.captured[0] = captured._replace(trace_id="771a43a4192642f0b136d5159a501700")


def _lose_what_was_captured(walk):
    walk.captured.pop()


def _change_the_trace_header_of_an_error(walk):
    error = next(captured for captured in walk.captured if captured.service == "hop" and captured.kind == "event")
    error.trace.clear()


# What spoils a walk in which the services capture something.
OF_CAPTURING = {
    "an error is on another trace": ("captured", _capture_on_another_trace),
    "what was captured is lost": ("captured", _lose_what_was_captured),
    "an error's trace header is lost": ("captured", _change_the_trace_header_of_an_error),
}

ALL = {
    "a member of the sampling context is lost": ("sampling context", _lose_a_member),
    "a member of the sampling context is changed": ("sampling context", _change_a_member),
    "a foreign member is passed on": ("foreign", _pass_a_foreign_member),
    "the caller's span is passed on": ("parent", _pass_the_callers_span),
    "the parent is forgotten": ("parent", _forget_the_parent),
    "a transaction's trace header is changed": ("trace header", _change_the_trace_header),
    "a transaction's trace header is lost": ("trace header", _lose_the_trace_header),
    "a transaction is linked to another span": ("linked", _link_to_another_span),
    "a span's id is none": ("relay", _write_no_id),
    "a transaction ends before its start": ("relay", _end_before_the_start),
    "a release is no text": ("relay", _write_no_text),
}


def spoiled(walk, tamper):
    walk = copy.deepcopy(walk)
    tamper(walk)
    return walk
