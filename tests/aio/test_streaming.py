"""Messages larger than anybody wants to hold: sent while they are made, read while they come."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import pytest

import amqp
from amqp.engine import DeliveryAborted, DeliveryReceived, DeliveryUpdated, OutgoingStream
from tests.aio.peer import SOON, Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from amqp.client.chunks import Chunks

PIECE = bytes(range(256)) * 256


async def later(count: int, size: int = 65_536) -> AsyncIterator[bytes]:
    for _ in range(count):
        await asyncio.sleep(0)
        yield PIECE[:size]


def plain(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield PIECE


@pytest.mark.parametrize("kind", ["async", "plain", "file"])
@pytest.mark.fault("F23")
async def test_a_body_is_sent_piece_by_piece(kind: str) -> None:
    chunks: Chunks = later(40)
    if kind != "async":
        chunks = plain(40) if kind == "plain" else io.BytesIO(PIECE * 40)
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q", durable=True)
        beside = amqp.Message(properties=amqp.Properties(subject="large"))
        assert await sender.send_stream(chunks, beside, tag=b"mine") == amqp.Accepted()
        came = peer.deliveries[0]
        message = amqp.Message.decode(came.payload)
        assert message.body == PIECE * 40
        assert came.tag == b"mine"
        assert message.header == amqp.Header(durable=True)
        assert message.properties == amqp.Properties(subject="large")
        assert await sender.send(amqp.Message("behind")) == amqp.Accepted()


async def test_a_body_of_nothing_is_an_empty_one() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        assert await sender.send_stream([], settled=True) is None
        await peer.until(lambda: peer.deliveries)
        assert amqp.Message.decode(peer.deliveries[0].payload).body == b""


@pytest.mark.fault("F21")
async def test_pieces_are_taken_as_the_peer_takes_them() -> None:
    taken = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield PIECE

    # Two frames of 4 KiB may be under way: the window is the peer's to open.
    async with Peer(silent=("begin",)) as peer, amqp.connect(peer.url) as connection:
        opening = asyncio.ensure_future(connection.open_session())
        await peer.until(lambda: peer.driver.engine.sessions)
        peer.session().accept(amqp.SessionOptions(incoming_window=1))
        peer.driver.mute = False
        peer.flush()
        session = await opening
        sender = await session.open_sender("q")
        peer.driver.mute = True
        with pytest.raises(amqp.OperationTimeout, match="room for more"):
            await sender.send_stream(chunks(), timeout=0.2)
        assert taken < 20
        peer.driver.mute = False
        peer.flush()
        await peer.until(lambda: peer.told(DeliveryAborted))


@pytest.mark.parametrize("amid", [False, True])
async def test_an_error_of_the_pieces_takes_the_message_back(amid: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        if amid:
            for _ in range(10):
                yield PIECE
                await asyncio.sleep(0)
        raise ValueError("no more")

    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        with pytest.raises(ValueError, match="no more"):
            await sender.send_stream(chunks())
        await sender.send(amqp.Message("behind"))
        assert [amqp.Message.decode(delivery.payload).body for delivery in peer.deliveries] == ["behind"]


@pytest.mark.fault("F14")
async def test_cancelled_at_any_step_nothing_of_it_counts() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        for steps in range(60):
            task = asyncio.create_task(sender.send_stream(later(5)))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task], timeout=SOON)
            assert await sender.send(amqp.Message("after"), timeout=SOON) == amqp.Accepted()
            if not task.cancelled():
                break
        whole = [amqp.Message.decode(delivery.payload).body for delivery in peer.deliveries]
        assert set(whole) <= {"after", PIECE * 5}


async def test_a_lost_link_ends_it() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield PIECE
        peer.receiver().detach(error=amqp.Error(condition="amqp:link:detach-forced"))
        peer.flush()
        await sender.wait_closed(timeout=SOON)
        yield PIECE

    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        with pytest.raises(amqp.SendError):
            await sender.send_stream(chunks())
        with pytest.raises(amqp.NotSent):
            await sender.send_stream(chunks())


async def test_what_is_no_body_is_refused() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        for wrong in (b"octets", 5):
            with pytest.raises(amqp.LocalError, match="chunks takes"):
                await sender.send_stream(wrong)  # type: ignore[arg-type]  # on purpose
        with pytest.raises(amqp.LocalError, match="bytes-like"):
            await sender.send_stream(["text"])  # type: ignore[list-item]  # on purpose
        with pytest.raises(amqp.EncodeError, match="in pieces"):
            await sender.send_stream([], amqp.Message(b"x"))
        await sender.send(amqp.Message("behind"))


# -- reading


class Streaming(Peer):
    """A server that sends one message in pieces, when a test says so."""

    def begin(self, head: bytes = b"") -> OutgoingStream:
        sent = self.sender().send_stream(head)
        self.flush()
        return sent

    async def ready(self) -> None:
        await self.until(lambda: self.sender().credit)


@pytest.mark.fault("F23")
async def test_a_body_is_read_while_it_comes() -> None:
    async with Streaming() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", streaming=True)
        await peer.ready()
        sent = peer.begin(amqp.Message(amqp.Data(PIECE), properties=amqp.Properties(subject="s")).encode())
        delivery = await receiver.receive(timeout=SOON)
        with pytest.raises(amqp.LocalError, match="head"):
            _ = delivery.message
        assert (await delivery.head()).properties == amqp.Properties(subject="s")
        assert delivery.message.body == b""
        chunks = delivery.chunks(timeout=SOON)
        read = await anext(chunks)
        while len(read) < len(PIECE):
            read += await anext(chunks)
        assert read == PIECE
        rest = asyncio.create_task(_all(chunks))
        await asyncio.sleep(0)
        sent.write(amqp.Data(b"more").encode())
        peer.flush()
        sent.finish(amqp.Data(b" and the end").encode())
        peer.flush()
        assert await asyncio.wait_for(rest, SOON) == b"more and the end"
        await delivery.accept()
        assert (await peer.until_told(DeliveryUpdated)).state == amqp.Accepted()
        assert await _all(delivery.chunks()) == b""


async def _all(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def test_little_waits_unread_whatever_the_size() -> None:
    async with Streaming() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", streaming=True)
        await peer.ready()
        sent = peer.begin()
        for _ in range(100):
            sent.write(amqp.Data(PIECE).encode())
        sent.finish()
        peer.flush()
        delivery = await receiver.receive(timeout=SOON)
        read = 0
        async for chunk in delivery.chunks(timeout=SOON):
            read += len(chunk)
            assert receiver.session.is_open
        assert read == 100 * len(PIECE)
        # A session of its own, whose window is what may wait here.
        remote = next(iter(peer.driver.engine.sessions)).remote_begin
        assert remote is not None
        assert remote.incoming_window == 32
        await delivery.accept()


async def test_a_message_that_is_taken_back_is_told() -> None:
    async with Streaming() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", streaming=True, credit=2)
        await peer.ready()
        first = peer.begin(amqp.Data(b"x").encode())
        delivery = await receiver.receive(timeout=SOON)
        chunks = delivery.chunks(timeout=SOON)
        assert await anext(chunks) == b"x"
        first.abort()
        peer.flush()
        with pytest.raises(amqp.DeliveryAborted):
            await anext(chunks)
        # One that nobody has taken is never seen.
        await peer.ready()
        second = peer.begin(amqp.Data(b"y").encode())
        for _ in range(10_000):
            if receiver.unread:
                break
            await asyncio.sleep(0)
        second.abort()
        peer.flush()
        await peer.until(lambda: peer.sender().credit)
        await peer.send("third")
        assert (await (await receiver.receive(timeout=SOON)).head()) is not None


async def test_a_link_that_is_lost_amid_it_is_told() -> None:
    async with Streaming() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", streaming=True)
        await peer.ready()
        peer.begin(amqp.Data(b"x").encode())
        delivery = await receiver.receive(timeout=SOON)
        chunks = delivery.chunks(timeout=SOON)
        assert await anext(chunks) == b"x"
        waiting = asyncio.ensure_future(anext(chunks))
        await asyncio.sleep(0)
        peer.driver.abort()
        with pytest.raises(amqp.ConnectionLost):
            await waiting


async def test_who_stops_early_settles() -> None:
    async with Streaming() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", streaming=True)
        await peer.ready()
        sent = peer.begin(amqp.Data(PIECE).encode())
        delivery = await receiver.receive(timeout=SOON)
        with pytest.raises(amqp.OperationTimeout, match="more of the message"):
            await _all(delivery.chunks(timeout=0.05))
        await delivery.reject()
        with pytest.raises(amqp.LocalError, match="not read"):
            await anext(delivery.chunks())
        sent.finish(amqp.Data(PIECE).encode())
        peer.flush()
        await peer.send("next")
        other = await receiver.receive(timeout=SOON)
        with pytest.raises(amqp.DecodeError, match="no data"):
            await anext(other.chunks())
        assert isinstance(other.fault, amqp.DecodeError)
        async with other:
            pass
        assert other.outcome == amqp.Modified(delivery_failed=True, undeliverable_here=True)


async def test_what_was_not_read_to_its_end_is_released_by_default() -> None:
    async with Streaming() as peer, amqp.connect(peer.url) as connection:
        async with connection.open_receiver("q", streaming=True, auto_accept=True) as receiver:
            await peer.ready()
            peer.begin(amqp.Data(PIECE).encode())
            delivery = await receiver.receive(timeout=SOON)
            assert not delivery.settled
        assert delivery.outcome == amqp.Released()


async def test_a_message_that_came_whole_has_pieces_too() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        await peer.send(b"one", "text")
        delivery = await receiver.receive(timeout=SOON)
        assert await _all(delivery.chunks()) == b"one"
        assert (await delivery.head()).body == b"one"
        with pytest.raises(amqp.LocalError, match="no data"):
            await anext((await receiver.receive(timeout=SOON)).chunks())
        assert len(peer.told(DeliveryReceived)) == 0
