"""A receiver: order, credit, settling, and what becomes of deliveries that nobody takes."""

from __future__ import annotations

import pytest

from amqp.client.delivery import decide
from amqp.engine import DeliveryUpdated, LinkEnded
from amqp.errors import (
    AttachRefused,
    ConnectionLost,
    DecodeError,
    LinkDetached,
    LinkError,
    LocalError,
)
from amqp.message import Message
from amqp_spec import (
    Accepted,
    Error,
    Modified,
    ReceiverSettleMode,
    Rejected,
    Released,
    SenderSettleMode,
)
from tests.client.pair import Pair


def send(pair: Pair, *values: object, settled: bool = False) -> None:
    for value in values:
        pair.server_sender().send(Message(value).encode(), settled=settled)
    pair.pump()


def states(pair: Pair) -> list[object]:
    return [event.state for event in pair.told(DeliveryUpdated)]


def test_deliveries_come_in_order() -> None:
    pair = Pair().open()
    receiver = pair.receiver()
    send(pair, 1, 2)
    assert receiver.unread == 2
    taken = [receiver.take(), receiver.take()]
    assert [delivery.message.body for delivery in taken if delivery] == [1, 2]
    assert receiver.take() is None


def test_those_who_wait_are_served_in_order() -> None:
    pair = Pair().open()
    receiver = pair.receiver()
    first, second, third = receiver.next(), receiver.next(), receiver.next()
    receiver.stop_waiting(second)
    send(pair, 1, 2)
    assert first.result().message.body == 1
    assert third.result().message.body == 2
    assert not second.done()


@pytest.mark.fault("F14")
def test_a_delivery_for_somebody_who_left_goes_to_the_next() -> None:
    pair = Pair().open()
    receiver = pair.receiver(credit=2)
    leaving = receiver.next()
    send(pair, 1)
    receiver.stop_waiting(leaving)
    again = receiver.take()
    assert again is not None
    assert again.message.body == 1
    leaving, staying = receiver.next(), receiver.next()
    send(pair, 2)
    receiver.stop_waiting(leaving)
    assert staying.result().message.body == 2


def test_credit_is_renewed_when_half_of_it_is_used() -> None:
    pair = Pair().open()
    receiver = pair.receiver(credit=4)
    sender = pair.server_sender()
    assert sender.credit == 4
    send(pair, 1, 2, 3, 4)
    assert sender.credit == 0
    receiver.take()
    pair.pump()
    assert sender.credit == 0
    receiver.take()
    pair.pump()
    assert sender.credit == 2


def test_credit_by_hand() -> None:
    pair = Pair().open()
    receiver = pair.receiver(credit=0)
    sender = pair.server_sender()
    assert sender.credit == 0
    receiver.issue_credit(2)
    receiver.issue_credit(1)
    pair.pump()
    assert sender.credit == 3
    send(pair, 1)
    receiver.take()
    receiver.issue_credit(1)
    pair.pump()
    assert sender.credit == 3
    for wrong in (0, -1, 2**32):
        with pytest.raises(LocalError, match="out of range"):
            receiver.issue_credit(wrong)
    with pytest.raises(LocalError, match="credit=0"):
        pair.receiver(credit=1).issue_credit(1)


def test_drain_waits_for_what_is_there() -> None:
    pair = Pair().open()
    receiver = pair.receiver(credit=0)
    receiver.issue_credit(5)
    drained = receiver.drain()
    assert receiver.drain() is drained
    pair.pump()
    assert not drained.done()
    send(pair, 1)
    pair.server_sender().drained()
    pair.pump()
    assert drained.done()
    assert receiver.unread == 1
    assert receiver.link.credit == 0


def test_after_a_drain_a_window_is_granted_anew() -> None:
    pair = Pair().open()
    receiver = pair.receiver(credit=5)
    drained = receiver.drain()
    pair.pump()
    pair.server_sender().drained()
    pair.pump()
    assert drained.done()
    assert pair.server_sender().credit == 5


def test_taking_during_a_drain_does_not_take_the_drain_back() -> None:
    pair = Pair().open()
    receiver = pair.receiver(credit=2)
    send(pair, 1)
    drained = receiver.drain()
    receiver.take()
    pair.pump()
    assert pair.server_sender().drain
    pair.server_sender().drained()
    pair.pump()
    assert drained.done()
    assert pair.server_sender().credit == 2


def test_issuing_credit_takes_a_drain_back() -> None:
    pair = Pair().open()
    receiver = pair.receiver(credit=0)
    receiver.issue_credit(5)
    drained = receiver.drain()
    pair.pump()
    receiver.issue_credit(1)
    pair.pump()
    assert not pair.server_sender().drain
    with pytest.raises(LocalError, match="takes it back"):
        drained.result()
    again = receiver.drain()
    pair.pump()
    pair.server_sender().drained()
    pair.pump()
    assert again.result() is None
    assert receiver.link.credit == 0


def test_a_drain_without_credit_is_over_at_once() -> None:
    pair = Pair().open()
    receiver = pair.receiver(credit=0)
    drained = receiver.drain()
    pair.pump()
    assert drained.done()


# -- settling


@pytest.mark.parametrize("outcome", [Accepted(), Released(), Rejected(), Modified(undeliverable_here=True)])
def test_in_mode_first_an_outcome_is_told_and_forgotten(
    outcome: Accepted | Released | Rejected | Modified,
) -> None:
    pair = Pair().open()
    receiver = pair.receiver()
    send(pair, 1)
    delivery = receiver.take()
    assert delivery is not None
    before = delivery.settled
    assert decide(delivery, outcome) is None
    assert (before, delivery.settled) == (False, True)
    assert delivery.outcome == outcome
    pair.pump()
    assert states(pair) == [outcome]
    assert not pair.server_sender().unsettled
    with pytest.raises(LocalError, match="settled before"):
        decide(delivery, outcome)


def test_in_mode_second_the_sender_settles_last() -> None:
    pair = Pair().open()
    receiver = pair.receiver(rcv_settle_mode=ReceiverSettleMode.SECOND)
    send(pair, 1)
    delivery = receiver.take()
    assert delivery is not None
    settling = decide(delivery, Accepted())
    assert settling is not None
    with pytest.raises(LocalError, match="settled before"):
        decide(delivery, Accepted())
    pair.pump()
    assert not settling.done()
    update = pair.told(DeliveryUpdated)[0]
    assert not update.settled
    update.delivery.settle()
    pair.pump()
    assert settling.done()
    assert delivery.settled
    assert not receiver.link.unsettled


def test_a_delivery_that_came_settled_needs_no_outcome() -> None:
    pair = Pair().open()
    receiver = pair.receiver()
    send(pair, 1, settled=True)
    delivery = receiver.take()
    assert delivery is not None
    assert delivery.settled
    assert decide(delivery, Accepted()) is None
    assert decide(delivery, Released()) is None
    assert delivery.outcome is None
    pair.pump()
    assert states(pair) == []


@pytest.mark.fault("F7")
def test_settling_after_the_link_is_gone_is_an_error() -> None:
    pair = Pair().open()
    receiver = pair.receiver()
    send(pair, 1)
    delivery = receiver.take()
    assert delivery is not None
    pair.cut()
    with pytest.raises(ConnectionLost):
        decide(delivery, Accepted())


def test_a_settlement_that_was_waited_for_fails_with_the_link() -> None:
    pair = Pair().open()
    receiver = pair.receiver(rcv_settle_mode=ReceiverSettleMode.SECOND)
    send(pair, 1)
    delivery = receiver.take()
    assert delivery is not None
    settling = decide(delivery, Accepted())
    pair.cut()
    assert settling is not None
    assert isinstance(settling.error(), ConnectionLost)


# -- messages


@pytest.mark.fault("F29")
@pytest.mark.requirement("messaging-3.2-07")
def test_what_is_no_message_is_a_delivery_with_its_octets() -> None:
    pair = Pair().open()
    receiver = pair.receiver()
    pair.server_sender().send(b"\xff\xff", message_format=7)
    pair.pump()
    delivery = receiver.take()
    assert delivery is not None
    assert delivery.raw == b"\xff\xff"
    assert delivery.format == 7
    with pytest.raises(DecodeError):
        _ = delivery.message
    with pytest.raises(DecodeError):
        _ = delivery.message
    decide(delivery, Rejected())
    send(pair, "fine")
    following = receiver.take()
    assert following is not None
    assert following.message.body == "fine"


def test_a_message_is_decoded_once_and_knows_its_format() -> None:
    pair = Pair().open()
    receiver = pair.receiver()
    pair.server_sender().send(Message(b"x").encode(), message_format=5, tag=b"T")
    pair.pump()
    delivery = receiver.take()
    assert delivery is not None
    assert delivery.tag == b"T"
    assert delivery.message is delivery.message
    assert delivery.message.format == 5
    assert "tag=b'T'" in repr(delivery)


# -- auto-accept


def test_auto_accept_settles_when_the_next_is_asked_for() -> None:
    pair = Pair().open()
    receiver = pair.receiver(auto_accept=True)
    send(pair, 1, 2)
    receiver.take()
    pair.pump()
    assert states(pair) == []
    receiver.take()
    pair.pump()
    assert states(pair) == [Accepted()]
    receiver.finish_current()
    pair.pump()
    assert states(pair) == [Accepted(), Accepted()]


@pytest.mark.fault("F29")
def test_auto_accept_never_accepts_what_cannot_be_read() -> None:
    pair = Pair().open()
    receiver = pair.receiver(auto_accept=True)
    pair.server_sender().send(b"\xff")
    pair.pump()
    receiver.take()
    receiver.take()
    pair.pump()
    assert states(pair) == [Modified(delivery_failed=True, undeliverable_here=True)]


def test_auto_accept_leaves_what_was_settled_by_hand() -> None:
    pair = Pair().open()
    receiver = pair.receiver(auto_accept=True)
    send(pair, 1)
    delivery = receiver.take()
    assert delivery is not None
    decide(delivery, Released())
    receiver.take()
    pair.pump()
    assert states(pair) == [Released()]


def test_auto_accept_of_one_who_left_does_not_accept() -> None:
    pair = Pair().open()
    receiver = pair.receiver(auto_accept=True)
    waiter = receiver.next()
    send(pair, 1)
    receiver.stop_waiting(waiter)
    receiver.finish_current()
    pair.pump()
    assert states(pair) == []


def test_auto_accept_does_not_accept_what_another_has_yet_to_get() -> None:
    # The first was handed to who waits, and is not seen yet: who is cancelled now must not take it along.
    pair = Pair().open()
    receiver = pair.receiver(auto_accept=True)
    waiter = receiver.next()
    send(pair, 1, 2)
    other = receiver.take()
    assert other is not None
    assert other.message.body == 2
    receiver.stop_waiting(waiter)
    pair.pump()
    assert states(pair) == []
    again = receiver.take()
    assert again is not None
    assert again.message.body == 1
    pair.pump()
    assert states(pair) == [Accepted()]


def test_auto_accept_settles_what_who_waited_has_got() -> None:
    pair = Pair().open()
    receiver = pair.receiver(auto_accept=True)
    waiter = receiver.next()
    send(pair, 1)
    receiver.finish_current()
    assert receiver.taken_by(waiter).message.body == 1
    pair.pump()
    assert states(pair) == []
    receiver.finish_current()
    pair.pump()
    assert states(pair) == [Accepted()]


# -- the end


@pytest.mark.fault("F7")
def test_what_nobody_took_is_released_on_close() -> None:
    pair = Pair().open()
    receiver = pair.receiver()
    send(pair, 1, 2, 3)
    taken = receiver.take()
    receiver.detach()
    pair.pump()
    assert states(pair) == [Released(), Released()]
    assert receiver.closed.done()
    assert [event.by_peer for event in pair.told(LinkEnded)] == [True]
    assert taken is not None
    with pytest.raises(LinkDetached):
        decide(taken, Accepted())


@pytest.mark.fault("F7")
@pytest.mark.parametrize("what", ["session", "connection"])
def test_what_nobody_took_is_released_when_all_is_closed(what: str) -> None:
    pair = Pair().open()
    receiver = pair.receiver()
    send(pair, 1)
    if what == "session":
        receiver.session.end()
    else:
        pair.client.close()
    pair.pump()
    assert states(pair) == [Released()]
    assert receiver.closed.done()
    assert receiver.closed_here


@pytest.mark.fault("F1")
def test_a_lost_link_fails_those_who_wait_and_keeps_what_came_settled() -> None:
    pair = Pair().open()
    receiver = pair.receiver()
    send(pair, "settled", settled=True)
    send(pair, "unsettled")
    pair.cut()
    delivery = receiver.take()
    assert delivery is not None
    assert delivery.message.body == "settled"
    with pytest.raises(ConnectionLost):
        receiver.take()
    assert not receiver.closed_here


def test_a_lost_link_fails_those_who_wait() -> None:
    pair = Pair().open()
    receiver = pair.receiver()
    waiter, draining = receiver.next(), receiver.drain()
    pair.server_sender().detach(error=Error(condition="amqp:resource-deleted"))
    pair.pump()
    assert isinstance(waiter.error(), LinkDetached)
    assert isinstance(draining.error(), LinkDetached)
    receiver.stop_waiting(waiter)


def test_a_clean_detach_by_the_peer_is_an_error_too() -> None:
    pair = Pair().open()
    receiver = pair.receiver()
    pair.server_sender().detach()
    pair.pump()
    with pytest.raises(LinkDetached, match="the peer detached the link"):
        receiver.take()
    assert not receiver.closed_here


@pytest.mark.fault("F9")
def test_a_refused_attach_leaves_the_session_alive() -> None:
    pair = Pair(silent={"attach"}).open()
    receiver = pair.receiver()
    pair.server_sender().refuse(Error(condition="amqp:not-found"))
    pair.pump()
    with pytest.raises(AttachRefused):
        receiver.opened.result()
    pair.silent.clear()
    assert pair.receiver().opened.done()


def test_an_explicit_settle_mode_that_the_peer_does_not_honour_is_an_error() -> None:
    pair = Pair(silent={"attach"}).open()
    receiver = pair.receiver(snd_settle_mode=SenderSettleMode.SETTLED)
    pair.server_sender().accept(snd_settle_mode=SenderSettleMode.UNSETTLED)
    pair.pump()
    with pytest.raises(LinkError, match="snd_settle_mode=SETTLED was asked for and the peer says UNSETTLED"):
        receiver.opened.result()
    assert not pair.server_links()


def test_an_explicit_settle_mode_that_the_peer_honours() -> None:
    pair = Pair().open()
    receiver = pair.receiver(
        snd_settle_mode=SenderSettleMode.SETTLED, rcv_settle_mode=ReceiverSettleMode.SECOND
    )
    receiver.opened.result()
