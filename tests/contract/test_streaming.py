"""Messages in pieces, sent and read: on both front ends."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.engine import DeliveryAborted
from amqp.testing import BlockingPeer
from tests.contract.front import SOON, Raising

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.contract.conftest import MakePeer, ThreadedPeer
    from tests.contract.front import Front

PIECE = bytes(range(256)) * 256


def pieces(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield PIECE


@pytest.mark.parametrize("size", [None, 30 * len(PIECE)], ids=["each", "one"])
@pytest.mark.parametrize("kind", ["pieces", "file"])
def test_a_large_message_there_and_back(front: Front, broker: str, kind: str, size: int | None) -> None:
    with front.connect(broker) as connection, connection.open_sender("q") as sender:
        chunks = pieces(30) if kind == "pieces" else io.BytesIO(PIECE * 30)
        beside = amqp.Message(properties=amqp.Properties(subject="large"))
        assert sender.send_stream(chunks, beside, size=size) == amqp.Accepted()
        with connection.open_receiver("q", streaming=True) as receiver:
            delivery = receiver.receive(timeout=SOON)
            assert delivery.head(timeout=SOON).properties == amqp.Properties(subject="large")
            read = list(delivery.chunks(timeout=SOON))
            assert len(read) > 5
            assert b"".join(read) == PIECE * 30
            assert delivery.fault is None
            assert not delivery.aborted
            delivery.accept()


def test_a_message_that_is_known_to_be_too_large(front: Front, start_broker: Callable[..., str]) -> None:
    url = start_broker(max_message_size=1_000)
    with front.connect(url) as connection, connection.open_sender("q") as sender:
        taken: list[bytes] = []

        def chunks() -> Iterator[bytes]:
            for piece in pieces(1):
                taken.append(piece)
                yield piece

        with pytest.raises(amqp.LocalError, match=r"the message has \d+ octets, and the peer takes 1000"):
            sender.send_stream(chunks(), size=len(PIECE))
        assert taken == []
        assert sender.send_stream([b"behind"], size=6) == amqp.Accepted()


def test_what_the_pieces_raise_takes_the_message_back(front: Front, peer: ThreadedPeer) -> None:
    def chunks() -> Iterator[bytes]:
        yield from pieces(3)
        raise ValueError("no more")

    with front.connect(peer.url) as connection, connection.open_sender("q") as sender:
        with pytest.raises(ValueError, match="no more"):
            sender.send_stream(chunks())
        with pytest.raises(amqp.LocalError, match="chunks takes"):
            sender.send_stream(b"octets")
        with pytest.raises(amqp.EncodeError, match="in pieces"):
            sender.send_stream([], amqp.Message(b"x"))
        sender.send(amqp.Message("behind"))
        peer.until(lambda peer: len(peer.deliveries) == 1)


@pytest.mark.fault("F12")
def test_a_message_of_which_nothing_could_leave_is_not_sent_when_its_link_is_lost(front: Front) -> None:
    with BlockingPeer(timeout=SOON) as peer:
        peer.handshake()
        peer.accept_session()
        peer.expect_attach(role="sender").respond()
        peer.remote_flow(incoming_window=0, link_credit=1, delivery_count=0, handle=0)
        gate = peer.gate()
        peer.remote_detach("amqp:resource-deleted", handle=0)
        peer.expect_detach()

        def endless() -> Iterator[bytes]:
            yield PIECE
            gate.open()
            while True:
                yield PIECE

        with front.connect(peer.url) as connection:
            sender = connection.open_sender("q")
            # The error of what was given up must not stand in place of it.
            with pytest.raises(amqp.NotSent) as caught:
                sender.send_stream(endless())
            assert caught.value.condition == "amqp:resource-deleted"
            peer.expect_close().respond()


def test_a_peer_that_takes_no_more_holds_the_pieces_back(front: Front, start_peer: MakePeer) -> None:
    taken: list[int] = []

    def chunks() -> Iterator[bytes]:
        while True:
            taken.append(1)
            yield PIECE

    peer = start_peer(silent=("begin",))
    with front.connect(peer.url) as connection:
        begun: list[Any] = []
        beginning = Raising(lambda: begun.append(connection.open_session()))
        peer.until(lambda peer: peer.driver.engine.sessions)
        peer.do(lambda peer: peer.session().accept(amqp.SessionOptions(incoming_window=4)))
        assert beginning.error() is None
        sender = begun[0].open_sender("q")
        # It reads, and says nothing of it, so the session's window stays shut.
        peer.do(lambda peer: setattr(peer.driver, "mute", True))
        with pytest.raises(amqp.OperationTimeout, match="room for more"):
            sender.send_stream(chunks(), timeout=0.3)
        before = len(taken)
        peer.do(lambda peer: setattr(peer.driver, "mute", False))
        peer.until(lambda peer: peer.told(DeliveryAborted))
        assert len(taken) == before


def test_a_message_is_read_while_it_comes(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection:
        receiver = connection.open_receiver("q", streaming=True)
        peer.until(lambda peer: peer.sender().credit)
        sent = peer.do(lambda peer: peer.sender().send_stream(amqp.Data(b"one").encode()))
        delivery = receiver.receive(timeout=SOON)
        chunks: Any = delivery.chunks(timeout=SOON)
        assert next(chunks) == b"one"
        rest: list[bytes] = []
        reading = Raising(lambda: rest.extend(chunks))
        peer.do(lambda _: sent.finish(amqp.Data(b"two").encode()))
        assert reading.error() is None
        assert b"".join(rest) == b"two"
        delivery.accept()
        peer.until(lambda peer: not peer.sender().unsettled)


def test_a_message_that_is_taken_back_is_told(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection:
        receiver = connection.open_receiver("q", streaming=True)
        peer.until(lambda peer: peer.sender().credit)
        sent = peer.do(lambda peer: peer.sender().send_stream(amqp.Data(b"one").encode()))
        delivery = receiver.receive(timeout=SOON)
        chunks: Any = delivery.chunks(timeout=SOON)
        assert next(chunks) == b"one"
        reading = Raising(lambda: next(chunks))
        peer.do(lambda _: sent.abort())
        assert isinstance(reading.error(), amqp.DeliveryAborted)
        assert delivery.aborted
