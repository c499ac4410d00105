"""2.6.7 to 2.6.10: link credit, drain, echo; both ends."""

from __future__ import annotations

import pytest

from amqp.engine import (
    ConnectionState,
    CreditChanged,
    DeliveryReceived,
    Drained,
    Engine,
    FlowReceived,
    LinkFailed,
    LinkRequested,
    ReceiverLink,
    SenderLink,
)
from amqp.errors import Blame, LocalError
from amqp.options import LinkOptions, SessionOptions
from amqp_spec import LinkErrorCondition
from tests.engine.wire import (
    Attach,
    Detach,
    Flow,
    Open,
    Rig,
    Source,
    Transfer,
    accept_receiver,
    accept_sender,
    accept_session,
    attach_receiver,
    begin_session,
    flow,
    grant,
    in_state,
    opened_client,
    opened_server,
    receiver_attach,
    sender_attach,
    transfer,
)

EDGE = 0xFFFF_FFFF


def sending(credit: int = 0, remote: Open | None = None, **fields: object) -> tuple[Rig, SenderLink]:
    """A server with a sending link that has *credit*."""
    rig = opened_server(remote)
    accept_session(rig)
    return rig, accept_sender(rig, credit=credit, **fields)  # type: ignore[arg-type]  # the names vary


def receiving(credit: int = 0) -> tuple[Rig, ReceiverLink]:
    """A server with a receiving link that has granted *credit*."""
    rig = opened_server()
    accept_session(rig)
    return rig, accept_receiver(rig, credit=credit)


# -- the sender


@pytest.mark.requirement("transport-2.6.7-01")
def test_no_transfer_without_credit() -> None:
    rig, link = sending()
    with pytest.raises(LocalError, match="no credit"):
        link.send(b"x")
    rig.quiet()
    rig.receive(flow(handle=0, delivery_count=0, link_credit=0))
    assert rig.event(CreditChanged).link is link
    with pytest.raises(LocalError):
        link.send(b"x")
    rig.quiet()


@pytest.mark.requirement("transport-2.6.7-02")
def test_no_more_than_was_granted() -> None:
    rig, link = sending(5)
    for left in (4, 3, 2, 1, 0):
        link.send(b"x")
        assert link.credit == left
    with pytest.raises(LocalError, match="no credit"):
        link.send(b"x")
    assert len(rig.sent()) == 5
    assert link.delivery_count == 5


@pytest.mark.requirement("transport-2.6.7-03")
def test_a_delivery_of_many_frames_takes_one() -> None:
    rig, link = sending(2, Open(container_id="peer", max_frame_size=512))
    link.send(bytes(5000))
    assert link.credit == 1
    assert len(rig.sent()) > 9
    assert link.delivery_count == 1


@pytest.mark.requirement("transport-2.6.7-04")
def test_a_flow_that_is_behind() -> None:
    rig, link = sending(20)
    for _ in range(3):
        link.send(b"x")
    rig.forget()
    rig.receive(flow(handle=0, delivery_count=0, link_credit=5, next_incoming_id=0))
    assert link.credit == 2
    for _ in range(2):
        link.send(b"x")
    with pytest.raises(LocalError, match="no credit"):
        link.send(b"x")
    assert [each.delivery_id for each in rig.sent()] == [3, 4]


@pytest.mark.requirement("transport-2.6.7-05")
def test_a_flow_without_delivery_count() -> None:
    rig, link = sending(20)
    link.send(b"x")
    rig.forget()
    rig.receive(flow(handle=0, delivery_count=None, link_credit=3, next_incoming_id=1))
    assert link.credit == 2


@pytest.mark.requirement("transport-2.6.7-05")
def test_a_flow_pipelined_behind_the_attach_is_kept() -> None:
    rig = opened_server()
    accept_session(rig)
    rig.receive(receiver_attach(), flow(handle=0, delivery_count=None, link_credit=3))
    requested, changed = rig.events()
    assert isinstance(requested, LinkRequested)
    assert isinstance(changed, CreditChanged)
    link = changed.link
    with pytest.raises(LocalError, match="not attached"):
        link.send(b"x")
    link.accept(initial_delivery_count=EDGE)
    assert link.credit == 3
    for _ in range(3):
        link.send(b"x")
    assert [type(each) for each in rig.sent()] == [Attach, Transfer, Transfer, Transfer]


def test_an_echo_pipelined_behind_the_attach_is_answered_when_it_is_up() -> None:
    rig = opened_server()
    accept_session(rig)
    rig.receive(receiver_attach(), flow(handle=0, link_credit=3, echo=True))
    link = rig.events()[0].link
    assert rig.sent() == []
    link.accept()
    attach, answer = rig.sent()
    assert isinstance(attach, Attach)
    assert (answer.handle, answer.link_credit) == (0, 3)


@pytest.mark.parametrize("initial", [5, EDGE - 4, 0x8000_0000])
def test_a_delivery_count_that_never_was(initial: int) -> None:
    """Proton says 0 before it has seen our attach; RabbitMQ then counts its credit down to -5."""
    rig = opened_server()
    accept_session(rig)
    rig.receive(receiver_attach())
    link = rig.event(LinkRequested).link
    assert isinstance(link, SenderLink)
    link.accept(initial_delivery_count=initial)
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10))
    assert link.credit == 10


@pytest.mark.requirement("transport-2.6.7-06")
@pytest.mark.fault("C9")
def test_our_delivery_count_wraps() -> None:
    rig = opened_server()
    accept_session(rig)
    rig.receive(receiver_attach())
    link = rig.event(LinkRequested).link
    assert isinstance(link, SenderLink)
    link.accept(initial_delivery_count=0xFFFF_FFFE)
    grant(rig, link, 4)
    for _ in range(4):
        link.send(b"x")
    rig.forget()
    assert link.delivery_count == 2
    rig.receive(flow(handle=0, delivery_count=0xFFFF_FFFF, link_credit=10, next_incoming_id=4, echo=True))
    assert link.credit == 7
    told = rig.one(Flow)
    assert (told.delivery_count, told.link_credit) == (2, 7)


@pytest.mark.requirement("transport-2.6.7-08")
def test_credit_lowered_to_nothing() -> None:
    rig, link = sending(100)
    link.send(b"x")
    rig.forget()
    rig.receive(flow(handle=0, delivery_count=1, link_credit=0, echo=True, next_incoming_id=1))
    answer = rig.one(Flow)
    assert (answer.delivery_count, answer.link_credit) == (1, 0)
    assert link.credit == 0
    with pytest.raises(LocalError):
        link.send(b"x")


@pytest.mark.requirement("transport-2.6.7-08")
@pytest.mark.requirement("transport-2.6.7-02")
def test_credit_lowered_under_what_waits() -> None:
    rig = opened_server()
    accept_session(rig)
    link = accept_sender(rig)
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10, incoming_window=1))
    rig.forget()
    deliveries = [link.send(b"x") for _ in range(5)]
    assert len(rig.sent()) == 1
    rig.receive(flow(handle=0, delivery_count=1, link_credit=2, next_incoming_id=1))
    assert len(rig.sent()) == 2
    assert link.credit == 0
    assert [each.started for each in deliveries] == [True, True, True, False, False]
    rig.receive(flow(handle=0, delivery_count=3, link_credit=2, next_incoming_id=3))
    assert len(rig.sent()) == 2


@pytest.mark.requirement("transport-2.6.7-09")
def test_a_grant_replaces_the_one_before() -> None:
    rig, link = sending()
    rig.receive(
        flow(handle=0, delivery_count=0, link_credit=5), flow(handle=0, delivery_count=0, link_credit=5)
    )
    assert link.credit == 5
    for _ in range(5):
        link.send(b"x")
    with pytest.raises(LocalError, match="no credit"):
        link.send(b"x")
    assert len(rig.sent()) == 5


@pytest.mark.requirement("transport-2.6.7-11")
def test_a_drain_with_nothing_to_send() -> None:
    rig, link = sending()
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10, drain=True))
    assert rig.event(CreditChanged).link is link
    assert (link.credit, link.drain) == (10, True)
    link.drained()
    answer = rig.one(Flow)
    assert (answer.delivery_count, answer.link_credit, answer.drain) == (10, 0, True)
    assert (link.credit, link.drain) == (0, False)
    link.drained()
    rig.quiet()


@pytest.mark.requirement("transport-2.6.7-12")
def test_a_drain_with_less_than_the_credit() -> None:
    rig, link = sending()
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10, drain=True))
    rig.forget()
    for _ in range(3):
        link.send(b"x")
    link.drained()
    sent = rig.sent()
    assert [type(each) for each in sent] == [Transfer, Transfer, Transfer, Flow]
    assert (sent[3].delivery_count, sent[3].link_credit) == (10, 0)
    assert sent[3].next_outgoing_id == 3


@pytest.mark.requirement("transport-2.6.7-12")
def test_a_drain_waits_for_the_window() -> None:
    rig = opened_server()
    accept_session(rig)
    link = accept_sender(rig)
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10, drain=True, incoming_window=1))
    rig.forget()
    link.send(b"x")
    link.send(b"x")
    link.drained()
    assert [type(each) for each in rig.sent()] == [Transfer]
    rig.receive(flow(next_incoming_id=1))
    assert [type(each) for each in rig.sent()] == [Transfer, Flow]


def test_a_drain_waits_for_the_rest_of_a_delivery() -> None:
    rig = opened_server(Open(container_id="peer", max_frame_size=512))
    accept_session(rig)
    link = accept_sender(rig)
    rig.receive(flow(handle=0, delivery_count=0, link_credit=1, drain=True, incoming_window=1))
    rig.forget()
    link.send(bytes(600))
    link.drained()
    assert [type(each) for each in rig.sent()] == [Transfer]
    rig.receive(flow(next_incoming_id=1))
    assert [type(each) for each in rig.sent()] == [Transfer, Flow]


def test_a_drain_behind_a_withdrawn_delivery() -> None:
    rig, link = sending()
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10, drain=True))
    rig.forget()
    link.send(b"x").withdraw()
    link.drained()
    assert rig.one(Flow).delivery_count == 10


def test_a_drain_that_was_called_off() -> None:
    rig = opened_server()
    accept_session(rig)
    link = accept_sender(rig)
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10, drain=True, incoming_window=0))
    link.send(b"x")
    link.drained()
    rig.forget()
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10))
    assert [type(each) for each in rig.sent()] == [Transfer]
    assert link.credit == 9


@pytest.mark.requirement("transport-2.6.7-13")
def test_after_a_drain_credit_works_as_before() -> None:
    rig, link = sending()
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10, drain=True))
    link.drained()
    rig.forget()
    rig.receive(flow(handle=0, delivery_count=10, link_credit=1))
    assert link.credit == 1
    link.send(b"x")
    assert isinstance(rig.one(Transfer), Transfer)
    assert link.delivery_count == 11


@pytest.mark.requirement("transport-2.6.10-01")
@pytest.mark.requirement("transport-2.7.4-06")
@pytest.mark.requirement("transport-2.7.4-04")
def test_an_echo_is_answered_with_the_links_state() -> None:
    rig, link = sending(7)
    link.available = 12
    link.send(b"x")
    rig.forget()
    rig.receive(flow(handle=0, delivery_count=1, link_credit=6, echo=True, next_incoming_id=1))
    answer = rig.one(Flow)
    assert answer == Flow(
        next_incoming_id=0,
        incoming_window=answer.incoming_window,
        next_outgoing_id=1,
        outgoing_window=answer.outgoing_window,
        handle=0,
        delivery_count=1,
        link_credit=6,
        available=12,
    )


def test_a_sender_tells_its_state_unasked() -> None:
    rig, link = sending(1)
    link.available = 5
    link.flow(properties={"x": 1})
    answer = rig.one(Flow)
    assert answer.available == 5
    assert answer.properties == {"x": 1}


# -- the receiver


def test_a_grant_is_sent_when_the_link_is_up() -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = session.attach_receiver(LinkOptions(name="in", source=Source(address="q")), credit=5)
    assert [type(each) for each in rig.sent()] == [Attach]
    assert link.credit == 5
    rig.receive(sender_attach(initial_delivery_count=EDGE))
    sent = rig.one(Flow)
    # 2.7.4: a count is told only behind the sender's attach.
    assert (sent.delivery_count, sent.link_credit, sent.handle) == (EDGE, 5, 0)


@pytest.mark.requirement("transport-2.7.4-05")
def test_no_flow_leaves_before_the_senders_attach() -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = session.attach_receiver(LinkOptions(name="in", source=Source(address="q")))
    link.flow(3)
    link.flow(4, echo=True)
    assert [type(each) for each in rig.sent()] == [Attach]
    rig.receive(sender_attach())
    sent = rig.one(Flow)
    assert (sent.link_credit, sent.echo) == (4, True)


def test_no_grant_no_flow() -> None:
    rig = opened_client()
    attach_receiver(rig, begin_session(rig))
    rig.quiet()


def test_several_grants_leave_as_one() -> None:
    rig, link = receiving()
    for credit in (1, 2, 3):
        link.flow(credit)
    assert rig.one(Flow).link_credit == 3


@pytest.mark.requirement("transport-2.6.7-07")
@pytest.mark.requirement("transport-2.6.7-06")
def test_our_flow_counts_what_came() -> None:
    rig = opened_server()
    accept_session(rig)
    link = accept_receiver(rig, credit=10, initial_delivery_count=0xFFFF_FFFE)
    rig.receive(*(transfer(number) for number in range(3)))
    assert link.delivery_count == 1
    assert link.credit == 7
    rig.receive(flow(handle=0, delivery_count=1, echo=True, next_outgoing_id=3))
    rig.events()
    answer = rig.one(Flow)
    assert (answer.delivery_count, answer.link_credit) == (1, 7)


@pytest.mark.requirement("transport-2.6.7-10")
@pytest.mark.requirement("transport-2.6.5-01")
@pytest.mark.fault("C8")
@pytest.mark.parametrize("credit", [0, 1, 3])
def test_more_than_was_granted(credit: int) -> None:
    rig, link = receiving(credit)
    rig.receive(*(transfer(number) for number in range(credit + 1)))
    events = rig.events()
    assert [type(event) for event in events] == [DeliveryReceived] * credit + [LinkFailed]
    failed = events[-1]
    assert isinstance(failed, LinkFailed)
    assert failed.fault.condition == LinkErrorCondition.TRANSFER_LIMIT_EXCEEDED
    assert failed.fault.blame is Blame.REMOTE
    detach = rig.one(Detach)
    assert detach.closed
    assert detach.error is not None
    assert detach.error.condition == LinkErrorCondition.TRANSFER_LIMIT_EXCEEDED
    # The session lives, and so does another link.
    other = accept_receiver(rig, name="other", handle=1)
    rig.receive(transfer(9, handle=1))
    assert rig.event(DeliveryReceived).delivery.link is other
    assert link.credit == 0


def test_a_grant_that_did_not_leave_yet_is_no_grant() -> None:
    rig, link = receiving()
    link.flow(5)
    rig.receive(transfer(0))
    assert isinstance(rig.events()[0], LinkFailed)


def test_transfers_that_cross_a_lowered_grant() -> None:
    """RabbitMQ and rhea send what they had under way when the credit was taken back."""
    rig, link = receiving(10)
    rig.receive(transfer(0))
    link.flow(0)
    assert rig.sent()[-1].link_credit == 0
    assert link.credit == 0
    rig.receive(*(transfer(number) for number in range(1, 10)))
    events = rig.events()
    assert len(events) == 10
    assert all(isinstance(event, DeliveryReceived) for event in events)
    assert link.credit == 0


def test_a_renewed_grant_lets_the_one_before_pass_once_more() -> None:
    """RabbitMQ 3.10 counts a renewed credit from our count, and forgets what it has on the way."""
    rig, link = receiving(10)
    link.flow(10)
    rig.forget()
    rig.receive(*(transfer(number) for number in range(20)))
    assert [type(event) for event in rig.events()] == [DeliveryReceived] * 20
    rig.receive(transfer(20))
    assert rig.event(LinkFailed).fault.condition == LinkErrorCondition.TRANSFER_LIMIT_EXCEEDED


def test_a_new_grant_counts_from_what_came() -> None:
    rig, link = receiving(10)
    rig.receive(*(transfer(number) for number in range(4)))
    link.flow(3)
    assert link.credit == 3
    sent = [each for each in rig.sent() if each.handle is not None]
    assert (sent[0].delivery_count, sent[0].link_credit) == (4, 3)


@pytest.mark.requirement("transport-2.6.8-01")
@pytest.mark.requirement("transport-2.6.7-11")
def test_a_drain_that_is_given_back() -> None:
    rig, link = receiving(5)
    rig.receive(transfer(0))
    rig.forget()
    link.flow(drain=True)
    sent = rig.one(Flow)
    assert (sent.drain, sent.link_credit, sent.delivery_count) == (True, 4, 1)
    assert (link.credit, link.drain) == (4, True)
    rig.receive(flow(handle=0, delivery_count=5, link_credit=0, drain=True, next_outgoing_id=1))
    assert rig.event(Drained).link is link
    assert (link.credit, link.drain, link.delivery_count) == (0, False, 5)


@pytest.mark.requirement("transport-2.6.8-01")
def test_a_drain_that_is_used_up() -> None:
    rig, link = receiving()
    link.flow(1, drain=True)
    rig.forget()
    rig.receive(transfer(0))
    assert [type(event) for event in rig.events()] == [DeliveryReceived, Drained]
    rig.receive(flow(handle=0, delivery_count=1, link_credit=0, drain=True, next_outgoing_id=1))
    rig.quiet()


def test_a_drain_that_is_used_up_by_a_long_delivery() -> None:
    rig, link = receiving()
    link.flow(1, drain=True)
    rig.forget()
    rig.receive(transfer(0, more=True))
    rig.quiet()
    rig.receive(Transfer(handle=0))
    assert [type(event) for event in rig.events()] == [DeliveryReceived, Drained]


@pytest.mark.requirement("transport-2.6.7-13")
def test_a_grant_behind_a_drain() -> None:
    rig, link = receiving()
    link.flow(2, drain=True)
    link.flow(3)
    first, second = rig.sent()
    assert (first.drain, first.link_credit) == (True, 2)
    assert (second.drain, second.link_credit) == (False, 3)
    assert not link.drain


@pytest.mark.requirement("transport-2.6.7-14")
def test_available_is_told_and_binds_nobody() -> None:
    rig, link = receiving(5)
    rig.receive(flow(handle=0, delivery_count=0, available=7))
    assert link.available == 7
    rig.receive(flow(handle=0, delivery_count=0, available=0), transfer(0))
    rig.event(DeliveryReceived)
    assert link.available == 0


def test_a_senders_count_does_not_go_back() -> None:
    rig, link = receiving(5)
    rig.receive(transfer(0), transfer(1))
    rig.receive(flow(handle=0, delivery_count=1, next_outgoing_id=2))
    assert link.delivery_count == 2


def test_a_senders_count_runs_ahead() -> None:
    rig, link = receiving(5)
    rig.receive(flow(handle=0, delivery_count=1000))
    assert link.credit == 0
    link.flow(5)
    assert rig.sent()[-1].delivery_count == 1000
    rig.forget()
    rig.receive(transfer(0))
    rig.event(DeliveryReceived)


@pytest.mark.parametrize("credit", [0, 2**32 - 1])
def test_the_least_and_the_most_credit(credit: int) -> None:
    rig, link = receiving()
    link.flow(1)
    rig.forget()
    link.flow(credit)
    assert rig.one(Flow).link_credit == credit
    rig.receive(sender_attach("b", 1))
    asked = rig.event(LinkRequested).link
    assert isinstance(asked, ReceiverLink)
    asked.accept(credit=credit)
    assert asked.credit == credit
    assert link.session.attach_receiver(LinkOptions(name="c"), credit=credit).credit == credit


@pytest.mark.parametrize("credit", [-1, 2**32])
def test_a_credit_that_is_none(credit: int) -> None:
    rig, link = receiving()
    with pytest.raises(LocalError, match="out of range"):
        link.flow(credit)
    rig.receive(sender_attach("b", 1))
    asked = rig.event(LinkRequested).link
    assert isinstance(asked, ReceiverLink)
    with pytest.raises(LocalError, match="out of range"):
        asked.accept(credit=credit)
    with pytest.raises(LocalError, match="out of range"):
        link.session.attach_receiver(LinkOptions(name="c"), credit=credit)
    rig.quiet()


def test_flow_properties_are_told_once() -> None:
    rig, link = receiving()
    link.flow(1, properties={"a": 1})
    link.flow(2)
    first, second = rig.sent()
    assert first.properties == {"a": 1}
    assert second.properties is None


def test_links_take_turns_by_frame() -> None:
    rig = opened_server(Open(container_id="peer", max_frame_size=512))
    accept_session(rig, SessionOptions())
    first = accept_sender(rig, name="a", handle=0, credit=5)
    second = accept_sender(rig, name="b", handle=1, credit=5)
    first.send(bytes(1500))
    second.send(bytes(1500))
    assert [each.handle for each in rig.sent()] == [0, 1, 0, 1, 0, 1, 0, 1]


def test_sessions_take_turns_by_frame() -> None:
    rig = opened_server(Open(container_id="peer", max_frame_size=512))
    links = []
    for channel in (0, 1):
        accept_session(rig, channel=channel)
        links.append(accept_sender(rig, name=str(channel), channel=channel, credit=5))
    for link in links:
        link.send(bytes(1000))
    assert [each.channel for each in rig.frames()] == [0, 1, 0, 1, 0, 1]
    assert isinstance(rig.engine, Engine)
    assert in_state(rig.engine, ConnectionState.OPENED)


def test_properties_of_a_senders_flow_are_told() -> None:
    rig, link = receiving()
    rig.receive(flow(handle=0, delivery_count=0, properties={"rabbitmq:active": True}))
    assert rig.event(FlowReceived) == FlowReceived(link, {"rabbitmq:active": True})
    rig.receive(flow(handle=0, delivery_count=0))
    assert rig.events() == []
