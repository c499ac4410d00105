"""What a client asks for and does not take itself: the smallest scope ends, with a condition, and nothing else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from amqp_spec import (
    Attach,
    Begin,
    Close,
    Detach,
    Disposition,
    End,
    Error,
    Flow,
    Frame,
    Open,
    Rejected,
    Released,
    Role,
    Source,
    Transfer,
    decode_frame,
)
from tests.engine.wire import AMQP, begin, flow, frame, receiver_attach, sender_attach, transfer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Client = Any
Listener = Any
LIMIT = "amqp:resource-limit-exceeded"


class Raw:
    """A client that writes frames as told."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def write(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))

    async def read(self, *kinds: type[Frame]) -> list[Any]:
        """Read up to a frame of each of *kinds*, in order; return those."""
        found: list[Any] = []
        async with asyncio.timeout(10):
            for kind in kinds:
                while True:
                    size = int.from_bytes(await self.reader.readexactly(4), "big")
                    body = (await self.reader.readexactly(size - 4))[4:]
                    performative = decode_frame(body)[0] if body else None
                    if isinstance(performative, kind):
                        found.append(performative)
                        break
        return found


@pytest.fixture
async def raw(listener: Listener) -> AsyncIterator[Raw]:
    reader, writer = await asyncio.open_connection(listener.host, listener.port)
    raw = Raw(reader, writer)
    raw.write(AMQP)
    assert await reader.readexactly(8) == AMQP
    yield raw
    writer.close()


def opened(**fields: Any) -> bytes:
    return frame(Open(container_id="x", **fields))


async def is_well(client: Client) -> None:
    """Check that the broker serves others as before."""
    await client.fill("after", b"a")
    assert await client.rest(await client.receiver("after")) == [b"a"]


async def test_more_sessions_than_the_client_takes(raw: Raw, client: Client) -> None:
    raw.write(opened(channel_max=0), frame(begin()), frame(begin(), channel=1))
    (close,) = await raw.read(Close)
    assert close.error.condition == LIMIT
    await is_well(client)


async def test_an_answer_larger_than_the_client_takes(raw: Raw, client: Client) -> None:
    raw.write(opened(max_frame_size=512), frame(begin()))
    raw.write(frame(receiver_attach("a", 0, source=Source(address="q" * 600))))
    attach, detach = await raw.read(Attach, Detach)
    assert attach.source is None
    assert detach.error.condition == LIMIT
    raw.write(frame(Detach(handle=0, closed=True)), frame(receiver_attach("b", 0)))
    (attach,) = await raw.read(Attach)
    assert attach.source is not None
    await is_well(client)


async def test_a_refusal_is_cut_to_what_the_client_takes(raw: Raw) -> None:
    raw.write(opened(max_frame_size=512), frame(begin()))
    raw.write(frame(receiver_attach("a", 0, source=Source(address="temporary-queue/" + "q" * 900))))
    (detach,) = await raw.read(Detach)
    assert detach.error.condition == "amqp:not-found"
    assert detach.error.description.endswith("...")


async def test_more_links_than_the_client_takes(raw: Raw, client: Client) -> None:
    raw.write(opened(), frame(begin(handle_max=0)), frame(sender_attach("a", 0)))
    raw.write(frame(sender_attach("b", 1)))
    attach, end = await raw.read(Attach, End)
    assert attach.name == "a"
    assert end.error.condition == LIMIT
    raw.write(frame(End()), frame(begin()), frame(sender_attach("c", 0)))
    _, attach = await raw.read(Begin, Attach)
    assert attach.name == "c"
    await is_well(client)


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(Rejected(error=Error(condition="x:y", description="y" * 600)), id="too large"),
        pytest.param(b"\x00\x53\x27\xc0\x0a\x03\x40\x40\xc1\x05\x02\x54\xff\x54\x01", id="no encoding"),
    ],
)
async def test_an_outcome_that_cannot_be_said_back(
    raw: Raw, client: Client, outcome: Rejected | bytes
) -> None:
    await client.fill("q", b"a")
    raw.write(opened(max_frame_size=512), frame(begin()), frame(receiver_attach("a", 0)))
    raw.write(frame(flow(handle=0, delivery_count=0, link_credit=1)))
    (first,) = await raw.read(Transfer)
    if isinstance(outcome, bytes):
        fields = b"\x41\x52%c\x40\x42" % first.delivery_id + outcome
        raw.write(frame(b"\x00\x53\x15\xc0" + bytes([1 + len(fields), 5]) + fields))
    else:
        raw.write(frame(Disposition(role=Role.RECEIVER, first=first.delivery_id, state=outcome)))
    (disposition,) = await raw.read(Disposition)
    assert disposition.settled
    assert disposition.first == first.delivery_id
    if isinstance(outcome, bytes):
        raw.write(frame(flow(handle=0, next_incoming_id=1, delivery_count=1, link_credit=1)))
        await raw.read(Transfer)


async def test_what_a_detached_link_held_is_settled(raw: Raw, client: Client) -> None:
    await client.fill("q", b"a", b"b")
    raw.write(opened(), frame(begin()), frame(receiver_attach("a", 0)))
    raw.write(frame(flow(handle=0, delivery_count=0, link_credit=2)))
    first, last = await raw.read(Transfer, Transfer)
    raw.write(frame(Detach(handle=0, closed=False)))
    detach, disposition = await raw.read(Detach, Disposition)
    assert not detach.closed
    assert disposition.settled
    assert disposition.state == Released()
    assert (disposition.first, disposition.last) == (first.delivery_id, last.delivery_id)
    assert await client.rest(await client.receiver("q")) == [b"a", b"b"]


@pytest.mark.fault("C3")
async def test_aborted_deliveries_give_the_credit_back(start: Any) -> None:
    listener = await start(credit=4)
    reader, writer = await asyncio.open_connection(listener.host, listener.port)
    raw = Raw(reader, writer)
    raw.write(AMQP, opened(), frame(begin()), frame(sender_attach("a", 0)))
    await reader.readexactly(8)
    (granted,) = await raw.read(Flow)
    for number in range(granted.link_credit):
        raw.write(frame(transfer(number, more=True), payload=b"x"), frame(Transfer(handle=0, aborted=True)))
    await raw.read(Flow)
    writer.close()


async def test_an_end_with_the_open(raw: Raw, client: Client) -> None:
    raw.write(opened() + frame(End()))
    (close,) = await raw.read(Close)
    assert close.error is not None
    await is_well(client)
