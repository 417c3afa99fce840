"""A listener for Sentry's envelope endpoint, which keeps what all services deliver: transactions, streamed spans, errors, logs and
metrics."""

import collections
import copy
import gzip
import json
import re
import threading
import typing
import urllib.request

from sentry_sdk.envelope import Envelope
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

import streamed

DELIVERED_WITHIN_SECONDS = 10
# It talks to loopback only, whatever proxy its environment names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))

# Where the text of what was captured stands.
NAMES = {
    "event": lambda event: event["exception"]["values"][0]["value"],
    "log": lambda log: log["body"],
    "trace_metric": lambda metric: metric["name"],
}


def service(request):
    """The service that sent a request, by the key of its DSN, which stands in a header or in the query."""
    text = f"{request.headers.get('x-sentry-auth', '')} {request.query_string.decode()}"
    return re.search(r"sentry_key=(\w+)", text)[1]


class Transaction(typing.NamedTuple):
    """What one service delivered: a transaction, or a service span with the spans below it."""

    trace: dict  # the `trace` header of its envelope
    event: dict
    is_streamed: bool = False

    @property
    def trace_context(self):
        return self.event["contexts"]["trace"]

    @property
    def span_id(self):
        return self.trace_context["span_id"]

    @property
    def parent_span_id(self):
        return self.trace_context.get("parent_span_id")

    @property
    def client_spans(self):
        """The calls of the service. Python's own delivery is a span, too, if its thread starts within the request."""
        calls = [span for span in self.event["spans"] if span.get("op") == "http.client"]
        return [call["span_id"] for call in calls if not call["description"].endswith("/envelope/")]


class Captured(typing.NamedTuple):
    """An error, a log or a metric."""

    service: str  # the key of the DSN
    kind: str
    trace_id: str
    trace: dict | None  # the `trace` header of its envelope, if there is one


class Collector:
    def __init__(self, copy_to=None):
        """Sends a copy of each envelope to the URL `copy_to`, if there is one."""
        self.copy_to = copy_to
        self.captured = collections.defaultdict(list)  # by the text that was captured
        self.transactions = {}
        self.spans = collections.defaultdict(list)  # the streamed spans, by service span
        self.envelopes = {}  # the first with streamed spans of each service, by the name of its SDK
        self.broken = []  # rules that envelopes with streamed spans break
        self.arrived = threading.Condition()
        self.server = make_server("127.0.0.1", 0, self.application, threaded=True, request_handler=Quiet)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()

    def dsn(self, key):
        """By another name than the services' own addresses: the SDKs withhold their headers from the host of the DSN."""
        return f"http://{key}@localhost:{self.server.server_port}/42"

    def application(self, environ, start_response):
        request = Request(environ)
        body = request.get_data()
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        if self.copy_to:
            headers = {"content-type": "application/x-sentry-envelope"}
            OPENER.open(urllib.request.Request(self.copy_to, body, headers), timeout=DELIVERED_WITHIN_SECONDS).close()
        envelope = Envelope.deserialize(body)
        event = envelope.get_transaction_event()
        if event is not None:
            self.keep(Transaction(envelope.headers.get("trace", {}), event))
        for item in envelope.items:
            if item.headers.get("type") in NAMES:
                self.keep_captured(service(request), envelope.headers.get("trace"), item)
            if item.headers.get("type") == "span":
                self.keep_spans(envelope.headers, item.headers, json.loads(item.get_bytes()))
        return Response("{}", content_type="application/json")(environ, start_response)

    def keep(self, transaction):
        with self.arrived:
            self.transactions.setdefault(transaction.span_id, []).append(transaction)
            self.arrived.notify_all()

    def keep_spans(self, headers, item_headers, batch):
        """Keeps streamed spans. A service span stands for its transaction, with the spans that have come or will."""
        with self.arrived:
            envelope = copy.deepcopy((headers, item_headers, batch))
            self.envelopes.setdefault(streamed.value(batch["items"][0], "sentry.sdk.name"), envelope)
            self.broken += streamed.broken_rules(headers, item_headers, batch)
        for span in batch["items"]:
            spans = self.spans[streamed.value(span, "sentry.segment.id")]
            if any(known["span_id"] == span["span_id"] for known in spans):
                self.broken.append(f"{span['name']} came twice")
            op = streamed.value(span, "sentry.op")
            spans.append({"span_id": span["span_id"], "op": op, "description": span["name"]})
            if span["is_segment"]:
                trace = {key: span.get(key) for key in ("trace_id", "span_id", "parent_span_id")}
                event = {"transaction": span["name"], "contexts": {"trace": trace}, "spans": spans}
                self.keep(Transaction(headers.get("trace", {}), event, is_streamed=True))

    def keep_captured(self, service, trace, item):
        kind = item.headers["type"]
        content = json.loads(item.get_bytes())
        for captured in content.get("items", [content]):
            trace_id = (captured if kind != "event" else captured["contexts"]["trace"])["trace_id"]
            with self.arrived:
                self.captured[NAMES[kind](captured)].append(Captured(service, kind, trace_id, trace))
                self.arrived.notify_all()

    def take_captured(self, text, number):
        """What was captured with this text, as soon as there is so much."""
        with self.arrived:
            self.arrived.wait_for(lambda: len(self.captured[text]) >= number, DELIVERED_WITHIN_SECONDS)
            return list(self.captured[text])

    def take(self, span_id):
        """The transaction with this root span, waited for and taken out; None if it does not arrive."""
        with self.arrived:
            self.arrived.wait_for(lambda: self.transactions.get(span_id), DELIVERED_WITHIN_SECONDS)
            first, *more = self.transactions.pop(span_id, [None])
            if more:
                self.transactions[span_id] = more
            return first

    def take_below(self, span_id):
        """The transaction whose parent is this span, waited for and taken out; None if it does not arrive."""

        def found():
            known = (transactions[0] for transactions in list(self.transactions.values()))
            return next((transaction for transaction in known if transaction.parent_span_id == span_id), None)

        with self.arrived:
            self.arrived.wait_for(found, DELIVERED_WITHIN_SECONDS)
            transaction = found()
        return transaction and self.take(transaction.span_id)

    def left(self):
        """What nobody asked for."""
        with self.arrived:
            return [transaction.event for again in self.transactions.values() for transaction in again]


class Quiet(WSGIRequestHandler):
    def log_request(self, *_):
        pass
