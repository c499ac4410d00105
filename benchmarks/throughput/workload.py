"""What every client does: batches of messages out and back, timed apart, until each way took long enough.

A client is a program of its own that gets the port of the broker and writes its :class:`Times` to stdout.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST: Final = "127.0.0.1"
SIZE: Final = 256
"""Octets of each message's body."""
KEY: Final = "number"
"""The one application property; its value is the message's number in its batch."""
IN_FLIGHT: Final = 100
"""Messages that are sent and have no outcome yet, at most."""
CREDIT: Final = 500
"""The credit of a receiver."""


@dataclass(slots=True)
class Times:
    """What a client measured: of each batch out and of each batch back, the seconds that it took."""

    messages: int
    sent: list[float] = field(default_factory=list[float])
    received: list[float] = field(default_factory=list[float])


class Wrong(Exception):
    """A batch did not come back as it was sent."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a client was asked to do."""

    port: int
    queue: str
    messages: int
    seconds: float

    def batches(self, times: Times) -> Iterator[str]:
        """Yield the queue of each batch, until both ways together have taken long enough."""
        number = 0
        while min(sum(times.sent), sum(times.received)) < self.seconds:
            number += 1
            yield f"{self.queue}-{number}"


def body(number: int) -> bytes:
    """Return the body of a message, which is another in each."""
    return b"%08d" % number * (SIZE // 8)


def check(numbers: int, total: int, octets: int) -> None:
    """Raise Wrong unless *numbers* messages, the sum of their numbers and the octets of their bodies are a batch."""
    expected = (numbers * (numbers - 1) // 2, numbers * SIZE)
    if (total, octets) != expected:
        raise Wrong(f"a batch of {numbers} has the sum and octets {expected}, not {(total, octets)}")


def task() -> Task:
    """Read the command line of a client."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--queue", required=True)
    parser.add_argument("--messages", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    return Task(given.port, given.queue, given.messages, given.seconds)


def tell(times: Times) -> None:
    """Write what was measured."""
    json.dump(asdict(times), sys.stdout)
