"""2.5: begin and end, channels, and what one session's fault leaves alone."""

from __future__ import annotations

import pytest

from amqp.engine import (
    ConnectionFailed,
    ConnectionState,
    DeliveryReceived,
    LinkRequested,
    SessionEnded,
    SessionFailed,
    SessionOpened,
    SessionRequested,
    SessionState,
)
from amqp.errors import Blame, EncodeError, LocalError, Scope
from amqp.options import ConnectionOptions, LinkOptions, SessionOptions
from amqp_spec import AmqpErrorCondition, Close, Error, SessionErrorCondition
from tests.engine.wire import (
    Begin,
    Detach,
    End,
    Open,
    Source,
    accept_receiver,
    accept_session,
    attach_receiver,
    begin,
    begin_session,
    flow,
    frame,
    in_state,
    opened_client,
    opened_server,
    receiver_attach,
    sender_attach,
    transfer,
)

REFUSED = Error(condition=AmqpErrorCondition.NOT_ALLOWED, description="no")


@pytest.mark.requirement("transport-2.5.1-01")
def test_our_begin_names_no_remote_channel() -> None:
    rig = opened_client()
    session = rig.engine.begin(
        SessionOptions(incoming_window=7, outgoing_window=8, handle_max=9, next_outgoing_id=5)
    )
    assert rig.one(Begin) == Begin(next_outgoing_id=5, incoming_window=7, outgoing_window=8, handle_max=9)
    assert in_state(session, SessionState.BEGIN_SENT)


@pytest.mark.requirement("transport-2.5.1-02")
@pytest.mark.requirement("transport-2.5.1-04")
def test_the_answer_names_the_initiators_channel() -> None:
    rig = opened_server()
    accept_session(rig, channel=5)
    rig.receive(begin(), channel=3)
    session = rig.event(SessionRequested).session
    assert (session.channel, session.remote_channel) == (None, 3)
    session.accept()
    (answer,) = rig.frames()
    assert answer.performative.remote_channel == 3
    assert answer.channel == session.channel == 1


@pytest.mark.requirement("transport-2.5.1-04")
def test_each_side_has_its_own_channel() -> None:
    rig = opened_client()
    session = begin_session(rig, channel=7)
    link = attach_receiver(rig, session, credit=10)
    rig.receive(transfer(0), channel=7)
    rig.event(DeliveryReceived).delivery.settle()
    assert [each.channel for each in rig.frames()] == [0]
    assert link.session is session


@pytest.mark.requirement("transport-2.5.1-03")
def test_the_lowest_free_channel_is_used() -> None:
    rig = opened_client()
    first, second, third = [begin_session(rig, channel=number) for number in (0, 1, 2)]
    assert [each.channel for each in (first, second, third)] == [0, 1, 2]
    second.end()
    rig.receive(End(), channel=1)
    rig.forget()
    assert begin_session(rig, channel=1).channel == 1
    assert begin_session(rig, channel=3).channel == 3


@pytest.mark.requirement("transport-2.5.1-05")
@pytest.mark.fault("C7")
def test_begin_on_a_channel_in_use() -> None:
    rig = opened_server()
    accept_session(rig)
    rig.receive(begin())
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == AmqpErrorCondition.ILLEGAL_STATE
    assert rig.event(ConnectionFailed).fault.blame is Blame.REMOTE


@pytest.mark.requirement("transport-2.5.1-06")
@pytest.mark.parametrize("remote_channel", [99, 0])
def test_an_answer_to_no_begin(remote_channel: int) -> None:
    rig = opened_server()
    accept_session(rig)  # on our channel 0, which waits for nothing
    rig.receive(begin(remote_channel=remote_channel), channel=1)
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == AmqpErrorCondition.ILLEGAL_STATE
    assert rig.event(ConnectionFailed).fault.condition == AmqpErrorCondition.ILLEGAL_STATE


@pytest.mark.requirement("transport-2.5.1-06")
def test_a_second_answer_to_one_begin() -> None:
    rig = opened_client()
    begin_session(rig)
    rig.receive(begin(remote_channel=0), channel=1)
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == AmqpErrorCondition.ILLEGAL_STATE


@pytest.mark.requirement("transport-2.5.2-01")
@pytest.mark.fault("C7")
def test_an_end_is_answered_and_frees_both_channels() -> None:
    rig = opened_server()
    session = accept_session(rig, channel=3)
    rig.receive(End(), begin(), channel=3)
    ended, requested = rig.events()
    assert ended == SessionEnded(session, True)
    assert isinstance(requested, SessionRequested)
    assert rig.one(End) == End()
    assert in_state(session, SessionState.UNMAPPED)
    requested.session.accept()
    assert rig.one(Begin).remote_channel == 3
    assert requested.session.channel == 0


@pytest.mark.requirement("transport-2.5.2-01")
def test_our_end_is_answered() -> None:
    rig = opened_client()
    session = begin_session(rig, channel=4)
    session.end()
    session.end()
    assert rig.one(End) == End()
    assert in_state(session, SessionState.END_SENT)
    rig.receive(End(), channel=4)
    assert rig.event(SessionEnded) == SessionEnded(session, False)
    assert in_state(session, SessionState.UNMAPPED)
    assert list(rig.engine.sessions) == []


@pytest.mark.requirement("transport-2.5.2-02")
def test_the_links_go_with_the_session() -> None:
    rig = opened_server()
    session = accept_session(rig)
    link = accept_receiver(rig, name="x")
    rig.receive(End())
    assert rig.event(SessionEnded).session is session
    assert not link.attached
    assert list(session.links) == []
    rig.forget()
    accept_session(rig)
    again = accept_receiver(rig, name="x")  # not stolen from anywhere
    assert again is not link
    link.flow(5)
    link.detach()
    rig.quiet()


@pytest.mark.requirement("transport-2.5.3-01")
@pytest.mark.parametrize("error", [None, REFUSED])
def test_ends_that_cross(error: Error | None) -> None:
    rig = opened_client()
    session = begin_session(rig)
    session.end()
    rig.receive(End(error=error))
    assert rig.sent() == [End()]
    if error is None:
        rig.event(SessionEnded)
    else:
        assert rig.event(SessionFailed).fault.blame is Blame.REMOTE


def test_an_end_with_an_error_is_told_in_full() -> None:
    rig = opened_client()
    session = begin_session(rig)
    rig.receive(End(error=Error(condition="amqp:not-found", description="no queue", info={"q": 1})))
    assert rig.one(End) == End()
    failed = rig.event(SessionFailed)
    assert failed.session is session
    assert failed.fault.scope is Scope.SESSION
    assert failed.fault.blame is Blame.REMOTE
    assert failed.fault.condition == "amqp:not-found"
    assert failed.fault.description == "no queue"
    assert failed.fault.info is not None
    assert in_state(rig.engine, ConnectionState.OPENED)


@pytest.mark.requirement("transport-2.5.4-01")
@pytest.mark.requirement("transport-2.5.4-02")
def test_after_our_end_with_an_error_all_is_dropped() -> None:
    rig = opened_server()
    session = accept_session(rig, channel=0)
    other = accept_session(rig, channel=1)
    link = accept_receiver(rig, channel=1)
    session.end(REFUSED)
    assert rig.one(End).error == REFUSED
    assert in_state(session, SessionState.DISCARDING)
    rig.receive(sender_attach("a"), transfer(0), flow(handle=77), Detach(handle=9), channel=0)
    rig.quiet()
    rig.receive(End(), channel=0)
    failed = rig.event(SessionFailed)
    assert failed.fault.blame is Blame.LOCAL
    assert failed.fault.condition == "amqp:not-allowed"
    assert rig.sent() == []
    rig.receive(transfer(0), channel=1)
    assert rig.event(DeliveryReceived).delivery.link is link
    assert in_state(other, SessionState.MAPPED)


@pytest.mark.requirement("transport-2.5.4-01")
@pytest.mark.requirement("transport-2.5.4-02")
def test_a_fault_of_the_peer_ends_only_its_session() -> None:
    rig = opened_server()
    session = accept_session(rig, channel=0)
    other = accept_session(rig, channel=1)
    accept_receiver(rig, channel=1)
    rig.receive(transfer(0, handle=9), channel=0)
    end = rig.one(End)
    assert end.error is not None
    assert end.error.condition == SessionErrorCondition.UNATTACHED_HANDLE
    failed = rig.event(SessionFailed)
    assert failed.session is session
    assert failed.fault.blame is Blame.REMOTE
    assert failed.fault.offset is not None
    rig.receive(transfer(1, handle=9), sender_attach("a"), channel=0)
    rig.quiet()
    rig.receive(transfer(0), channel=1)
    rig.event(DeliveryReceived)
    rig.receive(End(), channel=0)
    rig.quiet()
    assert list(rig.engine.sessions) == [other]


def test_a_refused_session() -> None:
    rig = opened_server()
    rig.receive(begin())
    session = rig.event(SessionRequested).session
    session.end(REFUSED)
    answer, end = rig.sent()
    assert answer.remote_channel == 0
    assert end == End(error=REFUSED)
    rig.receive(End())
    assert rig.event(SessionFailed).fault.blame is Blame.LOCAL
    assert list(rig.engine.sessions) == []


def test_a_refusal_of_ours_by_the_peer() -> None:
    rig = opened_client()
    session = rig.engine.begin()
    rig.forget()
    rig.receive(begin(remote_channel=0), End(error=REFUSED))
    opened, failed = rig.events()
    assert isinstance(opened, SessionOpened)
    assert isinstance(failed, SessionFailed)
    assert failed.session is session
    assert rig.sent() == [End()]


def test_begin_and_end_in_one_write() -> None:
    rig = opened_server()
    rig.receive(begin(), End())
    session = rig.event(SessionRequested).session
    assert rig.sent() == []
    session.accept()
    assert [type(each) for each in rig.sent()] == [Begin, End]
    assert rig.event(SessionEnded).by_peer
    session.end()
    rig.quiet()
    with pytest.raises(LocalError):
        session.accept()


def test_begin_and_end_in_one_write_refused() -> None:
    rig = opened_server()
    rig.receive(begin(), End())
    session = rig.event(SessionRequested).session
    session.end(REFUSED)
    answer, end = rig.sent()
    assert isinstance(answer, Begin)
    assert end == End(error=REFUSED)
    assert rig.event(SessionFailed).fault.blame is Blame.LOCAL


def test_a_channel_is_reused_before_the_answer() -> None:
    rig = opened_server()
    rig.receive(begin(), End(), begin(), channel=2)
    first, second = (event.session for event in rig.events() if isinstance(event, SessionRequested))
    first.accept()
    second.accept()
    assert [each.channel for each in rig.frames()] == [0, 0, 0]
    assert in_state(first, SessionState.UNMAPPED)
    assert in_state(second, SessionState.MAPPED)
    rig.forget()
    accept_receiver(rig, channel=2)


def test_a_link_pipelined_behind_a_begin_that_is_refused() -> None:
    rig = opened_server()
    rig.receive(begin(), sender_attach())
    requested, wanted = rig.events()
    assert isinstance(requested, SessionRequested)
    assert isinstance(wanted, LinkRequested)
    requested.session.end(REFUSED)
    rig.forget()
    wanted.link.refuse(REFUSED)  # the session took it along
    rig.quiet()


def test_a_link_is_not_answered_before_its_session() -> None:
    rig = opened_server()
    rig.receive(begin(), sender_attach())
    link = rig.events()[1].link
    with pytest.raises(LocalError, match="session before"):
        link.accept()
    rig.quiet()


def test_a_fault_in_a_session_that_was_not_answered() -> None:
    rig = opened_server()
    rig.receive(begin(), transfer(0))
    requested, failed = rig.events()
    assert isinstance(requested, SessionRequested)
    assert isinstance(failed, SessionFailed)
    answer, end = rig.sent()
    assert isinstance(answer, Begin)
    assert isinstance(end, End)
    requested.session.accept()
    requested.session.end()
    rig.quiet()


def test_a_late_answer_to_a_session_that_was_ended() -> None:
    rig = opened_client()
    session = rig.engine.begin()
    session.end()
    rig.forget()
    rig.receive(begin(remote_channel=0), sender_attach(), channel=6)
    rig.quiet()
    rig.receive(End(), channel=6)
    assert rig.event(SessionEnded).session is session
    assert list(rig.engine.sessions) == []


# -- limits


@pytest.mark.requirement("transport-2.7.1-05")
def test_no_channel_above_the_peers() -> None:
    rig = opened_client(Open(container_id="peer", channel_max=1))
    begin_session(rig, channel=0)
    begin_session(rig, channel=1)
    with pytest.raises(LocalError, match="no channel"):
        rig.engine.begin()
    rig.quiet()


def test_no_more_sessions_than_our_own_channel_max() -> None:
    rig = opened_client(options=ConnectionOptions(container_id="c", channel_max=0))
    begin_session(rig)
    with pytest.raises(LocalError, match="1 sessions"):
        rig.engine.begin()


def test_a_channel_comes_back_when_a_begin_has_no_encoding() -> None:
    rig = opened_client()
    with pytest.raises(EncodeError):
        rig.engine.begin(SessionOptions(properties={"x": object()}))
    rig.quiet()
    assert rig.engine.begin().channel == 0


@pytest.mark.requirement("transport-2.8.13-01")
def test_begin_properties_have_symbols_as_keys() -> None:
    good = begin(properties={"abc": 1}).encode()
    rig = opened_server()
    rig.raw(frame(good.replace(b"\xa3\x03abc", b"\xa1\x03abc")))
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == AmqpErrorCondition.DECODE_ERROR


# -- misuse


def test_accept_twice_or_of_ones_own() -> None:
    rig = opened_server()
    session = accept_session(rig)
    with pytest.raises(LocalError):
        session.accept()
    with pytest.raises(LocalError):
        rig.engine.begin().accept()


def test_attach_on_an_ended_session() -> None:
    rig = opened_client()
    session = begin_session(rig)
    session.end()
    with pytest.raises(LocalError, match="end sent"):
        session.attach_receiver(LinkOptions(name="x", source=Source(address="q")))


def test_an_error_larger_than_the_peer_takes() -> None:
    rig = opened_client(Open(container_id="peer", max_frame_size=512))
    session = begin_session(rig)
    with pytest.raises(LocalError, match="512"):
        session.end(Error(condition="x:y", description="x" * 600))
    assert in_state(session, SessionState.MAPPED)
    rig.quiet()


def test_links_of_a_session() -> None:
    rig = opened_server()
    session = accept_session(rig)
    link = accept_receiver(rig)
    rig.receive(receiver_attach("other", 1))
    asked = rig.event(LinkRequested).link
    assert list(session.links) == [link, asked]
