"""Messages larger than a frame, written and read piece by piece, and taken back half way."""

import random
from collections.abc import Iterator
from contextlib import suppress

import amqp
from amqp_spec import Transfer
from interop.expect import check, nothing_more, wrong
from interop.features.says import said
from interop.fronts import Front
from interop.peers import Peer

FRAME = 16_384
# Frames that the peer may send ahead on the session of a receiver that streams, unless told otherwise.
WINDOW = 32
PIECE = random.Random(3).randbytes(50_000)
PIECES = 40
BODY = PIECE * PIECES


class _BreakOff(Exception):
    """What the pieces raise."""


async def stream(peer: Peer, front: Front) -> str:
    """`send_stream()` and `chunks()`: 2 MB written and read in pieces, never whole at this side."""
    address = peer.address("streams")
    async with front.connect(peer.url, max_frame_size=FRAME) as connection:
        async with connection.open_sender(address) as sender:
            beside = amqp.Message(properties=amqp.Properties(subject="large"))
            await sender.send_stream((PIECE for _ in range(PIECES)), beside, size=len(BODY))
        async with connection.open_receiver(address, streaming=True, credit=1) as receiver:
            delivery = await receiver.receive(timeout=20)
            head = await delivery.head(timeout=20)
            if head.properties is None or head.properties.subject != "large":
                wrong("the properties", "the subject 'large'", head.properties)
            pieces = [piece async for piece in delivery.chunks(timeout=20)]
            check(b"".join(pieces) == BODY, f"the body came changed, in {len(pieces)} pieces")
            largest = max(map(len, pieces))
            check(largest <= WINDOW * FRAME, f"a piece of {largest} octets is more than the session's window")
            await delivery.accept()
            await nothing_more(receiver)
    return "yes"


async def stream_of_unknown_size(peer: Peer, front: Front) -> str:
    """A body whose size is not known beforehand: a data section of each piece (3.2.6)."""
    address = peer.address("streams")
    pieces = [bytes([number]) * 20_000 for number in range(5)]
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            await sender.send_stream(pieces)
        async with connection.open_receiver(address) as receiver:
            delivery = await receiver.receive(timeout=20)
            body = b"".join([piece async for piece in delivery.chunks()])
            await delivery.accept()
            await nothing_more(receiver)
    known = {
        b"".join(pieces): "yes",
        b"".join(reversed(pieces)): "sections come in reverse order",
        pieces[-1]: "all but the last section is lost",
    }
    return known.get(body) or wrong("the body", b"".join(pieces), body)


async def abort(peer: Peer, front: Front) -> str:
    """A message that is taken back half sent is void, and the next one goes on the same link (2.6.14)."""
    address = peer.address("aborted")
    aborted = 0

    def watch(direction: str, _channel: int, frame: object, size: int) -> None:
        nonlocal aborted
        if direction == "out" and isinstance(frame, Transfer) and frame.aborted:
            aborted += 1

    async with front.connect(peer.url, on_frame=watch, operation_timeout=10) as connection:
        try:
            async with connection.open_sender(address) as sender:
                with suppress(_BreakOff):
                    await sender.send_stream(_half())
                await sender.send(amqp.Message(b"behind"))
                check(aborted == 1, f"{aborted} transfers said that they are aborted")
        except amqp.AmqpError as error:
            return said(error)
        async with connection.open_receiver(address) as receiver:
            bodies = [await _taken(receiver)]
            if bodies != [b"behind"]:
                bodies.append(await _taken(receiver))
            await nothing_more(receiver)
    if bodies == [b"behind"]:
        return "yes"
    if len(bodies) == 2 and BODY.startswith(bodies[0]) and bodies[1] == b"behind":
        return "delivers what there was of it"
    return wrong("the messages", "the one behind the abort", bodies)


async def _taken(receiver: amqp.Receiver) -> bytes:
    delivery = await receiver.receive(timeout=10)
    await delivery.accept()
    body: bytes = delivery.message.body
    return body


def _half() -> Iterator[bytes]:
    for _ in range(PIECES // 2):
        yield PIECE
    raise _BreakOff
