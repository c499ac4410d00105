"""Runs the clients, each a process of its own, one after the other and round after round, and compares them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks.figures import ratio, spread
from benchmarks.peers import ROOT, environment, python
from benchmarks.throughput import server
from benchmarks.throughput.workload import CREDIT, IN_FLIGHT, SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OURS: Final = "asyncio"
# Name in the report -> module.
CLIENTS: Final = {
    OURS: "ours_asyncio",
    "blocking": "ours_blocking",
    "proton reactor": "proton_reactor",
    "_pyamqp": "pyamqp",
}
WAYS: Final = ("sent", "received")
# What is to be reached, as a ratio to proton's reactor.
GOALS: Final = {"sent": 1.8, "received": 2.2}
GOAL_AGAINST: Final = "proton reactor"
PATIENCE: Final = 300.0
"""Seconds that a client has for one measurement."""


class ClientFailed(Exception):
    """A client ended with an error or not in time; str() has the end of what it said."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast a client is, one way."""

    per_second: float
    """Messages: the median of the rounds."""
    spread: float
    """The distance between the quartiles, as a share of the median."""
    ratio: float
    """How many times as fast our asyncio client is: the median of the rounds' ratios."""


def measure(rounds: int, seconds: float, messages: int) -> dict[str, Any]:
    """Measure every client in every round and return the result, ready for JSON. Raises ClientFailed, SetupFailed."""
    program = server.build()
    # Seconds for a message: client -> way -> one a round.
    costs: dict[str, dict[str, list[float]]] = {name: {way: [] for way in WAYS} for name in CLIENTS}
    names = list(CLIENTS)
    with server.running(program) as port:
        for number in range(rounds):
            # Another goes first in each round, so that none always follows the same.
            first = number % len(names)
            for name in names[first:] + names[:first]:
                times = _run(CLIENTS[name], port, f"{number}-{name}", seconds, messages)
                for way in WAYS:
                    costs[name][way].append(sum(times[way]) / (len(times[way]) * messages))
                print(f"round {number + 1}: {name}", file=sys.stderr, flush=True)
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "cores": os.cpu_count(),
        "rounds": rounds,
        "seconds": seconds,
        "batch": messages,
        "size": SIZE,
        "in_flight": IN_FLIGHT,
        "credit": CREDIT,
        "rates": {
            name: {way: asdict(_rate(costs[OURS][way], ways[way])) for way in WAYS}
            for name, ways in costs.items()
        },
        "goals": GOALS,
    }


def _rate(ours: Sequence[float], theirs: Sequence[float]) -> Rate:
    return Rate(1 / median(theirs), spread(theirs), ratio(ours, theirs))


def _run(module: str, port: int, queue: str, seconds: float, messages: int) -> Mapping[str, list[float]]:
    command = [
        *(str(python()), "-P", "-m", f"benchmarks.throughput.{module}"),
        *("--port", str(port), "--queue", queue, "--seconds", str(seconds), "--messages", str(messages)),
    ]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise ClientFailed(f"{module} did not end within {PATIENCE} s") from error
    if done.returncode != 0:
        raise ClientFailed(f"{module} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    times: Mapping[str, list[float]] = json.loads(done.stdout)
    return times


def text(result: Mapping[str, Any]) -> str:
    """Return the result for a reader."""
    least = f"at least {result['seconds']:g} s each way"
    flying = f"{result['in_flight']} in flight, credit {result['credit']}"
    lines = [
        f"{result['python']}, {result['cores']} cores, {result['rounds']} rounds of {least}",
        f"Messages of {result['size']} octets with one application property, at least once: {flying}.",
        "Messages per second, the median of the rounds +- half the distance of the quartiles.",
        f"Ratios say how many times as fast {OURS} is, as the median of the rounds' ratios.",
        "",
        f"{'':16}{'send':>18}{'ratio':>8}{'receive':>20}{'ratio':>8}",
    ]
    for name, rates in result["rates"].items():
        sent, received = (rates[way] for way in WAYS)
        lines.append(
            f"{name:16}{_cell(sent):>18}{sent['ratio']:>8.2f}{_cell(received):>20}{received['ratio']:>8.2f}"
        )
    lines.append("")
    for way, goal in result["goals"].items():
        reached = result["rates"][GOAL_AGAINST][way]["ratio"]
        verdict = "reached" if reached >= goal else "missed"
        lines.append(f"Goal {verdict}: {way} {reached:.2f} times as fast as {GOAL_AGAINST}, to reach {goal}.")
    return "\n".join(lines)


def _cell(rate: Mapping[str, float]) -> str:
    return f"{rate['per_second']:,.0f} +-{rate['spread'] * 50:.0f}%"
