"""Peers that wear an engine out, or lead it into frames that it must not send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from amqp.engine import (
    DeliveryAborted,
    DeliveryReceived,
    DeliveryUpdated,
    LinkEnded,
    LinkFailed,
    LinkRequested,
    SessionFailed,
    SessionRequested,
)
from amqp.errors import LocalError
from amqp.options import LinkOptions, SessionOptions
from amqp_spec import Accepted, AmqpErrorCondition, Disposition, Error, Received, Rejected
from tests.engine.wire import (
    AMQP,
    Attach,
    Begin,
    Detach,
    End,
    Open,
    Rig,
    Role,
    Source,
    Target,
    Transfer,
    accept_receiver,
    accept_sender,
    accept_session,
    attach_receiver,
    attach_sender,
    begin,
    begin_session,
    flow,
    frame,
    grant,
    opened_client,
    opened_server,
    receiver_attach,
    sender_attach,
    server,
    transfer,
)

if TYPE_CHECKING:
    from amqp.engine import SenderLink, Session

ERROR = Error(condition="amqp:not-found", description="no such node")
MANY = 2_000
ALL = 0x7FFF_FFFE


def sending(count: int = MANY) -> tuple[Rig, SenderLink]:
    """A server that holds *count* deliveries unsettled."""
    rig = opened_server()
    accept_session(rig, incoming_window=1_000_000)
    link = accept_sender(rig)
    grant(rig, link, 100_000, incoming_window=1_000_000)
    for _ in range(count):
        link.send(b"x")
    rig.forget()
    return rig, link


def outstanding(session: Session) -> int:
    return len(session.ledger.outgoing) + len(session.ledger.received)


# -- dispositions


@pytest.mark.fault("C5")
def test_a_state_once_more_is_no_news() -> None:
    rig, _link = sending(10)
    state = Received(section_number=0, section_offset=0)
    for _ in range(3):
        rig.receive(Disposition(role=Role.RECEIVER, first=0, last=ALL, state=state))
    assert len(rig.events()) == 10
    for _ in range(2):
        rig.receive(Disposition(role=Role.RECEIVER, first=4, state=state))
    rig.quiet()
    rig.receive(Disposition(role=Role.RECEIVER, first=4, state=state, settled=True))
    assert rig.event(DeliveryUpdated).settled


@pytest.mark.fault("C5")
def test_ranges_that_name_the_same_deliveries_without_end_end_the_session() -> None:
    rig, link = sending()
    frames = [
        frame(
            Disposition(
                role=Role.RECEIVER,
                first=0,
                last=ALL,
                state=Received(section_number=0, section_offset=number),
            )
        )
        for number in range(1_000)
    ]
    rig.raw(b"".join(frames))
    events = rig.events()
    failed = events.pop()
    assert isinstance(failed, SessionFailed)
    assert failed.fault.condition == AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED
    assert len(events) <= 100_000 + 32 * MANY
    assert rig.one(End).error is not None
    assert not link.attached


@pytest.mark.fault("C5")
def test_ranges_name_each_delivery_sixteen_times_and_a_hundred_thousand_more() -> None:
    rig, link = sending(1_000)
    state = Received(section_number=0, section_offset=0)
    rig.receive(*[Disposition(role=Role.RECEIVER, first=0, last=999, state=state)] * 116)
    assert len(rig.events()) == 1_000
    assert link.attached
    rig.receive(Disposition(role=Role.RECEIVER, first=0, last=1, state=state))
    failed = rig.event(SessionFailed)
    assert failed.fault.condition == AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED
    assert "more than 16 times" in str(failed.fault)


@pytest.mark.fault("C5")
def test_a_peer_that_settles_in_two_steps_and_by_ranges_goes_on_for_ever() -> None:
    rig = opened_server()
    session = accept_session(rig, SessionOptions(incoming_window=1_000_000), incoming_window=1_000_000)
    link = accept_sender(rig)
    grant(rig, link, 200_000, incoming_window=1_000_000)
    for first in range(0, 100_000, 500):
        for _ in range(500):
            link.send(b"")
        rig.engine.data_to_send(0.0)
        rig.receive(
            Disposition(role=Role.RECEIVER, first=first, last=first + 499, state=Accepted()),
            Disposition(role=Role.RECEIVER, first=0, last=first + 499, state=Accepted(), settled=True),
        )
        assert len(rig.engine.events()) == 1_000
    assert outstanding(session) == 0
    assert link.attached


@pytest.mark.fault("C5")
def test_a_sender_names_the_same_deliveries_without_end() -> None:
    rig = opened_server()
    accept_session(rig, SessionOptions(incoming_window=10_000))
    accept_receiver(rig, credit=5_000)
    rig.receive(*(transfer(number) for number in range(MANY)))
    rig.forget()
    state = Received(section_number=0, section_offset=0)
    rig.receive(*[Disposition(role=Role.SENDER, first=0, last=ALL, state=state)] * 1_000)
    events = rig.events()
    assert isinstance(events.pop(), SessionFailed)
    assert len(events) == MANY


def test_what_became_of_a_delivery_is_for_nobody_once_the_session_is_gone() -> None:
    rig = opened_server(Open(container_id="peer", max_frame_size=512))
    accept_session(rig)
    accept_receiver(rig)
    rig.receive(transfer(0))
    delivery = rig.event(DeliveryReceived).delivery
    state = Rejected(error=Error(condition="x:y", description="x" * 600))
    with pytest.raises(LocalError, match="the disposition frame has"):
        delivery.settle(state)
    rig.receive(End())
    rig.forget()
    delivery.settle(state)
    assert delivery.settled
    rig.quiet()


@pytest.mark.fault("C10")
def test_deliveries_that_never_end_go_with_their_links() -> None:
    rig = opened_server()
    session = accept_session(rig)
    for number in range(50):
        accept_receiver(rig)
        rig.receive(transfer(number, more=True), payload=b"x")
        assert outstanding(session) == 1
        rig.receive(Detach(handle=0))
        assert not rig.event(LinkEnded).closed
        assert outstanding(session) == 0
        rig.forget()
        rig.receive(Disposition(role=Role.SENDER, first=number, settled=True))
        rig.quiet()


@pytest.mark.fault("C10")
def test_links_detached_and_not_closed_do_not_pile_up() -> None:
    rig = opened_server()
    session = accept_session(rig, incoming_window=1_000_000)
    for _ in range(50):
        link = accept_sender(rig, credit=20)
        for _ in range(20):
            link.send(b"x")
        rig.forget()
        rig.receive(Detach(handle=0))
        assert not rig.event(LinkEnded).closed
        assert outstanding(session) == 20
    accept_sender(rig)
    assert outstanding(session) == 0
    for number in range(200):
        link = accept_sender(rig, name=f"out-{number}", handle=1)
        grant(rig, link, 2)
        link.send(b"x")
        rig.forget()
        rig.receive(Detach(handle=1))
        rig.forget()
    assert outstanding(session) == 64


def test_settling_a_delivery_of_a_detached_link_tells_and_forgets_it() -> None:
    rig = opened_server()
    session = accept_session(rig)
    link = accept_sender(rig, credit=2)
    deliveries = [link.send(b"x"), link.send(b"y")]
    rig.forget()
    rig.receive(Detach(handle=0))
    rig.forget()
    for delivery in deliveries:
        delivery.settle(Accepted())
    assert rig.one(Disposition).last == 1
    assert outstanding(session) == 0


@pytest.mark.fault("C3")
def test_aborted_deliveries_hold_nothing_and_leave_the_link_usable() -> None:
    rig = opened_client()
    session = begin_session(rig, SessionOptions(incoming_window=10_000))
    link = attach_receiver(rig, session, credit=10)
    for number in range(200):
        rig.receive(transfer(number, more=True), payload=b"x" * 100)
        rig.receive(Transfer(handle=0, aborted=True))
        assert isinstance(rig.event(DeliveryAborted), DeliveryAborted)
        link.flow(10)
        rig.forget()
    assert outstanding(session) == 0
    assert link.credit == 10
    rig.receive(transfer(200), payload=b"x")
    assert rig.event(DeliveryReceived).delivery.payload == b"x"


# -- names, handles and limits


@pytest.mark.fault("C7")
@pytest.mark.parametrize("detached", [True, False])
def test_the_name_of_a_link_that_waits_for_its_answer_is_taken_elsewhere(detached: bool) -> None:
    rig = opened_client()
    first = begin_session(rig)
    begin_session(rig, channel=1)
    link = first.attach_sender(LinkOptions(name="a", target=Target(address="q")))
    if detached:
        link.detach()
    rig.forget()
    rig.receive(receiver_attach("a", 0), channel=1)
    events = rig.events()
    assert isinstance(events[-1], LinkRequested)
    assert [type(event) for event in events[:-1]] == ([] if detached else [LinkFailed])
    sent = rig.sent()
    assert len(sent) == (0 if detached else 1)
    # The answer is still that of the first link, and so is the detach.
    rig.receive(receiver_attach("a", 0), Detach(handle=0, closed=True))
    assert [type(event) for event in rig.events()] == ([LinkEnded] if detached else [])
    assert rig.sent() == []
    assert list(first.links) == []
    assert attach_sender(rig, first, LinkOptions(name="b", target=Target(address="q"))).attached


@pytest.mark.fault("C7")
def test_a_name_stolen_before_any_answer_ends_the_session_and_makes_no_link() -> None:
    rig = opened_server()
    rig.receive(begin(), sender_attach("a", 0), sender_attach("a", 1))
    events = rig.events()
    assert [type(event) for event in events] == [SessionRequested, LinkRequested, SessionFailed]
    assert [type(each) for each in rig.sent()] == [Begin, End]
    session, link = events[0].session, events[1].link
    assert list(session.links) == []
    link.accept(credit=5)
    session.end()
    rig.quiet()


@pytest.mark.fault("C7")
def test_where_no_handle_is_left_to_refuse_by_the_session_ends() -> None:
    rig = opened_server()
    session = accept_session(rig, handle_max=0)
    accept_receiver(rig)
    rig.receive(sender_attach("b", 1))
    link = rig.event(LinkRequested).link
    with pytest.raises(LocalError, match="no handle"):
        link.accept()
    link.refuse(ERROR)
    assert rig.one(End).error == ERROR
    rig.receive(End())
    assert rig.event(SessionFailed).session is session


@pytest.mark.fault("C7")
@pytest.mark.parametrize("fields", [{}, {"source": None}])
def test_a_name_longer_than_the_frames_of_the_peer_that_gave_it(fields: dict[str, None]) -> None:
    rig = opened_server(Open(container_id="peer", max_frame_size=512))
    session = accept_session(rig)
    rig.receive(receiver_attach("n" * 2_000, 0, **fields))
    link = rig.event(LinkRequested).link
    with pytest.raises(LocalError):
        link.accept()
    link.refuse(ERROR)
    (end,) = rig.frames()
    assert end.performative == End(error=ERROR)
    assert end.size <= 512
    rig.receive(End())
    assert rig.event(SessionFailed).session is session


@pytest.mark.fault("C7")
def test_a_fault_of_a_link_whose_name_is_too_long_for_the_peer_ends_the_session() -> None:
    rig = opened_server(Open(container_id="peer", max_frame_size=512))
    accept_session(rig)
    rig.receive(sender_attach("n" * 2_000, 0, initial_delivery_count=None))
    (end,) = rig.frames()
    assert end.performative.error.condition == AmqpErrorCondition.INVALID_FIELD
    assert end.size <= 512
    rig.event(SessionFailed)


@pytest.mark.fault("F9")
def test_a_refusal_that_lacks_the_initial_delivery_count_is_a_refusal() -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = session.attach_receiver(LinkOptions(name="in", source=Source(address="q")), credit=5)
    rig.forget()
    rig.receive(Attach(name="in", handle=0, role=Role.SENDER), Detach(handle=0, closed=True, error=ERROR))
    failed = rig.event(LinkFailed)
    assert failed.link is link
    assert failed.refused
    assert failed.fault.condition == "amqp:not-found"
    assert rig.one(Detach).closed


# -- waiting


def test_withdrawn_deliveries_do_not_pile_up() -> None:
    rig = opened_server()
    accept_session(rig, incoming_window=0)
    link = accept_sender(rig)
    grant(rig, link, 10_000, incoming_window=0)
    kept = [link.send(b"kept")]
    for _ in range(10_000):
        link.send(b"x").withdraw()
    kept.append(link.send(b"kept"))
    late = [link.send(b"y") for _ in range(1_000)]
    for delivery in late:
        delivery.withdraw()
    assert len(link._queue) < 100
    assert link.credit == 10_000 - 2
    rig.receive(flow(next_incoming_id=0, incoming_window=100))
    assert [each.delivery_tag for each in rig.sent()] == [each.tag for each in kept]
    assert all(each.complete for each in kept)


def test_a_server_sends_nothing_before_its_open() -> None:
    rig = server()
    rig.raw(AMQP + frame(Open(container_id="peer")) + frame(begin()) + frame(receiver_attach("out", 0)))
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10))
    _opened, requested, asked, *_ = rig.events()
    requested.session.accept()
    link = asked.link
    link.accept()
    sent, undone = link.send(b"x"), link.send(b"y")
    assert [each for each in rig.sent() if each != AMQP] == []
    assert not rig.engine.wants_write
    undone.withdraw()
    assert not sent.started
    rig.engine.open()
    assert [type(each) for each in rig.sent()] == [Open, Begin, Attach, Transfer]


@pytest.mark.parametrize("ending", ["detach", "end", "close"])
def test_what_is_sent_and_ended_before_the_open_leaves_behind_it(ending: str) -> None:
    rig = server()
    rig.raw(AMQP + frame(Open(container_id="peer")) + frame(begin()) + frame(receiver_attach("out", 0)))
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10))
    _opened, requested, asked, *_ = rig.events()
    requested.session.accept()
    asked.link.accept()
    asked.link.send(b"payload")
    {"detach": asked.link.detach, "end": requested.session.end, "close": rig.engine.close}[ending]()
    if ending != "close":
        rig.engine.open()
    frames = [each for each in rig.frames() if each != AMQP]
    assert [type(each.performative) for each in frames[:4]] == [Open, Begin, Attach, Transfer]
    assert frames[3].payload == b"payload"
    assert type(frames[4].performative).__name__.lower() == ending


def test_an_open_that_comes_too_late_does_nothing() -> None:
    rig = server()
    rig.raw(AMQP + frame(Open(container_id="peer")) + frame(End()))
    rig.engine.open()
    rig.forget()
    rig.engine.open()
    rig.quiet()
    alive = opened_server()
    with pytest.raises(LocalError, match="called before"):
        alive.engine.open()


def test_a_state_that_leaves_no_room_in_the_first_frame_is_refused_before_it_costs_credit() -> None:
    rig = opened_server(Open(container_id="peer", max_frame_size=512))
    accept_session(rig)
    link = accept_sender(rig, credit=1)
    state = Rejected(error=Error(condition="amqp:not-found", description="y" * 440))
    with pytest.raises(LocalError, match="transfer"):
        link.send(b"x" * 600, tag=b"t" * 32, state=state)
    assert link.credit == 1
    rig.quiet()
