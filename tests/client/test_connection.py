"""A connection and its sessions: what is lost with what, and what the peer may not ask for."""

from __future__ import annotations

import pytest

from amqp.engine import LinkEnded, LinkFailed, SessionEnded, SessionFailed
from amqp.errors import (
    Blame,
    ConnectionClosed,
    ConnectionLost,
    LinkDetached,
    LocalError,
    NotSent,
    RemoteClosed,
    Scope,
)
from amqp.errors import SessionEnded as SessionEndedError
from amqp.message import Message
from amqp.options import LinkOptions
from amqp_spec import Error, Source, Target
from tests.client.pair import Pair


def test_it_opens_and_closes() -> None:
    pair = Pair().open()
    client = pair.client
    client.opened.result()
    client.check()
    client.close()
    client.close()
    assert not client.closed.done()
    pair.pump()
    assert client.closed.done()
    with pytest.raises(ConnectionClosed, match="the connection was closed"):
        client.begin()
    assert pair.engine.output_closed


@pytest.mark.fault("F3")
@pytest.mark.parametrize(
    "error", [None, Error(condition="amqp:connection:forced", description="maintenance")]
)
def test_the_peer_closes(error: Error | None) -> None:
    pair = Pair().open()
    sender = pair.sender()
    pair.server.close(error)
    pair.pump()
    assert pair.client.closed.done()
    with pytest.raises(RemoteClosed, match="maintenance" if error else "the peer closed") as caught:
        pair.client.check()
    assert caught.value.blame is Blame.REMOTE
    assert caught.value.condition == (None if error is None else "amqp:connection:forced")
    with pytest.raises(RemoteClosed):
        sender.check()
    with pytest.raises(NotSent):
        sender.submit(Message(b""))


@pytest.mark.fault("F1")
def test_the_stream_ends() -> None:
    pair = Pair().open()
    session = pair.session()
    cause = OSError("reset")
    pair.client.transport_error = cause
    pair.cut()
    with pytest.raises(ConnectionLost) as caught:
        session.check()
    assert caught.value.__cause__ is cause
    assert session.closed.done()
    with pytest.raises(ConnectionLost) as another:
        pair.client.check()
    assert another.value is not caught.value


@pytest.mark.fault("F1")
def test_the_stream_ends_before_the_open() -> None:
    pair = Pair(silent={"open"})
    pair.engine.open()
    pair.pump()
    pair.cut()
    assert isinstance(pair.client.opened.error(), ConnectionLost)


@pytest.mark.fault("F10")
def test_an_ended_session_takes_its_links_and_nothing_else() -> None:
    pair = Pair().open()
    shared = pair.client.default_session()
    sender = pair.sender()
    other = pair.sender(pair.session())
    pair.server_session(0).end(Error(condition="amqp:not-found", description="no such queue"))
    pair.pump()
    with pytest.raises(SessionEndedError, match="no such queue") as caught:
        sender.check()
    assert caught.value.scope is Scope.SESSION
    assert caught.value.condition == "amqp:not-found"
    assert sender.closed.done()
    other.check()
    again = pair.client.default_session()
    assert again is not shared
    pair.sender().opened.result()


def test_a_session_that_the_peer_ends_without_an_error() -> None:
    pair = Pair().open()
    sender = pair.sender()
    pair.server_session().end()
    pair.pump()
    with pytest.raises(SessionEndedError, match="the peer ended the session"):
        sender.check()


def test_a_refused_attach_that_ends_the_session_is_told_as_that() -> None:
    pair = Pair(silent={"attach"}).open()
    sender = pair.sender()
    pair.server_session().end(Error(condition="amqp:not-found"))
    pair.pump()
    assert isinstance(sender.opened.error(), SessionEndedError)


def test_a_session_ends_with_its_links() -> None:
    pair = Pair().open()
    session = pair.session()
    sender = pair.sender(session)
    session.end()
    session.end()
    assert not session.closed.done()
    pair.pump()
    assert session.closed.done()
    assert sender.closed_here
    assert not pair.client.sessions
    assert [event.by_peer for event in pair.told(SessionEnded)] == [True]
    with pytest.raises(SessionEndedError, match="the session was closed"):
        pair.sender(session)


def test_a_session_of_its_own_ends_with_its_link() -> None:
    pair = Pair().open()
    own = pair.client.begin(own=True)
    pair.pump()
    sender = pair.sender(own)
    sender.detach()
    pair.pump()
    assert own.closed.done()
    assert not pair.server.sessions


def test_a_refused_link_ends_the_session_of_its_own() -> None:
    pair = Pair(silent={"attach"}).open()
    own = pair.client.begin(own=True)
    pair.pump()
    pair.sender(own)
    pair.server_receiver().refuse(Error(condition="amqp:not-found"))
    pair.pump()
    assert not pair.server.sessions


@pytest.mark.fault("F14")
def test_a_late_begin_that_nobody_waits_for_is_answered_with_an_end() -> None:
    pair = Pair(silent={"begin"}).open()
    session = pair.session()
    session.abandon()
    next(iter(pair.server.sessions)).accept()
    pair.pump()
    assert session.closed.done()
    assert not pair.server.sessions
    pair.silent.clear()
    pair.session().opened.result()


@pytest.mark.fault("F14")
def test_a_begin_that_was_answered_is_ended_when_nobody_waits_for_it() -> None:
    pair = Pair().open()
    session = pair.session()
    session.abandon()
    pair.pump()
    assert session.closed.done()


@pytest.mark.fault("F24")
def test_more_sessions_than_the_peer_takes() -> None:
    pair = Pair(channel_max=1).open()
    first, second = pair.session(), pair.session()
    with pytest.raises(LocalError, match="channel"):
        pair.session()
    first.end()
    pair.pump()
    pair.session().opened.result()
    second.check()


@pytest.mark.fault("F7")
def test_two_links_of_one_name_are_refused_here() -> None:
    pair = Pair().open()
    pair.sender(name="n")
    with pytest.raises(LocalError):
        pair.sender(name="n")
    pair.receiver(name="n").opened.result()


# -- what the peer may not ask for


def test_the_peer_may_not_begin_a_session() -> None:
    pair = Pair().open()
    pair.server.begin()
    pair.pump()
    assert [event.fault.condition for event in pair.told(SessionFailed)] == ["amqp:not-allowed"]
    pair.client.check()


def test_the_peer_may_not_attach_a_link() -> None:
    pair = Pair().open()
    pair.session()
    options = LinkOptions(source=Source(address="a"), target=Target(address="b"))
    pair.server_session().attach_sender(options)
    pair.pump()
    assert [event.fault.condition for event in pair.told(LinkFailed)] == ["amqp:not-allowed"]
    assert pair.told(LinkFailed)[0].refused
    pair.sender().opened.result()


def test_closing_a_link_is_told_once() -> None:
    pair = Pair().open()
    sender = pair.sender()
    sender.detach()
    sender.detach()
    pair.pump()
    assert len(pair.told(LinkEnded)) == 1
    with pytest.raises(LinkDetached, match="the link was closed"):
        sender.check()


def test_output_is_announced() -> None:
    pair = Pair().open()
    before = pair.woken
    pair.session()
    sender = pair.sender()
    assert pair.woken > before
    before = pair.woken
    sender.submit(Message(b""))
    assert pair.woken > before
