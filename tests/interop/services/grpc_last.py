"""A gRPC service under the real Python SDK: `interop.Endings`, with a method of each kind.

    grpc_last.py DSN    prints `{"url": ...}` when it listens

The message of a call is a script: `ok`, `fail CODE`, `break CODE` (a message, then a status), `raise`, `stall` (a message,
then nothing) or `hang`. The SDK's integration continues the trace of unary calls only; for the others this service does.
"""

import concurrent.futures
import json
import sys
import threading

import grpc
import sentry_sdk
from sentry_sdk.integrations.grpc import GRPCIntegration

SERVICE = "interop.Endings"
CODES = {code.value[0]: code for code in grpc.StatusCode}

sentry_sdk.init(
    dsn=sys.argv[1],
    release="last@1",
    environment="last",
    traces_sample_rate=0,
    auto_session_tracking=False,
    integrations=[GRPCIntegration()],
)


def messages(script, context):
    word, _, code = script.decode().partition(" ")
    if word == "fail":
        context.abort(CODES[int(code)], "by its script")
    if word == "raise":
        raise ValueError("by its script")
    if word != "hang":
        yield b"a message"
    if word == "break":
        context.abort(CODES[int(code)], "by its script")
    if word in ("stall", "hang"):
        gone = threading.Event()
        if context.add_callback(gone.set):
            gone.wait()


def one(script, context):
    return list(messages(script, context))[0]


def continued(method, stream):
    def serve(request, context):
        transaction = sentry_sdk.continue_trace(dict(context.invocation_metadata()), op="grpc.server", name=method)
        with sentry_sdk.isolation_scope(), sentry_sdk.start_transaction(transaction=transaction):
            yield from stream(request, context)

    return serve


def last_of(requests):
    return list(requests)[-1]


server_stream = continued("ServerStream", messages)
client_stream = continued("ClientStream", lambda requests, context: [one(last_of(requests), context)])
bidirectional = continued("Bidirectional", lambda requests, context: messages(next(requests), context))

server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=16))
handlers = {
    "Unary": grpc.unary_unary_rpc_method_handler(one),
    "ServerStream": grpc.unary_stream_rpc_method_handler(server_stream),
    "ClientStream": grpc.stream_unary_rpc_method_handler(lambda requests, context: list(client_stream(requests, context))[0]),
    "Bidirectional": grpc.stream_stream_rpc_method_handler(bidirectional),
}
server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, handlers)])
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(json.dumps({"url": f"http://127.0.0.1:{port}"}), flush=True)
server.wait_for_termination()
