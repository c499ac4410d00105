"""Help for tests of programs that use this library. Nothing is imported before it is asked for.

:class:`Peer` is a scripted peer without I/O, :class:`AsyncPeer` and :class:`BlockingPeer` are one on a network;
:class:`ThreadedBroker` is the embedded broker for tests without a loop, :class:`FaultyPipe` a connection that goes wrong.
``amqp.testing.pytest_plugin`` has fixtures, ``amqp.testing.strategies`` hypothesis strategies for every type.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from amqp.testing.framing import Frame, message_octets
    from amqp.testing.matching import ABSENT, ANY, PRESENT
    from amqp.testing.network import AsyncPeer, BlockingPeer
    from amqp.testing.octets import Malformed, Typed
    from amqp.testing.peer import Peer
    from amqp.testing.pipe import FaultyPipe
    from amqp.testing.plain import Composite
    from amqp.testing.threaded_broker import ThreadedBroker

__all__ = [
    "ABSENT",
    "ANY",
    "PRESENT",
    "AsyncPeer",
    "BlockingPeer",
    "Composite",
    "FaultyPipe",
    "Frame",
    "Malformed",
    "Peer",
    "ThreadedBroker",
    "Typed",
    "message_octets",
]

_HOMES: Final = {
    "ABSENT": "matching",
    "ANY": "matching",
    "PRESENT": "matching",
    "AsyncPeer": "network",
    "BlockingPeer": "network",
    "Composite": "plain",
    "FaultyPipe": "pipe",
    "Frame": "framing",
    "Malformed": "octets",
    "Peer": "peer",
    "ThreadedBroker": "threaded_broker",
    "Typed": "octets",
    "message_octets": "framing",
}

if not TYPE_CHECKING:  # a type checker that sees it takes every misspelt name for an object

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'amqp.testing' has no attribute {name!r}")
        value = getattr(import_module(f"amqp.testing.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
