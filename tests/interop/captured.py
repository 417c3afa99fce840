"""What must hold for the errors, logs and metrics of all services of one walk."""

import itertools

from collector import NAMES
from delivery import comparable


def captured_by_all(services):
    """What each service captures once."""
    return sorted(itertools.product((service["service"] for service in services), NAMES))


def captures(chain, walk, services, expect):
    """Everything is on the head's trace, and each `trace` header holds the head's sampling context."""
    if chain.capture is None:
        return
    found = sorted((captured.service, captured.kind) for captured in walk.captured)
    expect("captured", "what was captured", found, captured_by_all(services))
    for captured in walk.captured:
        name = f"{captured.kind} of {captured.service}"
        expect("captured", f"the trace of {name}", captured.trace_id, walk.head["trace_id"])
        if captured.trace or (captured.service == "hop" and captured.kind == "event"):
            header = walk.head["dsc"]
            if captured.service == "hop":
                header = {"trace_id": walk.head["trace_id"], "public_key": "hop"} | header
            expect("captured", f"the trace header of {name}", comparable(captured.trace or {}), comparable(header))
