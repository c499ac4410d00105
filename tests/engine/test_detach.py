"""2.6.3 to 2.6.6: refusal and detach."""

from __future__ import annotations

import pytest

from amqp.engine import (
    DeliveryReceived,
    DeliveryUpdated,
    LinkEnded,
    LinkFailed,
    LinkOpened,
    LinkRequested,
    LinkState,
    SessionState,
)
from amqp.errors import Blame, EncodeError, LocalError, Scope
from amqp.options import LinkOptions
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Disposition,
    Error,
    SessionErrorCondition,
)
from tests.engine.wire import (
    Attach,
    Detach,
    End,
    Open,
    Rig,
    Role,
    Source,
    Target,
    accept_receiver,
    accept_sender,
    accept_session,
    attach_receiver,
    attach_sender,
    begin_session,
    flow,
    in_state,
    opened_client,
    opened_server,
    receiver_attach,
    sender_attach,
    transfer,
)

GONE = Error(condition=AmqpErrorCondition.NOT_FOUND, description="no such queue")
OUT = LinkOptions(name="out", target=Target(address="q"))
IN = LinkOptions(name="in", source=Source(address="q"))


def served() -> Rig:
    """A server with one session."""
    rig = opened_server()
    accept_session(rig)
    return rig


def alive(rig: Rig) -> None:
    """Check that the session lives."""
    (session,) = rig.engine.sessions
    assert in_state(session, SessionState.MAPPED)


# -- refusal


@pytest.mark.requirement("transport-2.6.3-04")
@pytest.mark.requirement("transport-2.6.3-02")
@pytest.mark.requirement("transport-2.6.3-03")
@pytest.mark.parametrize("attach", [sender_attach("x"), receiver_attach("x")])
def test_a_refusal_of_ours(attach: Attach) -> None:
    rig = served()
    rig.receive(attach)
    link = rig.event(LinkRequested).link
    link.refuse(GONE)
    answer, detach = rig.sent()
    assert answer.name == "x"
    assert answer.role is not attach.role
    assert (answer.target if answer.role is Role.RECEIVER else answer.source) is None
    assert detach == Detach(handle=0, closed=True, error=GONE)
    rig.receive(Detach(handle=0, closed=True))
    failed = rig.event(LinkFailed)
    assert failed.refused
    assert failed.fault.blame is Blame.LOCAL
    alive(rig)
    rig.receive(sender_attach("x"))
    rig.event(LinkRequested)


@pytest.mark.requirement("transport-2.6.3-05")
@pytest.mark.parametrize("sender", [True, False])
def test_a_refusal_by_the_peer(sender: bool) -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = session.attach_sender(OUT) if sender else session.attach_receiver(IN, credit=10)
    rig.forget()
    rig.receive(receiver_attach("out", target=None) if sender else sender_attach("in", source=None))
    assert in_state(link, LinkState.REFUSED)
    # RabbitMQ 4.3 ends the session for a flow here.
    rig.quiet()
    rig.receive(Detach(handle=0, closed=True, error=GONE))
    assert rig.one(Detach) == Detach(handle=0, closed=True)
    failed = rig.event(LinkFailed)
    assert failed.link is link
    assert failed.refused
    assert failed.fault.scope is Scope.LINK
    assert failed.fault.blame is Blame.REMOTE
    assert failed.fault.condition == "amqp:not-found"
    assert failed.fault.description == "no such queue"
    alive(rig)
    link.detach()
    rig.quiet()


def test_a_refusal_whose_detach_crosses_ours() -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = session.attach_sender(OUT)
    rig.receive(receiver_attach("out", target=None))
    link.detach()
    rig.forget()
    rig.receive(Detach(handle=0, closed=True, error=GONE))
    assert rig.sent() == []
    assert rig.event(LinkFailed).refused


def test_no_terminus_where_none_was_asked_for_is_no_refusal() -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = session.attach_sender(LinkOptions(name="out"))
    rig.receive(receiver_attach("out", target=None))
    assert rig.event(LinkOpened).link is link


def test_an_answer_without_terminus_is_not_made_by_accident() -> None:
    rig = served()
    rig.receive(sender_attach("x", target=None), receiver_attach("y", 1, source=None))
    for event, end in zip(rig.events(), ("target", "source"), strict=True):
        with pytest.raises(LocalError, match=end):
            event.link.accept()
    rig.quiet()


# -- detach


@pytest.mark.requirement("transport-2.6.6-01")
@pytest.mark.requirement("transport-2.6.4-02")
@pytest.mark.parametrize("closed", [True, False])
def test_a_detach_is_answered_by_one_of_its_kind(closed: bool) -> None:
    rig = served()
    link = accept_receiver(rig)
    rig.receive(Detach(handle=0, closed=closed))
    assert rig.one(Detach) == Detach(handle=0, closed=closed)
    assert rig.event(LinkEnded) == LinkEnded(link, closed, True)
    assert link.state is (LinkState.CLOSED if closed else LinkState.DETACHED)
    assert accept_receiver(rig) is not link


@pytest.mark.requirement("transport-2.6.6-01")
@pytest.mark.parametrize("closed", [True, False])
def test_our_detach_is_answered(closed: bool) -> None:
    rig = served()
    link = accept_sender(rig)
    link.detach(closed=closed)
    link.detach()
    assert rig.one(Detach) == Detach(handle=0, closed=closed)
    assert rig.events() == []
    rig.receive(flow(handle=0, link_credit=5), flow(handle=0, echo=True))
    rig.quiet()
    rig.receive(Detach(handle=0, closed=closed))
    assert rig.sent() == []
    assert rig.event(LinkEnded) == LinkEnded(link, closed, False)


def test_a_detach_with_an_error_is_told_in_full() -> None:
    rig = served()
    link = accept_sender(rig)
    rig.receive(
        Detach(handle=0, closed=True, error=Error(condition="amqp:link:redirect", info={"address": "b"}))
    )
    assert rig.one(Detach) == Detach(handle=0, closed=True)
    failed = rig.event(LinkFailed)
    assert failed.link is link
    assert not failed.refused
    assert failed.fault.condition == "amqp:link:redirect"
    assert failed.fault.info is not None
    assert failed.fault.info["address"] == "b"
    alive(rig)


@pytest.mark.requirement("transport-2.6.5-01")
def test_a_detach_of_ours_with_an_error() -> None:
    rig = served()
    link = accept_sender(rig)
    link.detach(error=GONE)
    assert rig.one(Detach) == Detach(handle=0, closed=True, error=GONE)
    assert in_state(link, LinkState.DISCARDING)
    rig.receive(flow(handle=0, link_credit=5))
    rig.quiet()
    rig.receive(Detach(handle=0, closed=True))
    failed = rig.event(LinkFailed)
    assert failed.fault.blame is Blame.LOCAL
    assert failed.fault.condition == "amqp:not-found"
    assert rig.sent() == []


@pytest.mark.requirement("transport-2.6.5-02")
def test_what_comes_behind_the_end_of_a_failed_link() -> None:
    rig = served()
    link = accept_receiver(rig)
    link.detach(error=GONE)
    rig.forget()
    # Pipelined before our detach was read: dropped. Behind the peer's own detach: an error.
    rig.receive(transfer(0), Detach(handle=0, closed=True))
    rig.event(LinkFailed)
    rig.receive(transfer(1))
    end = rig.one(End)
    assert end.error is not None
    assert end.error.condition == SessionErrorCondition.ERRANT_LINK


@pytest.mark.parametrize(
    ("handle", "condition"),
    [(255, SessionErrorCondition.ERRANT_LINK), (256, SessionErrorCondition.UNATTACHED_HANDLE)],
)
def test_the_handles_of_256_failed_links_are_remembered(handle: int, condition: str) -> None:
    rig = served()
    for number in range(257):
        accept_receiver(rig, name=str(number), handle=number).detach(error=GONE)
        rig.receive(Detach(handle=number, closed=True))
        rig.forget()
    rig.receive(transfer(0, handle=handle))
    end = rig.one(End)
    assert end.error is not None
    assert end.error.condition == condition


def test_a_handle_of_a_failed_link_may_be_attached_anew() -> None:
    rig = served()
    accept_receiver(rig).detach(error=GONE)
    rig.receive(Detach(handle=0, closed=True))
    rig.forget()
    accept_receiver(rig)
    rig.receive(transfer(0))
    rig.event(DeliveryReceived)
    rig.receive(Detach(handle=0, closed=True), transfer(1))
    end = rig.sent()[-1]
    assert end.error.condition == SessionErrorCondition.UNATTACHED_HANDLE


@pytest.mark.requirement("transport-2.6.6-02")
def test_a_closing_detach_crosses_ours_that_is_not() -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = attach_sender(rig, session, OUT)
    link.detach(closed=False)
    rig.forget()
    rig.receive(Detach(handle=0, closed=True))
    attach, detach = rig.sent()
    assert isinstance(attach, Attach)
    assert attach.name == "out"
    assert detach == Detach(handle=0, closed=True)
    assert rig.events() == []
    rig.receive(receiver_attach("out", 0), Detach(handle=0, closed=True))
    assert rig.event(LinkEnded) == LinkEnded(link, True, False)
    assert rig.sent() == []
    assert attach_sender(rig, session, OUT).attached


@pytest.mark.requirement("transport-2.6.4-03")
def test_deliveries_of_a_detached_link_stay_live() -> None:
    rig = served()
    link = accept_sender(rig, credit=5)
    delivery = link.send(b"x")
    rig.forget()
    rig.receive(Detach(handle=0))
    rig.forget()
    rig.receive(Disposition(role=Role.RECEIVER, first=0, settled=True, state=Accepted()))
    assert rig.event(DeliveryUpdated).delivery is delivery
    assert delivery.remote_settled


def test_deliveries_of_a_closed_link_are_forgotten() -> None:
    rig = served()
    link = accept_sender(rig, credit=5)
    delivery = link.send(b"x")
    rig.forget()
    rig.receive(Detach(handle=0, closed=True))
    rig.forget()
    rig.receive(Disposition(role=Role.RECEIVER, first=0, settled=True, state=Accepted()))
    rig.quiet()
    assert list(link.unsettled.values()) == [delivery]


@pytest.mark.requirement("transport-2.6.4-04")
def test_attaching_anew_may_change_the_terminus() -> None:
    rig = served()
    accept_sender(rig)
    rig.receive(Detach(handle=0))
    rig.forget()
    rig.receive(receiver_attach(source=Source(address="other")))
    again = rig.event(LinkRequested).link
    assert again.source == Source(address="other")
    again.accept()
    assert rig.one(Attach).source == Source(address="other")
    assert again.attached


@pytest.mark.parametrize("closed", [True, False])
def test_attach_and_detach_in_one_write(closed: bool) -> None:
    rig = served()
    rig.receive(sender_attach(), Detach(handle=0, closed=closed), sender_attach())
    first, second = (event.link for event in rig.events())
    first.accept(credit=10)
    attach, detach = rig.sent()
    assert isinstance(attach, Attach)
    assert detach == Detach(handle=0, closed=closed)
    assert rig.event(LinkEnded) == LinkEnded(first, closed, True)
    second.accept()
    assert rig.one(Attach).handle == 0
    assert second.attached


def test_attach_and_detach_in_one_write_refused() -> None:
    rig = served()
    rig.receive(sender_attach(), Detach(handle=0, closed=True))
    link = rig.event(LinkRequested).link
    link.refuse(GONE)
    attach, detach = rig.sent()
    assert isinstance(attach, Attach)
    assert detach.error == GONE
    assert rig.event(LinkFailed).refused
    link.detach()
    rig.quiet()


def test_a_detach_before_the_peer_answered_the_attach() -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = session.attach_receiver(IN, credit=5)
    link.detach()
    assert [type(each) for each in rig.sent()] == [Attach, Detach]
    with pytest.raises(LocalError):
        session.attach_receiver(IN)  # whose attach would the answer be?
    rig.receive(sender_attach(), Detach(handle=0, closed=True))
    assert rig.event(LinkEnded) == LinkEnded(link, True, False)
    assert rig.sent() == []
    assert attach_receiver(rig, session, IN).attached


def test_a_name_is_free_when_only_the_peers_detach_is_missing() -> None:
    rig = opened_client()
    session = begin_session(rig)
    old = attach_sender(rig, session, OUT, handle=0)
    old.detach()
    new = session.attach_sender(OUT)
    rig.forget()
    rig.receive(Detach(handle=0, closed=True), receiver_attach("out", 0))
    ended, opened = rig.events()
    assert ended == LinkEnded(old, True, False)
    assert opened == LinkOpened(new)


# -- misuse


def test_answers_make_sense_once() -> None:
    rig = served()
    link = accept_receiver(rig)
    with pytest.raises(LocalError):
        link.accept()
    with pytest.raises(LocalError):
        link.refuse(GONE)
    rig.receive(sender_attach("other", 1))
    asked = rig.event(LinkRequested).link
    with pytest.raises(LocalError, match="accept"):
        asked.detach()
    rig.quiet()


def test_an_attach_without_encoding_changes_nothing() -> None:
    rig = opened_client()
    session = begin_session(rig)
    with pytest.raises(EncodeError):
        session.attach_sender(LinkOptions(name="x", properties={"x": object()}))
    assert list(session.links) == []
    assert session.attach_sender(LinkOptions(name="x", target=Target(address="q"))).handle == 0


def test_an_answer_without_encoding_changes_nothing() -> None:
    rig = served()
    rig.receive(sender_attach(), receiver_attach(handle=1))
    for link in (event.link for event in rig.events()):
        with pytest.raises(EncodeError):
            link.accept(properties={"x": object()})
        rig.quiet()
        link.accept()
        rig.one(Attach)


def test_an_error_larger_than_the_peer_takes() -> None:
    rig = opened_server(Open(container_id="peer", max_frame_size=512))
    accept_session(rig)
    link = accept_sender(rig)
    with pytest.raises(LocalError, match="512"):
        link.detach(error=Error(condition="x:y", description="x" * 600))
    rig.receive(sender_attach("other", 1))
    with pytest.raises(LocalError, match="512"):
        rig.event(LinkRequested).link.refuse(Error(condition="x:y", description="x" * 600))
    rig.quiet()
    assert link.attached


def test_no_handle_left_to_answer_by() -> None:
    rig = opened_server()
    accept_session(rig, handle_max=0)
    accept_receiver(rig)
    rig.receive(sender_attach("b", 1))
    link = rig.event(LinkRequested).link
    with pytest.raises(LocalError, match="no handle"):
        link.accept()
    # A fault of such a link can be told by nothing smaller than an end.
    rig.receive(transfer(0, handle=1))
    assert rig.one(End).error is not None
