"""Runs every chain of chains.py, holds each against checks.py, prints a table and `N passed, N failed`."""

import argparse
import contextlib
import json
import sys
import urllib.parse
import urllib.request

import chains
import checks
import tampering
from processes import HERE, start

# The runner talks to loopback only, whatever proxy its environment names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
TIMEOUT_SECONDS = 30


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--hop", required=True, help="path of the hop binary")
    arguments.add_argument("--match", default="", help="run only the chains whose title contains this text")
    arguments = arguments.parse_args()

    table = Table()
    good = None
    with contextlib.ExitStack() as running:
        services = Services(running, arguments.hop)
        for chain in chains.ALL:
            if arguments.match not in chain.title():
                continue
            walk = run(chain, services)
            is_good = table.row(chain.title(), checks.problems(chain, walk), chain.must_break)
            if is_good and chain.state is chains.FOREIGN and chain.hop is not None:
                good = chain, walk
    if good is not None:
        chain, walk = good
        for title, (check, tamper) in tampering.ALL.items():
            table.row(f"tampered: {title}", checks.problems(chain, tampering.spoiled(walk, tamper)), check)

    print(f"\n{table.passed} passed, {table.failed} failed")
    return 0 if table.passed and not table.failed else 1


class Table:
    """Prints a row per chain, and counts."""

    def __init__(self):
        self.passed = self.failed = 0

    def row(self, title, problems, must_break=None):
        """Without problems is good; where a check must break, that check having noticed is."""
        if must_break is not None and any(problem.check == must_break for problem in problems):
            title, problems = f"{title}  (noticed by the check '{must_break}')", []
        elif must_break is not None:
            problems = [f"went unnoticed by the check '{must_break}'", *problems]
        self.passed += not problems
        self.failed += bool(problems)
        print(f"{'FAILED' if problems else 'ok':6}  {title}")
        for problem in problems:
            print(f"        {problem}")
        return not problems


class Services:
    """The URLs of the running services, each started when it is first asked for."""

    def __init__(self, running, hop_binary):
        self.running = running
        self.urls = {}
        self.commands = {
            "python": [sys.executable, HERE / "services" / "python.py"],
            "node": ["node", HERE / "services" / "node.js"],
            "hop": [hop_binary, "--listen", "127.0.0.1:0"],
        }

    def url(self, kind, *flags):
        if (kind, flags) not in self.urls:
            self.urls[kind, flags] = self.running.enter_context(start([*self.commands[kind], *flags]))
        return self.urls[kind, flags]


def run(chain, services):
    """Sends one request through the chain; gives what each service answered and the transactions it finished."""
    head_url = services.url(chain.head, chain.state.head_rate)
    last_url = services.url(chain.last, chain.state.last_rate)
    to = f"{last_url}/hop"
    if chain.hop is not None:
        to = with_query(f"{services.url('hop', *chain.hop.flags)}/hop", to=to, via=chain.hop_via)
    query = {"to": to, "via": chain.head_via}
    if chain.state.foreign:
        query["baggage"] = chain.state.foreign

    answers = unnest(get(with_query(f"{head_url}/hop", **query), chain.state.headers))
    head, last = answers[0], answers[-1]
    return checks.Walk(
        head=head,
        hop=answers[1] if chain.hop is not None else None,
        last=last,
        head_transaction=transaction(head_url, head),
        last_transaction=transaction(last_url, last) if last["service"] == chain.last else None,
    )


def unnest(answer):
    answers = [answer]
    while "downstream" in answers[-1]:
        downstream = answers[-1]["downstream"]
        if downstream["status"] != 200:
            raise SystemExit(f"{answers[-1]['service']} was answered with {downstream}")
        answers.append(downstream["body"])
    return answers


def transaction(url, answer):
    if not answer["sampled"] or not answer["records"]:
        return None
    return get(with_query(f"{url}/transaction", span_id=answer["span_id"]))


def get(url, headers=None):
    request = urllib.request.Request(url, headers=headers or {})
    with OPENER.open(request, timeout=TIMEOUT_SECONDS) as response:
        return json.load(response)


def with_query(url, **query):
    return f"{url}?{urllib.parse.urlencode(query)}"


if __name__ == "__main__":
    sys.exit(main())
