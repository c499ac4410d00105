"""Credit by hand, browsing, what is given back: on both front ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import amqp
from tests.contract.front import SOON

if TYPE_CHECKING:
    from tests.contract.conftest import ThreadedPeer
    from tests.contract.front import Front


def bodies(connection: object, address: str, count: int) -> list[object]:
    with connection.open_receiver(address, auto_accept=True) as receiver:  # type: ignore[attr-defined]  # either kind
        return [receiver.receive(timeout=SOON).message.body for _ in range(count)]


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
