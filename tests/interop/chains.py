"""The table of chains: caller -> head -> hop -> last, in every combination that matters."""

import dataclasses
import itertools

CLIENTS = {"python": ("requests", "httpx"), "node": ("fetch", "http")}
HOP_CLIENTS = ("hyper", "reqwest")


@dataclasses.dataclass(frozen=True)
class State:
    """How the trace starts. The last service's own rate would always decide otherwise than the head did."""

    name: str
    flag: str | None  # the flag that the head sends
    head_rate: str
    last_rate: str
    foreign: str | None = None  # baggage that the application sets on the head's outgoing request
    headers: dict | None = None  # what the caller sends to the head


@dataclasses.dataclass(frozen=True)
class Hop:
    name: str
    flags: tuple = ()

    @property
    def records(self):
        """Whether a sampling option is set. It then decides about a deferred trace, too."""
        return any(flag.startswith(("--traces-sample-rate=", "--sampler=")) for flag in self.flags)


@dataclasses.dataclass(frozen=True)
class Chain:
    head: str
    head_via: str
    state: State
    last: str
    hop: Hop | None = None
    hop_via: str | None = None
    must_break: str | None = None  # the check that has to fail
    capture: str | None = None  # the text of an error, a log and a metric of each service
    lifecycles: tuple = ("static",) * 3  # of the head, hop and the last

    def title(self):
        middle = f" -> hop -{self.hop_via}" if self.hop else ""
        route = f"{self.head} -{self.head_via}{middle}-> {self.last}"
        hop = f"hop {self.hop.name}" if self.hop else "without hop"
        streamed = f", {'/'.join(self.lifecycles)}" if "stream" in self.lifecycles else ""
        captured = ", each captures" if self.capture else ""
        return f"{route:42}  {self.state.name:16}  {hop}{streamed}{captured}"


SAMPLED = State("sampled", flag="1", head_rate="1", last_rate="0")
UNSAMPLED = State("unsampled", flag="0", head_rate="0", last_rate="1")
DEFERRED = State("deferred", flag=None, head_rate="none", last_rate="none")
FOREIGN = dataclasses.replace(SAMPLED, name="foreign baggage", foreign="vendor=acme;ttl=60,tenant=a%20b")
# A caller with an SDK too old to send baggage: the head has no dynamic sampling context to pass on.
NO_BAGGAGE = dataclasses.replace(
    SAMPLED,
    name="no baggage",
    headers={"sentry-trace": "771a43a4192642f0b136d5159a501700-1121201211212012-1"},
)
STATES = (SAMPLED, UNSAMPLED, DEFERRED, NO_BAGGAGE, FOREIGN)

# Its own release and environment, like the key of its DSN, would show in the context at the last service if they got there.
IDENTITY = ("--release=hop@1", "--environment=hop")
RELAY = Hop("without sampling", IDENTITY)
RECORDING = Hop("at rate 1", (*IDENTITY, "--org-id=1", "--traces-sample-rate=1"))
TRACING = Hop("with tracing spans", (*IDENTITY, "--org-id=1", "--traces-sample-rate=1", "--tracing-spans"))
STRICT = Hop("strict, same organization", (*IDENTITY, "--org-id=1", "--strict"))

# One trace may mix services that stream spans and services that send transactions.
LIFECYCLES = (("stream",) * 3, ("stream", "static", "stream"), ("static", "stream", "static"))

BROKEN = {
    "one trace": Hop("--no-targets", (*IDENTITY, "--no-targets")),
    "continued": Hop("--org-id=2", (*IDENTITY, "--org-id=2")),
    "flag": Hop("--sampler=0", (*IDENTITY, "--sampler=0")),
    "sampling context": Hop("--sampler=0.999999", (*IDENTITY, "--sampler=0.999999")),
}


def pairs():
    return (("python", "node"), ("node", "python"))


def all_chains():
    for (head, last), state in itertools.product(pairs(), STATES):
        for head_via in CLIENTS[head]:
            yield Chain(head, head_via, state, last)
            for hop, hop_via in itertools.product((RELAY, RECORDING), HOP_CLIENTS):
                yield Chain(head, head_via, state, last, hop, hop_via)
    for head, last in pairs():
        yield Chain(head, CLIENTS[head][0], SAMPLED, last, STRICT, "hyper")
    for (head, last), hop_via in itertools.product(pairs(), HOP_CLIENTS):
        yield Chain(head, CLIENTS[head][0], SAMPLED, last, TRACING, hop_via)
    for (head, last), lifecycles, state in itertools.product(pairs(), LIFECYCLES, (SAMPLED, UNSAMPLED, NO_BAGGAGE)):
        yield Chain(head, CLIENTS[head][0], state, last, RECORDING, "hyper", lifecycles=lifecycles)
    for (head, last), lifecycle, state in itertools.product(pairs(), ("static", "stream"), (SAMPLED, UNSAMPLED)):
        text = f"captured.{head}.{lifecycle}.{state.name}"
        yield Chain(head, CLIENTS[head][0], state, last, RECORDING, "hyper", capture=text, lifecycles=(lifecycle,) * 3)
    for (head, last), (check, hop), hop_via in itertools.product(pairs(), BROKEN.items(), HOP_CLIENTS):
        yield Chain(head, CLIENTS[head][0], SAMPLED, last, hop, hop_via, must_break=check)


ALL = tuple(all_chains())
