"""A Flask service under the real Python SDK.

    python.py DSN RATE LIFECYCLE    RATE is the traces sample rate, or `none` to leave tracing unconfigured;
                                    LIFECYCLE is `static` or `stream`

It prints `{"url": ...}` when it listens. Its routes are those of services/node.js:

    GET /hop                                        what arrived, and the trace the SDK made of it
    GET /hop?to=URL&via=requests|httpx[&baggage=B]  the same, then calls URL; B is baggage the application sets
    GET /hop?capture=TEXT                           also captures an error, a log and a metric of this name
    GET /hop?sql=1&...                              the same after a query (Python alone)
"""

import json
import logging
import sys

import flask
import httpx
import requests
import sentry_sdk
import sqlalchemy
from werkzeug.serving import WSGIRequestHandler, make_server

DSN, RATE = sys.argv[1], None if sys.argv[2] == "none" else float(sys.argv[2])

sentry_sdk.init(
    dsn=DSN,
    org_id="1",
    release="python@1.0.0+ü",
    environment="interop, python",
    traces_sample_rate=RATE,
    auto_session_tracking=False,
    trace_lifecycle=sys.argv[3],
    enable_logs=True,
)
app = flask.Flask("python")
DATABASE = sqlalchemy.create_engine("sqlite://")


@app.get("/hop")
def hop():
    if flask.request.args.get("sql"):
        query()
    answer = {"service": "python", "records": RATE is not None, **trace(), "received": received()}
    if text := flask.request.args.get("capture"):
        capture(text)
    if to := flask.request.args.get("to"):
        answer["downstream"] = call(to)
    return answer


def query():
    """A query and a log, which the SDK's integrations put on the trace."""
    with DATABASE.connect() as connection:
        rows = connection.execute(sqlalchemy.text("SELECT 1")).all()
    logging.getLogger("python").info("%s rows", len(rows))


def trace():
    scope = sentry_sdk.get_current_scope()
    segment = scope.streamed_span and scope.streamed_span._segment
    if RATE is None:
        context = scope.get_active_propagation_context()
        sampled = context.parent_sampled
    elif segment:
        return {
            "trace_id": segment.trace_id,
            "span_id": segment.span_id,
            "parent_span_id": segment._parent_span_id,
            "sampled": segment.sampled,
            "dsc": segment._dynamic_sampling_context(),
        }
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


def capture(text):
    sentry_sdk.capture_exception(RuntimeError(text))
    sentry_sdk.logger.info(text)
    sentry_sdk.metrics.count(text, 1)


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
