"""2.6.1 to 2.6.3: names, handles and attach."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.engine import (
    CreditChanged,
    DeliveryReceived,
    LinkEnded,
    LinkFailed,
    LinkRequested,
    LinkState,
    ReceiverLink,
    SenderLink,
    SessionFailed,
    SessionState,
)
from amqp.errors import Blame, LocalError
from amqp.options import LinkOptions, SessionOptions
from amqp_spec import (
    AmqpErrorCondition,
    Close,
    ConnectionErrorCondition,
    Error,
    LinkErrorCondition,
    SessionErrorCondition,
)
from tests.engine.wire import (
    Attach,
    Begin,
    Detach,
    End,
    Flow,
    ReceiverSettleMode,
    Rig,
    Role,
    SenderSettleMode,
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


# -- names and handles


@pytest.mark.requirement("transport-2.6.1-01")
def test_one_name_in_both_roles_is_two_links() -> None:
    rig = served()
    incoming = accept_receiver(rig, name="x", handle=0)
    outgoing = accept_sender(rig, name="x", handle=1)
    assert isinstance(incoming, ReceiverLink)
    assert isinstance(outgoing, SenderLink)
    assert incoming.attached
    assert outgoing.attached


@pytest.mark.requirement("transport-2.6.1-01")
def test_a_name_is_used_once_in_one_role() -> None:
    rig = opened_client()
    session = begin_session(rig)
    other = begin_session(rig, channel=1)
    attach_sender(rig, session, OUT)
    for each in (session, other):
        with pytest.raises(LocalError, match="another name"):
            each.attach_sender(OUT)
    assert LinkOptions().name != LinkOptions().name
    rig.quiet()


@pytest.mark.requirement("transport-2.6.1-02")
@pytest.mark.requirement("transport-2.5-01")
@pytest.mark.parametrize("channel", [0, 1])
def test_a_live_name_is_stolen(channel: int) -> None:
    rig = served()
    accept_session(rig, channel=1)
    first = accept_receiver(rig, name="x", handle=0)
    rig.receive(sender_attach("x", handle=4), channel=channel)
    failed, requested = rig.events()
    assert isinstance(failed, LinkFailed)
    assert failed.link is first
    assert failed.fault.condition == LinkErrorCondition.STOLEN
    detach = rig.one(Detach)
    assert detach.closed
    assert detach.error is not None
    assert detach.error.condition == LinkErrorCondition.STOLEN
    assert isinstance(requested, LinkRequested)
    thief = requested.link
    assert isinstance(thief, ReceiverLink)
    thief.accept(credit=1)
    assert thief.attached
    assert not first.attached
    # The thief stays when the robbed end answers its detach.
    rig.receive(Detach(handle=0, closed=True))
    rig.forget()
    rig.receive(transfer(0, handle=4), channel=channel)
    assert rig.event(DeliveryReceived).delivery.link is requested.link


@pytest.mark.requirement("transport-2.6.1-02")
def test_a_link_that_waits_for_its_answer_is_stolen() -> None:
    rig = served()
    rig.receive(sender_attach("x", handle=0), sender_attach("x", handle=1))
    asked, failed, again = rig.events()
    assert isinstance(asked, LinkRequested)
    assert isinstance(failed, LinkFailed)
    assert isinstance(again, LinkRequested)
    attach, detach = rig.sent()
    assert isinstance(attach, Attach)
    assert detach.error.condition == LinkErrorCondition.STOLEN
    asked.link.accept()
    rig.quiet()


@pytest.mark.requirement("transport-2.6.1-04")
@pytest.mark.parametrize("name", ["", "x", "n" * 1000, "ünïcode ✓", "a\0b"])
def test_any_name(name: str) -> None:
    rig = served()
    rig.receive(sender_attach(name))
    rig.event(LinkRequested).link.accept()
    assert rig.one(Attach).name == name


@pytest.mark.requirement("transport-2.6.2-01")
def test_each_side_has_its_own_handle() -> None:
    rig = served()
    accept_receiver(rig, name="first", handle=0)
    link = accept_sender(rig, handle=5)
    assert (link.handle, link.remote_handle) == (1, 5)
    rig.receive(flow(handle=5, delivery_count=0, link_credit=1))
    assert rig.event(CreditChanged).link is link
    link.send(b"x")
    assert rig.one(Transfer).handle == 1


@pytest.mark.requirement("transport-2.6.2-02")
@pytest.mark.requirement("transport-2.6.4-01")
def test_a_handle_is_reused_behind_the_detaches() -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = attach_sender(rig, session, OUT, handle=3)
    link.detach()
    assert rig.one(Detach).handle == 0
    second = session.attach_sender(LinkOptions(name="second", target=Target(address="q")))
    assert second.handle == 1  # the peer has not answered
    rig.receive(receiver_attach("second", 1), Detach(handle=3, closed=True))
    rig.forget()
    third = attach_sender(rig, session, LinkOptions(name="third", target=Target(address="q")), handle=3)
    assert third.handle == 0


@pytest.mark.requirement("transport-2.6.2-02")
@pytest.mark.fault("C7")
def test_the_peer_reuses_a_handle() -> None:
    rig = served()
    for name in ("a", "b", "c"):
        accept_receiver(rig, name=name, handle=7)
        rig.receive(Detach(handle=7, closed=True))
        assert rig.one(Detach).closed
        assert rig.event(LinkEnded).by_peer


@pytest.mark.requirement("transport-2.7.3-01")
@pytest.mark.fault("C7")
def test_a_handle_in_use() -> None:
    rig = served()
    accept_receiver(rig, name="a", handle=0)
    rig.receive(sender_attach("b", handle=0))
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == SessionErrorCondition.HANDLE_IN_USE


@pytest.mark.requirement("transport-2.7.2-01")
@pytest.mark.requirement("transport-2.8.4-01")
def test_the_highest_handle() -> None:
    rig = opened_server()
    accept_session(rig, SessionOptions(handle_max=40))
    accept_receiver(rig, name="a", handle=40)
    rig.receive(sender_attach("b", handle=41))
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == ConnectionErrorCondition.FRAMING_ERROR


@pytest.mark.requirement("transport-2.8.4-01")
def test_the_highest_handle_there_is() -> None:
    rig = opened_server()
    accept_session(rig, SessionOptions(handle_max=0xFFFF_FFFF))
    assert accept_receiver(rig, handle=0xFFFF_FFFF).remote_handle == 0xFFFF_FFFF


@pytest.mark.requirement("transport-2.7.2-02")
def test_no_handle_above_the_peers() -> None:
    rig = opened_client()
    session = begin_session(rig, handle_max=0)
    attach_sender(rig, session, OUT)
    with pytest.raises(LocalError, match="no handle"):
        session.attach_receiver(IN)
    rig.quiet()


@pytest.mark.requirement("transport-2.7.2-02")
def test_links_attached_early_keep_to_the_peers_handle_max() -> None:
    rig = opened_client()
    session = rig.engine.begin()
    first = session.attach_sender(OUT)
    second = session.attach_receiver(IN, credit=5)
    # Handle 0 every peer takes; others wait for the peer's limit.
    assert [type(each) for each in rig.sent()] == [Begin, Attach]
    rig.receive(begin(remote_channel=0, handle_max=0))
    events = rig.events()
    assert isinstance(events[1], LinkFailed)
    assert events[1].link is second
    assert events[1].fault.blame is Blame.LOCAL
    assert rig.sent() == []
    assert list(session.links) == [first]


def test_links_attached_early_follow_the_begin() -> None:
    rig = opened_client()
    session = rig.engine.begin()
    session.attach_sender(OUT)
    second = session.attach_receiver(IN, credit=5)
    second.detach()
    assert [type(each) for each in rig.sent()] == [Begin, Attach]
    rig.receive(begin(remote_channel=0))
    assert [type(each) for each in rig.sent()] == [Attach, Detach]


@pytest.mark.requirement("transport-2.7.4-03")
@pytest.mark.requirement("transport-2.7.7-01")
@pytest.mark.requirement("transport-2.7.7-02")
@pytest.mark.fault("C7")
@pytest.mark.parametrize(
    "performative", [flow(handle=9), Detach(handle=9), transfer(0, handle=9)], ids=lambda each: each.NAME
)
def test_a_handle_that_is_not_attached(performative: Flow) -> None:
    rig = served()
    rig.receive(performative)
    end = rig.one(End)
    assert end.error is not None
    assert end.error.condition == SessionErrorCondition.UNATTACHED_HANDLE
    assert rig.event(SessionFailed).fault.condition == SessionErrorCondition.UNATTACHED_HANDLE


# -- attach


@pytest.mark.requirement("transport-2.6.3-01")
def test_an_attach_is_answered() -> None:
    rig = served()
    rig.receive(sender_attach("x", handle=8, snd_settle_mode=SenderSettleMode.UNSETTLED))
    link = rig.event(LinkRequested).link
    assert isinstance(link, ReceiverLink)
    assert in_state(link, LinkState.ATTACH_RCVD)
    assert (link.name, link.role) == ("x", Role.RECEIVER)
    assert link.source == Source(address="s")
    assert link.target == Target(address="q")
    link.accept(target=Target(address="other"), max_message_size=1000, properties={"p": 1})
    answer = rig.one(Attach)
    assert (answer.name, answer.role, answer.handle) == ("x", Role.RECEIVER, 0)
    assert answer.source == Source(address="s")
    assert answer.target == Target(address="other")
    assert answer.max_message_size == 1000
    assert answer.initial_delivery_count is None
    assert link.attached
    assert link.target == Target(address="other")
    assert link.snd_settle_mode is SenderSettleMode.UNSETTLED


def test_an_answer_by_options() -> None:
    rig = served()
    rig.receive(receiver_attach("x"))
    link = rig.event(LinkRequested).link
    assert isinstance(link, SenderLink)
    link.accept(
        LinkOptions(
            snd_settle_mode=SenderSettleMode.SETTLED, initial_delivery_count=7, source=Source(address="mine")
        )
    )
    answer = rig.one(Attach)
    assert answer.name == "x"
    assert answer.source == Source(address="mine")
    assert answer.target == Target(address="t")
    assert answer.snd_settle_mode is SenderSettleMode.SETTLED
    assert answer.initial_delivery_count == 7
    assert link.delivery_count == 7
    assert (link.source, link.target) == (Source(address="mine"), Target(address="t"))
    assert link.snd_settle_mode is SenderSettleMode.SETTLED


@pytest.mark.requirement("transport-2.7.3-02")
def test_a_sender_says_where_it_starts() -> None:
    rig = opened_client()
    session = begin_session(rig)
    session.attach_sender(OUT)
    assert rig.one(Attach).initial_delivery_count == 0
    session.attach_receiver(IN)
    assert rig.one(Attach).initial_delivery_count is None


@pytest.mark.requirement("transport-2.7.3-02")
def test_a_peer_that_does_not_say_is_refused() -> None:
    rig = served()
    rig.receive(sender_attach(initial_delivery_count=None))
    attach, detach = rig.sent()
    assert (attach.source, attach.target) == (None, None)
    assert detach.error.condition == AmqpErrorCondition.INVALID_FIELD
    assert rig.events() == []
    rig.receive(Detach(handle=0, closed=True))
    rig.quiet()
    alive(rig)


@pytest.mark.requirement("transport-2.7.3-02")
def test_a_peer_that_does_not_say_in_its_answer() -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = session.attach_receiver(IN)
    rig.forget()
    rig.receive(sender_attach(initial_delivery_count=None))
    error = rig.one(Detach).error
    assert error is not None
    assert error.condition == AmqpErrorCondition.INVALID_FIELD
    failed = rig.event(LinkFailed)
    assert failed.link is link
    assert failed.fault.condition == AmqpErrorCondition.INVALID_FIELD
    alive(rig)


@pytest.mark.requirement("transport-2.7.3-03")
def test_a_receivers_initial_delivery_count_means_nothing() -> None:
    rig = served()
    link = accept_sender(rig, initial_delivery_count=77)
    assert link.delivery_count == 0
    rig.receive(flow(handle=0, delivery_count=0, link_credit=3, echo=True))
    assert rig.one(Flow).delivery_count == 0
    assert link.credit == 3


@pytest.mark.requirement("transport-2.7.3-06")
def test_the_ends_say_their_own_modes() -> None:
    rig = opened_client()
    session = begin_session(rig)
    sender = attach_sender(
        rig,
        session,
        LinkOptions(
            name="out",
            target=Target(address="q"),
            snd_settle_mode=SenderSettleMode.UNSETTLED,
            rcv_settle_mode=ReceiverSettleMode.SECOND,
        ),
        snd_settle_mode=SenderSettleMode.MIXED,
        rcv_settle_mode=ReceiverSettleMode.FIRST,
    )
    assert sender.snd_settle_mode is SenderSettleMode.UNSETTLED
    assert sender.rcv_settle_mode is ReceiverSettleMode.FIRST
    receiver = attach_receiver(
        rig,
        session,
        LinkOptions(name="in", source=Source(address="q"), rcv_settle_mode=ReceiverSettleMode.SECOND),
        handle=1,
        snd_settle_mode=SenderSettleMode.SETTLED,
        rcv_settle_mode=ReceiverSettleMode.FIRST,
    )
    assert receiver.snd_settle_mode is SenderSettleMode.SETTLED
    assert receiver.rcv_settle_mode is ReceiverSettleMode.SECOND


@pytest.mark.requirement("transport-2.7.3-04")
@pytest.mark.requirement("transport-2.7.3-05")
def test_a_wish_of_the_peer_is_granted_unless_told_otherwise() -> None:
    rig = served()
    rig.receive(receiver_attach("a", 0, snd_settle_mode=SenderSettleMode.SETTLED))
    link: Any = rig.event(LinkRequested).link
    link.accept()
    assert rig.one(Attach).snd_settle_mode is SenderSettleMode.SETTLED
    assert link.snd_settle_mode is SenderSettleMode.SETTLED
    rig.receive(sender_attach("b", 1, rcv_settle_mode=ReceiverSettleMode.SECOND))
    link = rig.event(LinkRequested).link
    link.accept()
    assert rig.one(Attach).rcv_settle_mode is ReceiverSettleMode.SECOND
    assert link.rcv_settle_mode is ReceiverSettleMode.SECOND
    rig.receive(sender_attach("c", 2, rcv_settle_mode=ReceiverSettleMode.SECOND))
    link = rig.event(LinkRequested).link
    link.accept(rcv_settle_mode=ReceiverSettleMode.FIRST)
    assert rig.one(Attach).rcv_settle_mode is ReceiverSettleMode.FIRST


@pytest.mark.requirement("transport-2.6.3-07")
def test_each_ends_own_terminus_holds() -> None:
    rig = opened_client()
    session = begin_session(rig)
    receiver = attach_receiver(
        rig, session, IN, source=Source(address="dynamic-1"), target=Target(address="strange")
    )
    assert receiver.source == Source(address="dynamic-1")
    assert receiver.target is None
    sender = attach_sender(
        rig, session, OUT, handle=1, source=Source(address="strange"), target=Target(address="t9")
    )
    assert sender.target == Target(address="t9")
    assert sender.source is None


@pytest.mark.requirement("transport-2.7.3-07")
def test_an_unsettled_map_has_tags_as_keys() -> None:
    rig = served()
    rig.receive(sender_attach(unsettled={"text": None}))
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == AmqpErrorCondition.DECODE_ERROR


@pytest.mark.requirement("transport-2.7.3-08")
def test_attaching_anew_offers_no_unsettled() -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = attach_sender(rig, session, OUT, credit=1)
    link.send(b"x")
    link.detach(closed=False)
    rig.forget()
    rig.receive(Detach(handle=0))
    rig.event(LinkEnded)
    session.attach_sender(OUT)
    assert rig.one(Attach).unsettled is None
