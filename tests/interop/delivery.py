"""What must hold for the transactions that the services of one walk delivered."""

import chains
from sentry_relay.exceptions import RelayError
from sentry_relay.processing import StoreNormalizer

RELAY = StoreNormalizer(project_id=1)


def delivered(chain, walk, expect):
    transactions = [walk.head_transaction, walk.hop_transaction, walk.last_transaction]
    if walk.head_transaction is not None:
        one_context(chain, transactions, walk, expect)
    for caller, called in zip(transactions, transactions[1:]):
        if caller is not None and called is not None:
            expect("linked", "a transaction's parent", [called.parent_span_id], caller.client_spans)
    if walk.hop is not None:
        recorded = bool(walk.hop["sampled"] and chain.hop.records)
        expect("delivered", "a transaction of hop", walk.hop_transaction is not None, recorded)
    if walk.hop_transaction is not None and chain.hop is chains.TRACING:
        nested(chain, walk, expect)
    if walk.hop_transaction is not None and not walk.hop_transaction.is_streamed:
        expect("relay", "Relay's complaint about hop's transaction", complaints(walk.hop_transaction.event), {})


def nested(chain, walk, expect):
    """The client span of hop is below the span of `tracing`, and that one below the service span; Python has its query, too."""
    spans = {span["span_id"]: span for span in walk.hop_transaction.event["spans"]}
    parents = [spans.get(spans[client]["parent_span_id"], {}) for client in walk.hop_transaction.client_spans]
    found = [(span.get("op"), span.get("description"), span.get("parent_span_id")) for span in parents]
    expect("tree", "the parent of hop's client span", found, [("function", "call", walk.hop_transaction.span_id)])
    if chain.head == "python":
        queries = [span for span in walk.head_transaction.event["spans"] if span.get("op") == "db"]
        expect("tree", "the number of Python's queries", len(queries), 1)


def one_context(chain, transactions, walk, expect):
    """All envelopes of a trace have the head's sampling context as their `trace` header, key by key. That of hop is complete."""
    for transaction in transactions:
        if transaction is walk.hop_transaction and transaction is not None:
            complete = {"trace_id": walk.head["trace_id"], "public_key": "hop"} | walk.head["dsc"]
            expect("trace header", "that of hop's transaction", transaction.trace, complete)
        elif transaction is not None:
            expected = comparable(walk.head["dsc"])
            if transaction is walk.head_transaction and omits_context(chain):
                expected = {}
            expect("trace header", "that of a transaction", comparable(transaction.trace), expected)


def omits_context(chain):
    """@sentry/node 11.12.0 streams spans without a `trace` header if their trace was continued without baggage. Relay discards
    them. The SDK for Python writes `sample_rand` alone if that is all it was sent, which Relay discards as well."""
    return chain.head == "node" and chain.lifecycles[0] == "stream" and chain.state is chains.NO_BAGGAGE


def comparable(members):
    """Numbers as numbers: the SDKs print them anew, with fewer zeros."""
    numbers = ("sample_rand", "sample_rate")
    return {key: float(value) if key in numbers else value for key, value in members.items()}


def complaints(event):
    """What Relay finds wrong with a payload: nothing, or what it removed and why."""
    try:
        normalized = RELAY.normalize_event(event)
    except RelayError as error:
        return {"refused": repr(error)}
    return {key: normalized[key] for key in ("_meta", "errors") if normalized.get(key)}
