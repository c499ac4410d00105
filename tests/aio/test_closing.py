"""Closing sessions and connections: by us, by the peer, by nobody; in time, whatever the peer does."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import amqp
from amqp.broker import Broker
from amqp.engine import ConnectionEnded, ConnectionFailed, DeliveryUpdated, SessionEnded
from amqp.transport import MemoryListener
from tests.aio.peer import SOON, Peer

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

HELLO = amqp.Message(b"hello")
ROOT = Path(__file__).resolve().parents[2]


async def test_a_session_closes_with_its_links() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        session = await connection.open_session()
        sender, receiver = await session.open_sender("q"), await session.open_receiver("q")
        await sender.submit(HELLO)
        await peer.send("unread")
        await peer.until(lambda: len(peer.deliveries) == 1)
        await session.close()
        await session.close()
        assert not session.is_open
        assert not sender.is_open
        assert not receiver.is_open
        assert connection.is_open
        await peer.until_told(SessionEnded)


async def test_a_session_waits_for_outcomes_and_tells_failures() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        session = await connection.open_session()
        sender = await session.open_sender("q")
        await sender.submit(HELLO)
        closing = asyncio.create_task(session.close())
        await peer.until(lambda: peer.deliveries)
        peer.deliveries[0].settle(amqp.Rejected())
        peer.flush()
        with pytest.raises(ExceptionGroup, match="nobody has looked at") as caught:
            await closing
        assert caught.group_contains(amqp.MessageRejected)
        assert not session.is_open


@pytest.mark.fault("F13")
async def test_silent_at_the_end() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        session = await connection.open_session()
        peer.driver.mute = True
        start = time.monotonic()
        with pytest.raises(amqp.OperationTimeout, match="end of <Session"):
            await session.close(timeout=0.2)
        assert time.monotonic() - start < 2
        await session.close()
        peer.driver.mute = False


async def test_closing_is_orderly() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        await connection.open_sender("q")
    await peer.until(lambda: peer.driver.transport is None)
    assert peer.told(ConnectionEnded)
    assert not peer.told(ConnectionFailed)


async def test_closing_waits_for_outcomes_and_releases_what_is_unread() -> None:
    async with Peer(silent=("outcome",)) as peer:
        connection = await amqp.connect(peer.url)
        sender, receiver = await connection.open_sender("q"), await connection.open_receiver("q")
        pending = await sender.submit(HELLO)
        await peer.send("unread")
        await peer.until(lambda: peer.deliveries)
        closing = asyncio.create_task(connection.close())
        await asyncio.sleep(0)
        peer.deliveries[0].settle(amqp.Accepted())
        peer.flush()
        await closing
        assert await pending.result(0) == amqp.Accepted()
        assert not receiver.is_open
        await peer.until_told(ConnectionEnded)
        assert [event.state for event in peer.told(DeliveryUpdated)] == [amqp.Released()]


async def test_closing_tells_failures_that_nobody_looked_at() -> None:
    async with Peer(silent=("outcome",)) as peer:
        connection = await amqp.connect(peer.url)
        sender = await connection.open_sender("q")
        await sender.submit(HELLO)
        await peer.until(lambda: peer.deliveries)
        with pytest.raises(ExceptionGroup) as caught:
            await connection.close(timeout=0.2)
        assert caught.group_contains(amqp.InDoubt)
        await peer.until(lambda: peer.driver.transport is None)


async def test_failures_of_a_lost_connection_are_told_at_the_end() -> None:
    async with Peer(silent=("outcome",)) as peer:

        async def forget() -> None:
            async with amqp.connect(peer.url) as connection:
                sender = await connection.open_sender("q")
                await sender.submit(HELLO)
                await peer.until(lambda: peer.deliveries)
                peer.driver.abort()
                with pytest.raises(amqp.ConnectionLost):
                    await (await connection.open_receiver("q")).receive()

        with pytest.raises(ExceptionGroup) as caught:
            await forget()
        assert caught.group_contains(amqp.InDoubt)


@pytest.mark.parametrize("what", ["session", "connection"])
async def test_closing_accepts_what_auto_accept_handed_out_last(what: str) -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        session = await connection.open_session()
        receiver = await session.open_receiver("q", auto_accept=True)
        await peer.send("x")
        await receiver.receive()
        await (session if what == "session" else connection).close()
        await peer.until(lambda: peer.told(DeliveryUpdated))
        assert [event.state for event in peer.told(DeliveryUpdated)] == [amqp.Accepted()]
        await connection.close()


@pytest.mark.fault("F13")
async def test_silent_at_the_close() -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        peer.driver.mute = True
        start = time.monotonic()
        with pytest.raises(amqp.OperationTimeout, match="close of <Connection"):
            await connection.close(timeout=0.2)
        assert time.monotonic() - start < 2
        await connection.close()
        await peer.until(lambda: peer.driver.transport is None)


@pytest.mark.fault("F13")
async def test_leaving_never_hides_the_callers_error() -> None:
    async with Peer() as peer:

        async def fail() -> None:
            async with amqp.connect(peer.url) as connection:
                await connection.open_sender("q")
                peer.driver.abort()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()


@pytest.mark.parametrize("what", ["session", "receiver", "sender"])
async def test_leaving_a_part_never_hides_the_callers_error(what: str) -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:

        def opening() -> AbstractAsyncContextManager[object]:
            if what == "session":
                return connection.open_session()
            return connection.open_receiver("q") if what == "receiver" else connection.open_sender("q")

        async def fail() -> None:
            async with opening():
                peer.driver.abort()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()


async def test_a_peer_that_leaves_instead_of_answering_the_close_is_gone_too() -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        peer.driver.mute = True
        closing = asyncio.create_task(connection.close())
        await asyncio.sleep(0)
        peer.driver.abort()
        await closing
        assert not connection.is_open


@pytest.mark.fault("F14")
async def test_a_cancelled_close_drops_the_transport() -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        peer.driver.mute = True
        closing = asyncio.create_task(connection.close())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        await peer.until(lambda: peer.driver.transport is None)


@pytest.mark.fault("F14")
async def test_a_close_that_is_cancelled_is_told_as_one_of_this_side() -> None:
    async with Peer(silent=("outcome",)) as peer:
        connection = await amqp.connect(peer.url)
        receiver = await connection.open_receiver("q")
        pending = await (await connection.open_sender("q")).submit(HELLO)
        waiting = asyncio.create_task(receiver.receive())
        closing = asyncio.create_task(connection.close())
        await peer.until(lambda: peer.deliveries)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        # It is not the peer, or the network, that ended it.
        assert await connection.wait_closed(timeout=SOON) is None
        with pytest.raises(amqp.InDoubt) as caught:
            await pending
        assert isinstance(caught.value.__cause__, amqp.ConnectionClosed)
        assert caught.value.__cause__.blame is amqp.Blame.LOCAL
        with pytest.raises(amqp.ConnectionClosed) as closed:
            await waiting
        assert not closed.value.retryable


@pytest.mark.fault("F14")
async def test_two_may_close() -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        await asyncio.gather(connection.close(), connection.close())
        assert not connection.is_open


@pytest.mark.fault("F3")
@pytest.mark.parametrize("error", [None, amqp.Error(condition="amqp:connection:forced", description="off")])
async def test_the_peer_closes(error: amqp.Error | None) -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        receiver = await connection.open_receiver("q")
        receiving = asyncio.create_task(receiver.receive())
        await asyncio.sleep(0)
        peer.driver.engine.close(error)
        peer.flush()
        with pytest.raises(amqp.RemoteClosed) as caught:
            await receiving
        assert caught.value.condition == (None if error is None else "amqp:connection:forced")
        with pytest.raises(amqp.RemoteClosed):
            await connection.open_sender("q")
        await connection.close()
        await peer.until(lambda: peer.driver.transport is None)


@pytest.mark.fault("F2")
async def test_a_half_closed_stream_is_a_lost_connection() -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        receiver = await connection.open_receiver("q")
        assert peer.driver.transport is not None
        peer.driver.transport.write_eof()
        with pytest.raises(amqp.ConnectionLost):
            await receiver.receive(timeout=SOON)
        await connection.close()


@pytest.mark.fault("F1")
async def test_nonsense_on_an_open_connection() -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        receiver = await connection.open_receiver("q")
        assert peer.driver.transport is not None
        peer.driver.transport.write(b"\x00\x00\x00\x01\x02\x00\x00\x00")
        with pytest.raises(amqp.ConnectionLost) as caught:
            await receiver.receive(timeout=SOON)
        assert caught.value.condition == "amqp:connection:framing-error"
        assert caught.value.blame is amqp.Blame.REMOTE
        await connection.close()


# -- the end of the program


def run(code: str) -> subprocess.Popen[str]:
    path = f"import sys; sys.path[:0] = [{str(ROOT / 'src')!r}, {str(ROOT / 'generated')!r}]\n"
    return subprocess.Popen(
        [sys.executable, "-W", "always", "-c", path + code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.fault("F16")
async def test_control_c_ends_cleanly() -> None:
    async with Peer(silent=("outcome",)) as peer:
        process = run(f"""
import amqp, asyncio

async def main():
    async with amqp.connect({peer.url!r}) as connection, connection.open_receiver("q") as receiver:
        sender = await connection.open_sender("q")
        await sender.submit(amqp.Message(b""))
        print("ready", flush=True)
        async for delivery in receiver:
            pass

try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
""")
        await peer.until(lambda: peer.deliveries)
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == "ready\n"
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.to_thread(process.communicate, timeout=SOON)
        assert (out, err) == ("interrupted\n", "")
        assert process.returncode == 0
        await peer.until_told(ConnectionEnded)


@pytest.mark.fault("F16")
async def test_a_program_that_forgets_to_close_is_told_so_and_no_more() -> None:
    async with Peer() as peer:
        process = run(f"""
import amqp, asyncio

async def main():
    global connection, receiver
    connection = await amqp.connect({peer.url!r})
    receiver = await connection.open_receiver("q")

asyncio.run(main())
""")
        _, err = await asyncio.to_thread(process.communicate, timeout=SOON)
        assert process.returncode == 0
        assert f"ResourceWarning: unclosed <Connection to {peer.url}" in err
        assert "Traceback" not in err
        assert "Task was destroyed" not in err


async def test_behind_the_close_of_a_receiver_the_broker_has_its_outcomes_also_without_a_socket() -> None:
    async with Broker() as broker:
        listener = MemoryListener(broker.accept)
        async with amqp.connect("amqp://broker", transport=listener.connect) as connection:
            sender = await connection.open_sender("q")
            await sender.send(amqp.Message(b"hello"))
            receiver = await connection.open_receiver("q")
            delivery = await receiver.receive(timeout=SOON)
            await delivery.accept()
            await receiver.close()
            assert broker.queues["q"].depth == 0
