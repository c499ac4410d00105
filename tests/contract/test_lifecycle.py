"""Opening, closing and losing connections, sessions and links, on both front ends."""

from __future__ import annotations

import errno
import math
import os
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from tests.contract.front import SOON, Raising

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.aio.peer import Peer
    from tests.contract.conftest import MakePeer, ThreadedPeer
    from tests.contract.front import Front

HELLO = amqp.Message(b"hello")
GONE = amqp.Error(condition="amqp:resource-deleted", description="gone for the test")


def links(peer: Peer) -> list[Any]:
    """The links of the last connection, as the peer has them."""
    return [link for session in peer.driver.engine.sessions for link in session.links]


# -- connections


def test_what_both_ends_said(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url, container_id="me") as connection:
        assert connection.is_open
        assert connection.container_id == "me"
        assert connection.remote_container_id == "peer"
        assert connection.remote_offered_capabilities == ()
        assert connection.remote_desired_capabilities == ()
        assert connection.remote_properties is None
        assert connection.remote_max_frame_size == 65_536
        assert connection.remote_channel_max == 1_023
        assert repr(connection) == f"<Connection to {peer.url}, open, 0 sessions>"
    assert not connection.is_open
    connection.close()
    with pytest.raises(amqp.ConnectionClosed, match="was closed"):
        connection.open_sender("q")


def test_a_connection_over_a_socket_of_ones_own(front: Front, broker: str) -> None:
    host, port = broker.removeprefix("amqp://").split(":")
    with front.open_over(socket.create_connection((host, int(port)))) as connection:
        assert connection.open_sender("q").send(HELLO) == amqp.Accepted()
    with pytest.raises(amqp.LocalError, match="a connected socket"):
        front.open_over("nonsense")


def test_nobody_listens(front: Front) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(amqp.ConnectionLost, match="cannot be reached") as caught:
        front.connect(f"amqp://127.0.0.1:{port}")
    assert isinstance(caught.value.__cause__, OSError)
    assert os.strerror(errno.ECONNREFUSED) in str(caught.value)


def test_the_first_server_that_can_be_reached(front: Front, broker: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = f"amqp://127.0.0.1:{server.getsockname()[1]}"
    with front.connect([closed, broker]) as connection:
        assert connection.is_open
    with pytest.raises(amqp.ConnectionLost, match="none of 2 servers"):
        front.connect([closed, closed])


def test_arguments_of_connect_are_checked(front: Front) -> None:
    wrong: Any
    for wrong in ("http://localhost", [], b"amqp://localhost"):
        with pytest.raises(amqp.LocalError):
            front.connect(wrong)
    with pytest.raises(amqp.LocalError, match="idle_timeout"):
        front.connect("amqp://localhost", idle_timeout="x")
    with pytest.raises(amqp.LocalError, match="transport"):
        front.connect("amqp://localhost", transport=1)
    with pytest.raises(amqp.LocalError, match="ssl_context"):
        front.connect("amqp://localhost", ssl_context=1)
    with pytest.raises(TypeError, match="has no option 'nonsense'"):
        front.connect("amqp://localhost", nonsense=1)


@pytest.mark.parametrize(
    ("option", "meant"),
    [
        ("ssl", "did you mean ssl_context?"),
        ("verify_ssl", "did you mean verify_tls?"),
        ("timeout", "did you mean connect_timeout or idle_timeout or operation_timeout?"),
        ("containerid", "did you mean container_id?"),
        ("heartbeat", "did you mean idle_timeout?"),
        ("username", "did you mean sasl?"),
        ("frobnicate", "it has allow_cleartext, "),
    ],
)
def test_an_option_that_is_misspelt(front: Front, option: str, meant: str) -> None:
    with pytest.raises(TypeError) as caught:
        front.connect("amqp://localhost", **{option: 1})
    assert str(caught.value).startswith(f"connect() has no option {option!r}: {meant}")
    # What stands in the signature by itself is named too.
    assert " ssl_context, " in str(caught.value)


def test_what_is_given_as_a_session(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        for wrong, named in ((connection, "Connection"), ("new", "'new'"), (5, "int")):
            text = f"session takes a Session of this connection, 'own' or None, not {named}$"
            for call in (connection.open_sender, connection.open_receiver, connection.open_requester):
                with pytest.raises(amqp.LocalError, match=text):
                    call("q", session=wrong)
        with pytest.raises(
            TypeError, match=r"^open_sender\(\) has no option 'sesion': did you mean session\?"
        ):
            connection.open_sender("q", sesion=None)
        assert connection.open_sender("q").is_open


def test_who_is_connecting(front: Front, peer: ThreadedPeer) -> None:
    url = peer.url.replace("amqp://", "amqp://guest:{}@")
    with front.connect(url.format("guest")) as connection:
        assert connection.is_open
    with pytest.raises(amqp.AuthenticationFailed):
        front.connect(url.format("wrong"))
    with front.connect(peer.url, sasl=amqp.Plain("guest", "guest")) as connection:
        assert connection.is_open


@pytest.mark.fault("F13")
def test_a_peer_that_does_not_open(front: Front, start_peer: MakePeer) -> None:
    peer = start_peer(silent=("open",))
    with pytest.raises(amqp.OperationTimeout, match="the open of"):
        front.connect(peer.url, connect_timeout=0.1)


@pytest.mark.fault("F13")
def test_a_peer_that_says_nothing(front: Front) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"amqp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(amqp.OperationTimeout):
            front.connect(url, connect_timeout=0.1)


def test_the_peer_closes_the_connection(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection:
        receiver = connection.open_receiver("q")
        sender = connection.open_sender("q")
        peer.do(lambda peer: peer.driver.engine.close(GONE))
        with pytest.raises(amqp.RemoteClosed, match="gone for the test") as caught:
            receiver.receive(timeout=SOON)
        assert caught.value.condition == "amqp:resource-deleted"
        assert not connection.is_open
        assert not sender.is_open
        with pytest.raises(amqp.NotSent) as not_sent:
            sender.send(HELLO)
        assert isinstance(not_sent.value.__cause__, amqp.RemoteClosed)


WAITS: list[tuple[str, Callable[[Any, Any, Any], object], type[amqp.AmqpError]]] = [
    ("begin", lambda connection, _s, _r: connection.open_session(), amqp.ConnectionLost),
    ("attach", lambda connection, _s, _r: connection.open_sender("new"), amqp.ConnectionLost),
    ("attach", lambda connection, _s, _r: connection.open_receiver("new"), amqp.ConnectionLost),
    ("outcome", lambda _c, sender, _r: sender.send(HELLO), amqp.InDoubt),
    ("outcome", lambda _c, sender, _r: sender.submit(HELLO).result(), amqp.InDoubt),
    ("nothing", lambda _c, _s, receiver: receiver.receive(), amqp.ConnectionLost),
    ("nothing", lambda _c, _s, receiver: next(receiver), amqp.ConnectionLost),
    ("drain", lambda _c, _s, receiver: receiver.drain(), amqp.ConnectionLost),
]


@pytest.mark.fault("F1")
@pytest.mark.parametrize(
    ("silent", "wait", "error"),
    WAITS,
    ids=["begin", "sender", "receiver", "send", "submit", "receive", "iterate", "drain"],
)
def test_the_stream_breaks_while_somebody_waits(
    front: Front, peer: ThreadedPeer, silent: str, wait: Callable[..., object], error: type[Exception]
) -> None:
    with front.connect(peer.url) as connection:
        sender, receiver = connection.open_sender("q"), connection.open_receiver("q")
        peer.do(lambda peer: peer.silent.add(silent))
        if silent == "drain":
            peer.do(lambda peer: setattr(peer.driver, "mute", True))
        known = len(peer.peer.happened)
        waiting = Raising(lambda: wait(connection, sender, receiver))
        if silent not in ("nothing", "drain"):
            peer.until(lambda peer: len(peer.happened) > known)
        peer.do(lambda peer: peer.driver.abort())
        assert type(waiting.error()) is error
        assert not connection.is_open


@pytest.mark.fault("F13")
def test_the_peer_does_not_answer_the_close(front: Front, peer: ThreadedPeer) -> None:
    connection = front.connect(peer.url)
    peer.do(lambda peer: setattr(peer.driver, "mute", True))
    with pytest.raises(amqp.OperationTimeout, match="the peer's close"):
        connection.close(timeout=0.05)
    peer.until(lambda peer: peer.driver.transport is None)


def test_an_error_in_the_block_is_what_is_raised(front: Front, peer: ThreadedPeer) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        front.connect(peer.url) as connection,
        connection.open_session() as session,
        session.open_sender("q"),
        session.open_receiver("q"),
    ):
        _ = 1 / 0
    assert not connection.is_open


def test_failures_that_nobody_looked_at_are_raised_by_close(front: Front, start_peer: MakePeer) -> None:
    peer = start_peer(silent=("outcome",))
    for close in ("sender", "session", "connection"):
        with front.connect(peer.url) as connection:
            session = connection.open_session()
            sender = session.open_sender("q")
            sender.submit(HELLO)
            peer.until(lambda peer: peer.deliveries)
            peer.do(lambda peer: peer.deliveries.popleft().settle(amqp.Rejected()))
            with pytest.raises(ExceptionGroup, match="nobody has looked at") as caught:
                {"sender": sender, "session": session, "connection": connection}[close].close()
            assert caught.group_contains(amqp.MessageRejected)


def test_close_gives_up_what_has_no_outcome_in_time(front: Front, start_peer: MakePeer) -> None:
    peer = start_peer(silent=("outcome",))
    with front.connect(peer.url) as connection:
        sender = connection.open_sender("q")
        pending = sender.submit(HELLO)
        with pytest.raises(ExceptionGroup) as caught:
            sender.close(timeout=0.05)
        assert caught.group_contains(amqp.InDoubt)
        assert isinstance(pending.exception(), amqp.InDoubt)


# -- sessions


def test_several_sessions(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        with connection.open_session(handle_max=7) as session, connection.open_session() as other:
            assert session.is_open
            assert session.connection.container_id == connection.container_id
            assert session.remote_properties is None
            assert session.remote_offered_capabilities == session.remote_desired_capabilities == ()
            one, two = session.open_sender("q"), other.open_sender("q")
            named = connection.open_receiver("q", session=session)
            own = connection.open_sender("q", session="own")
            assert one.send(HELLO) == two.send(HELLO) == own.send(HELLO) == amqp.Accepted()
            assert named.receive(timeout=SOON).message.body == b"hello"
            assert "2 links" in repr(session)
            session.close()
            assert not one.is_open
            assert not named.is_open
            assert two.send(HELLO) == amqp.Accepted()
            own.close()
        with front.connect(broker) as another:
            foreign = another.open_session()
            with pytest.raises(amqp.LocalError, match="one of its own"):
                connection.open_sender("q", session=foreign)
        with pytest.raises(amqp.LocalError, match="incoming_window"):
            connection.open_session(incoming_window=0)


def test_the_peer_ends_a_session(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection:
        receiver = connection.open_receiver("q")
        own = connection.open_sender("q", session="own")
        peer.do(lambda peer: peer.sender().session.end(GONE))
        with pytest.raises(amqp.SessionEnded, match="gone for the test"):
            receiver.receive(timeout=SOON)
        assert own.send(HELLO) == amqp.Accepted()
        assert connection.open_sender("q").send(HELLO) == amqp.Accepted()


@pytest.mark.fault("F13")
def test_sessions_whose_peer_is_silent(front: Front, start_peer: MakePeer) -> None:
    peer = start_peer(silent=("begin",))
    with front.connect(peer.url) as connection:
        with pytest.raises(amqp.OperationTimeout, match="begin"):
            connection.open_session(timeout=0.01)
        with pytest.raises(amqp.OperationTimeout, match="begin"):
            connection.open_sender("q", timeout=0.01, session="own")
        peer.do(lambda peer: peer.silent.clear())
        session = connection.open_session()
        peer.do(lambda peer: setattr(peer.driver, "mute", True))
        with pytest.raises(amqp.OperationTimeout, match="the peer's end"):
            session.close(timeout=0.01)
        assert not session.is_open
        peer.do(lambda peer: setattr(peer.driver, "mute", False))


# -- links


def test_what_a_link_agreed_on(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        sender = connection.open_sender("q", name="one", source="here")
        assert sender.name == "one"
        assert sender.address == "q"
        assert sender.source.address == "here"
        assert sender.target.address == "q"
        assert sender.snd_settle_mode is amqp.SenderSettleMode.MIXED
        assert sender.rcv_settle_mode is amqp.ReceiverSettleMode.FIRST
        assert sender.credit > 0
        assert sender.remote_properties is None
        assert sender.session.is_open
        assert repr(sender).startswith("<Sender to 'q', open")
        receiver = connection.open_receiver(amqp.Source(dynamic=True))
        assert receiver.address
        assert receiver.unread == 0
        assert repr(receiver).startswith(f"<Receiver from {receiver.address!r}, open")
        with pytest.raises(amqp.LocalError, match="'one'"):
            connection.open_sender("q", name="one")


@pytest.mark.fault("F9")
def test_a_refused_attach(front: Front, peer: ThreadedPeer) -> None:
    peer.do(lambda peer: peer.silent.add("attach"))
    with front.connect(peer.url) as connection:
        for opening in (connection.open_sender, connection.open_receiver):
            refused = Raising(partial(opening, "q"))
            peer.until(links)
            peer.do(lambda peer: [link.refuse(GONE) for link in links(peer)])
            error = refused.error()
            assert isinstance(error, amqp.AttachRefused)
            assert error.condition == "amqp:resource-deleted"
            peer.until(lambda peer: not links(peer))
        assert connection.is_open


@pytest.mark.fault("F8")
def test_the_peer_detaches_a_link(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection:
        sender, receiver = connection.open_sender("q"), connection.open_receiver("q")
        peer.do(lambda peer: peer.sender().detach(error=GONE))
        with pytest.raises(amqp.LinkDetached, match="gone for the test"):
            receiver.receive(timeout=SOON)
        with pytest.raises(amqp.LinkDetached):
            next(receiver)
        assert sender.send(HELLO) == amqp.Accepted()
        peer.do(lambda peer: peer.receiver().detach(error=amqp.Error(condition="amqp:link:stolen")))
        # Both ends have been heard: what the peer said before has arrived.
        connection.open_session().close()
        with pytest.raises(amqp.NotSent) as caught:
            sender.send(HELLO)
        assert isinstance(caught.value.__cause__, amqp.LinkStolen)
        assert connection.is_open


def test_settle_modes_that_the_peer_does_not_honour(front: Front, peer: ThreadedPeer) -> None:
    second = amqp.ReceiverSettleMode.SECOND
    peer.do(lambda peer: peer.silent.add("attach"))
    with front.connect(peer.url) as connection:
        opening = Raising(lambda: connection.open_sender("q", rcv_settle_mode=second))
        peer.until(links)
        first = amqp.ReceiverSettleMode.FIRST
        peer.do(lambda peer: peer.receiver().accept(rcv_settle_mode=first))
        assert type(opening.error()) is amqp.LinkError
        assert connection.is_open


@pytest.mark.fault("F13")
def test_links_whose_peer_is_silent(front: Front, start_peer: MakePeer) -> None:
    peer = start_peer(silent=("attach",))
    with front.connect(peer.url) as connection:
        # The peer answers the begin: what comes late must be the attach alone.
        session = connection.open_session()
        for opening in (connection.open_sender, connection.open_receiver):
            with pytest.raises(amqp.OperationTimeout, match="attach"):
                opening("q", session=session, timeout=0.05)
        peer.do(lambda peer: peer.silent.clear())
        receiver = connection.open_receiver("q", timeout=math.inf)
        peer.do(lambda peer: setattr(peer.driver, "mute", True))
        with pytest.raises(amqp.OperationTimeout, match="drain"):
            receiver.drain(timeout=0.01)
        with pytest.raises(amqp.OperationTimeout, match="detach"):
            receiver.close(timeout=0.01)
        assert not receiver.is_open
        peer.do(lambda peer: setattr(peer.driver, "mute", False))
