"""Output that finds no room, streams that break while they are written to, and faults of this side."""

from __future__ import annotations

import math
import socket
import threading
from typing import TYPE_CHECKING

import pytest

import amqp
import amqp.sync
from amqp.engine import DeliveryReceived
from amqp.transport.stream import SocketStream
from tests.contract.front import SOON

if TYPE_CHECKING:
    from tests.aio.peer import Peer
    from tests.contract.conftest import MakePeer, ThreadedPeer

LARGE = amqp.Message(bytes(200_000))


def connected(peer: ThreadedPeer) -> socket.socket:
    host, port = peer.url.removeprefix("amqp://").split(":")
    return socket.create_connection((host, int(port)))


def stop_reading(peer: Peer) -> None:
    assert peer.driver.transport is not None
    peer.driver.transport.pause_reading()


def go_on_reading(peer: Peer) -> None:
    assert peer.driver.transport is not None
    peer.driver.transport.resume_reading()


@pytest.mark.fault("F21")
def test_a_peer_that_does_not_read_holds_the_sender_up(peer: ThreadedPeer) -> None:
    with amqp.sync.connect(peer.url) as connection:
        sender = connection.open_sender("q")
        peer.do(stop_reading)
        sent: list[amqp.sync.Pending] = []

        def fill() -> None:
            while len(sent) < 90:
                sent.append(sender.submit(LARGE, timeout=0.1))

        with pytest.raises(amqp.NotSent, match="credit"):
            fill()
        assert len(sent) < 90
        assert not sent[-1].done()
        # Nobody waits, and it is written all the same as soon as there is room.
        peer.do(go_on_reading)
        peer.until(lambda peer: len(peer.deliveries) == len(sent))
        sender.flush(timeout=SOON)
        assert all(pending.outcome == amqp.Accepted() for pending in sent)


def test_a_waiter_is_served_while_another_has_no_room_to_write(peer: ThreadedPeer) -> None:
    with amqp.sync.connect(peer.url) as connection:
        sender, receiver = connection.open_sender("q"), connection.open_receiver("q")
        peer.do(stop_reading)
        pendings = [sender.submit(LARGE, timeout=math.inf)]
        more = threading.Thread(
            target=lambda: pendings.extend(sender.submit(LARGE, timeout=SOON) for _ in range(40))
        )
        more.start()
        peer.send("one")
        assert receiver.receive(timeout=SOON).message.body == "one"
        peer.do(go_on_reading)
        more.join(SOON)
        sender.flush(timeout=SOON)
        assert len(pendings) == 41
        assert all(pending.outcome == amqp.Accepted() for pending in pendings)


@pytest.mark.fault("F3")
def test_why_the_peer_went_is_read_though_writing_fails_first(peer: ThreadedPeer) -> None:
    class Breaking(SocketStream):
        """Once broken, it is found out by writing; what came before can still be read."""

        broken: bool | None = None

        def write(self, data: memoryview) -> int:
            if self.broken:
                raise BrokenPipeError(32, "broken for the test")
            return super().write(data)

        def read(self) -> bytes | None:
            # What came is seen once the stream is known to be broken.
            return super().read() if self.broken is not False else None

    stream = Breaking(connected(peer))
    connection = amqp.sync.open_over(stream)
    stream.broken = False
    peer.do(lambda peer: peer.driver.engine.close(amqp.Error(condition="x:y", description="said before")))
    peer.until(lambda peer: not peer.driver.engine.wants_write)
    stream.broken = True
    with pytest.raises(amqp.RemoteClosed, match="said before"):
        connection.open_session(timeout=SOON)
    connection.close()


@pytest.mark.fault("F1")
def test_a_stream_that_breaks_while_it_is_read(peer: ThreadedPeer) -> None:
    class Breaking(SocketStream):
        broken = False

        def read(self) -> bytes | None:
            if self.broken:
                raise ConnectionResetError(104, "reset for the test")
            return super().read()

    stream = Breaking(connected(peer))
    connection = amqp.sync.open_over(stream)
    receiver = connection.open_receiver("q")
    stream.broken = True
    peer.send("one")
    with pytest.raises(amqp.ConnectionLost, match="reset for the test") as caught:
        receiver.receive(timeout=SOON)
    assert isinstance(caught.value.__cause__, ConnectionResetError)
    connection.close()


@pytest.mark.fault("F20")
def test_a_fault_of_this_side_is_told_as_such(peer: ThreadedPeer, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("broken for the test")

    connection = amqp.sync.connect(peer.url)
    receiver = connection.open_receiver("q")
    peer.until(lambda peer: peer.sender().credit)
    connection._client._handlers[DeliveryReceived] = broken
    peer.send("one")
    with pytest.raises(amqp.ConnectionLost, match="broken for the test") as caught:
        receiver.receive(timeout=SOON)
    assert caught.value.blame is amqp.Blame.LOCAL
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert "an exception ends the connection" in caplog.text
    connection.close()
    caplog.clear()


def test_outcomes_are_written_once_the_peer_reads_again(start_peer: MakePeer) -> None:
    peer = start_peer(credit=100_000)
    with amqp.sync.connect(peer.url) as connection:
        receiver = connection.open_receiver("q", credit=5_000)
        peer.do(stop_reading)
        peer.send(*range(500))
        for _ in range(500):
            receiver.receive(timeout=SOON).accept()
        peer.do(go_on_reading)
        peer.until(lambda peer: not peer.sender().unsettled)
