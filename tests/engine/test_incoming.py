"""2.6.12 to 2.6.14 and 2.7.5 at the receiving end: deliveries, whole and in parts."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.engine import (
    DeliveryAborted,
    DeliveryReceived,
    DeliveryUpdated,
    IncomingDelivery,
    LinkFailed,
    ReceiverLink,
    SessionFailed,
)
from amqp.engine.streaming import CHUNK_COST
from amqp.errors import LocalError, Scope
from amqp.options import ConnectionOptions
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Disposition,
    LinkErrorCondition,
    Modified,
    Rejected,
    Released,
)
from tests.engine.wire import (
    Detach,
    End,
    Flow,
    ReceiverSettleMode,
    Rig,
    Role,
    SenderSettleMode,
    Transfer,
    accept_receiver,
    accept_session,
    frame,
    opened_server,
    transfer,
)

SECOND = ReceiverSettleMode.SECOND
FIRST = ReceiverSettleMode.FIRST


def receiving(options: ConnectionOptions | None = None, **fields: Any) -> tuple[Rig, ReceiverLink]:
    """A server with a receiving link that has granted 100."""
    rig = opened_server(options=options)
    accept_session(rig)
    return rig, accept_receiver(rig, **fields)


def delivered(rig: Rig) -> list[IncomingDelivery]:
    """The deliveries that came since the last look; nothing else did."""
    events = rig.events()
    assert all(isinstance(event, DeliveryReceived) for event in events), events
    return [event.delivery for event in events if isinstance(event, DeliveryReceived)]


def detached(rig: Rig, condition: str) -> None:
    """Check that the link alone was ended, with *condition*."""
    (detach,) = (each for each in rig.sent() if isinstance(each, Detach))
    assert detach.error is not None
    assert detach.error.condition == condition
    failed = rig.events()[-1]
    assert isinstance(failed, LinkFailed)
    assert failed.fault.condition == condition
    assert failed.fault.scope is Scope.LINK
    other = accept_receiver(rig, name="other", handle=9)
    rig.receive(transfer(50, handle=9))
    assert delivered(rig)[0].link is other


# -- whole deliveries


def test_a_delivery() -> None:
    rig, link = receiving()
    rig.receive(transfer(7, tag=b"tag", message_format=3), payload=b"hello")
    (delivery,) = delivered(rig)
    assert (delivery.link, delivery.id, delivery.tag, delivery.message_format) == (link, 7, b"tag", 3)
    assert delivery.payload == b"hello"
    assert not delivery.settled
    assert link.unsettled == {b"tag": delivery}
    assert delivery.rcv_settle_mode is FIRST


@pytest.mark.requirement("transport-2.6.12-04")
def test_a_settled_delivery_gets_no_disposition() -> None:
    rig, link = receiving()
    rig.receive(transfer(0, settled=True))
    (delivery,) = delivered(rig)
    assert delivery.settled
    assert delivery.remote_settled
    assert link.unsettled == {}
    delivery.settle(Accepted())
    delivery.update(Accepted(), settled=False)
    rig.quiet()


@pytest.mark.requirement("transport-2.6.12-05")
@pytest.mark.parametrize("outcome", [Accepted(), Released(), Rejected(), Modified(delivery_failed=True)])
def test_a_delivery_is_settled_with_an_outcome(outcome: Accepted) -> None:
    rig, link = receiving()
    rig.receive(transfer(5))
    (delivery,) = delivered(rig)
    delivery.settle(outcome)
    assert rig.one(Disposition) == Disposition(role=Role.RECEIVER, first=5, settled=True, state=outcome)
    assert delivery.settled
    assert delivery.local_state == outcome
    assert link.unsettled == {}
    with pytest.raises(LocalError, match="before"):
        delivery.settle(outcome)
    rig.quiet()


@pytest.mark.requirement("transport-2.6.12-06")
def test_mode_second() -> None:
    rig, link = receiving(rcv_settle_mode=SECOND)
    rig.receive(transfer(0))
    (delivery,) = delivered(rig)
    delivery.update(Accepted(), settled=False)
    assert rig.one(Disposition) == Disposition(role=Role.RECEIVER, first=0, settled=False, state=Accepted())
    assert link.unsettled
    rig.receive(Disposition(role=Role.SENDER, first=0, settled=True, state=Accepted()))
    updated = rig.event(DeliveryUpdated)
    assert updated.delivery is delivery
    assert updated.settled
    assert delivery.settled
    assert link.unsettled == {}
    delivery.settle()
    rig.quiet()


@pytest.mark.requirement("transport-2.6.12-08")
def test_dispositions_for_what_is_forgotten_are_ignored() -> None:
    rig, _ = receiving()
    rig.receive(transfer(0))
    delivered(rig)[0].settle()
    rig.forget()
    settled = Disposition(role=Role.SENDER, first=0, last=1000, settled=True)
    rig.receive(settled, settled, Disposition(role=Role.SENDER, first=5000, settled=True))
    rig.quiet()
    rig.receive(transfer(1))
    assert len(delivered(rig)) == 1


@pytest.mark.requirement("transport-2.6.12-01")
def test_a_tag_in_use() -> None:
    rig, _ = receiving()
    rig.receive(transfer(0, tag=b"a"), transfer(1, tag=b"a"))
    detached(rig, AmqpErrorCondition.NOT_ALLOWED)


@pytest.mark.requirement("transport-2.6.12-02")
def test_a_tag_is_reused_when_settled() -> None:
    rig, _ = receiving()
    for number in range(3):
        rig.receive(transfer(number, tag=b"a"))
        (delivery,) = delivered(rig)
        delivery.settle(Accepted())
    rig.receive(transfer(3, tag=b"a", settled=True), transfer(4, tag=b"a", settled=True))
    assert len(delivered(rig)) == 2


@pytest.mark.requirement("transport-2.6.12-03")
def test_a_tag_on_two_links() -> None:
    rig, _ = receiving()
    accept_receiver(rig, name="other", handle=1)
    rig.receive(transfer(0, tag=b"a"), transfer(1, tag=b"a", handle=1))
    assert [each.tag for each in delivered(rig)] == [b"a", b"a"]


@pytest.mark.requirement("transport-2.8.7-01")
@pytest.mark.parametrize("length", [0, 32])
def test_a_tag_of_any_length(length: int) -> None:
    rig, _ = receiving()
    rig.receive(transfer(0, tag=bytes(length)))
    assert delivered(rig)[0].tag == bytes(length)


@pytest.mark.requirement("transport-2.8.7-01")
def test_a_tag_that_is_too_long() -> None:
    rig, _ = receiving()
    rig.receive(transfer(0, tag=bytes(33)))
    detached(rig, AmqpErrorCondition.INVALID_FIELD)


@pytest.mark.requirement("transport-2.7.5-01")
@pytest.mark.requirement("transport-2.7.5-02")
@pytest.mark.fault("C4")
@pytest.mark.parametrize("missing", ["delivery_id", "delivery_tag"])
@pytest.mark.parametrize("more", [True, False])
def test_a_first_transfer_names_id_and_tag(missing: str, more: bool) -> None:
    rig, _ = receiving()
    fields: dict[str, Any] = {missing: None, "more": more}
    rig.receive(transfer(0, **fields))
    detached(rig, AmqpErrorCondition.INVALID_FIELD)


@pytest.mark.requirement("transport-2.7.5-03")
def test_no_message_format_is_zero() -> None:
    rig, _ = receiving()
    rig.receive(transfer(0, message_format=None))
    assert delivered(rig)[0].message_format == 0


@pytest.mark.requirement("transport-2.8.11-01")
def test_an_unknown_message_format_is_carried() -> None:
    rig, _ = receiving()
    rig.receive(transfer(0, message_format=0x8001_0000), payload=b"\xff\x00\xff")
    (delivery,) = delivered(rig)
    assert (delivery.message_format, delivery.payload) == (0x8001_0000, b"\xff\x00\xff")


def test_a_delivery_id_in_use() -> None:
    rig, _ = receiving()
    rig.receive(transfer(0, tag=b"a"), transfer(0, tag=b"b"))
    failed = rig.events()[-1]
    assert isinstance(failed, SessionFailed)
    error = rig.one(End).error
    assert error is not None
    assert error.condition == failed.fault.condition == AmqpErrorCondition.NOT_ALLOWED


def test_a_transfer_for_our_sender() -> None:
    from tests.engine.wire import accept_sender

    rig, _ = receiving()
    accept_sender(rig, handle=1)
    rig.receive(transfer(0, handle=1))
    detached(rig, AmqpErrorCondition.NOT_ALLOWED)


@pytest.mark.requirement("transport-2.7.5-16")
def test_batchable_changes_nothing() -> None:
    rig, _ = receiving()
    rig.receive(transfer(0, batchable=True))
    delivered(rig)[0].settle(Accepted())
    told = rig.one(Disposition)
    assert (told.role, told.first, told.settled, told.state) == (Role.RECEIVER, 0, True, Accepted())


# -- parts


@pytest.mark.requirement("transport-2.6.14-01")
@pytest.mark.requirement("transport-2.7.5-04")
def test_the_parts_of_a_delivery_are_joined() -> None:
    rig, link = receiving()
    rig.raw(frame(transfer(0, more=True), payload=b"one "))
    rig.raw(frame(Transfer(handle=0, more=True), payload=b"two "))
    rig.quiet()
    assert link.unsettled == {}
    rig.raw(frame(Transfer(handle=0), payload=b"three"))
    (delivery,) = delivered(rig)
    assert delivery.payload == b"one two three"
    assert isinstance(delivery.payload, bytes)
    assert link.unsettled == {b"0": delivery}
    assert link.delivery_count == 1


@pytest.mark.requirement("transport-2.7.5-04")
def test_later_parts_may_repeat_what_the_first_said() -> None:
    rig, _ = receiving()
    rig.receive(transfer(0, more=True), transfer(0, more=True), transfer(0), payload=b"x")
    assert delivered(rig)[0].payload == b"xxx"


@pytest.mark.requirement("transport-2.6.14-02")
def test_parts_of_one_octet_and_of_none() -> None:
    rig, _ = receiving()
    body = b"\x00\x53\x75\xa0\x05hello"
    rig.raw(frame(transfer(0, more=True)))
    for octet in body:
        rig.raw(frame(Transfer(handle=0, more=True), payload=bytes((octet,))))
    rig.raw(frame(Transfer(handle=0)))
    assert delivered(rig)[0].payload == body


@pytest.mark.requirement("transport-2.6.14-03")
def test_deliveries_of_two_links_interleave() -> None:
    rig, _ = receiving()
    accept_receiver(rig, name="other", handle=1)
    rig.raw(frame(transfer(0, more=True), payload=b"a"))
    rig.raw(frame(transfer(1, more=True, handle=1), payload=b"b"))
    rig.raw(frame(Transfer(handle=0), payload=b"a"))
    rig.raw(frame(Transfer(handle=1), payload=b"b"))
    assert [each.payload for each in delivered(rig)] == [b"aa", b"bb"]


@pytest.mark.requirement("transport-2.6.14-04")
@pytest.mark.requirement("transport-2.7.5-05")
@pytest.mark.requirement("transport-2.7.5-06")
@pytest.mark.requirement("transport-2.7.5-07")
@pytest.mark.fault("C4")
@pytest.mark.parametrize(
    "later",
    [
        transfer(1, tag=b"0"),
        transfer(0, tag=b"OTHER"),
        transfer(0, message_format=1),
        Transfer(handle=0, delivery_id=1),
    ],
)
@pytest.mark.parametrize("more", [True, False])
def test_later_parts_do_not_contradict_the_first(later: Transfer, more: bool) -> None:
    rig, link = receiving()
    rig.receive(transfer(0, more=True), payload=b"x")
    rig.receive(Transfer(**{**_fields(later), "more": more}))
    detached(rig, AmqpErrorCondition.INVALID_FIELD)
    assert link.unsettled == {}


def _fields(each: Transfer) -> dict[str, Any]:
    names = ("handle", "delivery_id", "delivery_tag", "message_format")
    return {name: getattr(each, name) for name in names}


@pytest.mark.requirement("transport-2.6.14-05")
@pytest.mark.requirement("transport-2.7.5-12")
@pytest.mark.requirement("transport-2.7.5-13")
@pytest.mark.fault("C3")
@pytest.mark.parametrize("more", [True, False])
def test_an_aborted_delivery_is_dropped(more: bool) -> None:
    rig, link = receiving()
    rig.receive(transfer(0, more=True), payload=b"x" * 100)
    rig.receive(Transfer(handle=0, aborted=True, more=more), payload=b"ignored")
    delivery = rig.event(DeliveryAborted).delivery
    assert delivery.settled
    assert delivery.payload == b""
    delivery.settle(Accepted())
    assert rig.sent() == []
    assert link.unsettled == {}
    rig.receive(transfer(1, tag=b"0"), payload=b"next")
    assert delivered(rig)[0].payload == b"next"
    rig.receive(Disposition(role=Role.SENDER, first=0, settled=True))
    rig.quiet()


def test_a_delivery_aborted_at_once() -> None:
    rig, _ = receiving()
    rig.receive(transfer(0, aborted=True), transfer(1, tag=b"0"))
    aborted, received = rig.events()
    assert isinstance(aborted, DeliveryAborted)
    assert isinstance(received, DeliveryReceived)


def test_an_aborted_delivery_may_or_may_not_have_taken_a_credit() -> None:
    rig, link = receiving(credit=2)
    rig.receive(transfer(0, more=True), Transfer(handle=0, aborted=True))
    assert link.credit == 1
    rig.receive(transfer(1), transfer(2))
    assert [type(event) for event in rig.events()] == [DeliveryAborted, DeliveryReceived, DeliveryReceived]


@pytest.mark.requirement("transport-2.7.5-09")
@pytest.mark.parametrize(
    ("first", "later", "settled"),
    [
        (None, None, False),
        (True, None, True),
        (None, True, True),
        (False, False, False),
        (True, False, True),
    ],
)
def test_one_settled_part_settles_the_delivery(first: bool | None, later: bool | None, settled: bool) -> None:
    rig, link = receiving()
    rig.receive(transfer(0, more=True, settled=first), Transfer(handle=0, settled=later))
    (delivery,) = delivered(rig)
    assert delivery.settled is settled
    assert bool(link.unsettled) is not settled
    delivery.settle(Accepted())
    assert len(rig.sent()) == (0 if settled else 1)


@pytest.mark.requirement("transport-2.7.6-06")
def test_the_sender_settles_amid_its_delivery() -> None:
    rig, link = receiving()
    rig.receive(transfer(0, more=True), payload=b"a")
    rig.receive(Disposition(role=Role.SENDER, first=0, settled=True))
    rig.quiet()
    rig.receive(Transfer(handle=0), payload=b"b")
    (delivery,) = delivered(rig)
    assert delivery.settled
    assert delivery.payload == b"ab"
    assert link.unsettled == {}


# -- settle modes


@pytest.mark.requirement("transport-2.7.5-10")
@pytest.mark.requirement("transport-2.7.3-06")
@pytest.mark.parametrize("parts", [1, 2])
def test_unsettled_on_a_link_of_mode_settled(parts: int) -> None:
    rig, _ = receiving(snd_settle_mode=SenderSettleMode.SETTLED)
    if parts == 1:
        rig.receive(transfer(0))
    else:
        rig.receive(transfer(0, more=True), Transfer(handle=0))
    detached(rig, AmqpErrorCondition.INVALID_FIELD)


@pytest.mark.requirement("transport-2.7.5-10")
def test_settled_by_its_last_part_on_a_link_of_mode_settled() -> None:
    rig, _ = receiving(snd_settle_mode=SenderSettleMode.SETTLED)
    rig.receive(transfer(0, more=True), Transfer(handle=0, settled=True))
    assert delivered(rig)[0].settled


@pytest.mark.requirement("transport-2.7.5-11")
@pytest.mark.parametrize("parts", [1, 2])
def test_settled_on_a_link_of_mode_unsettled(parts: int) -> None:
    rig, _ = receiving(snd_settle_mode=SenderSettleMode.UNSETTLED)
    if parts == 1:
        rig.receive(transfer(0, settled=True))
    else:
        rig.receive(transfer(0, more=True), Transfer(handle=0, settled=True))
    detached(rig, AmqpErrorCondition.INVALID_FIELD)


@pytest.mark.requirement("transport-2.7.5-11")
def test_an_abort_may_be_settled_on_a_link_of_mode_unsettled() -> None:
    rig, _ = receiving(snd_settle_mode=SenderSettleMode.UNSETTLED)
    rig.receive(transfer(0, more=True), Transfer(handle=0, settled=True, aborted=True))
    rig.event(DeliveryAborted)
    assert rig.sent() == []


@pytest.mark.requirement("transport-2.7.5-14")
def test_mode_first_for_one_delivery() -> None:
    rig, _ = receiving(rcv_settle_mode=SECOND)
    rig.receive(transfer(0, rcv_settle_mode=FIRST), transfer(1), transfer(2, rcv_settle_mode=SECOND))
    deliveries = delivered(rig)
    assert [each.rcv_settle_mode for each in deliveries] == [FIRST, SECOND, SECOND]
    deliveries[0].settle(Accepted())
    deliveries[1].update(Accepted(), settled=False)
    assert [(each.first, each.settled) for each in rig.sent()] == [(0, True), (1, False)]
    assert deliveries[0].settled
    assert not deliveries[1].settled


@pytest.mark.requirement("transport-2.7.5-15")
def test_mode_second_on_a_link_of_mode_first() -> None:
    rig, _ = receiving()
    rig.receive(transfer(0, rcv_settle_mode=SECOND, settled=True))
    assert delivered(rig)[0].settled
    rig.receive(transfer(1, rcv_settle_mode=SECOND))
    detached(rig, AmqpErrorCondition.INVALID_FIELD)


# -- limits


@pytest.mark.requirement("transport-2.7.3-09")
@pytest.mark.fault("C3")
def test_a_message_larger_than_the_link_takes() -> None:
    rig, _ = receiving(max_message_size=100)
    rig.receive(transfer(0), payload=bytes(100))
    delivered(rig)[0].settle(Accepted())
    rig.forget()
    rig.receive(transfer(1), payload=bytes(101))
    detached(rig, LinkErrorCondition.MESSAGE_SIZE_EXCEEDED)


@pytest.mark.requirement("transport-2.7.3-09")
@pytest.mark.fault("C3")
def test_a_message_that_grows_too_large_is_refused_before_its_end() -> None:
    rig, link = receiving(max_message_size=100)
    rig.receive(transfer(0, more=True), payload=bytes(60))
    rig.receive(Transfer(handle=0, more=True), payload=bytes(60))
    detached(rig, LinkErrorCondition.MESSAGE_SIZE_EXCEEDED)
    rig.receive(Transfer(handle=0), payload=bytes(60))
    rig.quiet()
    assert link.unsettled == {}


@pytest.mark.requirement("transport-2.7.3-10")
@pytest.mark.parametrize("limit", [0, None])
def test_no_limit(limit: int | None) -> None:
    rig, _ = receiving(max_message_size=limit)
    for start in range(40):
        first = transfer(0, more=True) if start == 0 else Transfer(handle=0, more=start < 39)
        rig.receive(first, payload=bytes(30_000))
    assert len(delivered(rig)[0].payload) == 1_200_000


@pytest.mark.fault("C3")
def test_the_connection_holds_so_much_of_unfinished_deliveries() -> None:
    rig, first = receiving(ConnectionOptions(max_buffered=10_000))
    accept_receiver(rig, name="second", handle=1)
    rig.receive(transfer(0, more=True), payload=bytes(6_000))
    rig.receive(transfer(1, more=True, handle=1), payload=bytes(6_000))
    failed = rig.event(LinkFailed)
    assert failed.fault.condition == AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED
    assert "max_buffered" in failed.fault.description
    rig.forget()
    # The other link goes on, and what was freed is free.
    rig.receive(Transfer(handle=0, aborted=True))
    assert rig.event(DeliveryAborted).delivery.link is first
    rig.receive(transfer(2, more=True), Transfer(handle=0), payload=bytes(4_000))
    assert len(delivered(rig)[0].payload) == 8_000


@pytest.mark.fault("C3")
@pytest.mark.parametrize("more", [0, 1])
def test_the_connection_holds_no_octet_more_than_that(more: int) -> None:
    rig, _ = receiving(ConnectionOptions(max_buffered=10_000))
    rig.receive(transfer(0, more=True), payload=bytes(10_000 - CHUNK_COST + more))
    if more:
        assert rig.event(LinkFailed).fault.condition == AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED
    else:
        rig.quiet()
        rig.receive(Transfer(handle=0, aborted=True))
        rig.event(DeliveryAborted)


@pytest.mark.fault("C3")
def test_empty_parts_without_end_are_bounded_too() -> None:
    rig, _ = receiving(ConnectionOptions(max_buffered=10_000))
    rig.receive(transfer(0, more=True))
    for _ in range(1000):
        rig.receive(Transfer(handle=0, more=True))
    (failed,) = rig.events()
    assert isinstance(failed, LinkFailed)
    assert failed.fault.condition == AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED
    assert rig.one(Detach).error is not None
    # What it held is free again.
    accept_receiver(rig, name="other", handle=1)
    rig.receive(transfer(1, more=True, handle=1), Transfer(handle=1), payload=bytes(4_900))
    assert len(delivered(rig)[0].payload) == 9_800


def test_a_link_that_goes_frees_what_it_held() -> None:
    rig, _ = receiving(ConnectionOptions(max_buffered=10_000))
    for number in range(5):
        rig.receive(transfer(number, more=True), payload=bytes(9_000))
        rig.receive(Detach(handle=0, closed=True))
        rig.forget()
        accept_receiver(rig)
    rig.receive(End())
    rig.forget()
    accept_session(rig)
    accept_receiver(rig)
    rig.receive(transfer(0, more=True), payload=bytes(9_000))
    rig.quiet()


@pytest.mark.requirement("transport-2.6.13-01")
def test_a_resumed_delivery_that_is_not_known_is_ignored() -> None:
    rig, _ = receiving()
    rig.receive(transfer(0, resume=True), payload=b"old")
    rig.receive(transfer(1, tag=b"0", resume=True, more=True), Transfer(handle=0), payload=b"old")
    rig.quiet()
    rig.receive(transfer(2, tag=b"0"), payload=b"new")
    (delivery,) = delivered(rig)
    assert delivery.payload == b"new"
    delivery.settle(Accepted())
    assert rig.one(Disposition).first == 2


@pytest.mark.fault("C3")
def test_nothing_is_kept_of_a_resumed_delivery_that_is_not_known() -> None:
    rig, _ = receiving(ConnectionOptions(max_buffered=10_000))
    rig.receive(transfer(0, resume=True, more=True), payload=bytes(6_000))
    for _ in range(10):
        rig.receive(Transfer(handle=0, more=True), payload=bytes(6_000))
    rig.receive(Transfer(handle=0))
    rig.quiet()


# -- dispositions that leave


@pytest.mark.requirement("transport-2.7.6-01")
def test_neighbours_leave_as_one_range() -> None:
    rig, _ = receiving()
    rig.receive(*(transfer(number) for number in range(6)))
    deliveries = delivered(rig)
    for delivery in deliveries[:3]:
        delivery.settle(Accepted())
    deliveries[3].settle(Released())
    deliveries[5].settle(Released())
    deliveries[4].settle(Released())
    assert [(each.first, each.last, each.state) for each in rig.sent()] == [
        (0, 2, Accepted()),
        (3, None, Released()),
        (5, None, Released()),
        (4, None, Released()),
    ]


def test_states_that_differ_do_not_join() -> None:
    rig, _ = receiving(rcv_settle_mode=SECOND)
    rig.receive(*(transfer(number) for number in range(6)))
    first, second, third, fourth, fifth, sixth = delivered(rig)
    first.settle(Modified(delivery_failed=True))
    second.settle(Modified(delivery_failed=True))
    third.settle(Modified())
    fourth.update(Modified(), settled=False)
    fifth.settle()
    sixth.settle()
    assert [(each.first, each.last) for each in rig.sent()] == [(0, 1), (2, None), (3, None), (4, 5)]


def test_dispositions_leave_before_a_detach_and_an_end() -> None:
    rig, link = receiving()
    rig.receive(*(transfer(number) for number in range(2)))
    first, second = delivered(rig)
    first.settle(Accepted())
    link.detach()
    second.settle(Accepted())
    link.session.end()
    assert [type(each) for each in rig.sent()] == [Disposition, Detach, Disposition, End]


def test_settling_behind_the_end_does_nothing() -> None:
    rig, _ = receiving()
    rig.receive(transfer(0), transfer(1))
    first, second = delivered(rig)
    rig.receive(End())
    rig.forget()
    first.settle(Accepted())
    second.update(Rejected(), settled=False)
    rig.quiet()


def test_a_state_larger_than_the_peer_takes() -> None:
    from amqp_spec import Error, Open

    rig = opened_server(Open(container_id="peer", max_frame_size=512))
    accept_session(rig)
    link = accept_receiver(rig)
    rig.receive(transfer(0))
    (delivery,) = delivered(rig)
    with pytest.raises(LocalError, match="512"):
        delivery.settle(Rejected(error=Error(condition="x:y", description="x" * 600)))
    assert not delivery.settled
    assert link.unsettled
    rig.quiet()


def test_a_flow_of_ours_follows_what_came() -> None:
    rig, link = receiving()
    rig.receive(transfer(0))
    delivered(rig)[0].settle(Accepted())
    link.flow(50)
    disposition, flow = rig.sent()
    assert isinstance(disposition, Disposition)
    assert isinstance(flow, Flow)
    assert flow.next_incoming_id == 1
