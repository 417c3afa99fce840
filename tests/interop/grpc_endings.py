"""The table of gRPC calls: how each ends, for the caller and in what the hop between caller and service records."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Ending:
    title: str
    kind: str
    script: str
    code: str  # what the caller sees
    hop_server: str  # the status of the hop's service span
    hop_client: str | None  # that of its call of the last service
    or_code: str | None = None  # what the caller may see as well
    timeout: float | None = None
    service: str = "interop.Endings"
    cancels: bool = False  # the caller goes after the first message
    reaches_last: bool = True
    hop: str = "hop"


ALL = (
    Ending("a message", "Unary", "ok", "OK", "ok", "ok"),
    Ending("a stream of messages", "ServerStream", "ok", "OK", "ok", "ok"),
    Ending("a stream to the server", "ClientStream", "ok", "OK", "ok", "ok"),
    Ending("streams both ways", "Bidirectional", "ok", "OK", "ok", "ok"),
    Ending("not found", "Unary", "fail 5", "NOT_FOUND", "not_found", "not_found"),
    Ending("permission denied, in a stream", "ServerStream", "fail 7", "PERMISSION_DENIED", *["permission_denied"] * 2),
    Ending("aborted, from a stream", "ClientStream", "fail 10", "ABORTED", "aborted", "aborted"),
    Ending("data loss after a message", "ServerStream", "break 15", "DATA_LOSS", "data_loss", "data_loss"),
    Ending("exhausted within streams", "Bidirectional", "break 8", "RESOURCE_EXHAUSTED", *["resource_exhausted"] * 2),
    Ending("an exception", "Unary", "raise", "UNKNOWN", "unknown_error", "unknown_error"),
    Ending("the caller goes", "ServerStream", "stall", "CANCELLED", "cancelled", "cancelled", cancels=True),
    # The caller's clock and that of tonic's server run out together, and tonic calls it cancelled.
    Ending("the deadline", "Unary", "hang", "DEADLINE_EXCEEDED", "deadline_exceeded", "cancelled", "CANCELLED", timeout=2.0),
    Ending("an unknown service", "Unary", "ok", "UNIMPLEMENTED", "unimplemented", None, service="interop.Nobody", reaches_last=False),
    Ending("nobody listens", "Unary", "ok", "UNAVAILABLE", "unavailable", "unavailable", reaches_last=False, hop="lonely hop"),
)
