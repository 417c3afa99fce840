"""Services as child processes that print one line, `{"url": ...}`, when they listen."""

import contextlib
import json
import os
import pathlib
import select
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
READY_WITHIN_SECONDS = 30


@contextlib.contextmanager
def start(command):
    """Yields the service's URL, and ends the service afterwards."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, env=environment(), text=True)
    try:
        ready, _, _ = select.select([process.stdout], [], [], READY_WITHIN_SECONDS)
        line = process.stdout.readline() if ready else ""
        if not line:
            raise SystemExit(f"{' '.join(process.args)} did not start")
        yield json.loads(line)["url"]
    finally:
        process.terminate()
        process.wait()


def environment():
    """This process's environment without what would steer the SDKs or send loopback traffic through a proxy."""
    return {name: value for name, value in os.environ.items() if not steers(name.upper())}


def steers(name):
    return name.startswith("SENTRY_") or name.endswith("_PROXY")
