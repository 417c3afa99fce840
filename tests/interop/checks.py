"""What must hold for one walk through a chain."""

import dataclasses
import re
import typing
import urllib.parse

from collector import Transaction
from captured import captured_by_all, captures
from delivery import comparable, delivered


@dataclasses.dataclass(frozen=True)
class Walk:
    """What each service answered about itself, and what it delivered; None where nothing is recorded."""

    head: dict
    hop: dict | None
    last: dict
    head_transaction: Transaction | None
    hop_transaction: Transaction | None
    last_transaction: Transaction | None
    captured: list  # the errors, logs and metrics of all services, if the chain captures some


class Problem(typing.NamedTuple):
    check: str
    text: str

    def __str__(self):
        return f"{self.check}: {self.text}"


def problems(chain, walk):
    found = []

    def expect(check, what, actual, expected):
        if actual != expected:
            found.append(Problem(check, f"{what} is {actual!r}, not {expected!r}"))

    services = [service for service in (walk.head, walk.hop, walk.last) if service is not None]
    one_trace(services, expect)
    parents(chain, walk, services, expect)
    flags(chain, walk, services, expect)
    sampling_context(chain, walk, services, expect)
    delivered(chain, walk, expect)
    captures(chain, walk, services, expect)
    if walk.hop is not None:
        text = walk.hop["continuation"]
        expect("continued", f"that hop says '{text}', a continued trace,", text.startswith("continued"), True)
        foreign_members(chain, walk, expect)
    return found


def one_trace(services, expect):
    head, *others = services
    for service in others:
        expect("one trace", f"the trace id of {service['service']}", service["trace_id"], head["trace_id"])


def parents(chain, walk, services, expect):
    """Each parent is the span that sent the request, and the sender wrote its id on the wire."""
    for sender, receiver in zip(services, services[1:]):
        sent = sentry_trace(receiver)["span_id"]
        name = f"the parent of {receiver['service']}"
        expect("parent", name, receiver["parent_span_id"], sent)
        expect("parent", f"{name}, passed through by {sender['service']}", sent == sender["parent_span_id"], False)

    sent_by_head = sentry_trace(services[1])["span_id"]
    if walk.head_transaction is not None:
        expect("parent", "the head's client spans", walk.head_transaction.client_spans, [sent_by_head])
    elif chain.state.flag is None:
        expect("parent", "the span that the head sent", sent_by_head, walk.head["span_id"])
    if walk.last_transaction is not None:
        sent_to_last = sentry_trace(walk.last)["span_id"]
        expect("parent", "the last transaction's", walk.last_transaction.parent_span_id, sent_to_last)


def flags(chain, walk, services, expect):
    flag = chain.state.flag
    expect("flag", "the flag that the head sent", sentry_trace(services[1])["flag"], flag)
    if walk.hop is not None:
        if flag is None and chain.hop.records:
            flag = "1"
        expect("flag", "the decision at hop", walk.hop["sampled"], meaning(flag))
        expect("flag", "the flag that hop sent", sentry_trace(walk.last)["flag"], flag)
    expect("flag", f"the decision at {walk.last['service']}", walk.last["sampled"], meaning(flag))
    recorded = bool(walk.last["records"] and meaning(flag))
    expect("flag", "a transaction at the last service", walk.last_transaction is not None, recorded)


def sampling_context(chain, walk, services, expect):
    """The head's members arrive key by key, decoded; hop adds only what DSC rules tell it to."""
    check = "sampling context"
    expected = dict(walk.head["dsc"])
    expect(check, "what the head sent", sentry_members(services[1]), expected)
    arrived = sentry_members(walk.last)
    expect(check, f"what {walk.last['service']} adopted", adopted(walk.last, arrived), comparable(arrived))
    if walk.hop is None:
        return

    expect(check, "what hop adopted", walk.hop["dsc"], expected)
    if "sample_rand" not in expected:
        added = arrived.pop("sample_rand", "none")
        expect(check, f"the sample_rand {added} that hop adds", bool(re.fullmatch(r"0\.\d{6}", added)), True)
    if chain.state.flag is None and chain.hop.records:
        expect(check, "the rate at which hop decided", float(arrived.pop("sample_rate", "nan")), 1.0)
    expect(check, "what hop sent", arrived, expected)


def foreign_members(chain, walk, expect):
    set_by_head = {urllib.parse.unquote(member) for member in (chain.state.foreign or "").split(",") if member}
    expect("foreign", "what the head sent", foreign(walk.hop), set_by_head)
    expect("foreign", "what hop sent", foreign(walk.last), set())


def adopted(service, arrived):
    """What the SDK made of the members; a sample_rand that nobody sent is its own."""
    members = dict(service["dsc"])
    if "sample_rand" not in arrived:
        members.pop("sample_rand", None)
    return comparable(members)


def sentry_trace(service):
    header = service["received"]["sentry-trace"] or ""
    trace_id, span_id, flag, *_ = [*header.split("-"), None, None, None]
    return {"trace_id": trace_id, "span_id": span_id, "flag": flag}


def sentry_members(service):
    pairs = [member.split("=", 1) for member in members(service) if member.startswith("sentry-")]
    return {key.removeprefix("sentry-"): urllib.parse.unquote(value) for key, value in pairs}


def foreign(service):
    return {urllib.parse.unquote(member) for member in members(service) if not member.startswith("sentry-")}


def members(service):
    header = service["received"]["baggage"] or ""
    return [member.strip() for member in header.split(",") if member.strip()]


def meaning(flag):
    return {"1": True, "0": False, None: None}[flag]
