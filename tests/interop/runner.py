"""Runs every chain of chains.py, holds each against checks.py, prints a table and `N passed, N failed`."""

import argparse
import contextlib
import json
import sys
import urllib.parse
import urllib.request

import chains
import checks
import streamed
import tampering
from collector import Collector
from processes import HERE, start
from table import Table

# The runner talks to loopback only, whatever proxy its environment names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
TIMEOUT_SECONDS = 30


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--hop", required=True, help="path of the hop binary")
    arguments.add_argument("--match", default="", help="run only the chains whose title contains this text")
    arguments.add_argument("--copy-to", help="send a copy of each envelope to this URL, such as Spotlight's")
    arguments = arguments.parse_args()

    table = Table()
    good = capturing = None
    with contextlib.ExitStack() as running:
        collector = running.enter_context(Collector(arguments.copy_to))
        services = Services(running, arguments.hop, collector)
        for chain in chains.ALL:
            if arguments.match not in chain.title():
                continue
            walk = run(chain, services, collector)
            is_good = table.row(chain.title(), checks.problems(chain, walk), chain.must_break)
            if is_good and chain.state is chains.FOREIGN and chain.hop is chains.RECORDING:
                good = chain, walk
            if is_good and chain.capture:
                capturing = chain, walk
        left, broken, envelopes = collector.left(), collector.broken, collector.envelopes
    for found, tampers in ((good, tampering.ALL), (capturing, tampering.OF_CAPTURING)):
        if found is not None:
            chain, walk = found
            for title, (check, tamper) in tampers.items():
                table.row(f"tampered: {title}", checks.problems(chain, tampering.spoiled(walk, tamper)), check)

    title = "every service delivered each transaction once"
    table.row(title, [f"{event['transaction']} of {event['contexts']['trace']} was not expected" for event in left])

    table.row("every envelope with streamed spans keeps to the specification", broken)
    for sdk, envelope in envelopes.items():
        table.row(f"each rule notices a broken envelope of {sdk}", streamed.unnoticed(envelope))
        taken = ["it does: let it check every envelope"] if streamed.relay_takes(envelope[2]) else []
        table.row(f"Relay's normalizer does not take the streamed spans of {sdk} yet", taken)

    return table.finish(may_be_empty=bool(arguments.match))


class Services:
    """The URLs of the running services, each started when it is first asked for."""

    def __init__(self, running, hop_binary, collector):
        self.running = running
        self.urls = {}
        self.commands = {
            "python": [sys.executable, HERE / "services" / "python.py", collector.dsn("python")],
            "node": ["node", HERE / "services" / "node.js", collector.dsn("node")],
            "hop": [hop_binary, "--listen", "127.0.0.1:0", "--dsn", collector.dsn("hop")],
        }

    def url(self, kind, *flags):
        if (kind, flags) not in self.urls:
            self.urls[kind, flags] = self.running.enter_context(start([*self.commands[kind], *flags]))
        return self.urls[kind, flags]


def run(chain, services, collector):
    """Sends one request through the chain; gives what each service answered and delivered."""
    of_head, of_hop, of_last = chain.lifecycles
    head_url = services.url(chain.head, chain.state.head_rate, of_head)
    last_url = services.url(chain.last, chain.state.last_rate, of_last)
    capture = {"capture": chain.capture} if chain.capture else {}
    to = with_query(f"{last_url}/hop", **capture)
    if chain.hop is not None:
        hop_url = services.url("hop", *chain.hop.flags, "--trace-lifecycle=" + of_hop)
        to = with_query(f"{hop_url}/hop", to=to, via=chain.hop_via, **capture)
    query = {"to": to, "via": chain.head_via, **capture}
    if chain.state.foreign:
        query["baggage"] = chain.state.foreign
    if chain.hop is chains.TRACING:
        query["sql"] = "1"

    answers = unnest(get(with_query(f"{head_url}/hop", **query), chain.state.headers))
    head, last = answers[0], answers[-1]
    hop = answers[1] if chain.hop is not None else None

    def transaction(answer, records):
        return collector.take(answer["span_id"]) if answer and answer["sampled"] and records else None

    return checks.Walk(
        head=head,
        hop=hop,
        last=last,
        head_transaction=transaction(head, head["records"]),
        hop_transaction=transaction(hop, chain.hop and chain.hop.records),
        last_transaction=transaction(last, last.get("records")) if last is not hop else None,
        captured=collector.take_captured(chain.capture, len(checks.captured_by_all(answers))) if chain.capture else [],
    )


def unnest(answer):
    answers = [answer]
    while "downstream" in answers[-1]:
        downstream = answers[-1]["downstream"]
        if downstream["status"] != 200:
            raise SystemExit(f"{answers[-1]['service']} was answered with {downstream}")
        answers.append(downstream["body"])
    return answers


def get(url, headers=None):
    request = urllib.request.Request(url, headers=headers or {})
    with OPENER.open(request, timeout=TIMEOUT_SECONDS) as response:
        return json.load(response)


def with_query(url, **query):
    return f"{url}?{urllib.parse.urlencode(query)}"


if __name__ == "__main__":
    sys.exit(main())
