"""2.6.12 to 2.6.14, 2.7.5 and 2.7.6 at the sending end: deliveries leave, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.engine import (
    DeliveryUpdated,
    LinkEnded,
    LinkRequested,
    SenderLink,
    SessionFailed,
)
from amqp.errors import EncodeError, LocalError
from amqp.options import SessionOptions
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Close,
    Disposition,
    Error,
    Modified,
    Rejected,
    Released,
    TransactionalState,
)
from tests.engine.wire import (
    Detach,
    End,
    Open,
    ReceiverSettleMode,
    Rig,
    Role,
    SenderSettleMode,
    Transfer,
    accept_receiver,
    accept_sender,
    accept_session,
    flow,
    grant,
    opened_server,
    receiver_attach,
    transfer,
)

SMALL = Open(container_id="peer", max_frame_size=512)


def sending(remote: Open | None = None, credit: int = 100, **fields: Any) -> tuple[Rig, SenderLink]:
    """A server with a sending link that has *credit*."""
    rig = opened_server(remote)
    accept_session(rig)
    return rig, accept_sender(rig, credit=credit, **fields)


def settled(first: int, last: int | None = None, **fields: Any) -> Disposition:
    return Disposition(
        **{"role": Role.RECEIVER, "first": first, "last": last, "settled": True, "state": Accepted()} | fields
    )


# -- sending


def test_a_delivery() -> None:
    rig, link = sending()
    delivery = link.send(b"hello", tag=b"tag", message_format=3, batchable=True)
    assert (delivery.started, delivery.complete, delivery.id) == (False, False, None)
    (sent,) = rig.frames()
    assert sent.payload == b"hello"
    assert sent.performative == Transfer(
        handle=0, delivery_id=0, delivery_tag=b"tag", message_format=3, settled=False, batchable=True
    )
    assert (delivery.started, delivery.complete, delivery.id) == (True, True, 0)
    assert link.unsettled == {b"tag": delivery}


@pytest.mark.requirement("transport-2.7.5-01")
@pytest.mark.requirement("transport-2.7.5-02")
@pytest.mark.requirement("transport-2.7.5-03")
@pytest.mark.requirement("transport-2.7.5-04")
@pytest.mark.requirement("transport-2.6.14-01")
@pytest.mark.requirement("transport-2.7.1-01")
@pytest.mark.parametrize("size", [0, 1, 470, 480, 481, 482, 483, 484, 485, 486, 490, 1000, 10_240])
def test_a_delivery_in_frames_that_the_peer_takes(size: int) -> None:
    rig, link = sending(SMALL)
    payload = bytes(number % 251 for number in range(size))
    link.send(payload)
    frames = rig.frames()
    assert all(each.size <= 512 for each in frames)
    assert all(each.size == 512 for each in frames[:-1])
    assert b"".join(each.payload for each in frames) == payload
    assert [each.performative.more for each in frames] == [True] * (len(frames) - 1) + [False]
    first = frames[0].performative
    assert (first.delivery_id, first.delivery_tag, first.message_format) == (0, b"\0\0\0\0", 0)
    assert all(each.performative.delivery_id in (None, 0) for each in frames)


def test_frames_of_ours_are_bounded_whatever_the_peer_takes() -> None:
    rig, link = sending(Open(container_id="peer", max_frame_size=0xFFFF_FFFF))
    link.send(bytes(3 * 1024 * 1024))
    assert max(each.size for each in rig.frames()) <= 1024 * 1024


def test_large_payloads_stay_views_and_small_frames_are_joined() -> None:
    rig, link = sending()
    payload = bytes(60_000)
    link.send(payload)
    buffers = rig.engine.data_to_send(0.0)
    views = [each for each in buffers if len(each) == 60_000]
    assert len(views) == 1
    assert views[0] is payload
    for _ in range(50):
        link.send(b"small")
    assert len(rig.engine.data_to_send(0.0)) == 1


def test_a_view_is_sent() -> None:
    rig, link = sending()
    data = bytearray(b"0123456789")
    link.send(memoryview(data)[2:5])
    link.send(memoryview(b"abcdefgh").cast("H"))
    assert [each.payload for each in rig.frames()] == [b"234", b"abcdefgh"]
    with pytest.raises(LocalError, match="gaps"):
        link.send(memoryview(data)[::2])
    rig.quiet()


@pytest.mark.requirement("transport-2.7.5-08")
@pytest.mark.fault("C9")
def test_delivery_ids_run_through_the_session() -> None:
    rig = opened_server()
    accept_session(rig, SessionOptions(next_outgoing_id=0xFFFF_FFFE))
    links = [accept_sender(rig, name=str(number), handle=number) for number in range(2)]
    for link in links:
        grant(rig, link, 5)
    for number in range(4):
        links[number % 2].send(b"x")
        rig.engine.wants_write  # noqa: B018  looking changes nothing
    assert [each.delivery_id for each in rig.sent()] == [0xFFFF_FFFE, 0xFFFF_FFFF, 0, 1]


@pytest.mark.requirement("transport-2.6.12-01")
def test_tags_are_unique_while_unsettled() -> None:
    rig, link = sending()
    tags = [link.send(b"x").tag for _ in range(50)]
    assert len(set(tags)) == 50
    assert all(len(tag) <= 32 for tag in tags)
    with pytest.raises(LocalError, match="unsettled"):
        link.send(b"x", tag=tags[0])
    rig.forget()
    rig.receive(settled(0))
    assert link.send(b"x", tag=tags[0]).tag == tags[0]


@pytest.mark.requirement("transport-2.6.12-01")
def test_tags_of_ours_avoid_those_of_the_application() -> None:
    _, link = sending()
    link.send(b"x", tag=b"\0\0\0\0")
    assert link.send(b"x").tag == b"\0\0\0\1"


@pytest.mark.requirement("transport-2.8.7-01")
def test_a_tag_that_is_too_long() -> None:
    rig, link = sending()
    with pytest.raises(LocalError, match="33"):
        link.send(b"x", tag=bytes(33))
    assert link.credit == 100
    link.send(b"x", tag=bytes(32))
    link.send(b"x", tag=b"")
    assert [len(each.delivery_tag) for each in rig.sent()] == [32, 0]


@pytest.mark.requirement("transport-2.6.12-04")
def test_a_settled_delivery_is_forgotten_at_once() -> None:
    rig, link = sending()
    delivery = link.send(b"x", settled=True)
    assert delivery.settled
    assert link.unsettled == {}
    assert rig.one(Transfer).settled is True
    rig.receive(settled(0))
    rig.quiet()


@pytest.mark.requirement("transport-2.7.5-10")
@pytest.mark.requirement("transport-2.7.5-11")
@pytest.mark.parametrize("mode", [SenderSettleMode.SETTLED, SenderSettleMode.UNSETTLED])
def test_the_mode_of_the_link_binds_the_sender(mode: SenderSettleMode) -> None:
    rig, link = sending(snd_settle_mode=mode)
    right = mode is SenderSettleMode.SETTLED
    with pytest.raises(LocalError, match="snd-settle-mode"):
        link.send(b"x", settled=not right)
    assert link.credit == 100
    link.send(b"x", settled=right)
    assert rig.one(Transfer).settled is right


@pytest.mark.requirement("transport-2.7.3-09")
def test_a_message_larger_than_the_peer_takes() -> None:
    rig, link = sending(max_message_size=100)
    assert link.max_message_size == 100
    with pytest.raises(LocalError, match="100"):
        link.send(bytes(101))
    assert link.credit == 100
    rig.quiet()
    link.send(bytes(100))
    assert len(rig.sent()) == 1


@pytest.mark.requirement("transport-2.7.3-10")
def test_zero_is_no_limit() -> None:
    rig, link = sending(max_message_size=0)
    assert link.max_message_size is None
    link.send(bytes(1_000_000))
    frames = rig.frames()
    assert sum(len(each.payload) for each in frames) == 1_000_000
    assert not frames[-1].performative.more


def test_a_state_leaves_with_its_transfer() -> None:
    rig, link = sending()
    link.send(b"x", state=TransactionalState(txn_id=b"t"), rcv_settle_mode=ReceiverSettleMode.FIRST)
    sent = rig.one(Transfer)
    assert sent.state == TransactionalState(txn_id=b"t")
    assert sent.rcv_settle_mode is ReceiverSettleMode.FIRST
    with pytest.raises(EncodeError):
        link.send(b"x", state=Rejected(error=Error(condition="x:y", info={"x": object()})))
    assert link.credit == 99


# -- withdraw and abort


def test_withdraw_undoes_a_send() -> None:
    rig, link = sending(credit=2)
    first = link.send(b"one")
    second = link.send(b"two")
    first.withdraw()
    first.withdraw()
    assert link.credit == 1
    assert link.unsettled == {second.tag: second}
    (sent,) = rig.frames()
    assert sent.payload == b"two"
    assert sent.performative.delivery_id == 0
    with pytest.raises(LocalError, match="abort"):
        second.withdraw()


def test_all_withdrawn_nothing_leaves() -> None:
    rig, link = sending()
    for _ in range(5):
        link.send(b"x").withdraw()
    assert rig.engine.data_to_send(0.0) == []
    assert not rig.engine.wants_write
    link.send(b"y")
    assert len(rig.sent()) == 1


def test_settling_what_has_not_left_withdraws_it() -> None:
    rig, link = sending()
    link.send(b"x").settle()
    rig.quiet()
    assert link.credit == 100


def test_abort_takes_back_what_is_half_sent() -> None:
    rig, link = sending(SMALL)
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10, incoming_window=2))
    rig.forget()
    delivery = link.send(bytes(5000))
    after = link.send(b"after")
    assert len(rig.sent()) == 2
    with pytest.raises(LocalError, match="withdraw"):
        after.abort()
    delivery.abort()
    assert delivery.settled
    assert delivery.tag not in link.unsettled
    assert rig.sent() == []  # the window is closed
    rig.receive(flow(next_incoming_id=2))
    aborted, following = rig.frames()
    assert aborted.performative == Transfer(handle=0, aborted=True)
    assert aborted.payload == b""
    assert following.performative.delivery_id == 1
    with pytest.raises(LocalError, match="whole"):
        delivery.abort()
    assert link.delivery_count == 2
    rig.receive(settled(0, last=1))
    assert rig.event(DeliveryUpdated).delivery is after


# -- what the peer says


@pytest.mark.requirement("transport-2.6.12-05")
@pytest.mark.parametrize("outcome", [Accepted(), Released(), Rejected(), Modified(undeliverable_here=True)])
def test_the_peer_settles(outcome: Accepted) -> None:
    rig, link = sending()
    delivery = link.send(b"x")
    rig.forget()
    rig.receive(settled(0, state=outcome))
    updated = rig.event(DeliveryUpdated)
    assert updated == DeliveryUpdated(delivery, outcome, True)
    assert delivery.settled
    assert delivery.remote_settled
    assert delivery.remote_state == outcome
    assert link.unsettled == {}
    delivery.settle()
    assert rig.sent() == []


@pytest.mark.requirement("transport-2.6.12-07")
def test_mode_second() -> None:
    rig, link = sending(rcv_settle_mode=ReceiverSettleMode.SECOND)
    deliveries = [link.send(b"x") for _ in range(3)]
    rig.forget()
    rig.receive(settled(0, last=2, settled=False))
    events = rig.events()
    assert [event.settled for event in events if isinstance(event, DeliveryUpdated)] == [False] * 3
    assert len(link.unsettled) == 3
    for delivery in deliveries:
        delivery.settle(Accepted())
    assert rig.one(Disposition) == Disposition(
        role=Role.SENDER, first=0, last=2, settled=True, state=Accepted()
    )
    assert link.unsettled == {}
    assert deliveries[0].state == Accepted()
    deliveries[0].settle()
    rig.quiet()


@pytest.mark.requirement("transport-2.7.6-01")
def test_a_range() -> None:
    rig, link = sending()
    deliveries = [link.send(b"x") for _ in range(5)]
    rig.forget()
    rig.receive(settled(1, last=3))
    assert [event.delivery for event in rig.events() if isinstance(event, DeliveryUpdated)] == deliveries[1:4]
    assert list(link.unsettled.values()) == [deliveries[0], deliveries[4]]
    rig.receive(settled(4))
    assert rig.event(DeliveryUpdated).delivery is deliveries[4]


@pytest.mark.requirement("transport-2.7.6-01")
@pytest.mark.fault("C9")
def test_a_range_that_wraps() -> None:
    rig = opened_server()
    accept_session(rig, SessionOptions(next_outgoing_id=0xFFFF_FFFD))
    link = accept_sender(rig)
    grant(rig, link, 10)
    for _ in range(6):
        link.send(b"x")
    rig.forget()
    rig.receive(settled(0xFFFF_FFFE, last=1))
    assert [event.delivery.id for event in rig.events()] == [0xFFFF_FFFE, 0xFFFF_FFFF, 0, 1]


@pytest.mark.requirement("transport-2.7.6-02")
def test_the_role_says_whose_deliveries_are_meant() -> None:
    rig, link = sending()
    incoming = accept_receiver(rig, handle=1)
    link.send(b"x")
    rig.receive(transfer(0, handle=1))
    rig.forget()
    rig.receive(settled(0, role=Role.SENDER))
    assert rig.event(DeliveryUpdated).delivery.link is incoming
    assert len(link.unsettled) == 1
    rig.receive(settled(0))
    assert rig.event(DeliveryUpdated).delivery.link is link


@pytest.mark.requirement("transport-2.7.6-03")
@pytest.mark.fault("C5")
def test_a_range_over_links_and_over_what_is_not_known() -> None:
    rig, first = sending()
    second = accept_sender(rig, name="second", handle=1, credit=10)
    for link in (first, second, first):
        link.send(b"x")
        rig.forget()
    rig.receive(settled(1))
    rig.forget()
    rig.receive(settled(0, last=100))
    assert [event.delivery.id for event in rig.events()] == [0, 2]
    rig.receive(settled(0, last=100), settled(50), settled(0))
    rig.quiet()


@pytest.mark.fault("C5")
def test_the_largest_range_costs_no_more_than_what_is_known() -> None:
    rig, link = sending()
    delivery = link.send(b"x")
    rig.forget()
    rig.receive(*[settled(0, last=0x7FFF_FFFF, settled=False)] * 200)
    # The same state once more is no news.
    assert rig.event(DeliveryUpdated).delivery is delivery
    rig.receive(settled(0, last=0x7FFF_FFFF))
    assert rig.event(DeliveryUpdated).delivery is delivery


@pytest.mark.requirement("transport-2.7.6-04")
@pytest.mark.fault("C5")
@pytest.mark.parametrize(("first", "last"), [(5, 1), (0, 0xFFFF_FFFF), (0, 0x8000_0000)])
def test_a_range_that_ends_before_it_begins(first: int, last: int) -> None:
    rig, link = sending()
    link.send(b"x")
    rig.forget()
    rig.receive(settled(first, last=last))
    end = rig.one(End)
    assert end.error is not None
    assert end.error.condition == AmqpErrorCondition.INVALID_FIELD
    assert isinstance(rig.events()[-1], SessionFailed)


@pytest.mark.requirement("transport-2.6.12-08")
@pytest.mark.requirement("transport-2.6.12-02")
def test_a_disposition_without_news() -> None:
    rig, link = sending()
    tag = link.send(b"x").tag
    rig.forget()
    rig.receive(settled(0, settled=False, state=None))
    rig.quiet()
    rig.receive(settled(0), settled(0))
    rig.event(DeliveryUpdated)
    again = link.send(b"y", tag=tag)
    sent = rig.one(Transfer)
    assert (sent.delivery_id, sent.delivery_tag) == (1, tag)
    rig.receive(settled(0))
    rig.quiet()
    assert link.unsettled == {tag: again}


@pytest.mark.requirement("transport-2.7.6-06")
def test_the_peer_settles_amid_the_delivery() -> None:
    rig = opened_server(SMALL)
    accept_session(rig)
    link = accept_sender(rig)
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10, incoming_window=1))
    rig.forget()
    delivery = link.send(bytes(1000))
    assert len(rig.sent()) == 1
    rig.receive(settled(0, state=Released()))
    assert rig.event(DeliveryUpdated).settled
    assert delivery.settled
    rig.receive(flow(next_incoming_id=1))
    assert rig.sent()[-1].more is False  # it is finished, for some peers do not know aborted
    link.send(b"next")
    assert rig.one(Transfer).delivery_id == 1


@pytest.mark.fault("C6")
def test_a_peer_that_never_settles_costs_the_credit_it_gave() -> None:
    rig, link = sending(credit=10)
    for _ in range(10):
        link.send(b"x")
    with pytest.raises(LocalError):
        link.send(b"x")
    rig.forget()
    for delivery in list(link.unsettled.values()):
        delivery.settle()
    assert rig.one(Disposition).last == 9
    assert link.unsettled == {}
    rig.receive(settled(0, last=9))  # late, and of no meaning any more
    rig.quiet()


# -- endings


def finish(rig: Rig, link: SenderLink, how: str) -> None:
    if how == "detach":
        link.detach()
    elif how == "end":
        link.session.end()
    else:
        rig.engine.close()


@pytest.mark.parametrize("how", ["detach", "end", "close"])
def test_what_waits_leaves_before_the_end(how: str) -> None:
    rig, link = sending()
    delivery = link.send(b"x")
    finish(rig, link, how)
    last = {"detach": Detach, "end": End, "close": Close}[how]
    assert [type(each) for each in rig.sent()] == [Transfer, last]
    assert delivery.complete


@pytest.mark.parametrize("how", ["detach", "end", "close"])
def test_what_the_window_holds_back_does_not(how: str) -> None:
    rig = opened_server()
    accept_session(rig)
    link = accept_sender(rig)
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10, incoming_window=1))
    rig.forget()
    first, second = link.send(b"x"), link.send(b"y")
    finish(rig, link, how)
    assert len(rig.sent()) == 2
    assert first.started
    assert not second.started
    second.withdraw()
    with pytest.raises(LocalError):
        link.send(b"z")
    rig.receive(flow(next_incoming_id=1))
    rig.quiet()


def test_with_an_error_nothing_waits() -> None:
    rig, link = sending()
    delivery = link.send(b"x")
    link.detach(error=Error(condition="amqp:internal-error"))
    assert [type(each) for each in rig.sent()] == [Detach]
    assert not delivery.started


def test_a_link_that_the_peer_took_away() -> None:
    rig, link = sending()
    rig.receive(Detach(handle=0, closed=True))
    rig.event(LinkEnded)
    rig.forget()
    with pytest.raises(LocalError, match="closed"):
        link.send(b"x")
    link.drained()
    link.flow()
    rig.quiet()


def test_many_deliveries_wait_as_long_as_they_must() -> None:
    rig, link = sending(credit=50)
    for number in range(50):
        link.send(bytes(100_000), tag=b"%d" % number)
    batches = 0
    taken = 0
    while rig.engine.wants_write:
        size = sum(map(len, rig.engine.data_to_send(0.0)))
        assert 0 < size < 2 * 1024 * 1024
        batches += 1
        taken += size
    assert batches >= 4
    assert taken > 5_000_000


def test_the_trace_of_transfers() -> None:
    seen: list[tuple[str, str | None, int]] = []

    def hook(direction: str, channel: int, performative: object, size: int) -> None:
        seen.append((direction, getattr(performative, "NAME", None), size))

    from amqp.engine import Engine
    from amqp.options import ConnectionOptions
    from tests.engine.wire import AMQP, begin, frame

    rig = Rig(Engine(ConnectionOptions(container_id="s"), role="server", on_frame=hook))
    rig.raw(AMQP + frame(SMALL))
    rig.engine.open()
    rig.forget()
    rig.receive(begin(), receiver_attach())
    requested, wanted = rig.events()
    requested.session.accept()
    assert isinstance(wanted, LinkRequested)
    link = wanted.link
    assert isinstance(link, SenderLink)
    link.accept()
    grant(rig, link, 5)
    seen.clear()
    link.send(bytes(700))
    rig.forget()
    assert [(direction, name) for direction, name, _ in seen] == [("out", "transfer")] * 2
    assert sum(size for _, _, size in seen) == 700
