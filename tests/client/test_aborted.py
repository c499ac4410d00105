"""Deliveries that the sender takes back when a part of them has come (2.6.14): their credit comes back too."""

from __future__ import annotations

import pytest

from amqp.message import Message
from tests.client.pair import Pair

LARGE = bytes(3 * 1024 * 1024)
"""More than leaves in one go."""


def abort(pair: Pair) -> None:
    """Let the server send a part of a delivery, and take it back."""
    delivery = pair.server_sender().send(LARGE)
    for buffer in pair.server.data_to_send(0.0):
        pair.engine.receive_data(buffer, 0.0)
    delivery.abort()
    pair.pump()


@pytest.mark.fault("C3")
def test_aborted_deliveries_do_not_use_up_the_window() -> None:
    pair = Pair().open()
    receiver = pair.receiver(credit=4)
    for _ in range(9):
        abort(pair)
    assert pair.server_sender().credit >= 2
    assert receiver.take() is None
    pair.server_sender().send(Message(1).encode())
    pair.pump()
    taken = receiver.take()
    assert taken is not None
    assert taken.message.body == 1


@pytest.mark.fault("C3")
def test_credit_by_hand_is_granted_anew_after_an_abort() -> None:
    pair = Pair().open()
    receiver = pair.receiver(credit=0)
    receiver.issue_credit(1)
    waiter = receiver.next()
    pair.pump()
    for _ in range(3):
        abort(pair)
        assert pair.server_sender().credit == 1
    pair.server_sender().send(Message(1).encode())
    pair.pump()
    assert waiter.result().message.body == 1
    assert pair.server_sender().credit == 0


@pytest.mark.fault("C3")
def test_an_abort_amid_a_drain_takes_nothing_of_the_drain_back() -> None:
    pair = Pair().open()
    receiver = pair.receiver(credit=0)
    receiver.issue_credit(2)
    drained = receiver.drain()
    pair.pump()
    abort(pair)
    assert not drained.done()
    pair.server_sender().drained()
    pair.pump()
    assert drained.done()
    assert receiver.link.credit == 0
