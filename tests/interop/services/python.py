"""A Flask service under the real Python SDK.

    python.py RATE      RATE is the traces sample rate, or `none` to leave tracing unconfigured

It prints `{"url": ...}` when it listens. Its routes are those of services/node.js:

    GET /hop                                        what arrived, and the trace the SDK made of it
    GET /hop?to=URL&via=requests|httpx[&baggage=B]  the same, then calls URL; B is baggage the application sets
    GET /transaction?span_id=S                      the transaction whose root span is S, once it is finished
"""

import json
import sys
import threading

import flask
import httpx
import requests
import sentry_sdk
from sentry_sdk.transport import Transport
from werkzeug.serving import WSGIRequestHandler, make_server

RATE = None if sys.argv[1] == "none" else float(sys.argv[1])
FINISHED_WITHIN_SECONDS = 10


class Memory(Transport):
    """Keeps finished transactions by their root span id; nothing is sent."""

    def __init__(self, options=None):
        super().__init__(options)
        self.transactions = {}
        self.arrived = threading.Condition()

    def capture_envelope(self, envelope):
        event = envelope.get_transaction_event()
        if event is not None:
            with self.arrived:
                self.transactions[event["contexts"]["trace"]["span_id"]] = event
                self.arrived.notify_all()

    def wait_for(self, span_id):
        with self.arrived:
            self.arrived.wait_for(lambda: span_id in self.transactions, FINISHED_WITHIN_SECONDS)
            return self.transactions.get(span_id)


sentry_sdk.init(
    # The SDK withholds its headers from every URL that contains this host and port.
    dsn="http://python@127.0.0.2:9/42",
    org_id="1",
    release="python@1.0.0+ü",
    environment="interop, python",
    traces_sample_rate=RATE,
    transport=Memory,
    auto_session_tracking=False,
)
app = flask.Flask("python")


@app.get("/hop")
def hop():
    answer = {"service": "python", "records": RATE is not None, **trace(), "received": received()}
    if to := flask.request.args.get("to"):
        answer["downstream"] = call(to)
    return answer


@app.get("/transaction")
def transaction():
    event = sentry_sdk.get_client().transport.wait_for(flask.request.args["span_id"])
    if event is None:
        return {"error": "no such transaction"}, 404
    return {
        "trace": {key: event["contexts"]["trace"].get(key) for key in ("trace_id", "span_id", "parent_span_id")},
        "client_spans": [span["span_id"] for span in event["spans"] if span.get("op") == "http.client"],
    }


def trace():
    scope = sentry_sdk.get_current_scope()
    if RATE is None:
        context = scope.get_active_propagation_context()
        sampled = context.parent_sampled
    else:
        context = scope.transaction
        sampled = context.sampled
    return {
        "trace_id": context.trace_id,
        "span_id": context.span_id,
        "parent_span_id": context.parent_span_id,
        "sampled": sampled,
        "dsc": context.get_baggage().dynamic_sampling_context(),
    }


def received():
    return {name: flask.request.headers.get(name) for name in ("sentry-trace", "baggage")}


def call(to):
    baggage = flask.request.args.get("baggage")
    headers = {"baggage": baggage} if baggage else {}
    get = {"requests": requests.get, "httpx": httpx.get}[flask.request.args["via"]]
    response = get(to, headers=headers)
    return {"status": response.status_code, "body": response.json()}


class Quiet(WSGIRequestHandler):
    def log_request(self, *_):
        pass


server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
server.serve_forever()
