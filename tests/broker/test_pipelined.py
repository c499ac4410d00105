"""Clients that do not wait for answers: everything in one write, the end included."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from amqp.engine import ConnectionEnded
from amqp_spec import (
    Attach,
    Begin,
    Close,
    Data,
    Detach,
    Disposition,
    End,
    Error,
    Flow,
    Frame,
    Open,
    Role,
    Source,
    Target,
    Transfer,
    decode_frame,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

Client = Any
Connect = Any
Listener = Any

AMQP_HEADER = b"AMQP\x00\x01\x00\x00"
MESSAGE = Data(b"a").encode()

OPEN = Open(container_id="x")
BEGIN = Begin(next_outgoing_id=0, incoming_window=100, outgoing_window=100)
SENDER = Attach(
    name="out",
    handle=0,
    role=Role.SENDER,
    source=Source(),
    target=Target(address="q"),
    initial_delivery_count=0,
)
RECEIVER = Attach(name="in", handle=1, role=Role.RECEIVER, source=Source(address="q"), target=Target())
FLOW = Flow(
    next_incoming_id=0,
    incoming_window=100,
    next_outgoing_id=0,
    outgoing_window=100,
    handle=1,
    delivery_count=0,
    link_credit=10,
)
TRANSFER = Transfer(handle=0, delivery_id=0, delivery_tag=b"t", settled=True)
UNSETTLED = Transfer(handle=0, delivery_id=0, delivery_tag=b"t")
DETACH = Detach(handle=0, closed=True)
ERROR = Error(condition="amqp:internal-error")


def octets(frames: Sequence[Frame]) -> bytes:
    """Return the frames of one session, each in one frame, on channel 0."""
    parts = [AMQP_HEADER]
    for frame in frames:
        body = frame.encode() + (MESSAGE if isinstance(frame, Transfer) else b"")
        parts.append((len(body) + 8).to_bytes(4, "big") + b"\x02\x00\x00\x00" + body)
    return b"".join(parts)


def frames_of(data: bytes) -> list[Frame]:
    """Return what a peer has said."""
    assert data[:8] == AMQP_HEADER
    at, frames = 8, []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        frames.append(decode_frame(data[at + 8 : at + size])[0])
        at += size
    return frames


async def exchange(listener: Listener, *frames: Frame) -> list[Frame]:
    """Send all at once; return all that comes until the broker closes the stream."""
    reader, writer = await asyncio.open_connection(listener.host, listener.port)
    try:
        writer.write(octets(frames))
        async with asyncio.timeout(10):
            return frames_of(await reader.read())
    finally:
        writer.close()


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([], id="open"),
        pytest.param([BEGIN], id="begin"),
        pytest.param([BEGIN, End()], id="begin and end"),
        pytest.param([BEGIN, End(error=ERROR)], id="begin and end with an error"),
        pytest.param([BEGIN, SENDER], id="attach"),
        pytest.param([BEGIN, SENDER, End()], id="attach and end"),
        pytest.param([BEGIN, SENDER, RECEIVER, FLOW, DETACH, End()], id="attach, flow, detach and end"),
        pytest.param([BEGIN, RECEIVER, FLOW, Detach(handle=1, closed=True)], id="attach, flow and detach"),
        pytest.param([BEGIN, RECEIVER, Detach(handle=1)], id="attach and detach"),
        pytest.param([BEGIN, End(), BEGIN, SENDER, End()], id="the same channel twice"),
        pytest.param([BEGIN, SENDER, DETACH, SENDER, DETACH], id="the same link twice"),
    ],
)
async def test_what_was_asked_is_answered_to_the_close(listener: Listener, frames: list[Frame]) -> None:
    answer = await exchange(listener, OPEN, *frames, Close())
    assert isinstance(answer[0], Open)
    assert answer[-1] == Close()
    assert listener.broker.opened == 0
    assert listener.broker.links == {}


@pytest.mark.parametrize("closing", [[], [DETACH], [End()], [DETACH, End()]])
@pytest.mark.parametrize("error", [None, ERROR])
async def test_a_client_that_flows_over_the_credit_it_does_not_have(
    listener: Listener, closing: list[Frame], error: Error | None
) -> None:
    """A transfer before any credit is the client's fault, whatever stands behind it; the broker lives."""
    await exchange(listener, OPEN, BEGIN, SENDER, TRANSFER, *closing, Close(error=error))
    assert (await exchange(listener, OPEN, Close()))[-1] == Close()


async def test_dispositions_that_concern_nothing(listener: Listener) -> None:
    nothing = Disposition(role=Role.RECEIVER, first=0, last=4_000_000_000, settled=True)
    answer = await exchange(listener, OPEN, BEGIN, nothing, SENDER, RECEIVER, FLOW, nothing, Close())
    assert answer[-1] == Close()


async def test_a_message_sent_with_the_last_breath_is_there(listener: Listener, client: Client) -> None:
    sender = await client.sender("q")
    await client.credit(sender)
    for settled in (False, True):
        sender.send(MESSAGE, settled=settled)
    sender.detach()
    client.engine.close()
    await client.event(ConnectionEnded)
    assert listener.broker.queues["q"].depth == 2


async def test_deliveries_on_their_way_to_a_closing_client_stay(listener: Listener, client: Client) -> None:
    """A flow and the end in one write: what is sent in between is there for the next."""
    await client.fill("q", b"a")
    answer = await exchange(listener, OPEN, BEGIN, RECEIVER, FLOW, End(), Close())
    assert answer[-1] == Close()
    assert await client.rest(await client.receiver("q")) == [b"a"]


@pytest.mark.requirement("transport-2.6.13-06")
async def test_links_are_not_resumed_in_silence(listener: Listener) -> None:
    resumed = replace(RECEIVER, unsettled={b"t": None})
    reader, writer = await asyncio.open_connection(listener.host, listener.port)
    writer.write(octets([OPEN, BEGIN, resumed]))
    answer = b""
    async with asyncio.timeout(10):
        while b"\x53\x16" not in answer:
            answer += await reader.read(4096)
    writer.close()
    _, _, attach, detach = frames_of(answer)
    assert isinstance(attach, Attach)
    assert attach.source is None
    assert isinstance(detach, Detach)
    assert detach.error is not None
    assert (detach.closed, detach.error.condition) == (True, "amqp:not-implemented")
