"""Messages in pieces, without I/O: what the peer decides amid one, and what is lost amid one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from amqp.client.delivery import stream_of
from amqp.engine import DeliveryAborted, IncomingStream
from amqp.errors import ConnectionLost, DecodeError, InDoubt, LocalError, MessageRejected, NotSent
from amqp.message import Message
from amqp.options import SessionOptions
from amqp_spec import Accepted, Data, Rejected
from tests.client.pair import Pair

if TYPE_CHECKING:
    from amqp.client.delivery import ClientDelivery
    from amqp.client.receiver import ClientReceiver

PIECE = Data(bytes(1000)).encode()


class StreamingPair(Pair):
    """The server reads what the client sends while it comes."""

    def __init__(self) -> None:
        super().__init__(silent={"begin", "attach"})
        self.open()
        session = self.session()
        next(iter(self.server.sessions)).accept(SessionOptions(incoming_window=32))
        self.pump()
        self.outgoing = self.sender(session)
        self.server_receiver().accept(credit=10, streaming=True)
        self.pump()

    def under_way(self) -> IncomingStream:
        """What the server has of the one message that it has not settled."""
        (found,) = self.server_receiver().unsettled.values()
        assert isinstance(found, IncomingStream)
        return found


@pytest.mark.parametrize("outcome", [Rejected(), Accepted()], ids=["rejected", "accepted"])
def test_an_outcome_amid_the_message_ends_it_and_frees_the_link(outcome: Rejected | Accepted) -> None:
    pair = StreamingPair()
    sender = pair.outgoing
    pending, body = sender.submit_stream(None)
    sender.write(pending, body.section(bytes(1000)))
    pair.pump()
    pair.under_way().settle(outcome)
    pair.pump()
    assert pending.outcome == outcome
    with pytest.raises(MessageRejected if isinstance(outcome, Rejected) else LocalError):
        sender.write(pending, PIECE)
    pending.abort()
    behind = sender.submit(Message("behind"))
    pair.pump()
    pair.under_way().settle(Accepted())
    pair.pump()
    assert behind.result() == Accepted()


def test_who_waits_for_room_goes_on_when_there_is_some() -> None:
    pair = StreamingPair()
    sender = pair.outgoing
    pending, _ = sender.submit_stream(None)
    assert sender.room(pending) is None
    # The window takes 32 frames of 64 KiB; the server reads none of them.
    sender.write(pending, bytes(3 * 1024 * 1024))
    room = sender.room(pending)
    assert room is not None
    pair.pump()
    assert not room.done()
    pair.under_way().read()
    pair.pump()
    assert room.done()
    assert sender.room(pending) is None


def test_who_waits_for_room_is_told_that_the_link_is_gone() -> None:
    pair = StreamingPair()
    sender = pair.outgoing
    pending, _ = sender.submit_stream(None)
    sender.write(pending, bytes(3 * 1024 * 1024))
    pair.pump()
    room = sender.room(pending)
    assert room is not None
    pair.cut()
    assert room.done()
    assert sender.room(pending) is None
    with pytest.raises(InDoubt):
        sender.write(pending, PIECE)
    with pytest.raises(NotSent):
        sender.submit_stream(None)


def test_an_aborted_message_frees_the_link() -> None:
    pair = StreamingPair()
    sender = pair.outgoing
    pending, _ = sender.submit_stream(None)
    sender.write(pending, bytes(3 * 1024 * 1024))
    room = sender.room(pending)
    assert room is not None
    pair.pump()
    assert pending.abort()
    pair.client.written()
    assert room.done()
    pair.under_way().read()
    pair.pump()
    with pytest.raises(NotSent):
        pending.result()
    behind = sender.submit(Message("behind"))
    pair.pump()
    pair.under_way().settle(Accepted())
    pair.pump()
    assert behind.result() == Accepted()


def test_a_message_that_is_given_up_amid_its_pieces_counts_for_nobody() -> None:
    pair = StreamingPair()
    sender = pair.outgoing
    pending, body = sender.submit_stream(None)
    sender.write(pending, body.section(bytes(1000)))
    pair.pump()
    sender.give_up_all(TimeoutError("late"))
    pair.pump()
    assert isinstance(pending.exception(), NotSent)
    assert len(pair.told(DeliveryAborted)) == 1


# -- reading


def reading(octets: bytes) -> tuple[Pair, ClientReceiver[ClientDelivery], ClientDelivery]:
    pair = Pair().open()
    session = pair.client.begin_for_stream()
    pair.pump()
    receiver = pair.receiver(session, streaming=True)
    pair.server_sender().send_stream(octets)
    pair.pump()
    delivery = receiver.take()
    assert delivery
    return pair, receiver, delivery


def test_a_fault_is_told_as_often_as_it_is_asked_for() -> None:
    _, _, delivery = reading(b"\x01")
    reader = stream_of(delivery)
    assert reader
    for _ in range(2):
        with pytest.raises(DecodeError):
            reader.next()
    with pytest.raises(DecodeError):
        reader.head()


def test_what_came_before_the_link_was_lost_can_be_read() -> None:
    pair, _, delivery = reading(PIECE)
    reader = stream_of(delivery)
    assert reader
    waiting = reader.arrival()
    assert reader.arrival() is waiting
    pair.cut()
    assert waiting.done()
    piece = reader.next()
    assert piece == bytes(1000)
    with pytest.raises(ConnectionLost):
        reader.next()


@pytest.mark.parametrize("how", ["finish", "abort"])
def test_what_comes_of_a_message_after_the_receiver_was_closed_is_nobodys(how: str) -> None:
    pair = Pair().open()
    session = pair.client.begin_for_stream()
    pair.pump()
    receiver = pair.receiver(session, streaming=True)
    sent = pair.server_sender().send_stream(PIECE)
    pair.pump()
    assert receiver.take()
    receiver.detach()
    if how == "finish":
        sent.finish()
    else:
        sent.abort()
    pair.pump()
    assert receiver.unread == 0
    assert receiver.closed.done()
