"""Credit by hand, browsing, what is given back: on both front ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import amqp
from amqp.engine import DeliveryUpdated
from tests.contract.front import SOON, Raising

if TYPE_CHECKING:
    from asyncio import Transport

    from tests.aio.peer import Peer
    from tests.contract.conftest import ThreadedPeer
    from tests.contract.front import Front


GONE = amqp.Error(condition="amqp:resource-deleted", description="gone for the test")


def bodies(connection: object, address: str, count: int) -> list[object]:
    with connection.open_receiver(address, auto_accept=True) as receiver:  # type: ignore[attr-defined]  # either kind
        return [receiver.receive(timeout=SOON).message.body for _ in range(count)]


def transport(peer: Peer) -> Transport:
    found = peer.driver.transport
    assert found is not None
    return found


def test_browsing_leaves_messages_where_they_are(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        with connection.open_sender("q") as sender:
            for number in range(3):
                sender.send(amqp.Message(number))
        browse = amqp.Source(address="q", distribution_mode=amqp.StdDistMode.COPY)
        with connection.open_receiver(browse) as receiver:
            assert receiver.source.distribution_mode == amqp.StdDistMode.COPY
            seen = [receiver.receive(timeout=SOON).message.body for _ in range(3)]
        assert seen == [0, 1, 2]
        assert bodies(connection, "q", 3) == [0, 1, 2]


def test_credit_by_hand(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        with connection.open_sender("q") as sender:
            for number in range(5):
                sender.send(amqp.Message(number))
        with connection.open_receiver("q", credit=0) as receiver:
            with pytest.raises(amqp.OperationTimeout):
                receiver.receive(timeout=0.05)
            receiver.issue_credit(2)
            for number in range(2):
                delivery = receiver.receive(timeout=SOON)
                assert delivery.message.body == number
                delivery.accept()
            assert receiver.credit == 0
            receiver.issue_credit(10)
            receiver.drain(timeout=SOON)
            # What there was came before the rest of the credit was given back.
            assert (receiver.unread, receiver.credit) == (3, 0)
            assert len(receiver.receive_many(10, timeout=SOON)) == 3
            with pytest.raises(amqp.LocalError, match="credit"):
                receiver.issue_credit(0)
        assert bodies(connection, "q", 3) == [2, 3, 4]


def test_a_window_is_granted_anew_when_half_of_it_is_used(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection:
        receiver = connection.open_receiver("q", credit=4)
        peer.send(*range(4))
        peer.until(lambda peer: peer.sender().credit == 0)
        receiver.receive(timeout=SOON).accept()
        assert receiver.credit == 0
        receiver.receive(timeout=SOON).accept()
        peer.until(lambda peer: peer.sender().credit == 2)


def test_what_nobody_took_is_given_back(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        with connection.open_sender("q") as sender:
            for number in range(4):
                sender.send(amqp.Message(number))
        with connection.open_receiver("q", auto_accept=True) as receiver:
            assert receiver.receive(timeout=SOON).message.body == 0
        assert bodies(connection, "q", 3) == [1, 2, 3]


def test_what_is_no_message_is_delivered_as_it_is(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection, connection.open_receiver("q") as receiver:
        peer.thread.run(peer.peer.send_octets(b"\x00\x53\x75"))
        with receiver.receive(timeout=SOON) as delivery:
            assert delivery.raw == b"\x00\x53\x75"
            assert isinstance(delivery.fault, amqp.DecodeError)
        assert delivery.outcome == amqp.Modified(delivery_failed=True, undeliverable_here=True)
        peer.send("next")
        assert receiver.receive(timeout=SOON).message.body == "next"


def test_a_repr_says_what_it_is_and_no_secret(front: Front, broker: str) -> None:
    with front.connect(broker.replace("amqp://", "amqp://guest:guest@")) as connection:
        session = connection.open_session()
        sender, receiver = session.open_sender("q"), session.open_receiver("q")
        pending = sender.submit(amqp.Message("hello"))
        delivery = receiver.receive(timeout=SOON)
        shown = [repr(what) for what in (connection, session, sender, receiver, pending, delivery)]
        assert "guest" not in " ".join(shown)
        begins = (
            "<Connection to amqp://",
            "<Session on",
            "<Sender to 'q'",
            "<Receiver from 'q'",
            "<Pending",
            "<Delivery",
        )
        for begin, text in zip(begins, shown, strict=True):
            assert text.startswith(begin)
        delivery.accept()


def test_a_receiver_that_is_stopped_lets_what_was_taken_be_finished(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        with connection.open_sender("q") as sender:
            for number in range(5):
                sender.send(amqp.Message(number))
        receiver = connection.open_receiver("q")
        taken = receiver.receive_many(2, timeout=SOON)
        receiver.stop()
        receiver.stop()
        assert (receiver.unread, receiver.credit, receiver.is_open) == (0, 0, True)
        assert list(receiver) == []
        with pytest.raises(amqp.LinkDetached, match=r"^the receiver was stopped$"):
            receiver.receive(timeout=SOON)
        with pytest.raises(amqp.LocalError, match="was stopped"):
            receiver.issue_credit(1)
        receiver.drain(timeout=SOON)
        # The others are for anybody, before it is closed.
        assert bodies(connection, "q", 3) == [2, 3, 4]
        for delivery in taken:
            delivery.accept()
        receiver.close()
        receiver.stop()
        with connection.open_receiver("q") as other, pytest.raises(amqp.OperationTimeout):
            other.receive(timeout=0.05)


def test_who_waits_when_a_receiver_is_stopped(front: Front, broker: str) -> None:
    with front.connect(broker) as connection, connection.open_receiver("q") as receiver:
        waiting = Raising(lambda: receiver.receive(timeout=SOON))
        looping = Raising(lambda: list(receiver))
        receiver.stop()
        assert isinstance(waiting.error(), amqp.LinkDetached)
        assert looping.error() is None


def test_what_comes_to_a_receiver_that_was_stopped(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection:
        receiver = connection.open_receiver("q", credit=10)
        peer.send("settled", settled=True)
        peer.send("unread")
        # What was sent before an answer is there with it.
        connection.open_sender("q").close()
        assert receiver.unread == 2
        # The sender has not read of it when it sends these.
        peer.do(lambda peer: transport(peer).pause_reading())
        receiver.stop()
        peer.send("late")
        peer.send("late and settled", settled=True)
        assert receiver.receive(timeout=SOON).message.body == "settled"
        peer.do(lambda peer: transport(peer).resume_reading())
        connection.open_sender("q").close()
        assert receiver.receive(timeout=SOON).message.body == "late and settled"
        with pytest.raises(amqp.LinkDetached):
            receiver.receive(timeout=SOON)
        receiver.close()
        told = [event.state for event in peer.peer.happened if isinstance(event, DeliveryUpdated)]
        assert told == [amqp.Released(), amqp.Released()]


def test_a_receiver_that_streams_and_was_stopped(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        with connection.open_sender("q") as sender:
            sender.send_stream([bytes(50_000)] * 4)
            sender.send_stream([b"next"])
        receiver = connection.open_receiver("q", streaming=True)
        delivery = receiver.receive(timeout=SOON)
        receiver.stop()
        assert sum(len(chunk) for chunk in delivery.chunks(timeout=SOON)) == 200_000
        delivery.accept()
        receiver.close()
        assert bodies(connection, "q", 1) == [b"next"]


def test_a_link_that_is_lost_after_it_was_stopped_is_told(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection:
        receiver = connection.open_receiver("q")
        receiver.stop()
        peer.do(lambda peer: peer.sender().detach(closed=True, error=GONE))
        assert receiver.wait_closed(timeout=SOON).condition == GONE.condition
        with pytest.raises(amqp.LinkDetached, match="gone for the test"):
            list(receiver)


def test_a_drain_that_is_under_way_when_a_receiver_is_stopped(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection:
        receiver = connection.open_receiver("q")
        draining = Raising(lambda: receiver.drain(timeout=SOON))
        peer.until(lambda peer: peer.sender().drain)
        receiver.stop()
        peer.send("late")
        peer.do(lambda peer: peer.sender().drained())
        assert draining.error() is None
        assert (receiver.credit, receiver.unread) == (0, 0)
        receiver.close()


@pytest.mark.fault("F22")
def test_a_receiver_that_nobody_reads_holds_up_no_other_link(front: Front, broker: str) -> None:
    with front.connect(broker, max_frame_size=512) as connection:
        # Far fewer frames at a time than the messages have that nobody reads.
        session = connection.open_session(incoming_window=4)
        sender = session.open_sender("left")
        for number in range(20):
            sender.send(amqp.Message(bytes([number]) * 2_000))
        left = session.open_receiver("left", credit=20)
        busy, other = session.open_receiver("read", credit=2), session.open_sender("read")
        for number in range(50):
            assert other.send(amqp.Message(number), timeout=SOON) == amqp.Accepted()
            delivery = busy.receive(timeout=SOON)
            assert delivery.message.body == number
            delivery.accept()
        bodies = [left.receive(timeout=SOON).message.body for _ in range(20)]
        assert bodies == [bytes([number]) * 2_000 for number in range(20)]
