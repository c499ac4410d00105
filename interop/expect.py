"""What the checks share: claims that say what was expected and what came, and a look at an empty queue."""

from typing import NoReturn

import amqp
from interop.errors import CheckFailed
from interop.peers.base import QUEUES, Peer

# How long a queue that should be empty is watched. Longer finds no more: what a broker still has, it sends at once.
QUIET_SECONDS = 0.3


def check(holds: bool, what: str) -> None:
    """Raise CheckFailed saying what does not hold."""
    if not holds:
        raise CheckFailed(what)


def wrong(what: str, expected: object, came: object) -> NoReturn:
    """Raise CheckFailed with what was expected and what came."""
    raise CheckFailed(f"{what}: expected {_short(expected)}, came {_short(came)}")


async def nothing_more(receiver: amqp.Receiver) -> None:
    """Raise CheckFailed when the receiver still gets a message."""
    try:
        extra = await receiver.receive(timeout=QUIET_SECONDS)
    except amqp.OperationTimeout:
        return
    wrong("the queue should be empty", "nothing", extra.message)


async def empty(peer: Peer) -> None:
    """Take everything out of the peer's queues."""
    async with amqp.connect(peer.url) as connection:
        for queue in QUEUES:
            async with connection.open_receiver(peer.address(queue), session="own") as receiver:
                while deliveries := await receiver.receive_many(100, timeout=QUIET_SECONDS):
                    for delivery in deliveries:
                        await delivery.accept()


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}... ({len(text)} characters)"
