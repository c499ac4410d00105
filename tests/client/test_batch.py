"""Outcomes that are told together: when they are full, old, asked for, or the receiver goes."""

from __future__ import annotations

import pytest

from amqp.client.delivery import accept_or_modify, decide
from amqp.client.outcomes import ACCEPTED, RELEASED
from amqp.engine import DeliveryUpdated
from amqp.errors import LocalError
from amqp.message import Message
from amqp_spec import Accepted, ReceiverSettleMode, Rejected, Released
from tests.client.pair import Pair


def states(pair: Pair) -> list[object]:
    pair.pump()
    return [event.state for event in pair.told(DeliveryUpdated)]


def test_outcomes_are_told_when_the_batch_is_full() -> None:
    pair = Pair().open()
    receiver = pair.receiver(batch=2)
    for value in range(3):
        pair.server_sender().send(Message(value).encode())
    pair.pump()
    one, two, three = receiver.take(), receiver.take(), receiver.take()
    assert one
    assert two
    assert three
    decide(one, ACCEPTED)
    assert states(pair) == []
    assert (one.settled, one.outcome, two.settled) == (True, Accepted(), False)
    assert "Accepted()" in repr(one)
    decide(two, RELEASED)
    assert states(pair) == [Accepted(), Released()]
    decide(three, ACCEPTED)
    assert len(states(pair)) == 2
    receiver.flush()
    receiver.flush()
    assert len(states(pair)) == 3


def test_outcomes_are_told_when_they_are_old() -> None:
    pair = Pair().open()
    receiver = pair.receiver(batch=10, batch_max_age=2.0)
    pair.server_sender().send(Message(1).encode())
    pair.server_sender().send(Message(2).encode())
    pair.pump()
    for _ in range(2):
        delivery = receiver.take()
        assert delivery
        decide(delivery, ACCEPTED)
    woken = pair.woken
    # The age counts from the first look at the clock.
    assert pair.client.next_timeout(10.0) == 2.0
    assert pair.client.next_timeout(11.0) == 1.0
    pair.client.handle_timeout(11.5)
    assert states(pair) == []
    pair.client.handle_timeout(12.0)
    assert pair.woken > woken
    assert states(pair) == [Accepted(), Accepted()]
    assert not pair.client.batches


def test_an_outcome_is_decided_once_also_while_it_is_held() -> None:
    pair = Pair().open()
    receiver = pair.receiver(batch=10)
    pair.server_sender().send(Message(1).encode())
    pair.pump()
    delivery = receiver.take()
    assert delivery
    decide(delivery, ACCEPTED)
    with pytest.raises(LocalError, match="settled before"):
        decide(delivery, RELEASED)
    accept_or_modify(delivery)
    assert receiver.is_held(delivery)


def test_an_outcome_with_content_goes_at_once_behind_those_held() -> None:
    pair = Pair().open()
    receiver = pair.receiver(batch=10)
    for value in range(2):
        pair.server_sender().send(Message(value).encode())
    pair.pump()
    one, two = receiver.take(), receiver.take()
    assert one
    assert two
    decide(one, ACCEPTED)
    decide(two, Rejected())
    assert states(pair) == [Accepted(), Rejected()]


@pytest.mark.parametrize("how", ["detach", "end", "close"])
def test_outcomes_are_told_before_what_they_are_on_is_closed(how: str) -> None:
    pair = Pair().open()
    receiver = pair.receiver(batch=10)
    pair.server_sender().send(Message(1).encode())
    pair.pump()
    delivery = receiver.take()
    assert delivery
    decide(delivery, ACCEPTED)
    {"detach": receiver.detach, "end": receiver.session.end, "close": pair.client.close}[how]()
    assert states(pair) == [Accepted()]
    assert not pair.client.batches


def test_what_is_lost_is_told_to_nobody() -> None:
    pair = Pair().open()
    receiver = pair.receiver(batch=10)
    pair.server_sender().send(Message(1).encode())
    pair.pump()
    delivery = receiver.take()
    assert delivery
    decide(delivery, ACCEPTED)
    pair.cut()
    assert not pair.client.batches


def test_mode_second_is_not_batched() -> None:
    pair = Pair().open()
    receiver = pair.receiver(batch=10, rcv_settle_mode=ReceiverSettleMode.SECOND)
    pair.server_sender().send(Message(1).encode())
    pair.pump()
    delivery = receiver.take()
    assert delivery
    assert decide(delivery, ACCEPTED) is not None
    assert states(pair) == [Accepted()]
