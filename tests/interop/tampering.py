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
