"""A listener for Sentry's envelope endpoint, which keeps the transactions of all services, and the spans that are streamed."""

import collections
import copy
import gzip
import json
import threading
import typing

from sentry_sdk.envelope import Envelope
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

import streamed

DELIVERED_WITHIN_SECONDS = 10


class Transaction(typing.NamedTuple):
    """What one service delivered: a transaction, or a service span with the spans below it."""

    trace: dict  # the `trace` header of its envelope
    event: dict
    is_streamed: bool = False

    @property
    def span_id(self):
        return self.event["contexts"]["trace"]["span_id"]

    @property
    def parent_span_id(self):
        return self.event["contexts"]["trace"].get("parent_span_id")

    @property
    def client_spans(self):
        return [span["span_id"] for span in self.event["spans"] if span.get("op") == "http.client"]


class Collector:
    def __init__(self):
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
        envelope = Envelope.deserialize(body)
        event = envelope.get_transaction_event()
        if event is not None:
            self.keep(Transaction(envelope.headers.get("trace", {}), event))
        for item in envelope.items:
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
            spans.append({"span_id": span["span_id"], "op": streamed.value(span, "sentry.op")})
            if span["is_segment"]:
                trace = {key: span.get(key) for key in ("trace_id", "span_id", "parent_span_id")}
                event = {"transaction": span["name"], "contexts": {"trace": trace}, "spans": spans}
                self.keep(Transaction(headers.get("trace", {}), event, is_streamed=True))

    def take(self, span_id):
        """The transaction with this root span, waited for and taken out; None if it does not arrive."""
        with self.arrived:
            self.arrived.wait_for(lambda: self.transactions.get(span_id), DELIVERED_WITHIN_SECONDS)
            first, *more = self.transactions.pop(span_id, [None])
            if more:
                self.transactions[span_id] = more
            return first

    def left(self):
        """What nobody asked for."""
        with self.arrived:
            return [transaction.event for again in self.transactions.values() for transaction in again]


class Quiet(WSGIRequestHandler):
    def log_request(self, *_):
        pass
