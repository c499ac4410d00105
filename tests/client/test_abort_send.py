"""A send that is taken back: before anything left, amid it, and behind it."""

from __future__ import annotations

import pytest

from amqp.engine import DeliveryAborted, DeliveryReceived
from amqp.errors import NotSent
from amqp.message import Message
from tests.client.pair import Pair

LARGE = Message(bytes(3 * 1024 * 1024))


def test_what_waits_for_credit_is_taken_back() -> None:
    pair = Pair(credit=0).open()
    pending = pair.sender().submit(Message(1))
    assert pending.abort()
    assert not pending.abort()
    with pytest.raises(NotSent, match="aborted here"):
        pending.result()
    pair.client.raise_failures("nobody")


def test_what_the_engine_has_is_taken_back_with_its_credit() -> None:
    pair = Pair(credit=1).open()
    sender = pair.sender()
    pending = sender.submit(Message(1))
    assert pending.abort()
    assert sender.link.credit == 1
    pair.pump()
    assert not pair.told(DeliveryReceived)


@pytest.mark.parametrize("settled", [False, True])
def test_what_has_left_in_part_is_aborted_and_the_next_goes_on(settled: bool) -> None:
    pair = Pair().open()
    sender = pair.sender()
    pending, behind = sender.submit(LARGE, settled=settled), sender.submit(Message("behind"))
    for buffer in pair.engine.data_to_send(0.0):
        pair.server.receive_data(buffer, 0.0)
    assert pending.delivery is not None
    assert pending.delivery.started
    assert pending.abort()
    pair.pump()
    assert len(pair.told(DeliveryAborted)) == 1
    assert [Message.decode(delivery.payload).body for delivery in pair.deliveries] == ["behind"]
    assert isinstance(pending.exception(), NotSent)
    assert not behind.done()


def test_what_has_left_stays() -> None:
    pair = Pair().open()
    sender = pair.sender()
    pending = sender.submit(Message(1))
    pair.pump()
    assert not pending.abort()
    assert not pending.done()
