"""Calls of the Python SDK -> our tonic server -> our tonic client -> the Python SDK: one trace, and how each call ended.

Prints a table and `N passed, N failed`.
"""

import argparse
import contextlib
import socket
import sys

import grpc
import sentry_sdk
from sentry_sdk.integrations.grpc import GRPCIntegration

import grpc_endings
from collector import Collector
from delivery import comparable, complaints
from processes import HERE, start
from table import Table

CODES = {code.name: code.value[0] for code in grpc.StatusCode}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--hop", required=True, help="path of the grpc_hop binary")
    arguments.add_argument("--match", default="", help="run only the endings whose title contains this text")
    arguments = arguments.parse_args()

    table = Table()
    with contextlib.ExitStack() as running:
        collector = running.enter_context(Collector())
        sentry_sdk.init(
            dsn=collector.dsn("head"),
            release="head@1.0.0+ü",
            environment="interop, head",
            traces_sample_rate=1,
            auto_session_tracking=False,
            integrations=[GRPCIntegration()],
        )
        last = running.enter_context(start([sys.executable, HERE / "services" / "grpc_last.py", collector.dsn("last")]))
        hops = {
            "hop": running.enter_context(start([arguments.hop, collector.dsn("hop"), last])),
            "lonely hop": running.enter_context(start([arguments.hop, collector.dsn("hop"), closed_url()])),
        }
        for ending in grpc_endings.ALL:
            title = f"python -grpc-> tonic -grpc-> python  {ending.code:18} {ending.title}"
            if arguments.match in title:
                table.row(title, problems(ending, hops[ending.hop], collector))
    return table.finish(may_be_empty=bool(arguments.match))


def closed_url():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def problems(ending, url, collector):
    found = []

    def expect(what, actual, expected):
        if actual != expected:
            found.append(f"{what} is {actual!r}, not {expected!r}")

    with sentry_sdk.start_transaction(op="test", name=ending.title) as transaction:
        code = call(ending, url)
        expect("the code", code, ending.or_code if code == ending.or_code else ending.code)
        context = comparable(transaction.get_baggage().dynamic_sampling_context())
    head = collector.take(transaction.span_id)
    [sent] = spans(head, "grpc.client")
    hop = collector.take_below(sent["span_id"])
    if hop is None:
        return [*found, "hop delivered no transaction below the caller's span"]
    services = {"head": head, "hop": hop}

    expect("hop's operation", hop.trace_context["op"], "grpc.server")
    expect("hop's status", hop.trace_context["status"], ending.hop_server)
    expect("hop's code", code_of(hop.trace_context), code_of_status(ending.hop_server))
    expect("Relay's complaint", complaints(hop.event), {})
    is_known = ending.service == "interop.Endings"
    names = {True: f"/{ending.service}/{ending.kind}", False: f"POST /{ending.service}/{ending.kind}"}
    is_named = is_known and ending.hop_server not in ("cancelled", "deadline_exceeded", *MAYBE_OF_MIDDLEWARE)
    expect("hop's name", hop.event["transaction"], names[is_named])
    expect("hop's service", hop.trace_context["data"].get("rpc.service"), ending.service if is_known else None)

    calls = spans(hop, "grpc.client")
    expect("the statuses of hop's calls", [span["status"] for span in calls], [ending.hop_client] if ending.hop_client else [])
    for span in calls:
        came = code_of_status(ending.hop_client) if ending.reaches_last else (None, None)
        expect("the code of hop's call", code_of(span), came)
        expect("the description of hop's call", span["description"], f"/interop.Endings/{ending.kind}")
    if ending.reaches_last and calls:
        services["last"] = collector.take_below(calls[0]["span_id"])
    for name, service in services.items():
        if service is None:
            found.append(f"{name} delivered no transaction below its caller's span")
            continue
        expect(f"the trace of {name}", service.trace_context["trace_id"], transaction.trace_id)
        expect(f"the sampling context of {name}", comparable(service.trace), context)
    return found


# Statuses that a layer in front of the methods may give as well, when they come in the head of an answer.
MAYBE_OF_MIDDLEWARE = ("permission_denied", "unknown_error", "unavailable")


def code_of_status(status):
    """The name and the number of the code that leads to a status; no code comes if the call breaks off."""
    if status in ("cancelled", "deadline_exceeded"):
        return (None, None)
    name = {"unknown_error": "UNKNOWN"}.get(status, status.upper())
    return (name, CODES[name])


def code_of(span):
    data = span["data"]
    return (data.get("rpc.response.status_code"), data.get("rpc.grpc.status_code"))


def spans(service, operation):
    return [span for span in service.event["spans"] if span["op"] == operation]


def call(ending, url):
    """The name of the code with which the call ends. The integration traces the kinds whose request is one message."""
    with contextlib.ExitStack() as tracing, grpc.insecure_channel(url.removeprefix("http://")) as channel:
        make, arguments = channel_methods(channel)[ending.kind], {"timeout": ending.timeout or 30}
        request = ending.script.encode()
        if ending.kind in ("ClientStream", "Bidirectional"):
            tracing.enter_context(sentry_sdk.start_span(op="grpc.client", name=ending.kind))
            arguments["metadata"] = list(sentry_sdk.get_current_scope().iter_trace_propagation_headers())
            request = iter([request] * 2)
        try:
            answer = make(f"/{ending.service}/{ending.kind}")(request, **arguments)
            if ending.kind in ("ServerStream", "Bidirectional"):
                if ending.cancels:
                    next(answer)
                    answer.cancel()
                list(answer)
            return "OK"
        except grpc.RpcError as error:
            return error.code().name


def channel_methods(channel):
    return {
        "Unary": channel.unary_unary,
        "ServerStream": channel.unary_stream,
        "ClientStream": channel.stream_unary,
        "Bidirectional": channel.stream_stream,
    }


if __name__ == "__main__":
    sys.exit(main())
