"""Services: what a listener's handlers are asked, and what their clients get to see; on both front ends."""

from __future__ import annotations

import queue
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

import amqp
import amqp.sync
from amqp.sasl import AnonymousServer, PlainServer, SaslServer
from tests.contract.front import SOON, Raising

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.front import Front

ANYWHERE = "amqp://127.0.0.1:0"


def is_sender(request: Any) -> bool:
    """Whether the service is asked to send."""
    return type(getattr(request, "_inner", request)).__name__ == "SenderRequest"


def nobody(request: Any) -> None:
    """Accept nothing."""


def echo(request: Any) -> None:
    """Accept every link that a client sends on, and every message."""
    if not is_sender(request):
        with request.accept() as receiver:
            for delivery in receiver:
                delivery.accept()


@contextmanager
def client(listener: Any, **options: Any) -> Iterator[amqp.sync.Connection]:
    with amqp.sync.connect(listener.url, **options) as connection:
        yield connection


# -- links


def test_a_service_receives(front: Front) -> None:
    bodies: queue.Queue[Any] = queue.Queue()
    asked: queue.Queue[Any] = queue.Queue()

    def handler(request: Any) -> None:
        asked.put(request)
        with request.accept(credit=2, properties={"x": 1}, max_message_size=1_000) as receiver:
            assert receiver.address == "orders"
            assert repr(receiver).startswith("<Receiver to 'orders', open, credit ")
            for delivery in receiver:
                bodies.put(delivery.message.body)
                if delivery.message.body == b"bad":
                    delivery.reject(amqp.Error(condition="amqp:not-allowed"))
                else:
                    delivery.accept()

    with front.listen(ANYWHERE, handler) as listener, client(listener, container_id="me") as connection:
        with connection.open_sender(
            "orders",
            name="n",
            source="here",
            max_message_size=7,
            properties={"p": 1},
            offered_capabilities=["o"],
            desired_capabilities=["d"],
            rcv_settle_mode=amqp.ReceiverSettleMode.SECOND,
            snd_settle_mode=amqp.SenderSettleMode.UNSETTLED,
        ) as sender:
            assert sender.max_message_size == 1_000
            assert sender.remote_properties == {"x": 1}
            sender.send(amqp.Message(b"good"))
            with pytest.raises(amqp.MessageRejected):
                sender.send(amqp.Message(b"bad"))
            assert sender.address == "orders"
        request = asked.get(timeout=SOON)
        assert (request.address, request.name, request.dynamic) == ("orders", "n", False)
        assert request.source.address == "here"
        assert request.target.address == "orders"
        assert request.max_message_size == 7
        assert request.remote_properties == {"p": 1}
        assert request.remote_offered_capabilities == ("o",)
        assert request.remote_desired_capabilities == ("d",)
        assert request.snd_settle_mode is amqp.SenderSettleMode.UNSETTLED
        assert request.rcv_settle_mode is amqp.ReceiverSettleMode.SECOND
        assert request.connection.remote_container_id == "me"
        assert request.session.connection is not None
        assert repr(request) == "<ReceiverRequest 'n', accepted>"
    assert [bodies.get(timeout=SOON), bodies.get(timeout=SOON)] == [b"good", b"bad"]


def test_a_service_sends(front: Front) -> None:
    told: queue.Queue[Any] = queue.Queue()

    def handler(request: Any) -> None:
        assert request.address == "news"
        assert "wanted" in request.source.filter
        with request.accept(durable=True) as sender:
            assert repr(sender).startswith("<Sender from 'news', open, ")
            told.put(sender.send(amqp.Message(b"1")))
            with pytest.raises(amqp.MessageReleased):
                sender.send(amqp.Message(b"2"))
            sender.wait_closed()

    source = amqp.Source(address="news", filter={"wanted": amqp.Described(amqp.Symbol("x"), "y")})
    with (
        front.listen(ANYWHERE, handler) as listener,
        client(listener) as connection,
        connection.open_receiver(source) as receiver,
    ):
        # 3.5.3: the answer has the filters that are in place.
        assert isinstance(receiver.source, amqp.Source)
        assert receiver.source.filter is None
        first = receiver.receive(timeout=SOON)
        assert first.message.header is not None
        assert first.message.header.durable
        first.accept()
        receiver.receive(timeout=SOON).release()
        assert isinstance(told.get(timeout=SOON), amqp.Accepted)


def test_a_source_of_ones_own_tells_what_is_applied(front: Front) -> None:
    def handler(request: Any) -> None:
        request.accept(request.source)
        threading.Event().wait(0)
        request.connection.wait_closed()

    source = amqp.Source(address="news", filter={"wanted": amqp.Described(amqp.Symbol("x"), "y")})
    with front.listen(ANYWHERE, handler) as listener, client(listener) as connection:
        receiver = connection.open_receiver(source)
        assert isinstance(receiver.source, amqp.Source)
        assert receiver.source.filter == source.filter


def test_a_new_node_gets_an_address(front: Front) -> None:
    def handler(request: Any) -> None:
        assert request.dynamic
        assert request.address is None
        with request.accept(None if is_sender(request) else "given") as link:
            link.wait_closed()

    with front.listen(ANYWHERE, handler) as listener, client(listener) as connection:
        first = connection.open_receiver(amqp.Source(dynamic=True))
        second = connection.open_receiver(amqp.Source(dynamic=True))
        assert first.address
        assert second.address not in (None, first.address)
        assert connection.open_sender(amqp.Target(dynamic=True)).address == "given"


def test_a_link_without_terminus_needs_one(front: Front) -> None:
    errors: queue.Queue[Any] = queue.Queue()

    def handler(request: Any) -> None:
        try:
            request.accept()
        except amqp.LocalError as error:
            errors.put(str(error))
            raise amqp.Refusal("amqp:invalid-field", "no source") from error

    with front.listen(ANYWHERE, handler) as listener:
        from amqp.testing import BlockingPeer

        with BlockingPeer("client", port=listener.port) as peer, peer.scripting():
            peer.handshake()
            peer.begin_session()
            peer.remote_attach(name="n", handle=0, role="receiver", source=None, target="t")
            peer.expect_attach(source=None)
            peer.expect_detach(closed=True, error="amqp:invalid-field").respond()
            peer.closing()
    assert "named no source" in errors.get(timeout=SOON)


def test_what_is_not_accepted_is_refused(front: Front) -> None:
    def handler(request: Any) -> None:
        if request.address == "secret":
            raise amqp.Refusal("amqp:unauthorized-access", "not for you", info={"why": 1})

    with front.listen(ANYWHERE, handler) as listener, client(listener) as connection:
        with pytest.raises(amqp.AttachRefused, match="no such node") as not_found:
            connection.open_sender("nowhere")
        assert not_found.value.condition == "amqp:not-found"
        with pytest.raises(amqp.AttachRefused, match="not for you") as refused:
            connection.open_receiver("secret")
        assert refused.value.condition == "amqp:unauthorized-access"
        assert refused.value.info == {"why": 1}
        assert connection.is_open


def test_a_handler_that_fails_does_not_say_why(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    def handler(request: Any) -> None:
        if request.address == "later":
            request.accept()
        if request.address == "inside":
            with request.accept():
                raise ValueError("a secret")
        raise ValueError("a secret")

    with front.listen(ANYWHERE, handler) as listener, client(listener) as connection:
        with pytest.raises(amqp.AttachRefused, match=r"^the service failed") as refused:
            connection.open_sender("now")
        assert refused.value.condition == "amqp:internal-error"
        for address in ("later", "inside"):
            try:
                error = connection.open_sender(address).wait_closed(timeout=SOON)
            except amqp.LinkError as at_once:
                error = at_once
            assert isinstance(error, amqp.LinkDetached | amqp.AttachRefused)
            assert error.condition == "amqp:internal-error"
            assert "secret" not in str(error)
    failed = [record for record in caplog.records if "a handler failed" in record.getMessage()]
    assert len(failed) == 3
    assert all(record.exc_info for record in failed)
    caplog.clear()


def test_a_refusal_detaches_a_link_that_is_up(front: Front) -> None:
    def handler(request: Any) -> None:
        with request.accept() as receiver:
            receiver.receive()
            raise amqp.Refusal("amqp:link:message-size-exceeded")

    with front.listen(ANYWHERE, handler) as listener, client(listener) as connection:
        sender = connection.open_sender("a")
        pending = sender.submit(amqp.Message(b""))
        error = sender.wait_closed(timeout=SOON)
        assert error is not None
        assert error.condition == "amqp:link:message-size-exceeded"
        with pytest.raises(amqp.InDoubt):
            pending.result(SOON)


@pytest.mark.parametrize("address", ["in", "out"])
def test_a_link_is_closed_when_its_handler_returns(front: Front, address: str) -> None:
    def handler(request: Any) -> None:
        if is_sender(request):
            request.accept().submit(amqp.Message(b"last"))
        else:
            request.accept(auto_accept=True).receive()

    with front.listen(ANYWHERE, handler) as listener, client(listener) as connection:
        if address == "in":
            sender = connection.open_sender("in")
            sender.send(amqp.Message(b""))
            assert isinstance(sender.wait_closed(timeout=SOON), amqp.LinkDetached)
        else:
            receiver = connection.open_receiver("out")
            delivery = receiver.receive(timeout=SOON)
            assert delivery.message.body == b"last"
            delivery.accept()
            assert isinstance(receiver.wait_closed(timeout=SOON), amqp.LinkDetached)


def test_a_failure_that_nobody_looked_at_is_logged(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    def handler(request: Any) -> None:
        request.accept().submit(amqp.Message(b"unwanted"))

    with front.listen(ANYWHERE, handler) as listener, client(listener) as connection:
        receiver = connection.open_receiver("out")
        receiver.receive(timeout=SOON).reject()
        receiver.wait_closed(timeout=SOON)
    assert "whose failure nobody has looked at" in caplog.text
    caplog.clear()


def test_a_client_that_goes_is_no_fault(front: Front) -> None:
    ended: queue.Queue[Any] = queue.Queue()

    def handler(request: Any) -> None:
        try:
            echo(request)
        except amqp.AmqpError as error:
            ended.put(error)
            raise

    with front.listen(ANYWHERE, handler) as listener:
        with client(listener) as connection:
            with connection.open_sender("a") as sender:
                sender.send(amqp.Message(b""))
            assert isinstance(ended.get(timeout=SOON), amqp.LinkDetached)
            connection.open_sender("b")
        assert isinstance(ended.get(timeout=SOON), amqp.RemoteClosed)


def test_a_request_is_answered_once(front: Front) -> None:
    errors: queue.Queue[Any] = queue.Queue()

    def handler(request: Any) -> None:
        with request.accept() as link:
            try:
                request.accept()
            except amqp.LocalError as error:
                errors.put(str(error))
            link.wait_closed()

    with front.listen(ANYWHERE, handler) as listener, client(listener) as connection:
        connection.open_sender("a", name="n")
        assert errors.get(timeout=SOON) == "link 'n' was answered before"


def test_a_client_may_take_its_link_back(front: Front) -> None:
    go, errors = threading.Event(), queue.Queue[Any]()

    def handler(request: Any) -> None:
        go.wait(SOON)
        try:
            request.accept().receive()
        except amqp.AmqpError as error:
            errors.put(error)
            raise

    with front.listen(ANYWHERE, handler) as listener, client(listener) as connection:
        for session in (connection.open_session(), connection.open_session()):
            with pytest.raises(amqp.OperationTimeout):
                session.open_sender("a", timeout=0.1)
        connection.close()
        listener_sees = listener.connections
        go.set()
        assert isinstance(errors.get(timeout=SOON), amqp.ConnectionClosed | amqp.LinkDetached)
        assert isinstance(errors.get(timeout=SOON), amqp.ConnectionClosed | amqp.LinkDetached)
        assert len(listener_sees) <= 1


def test_options_of_accept_are_checked(front: Front) -> None:
    errors: queue.Queue[Any] = queue.Queue()

    def handler(request: Any) -> None:
        for given in ({"credit": -1}, {"nonsense": 1}, {"rcv_settle_mode": 7}, {"snd_settle_mode": 7}):
            try:
                request.accept(**given)
            except (amqp.LocalError, TypeError) as error:
                errors.put(str(error))
        try:
            request.accept(5)
        except amqp.LocalError as error:
            errors.put(str(error))
        mode = {"snd_settle_mode": 1} if is_sender(request) else {"rcv_settle_mode": 1}
        with request.accept(**mode) as link:
            link.wait_closed()

    with front.listen(ANYWHERE, handler) as listener, client(listener) as connection:
        sender = connection.open_sender("a")
        assert sender.rcv_settle_mode is amqp.ReceiverSettleMode.SECOND
        said = [errors.get(timeout=SOON) for _ in range(5)]
        assert said[0].startswith("credit=-1 is out of range")
        assert said[1].startswith("accept() has no option 'nonsense'")
        assert said[2].startswith("rcv_settle_mode takes ")
        assert said[3].startswith("accept() has no option 'snd_settle_mode'")
        assert said[4].startswith("the address takes a str, a Target or None, not int")
        receiver = connection.open_receiver("a")
        assert receiver.snd_settle_mode is amqp.SenderSettleMode.SETTLED
        said = [errors.get(timeout=SOON) for _ in range(5)]
        assert said[3].startswith("snd_settle_mode takes ")
        assert said[4].startswith("the address takes a str, a Source or None, not int")


def test_a_large_message_is_read_while_it_comes(front: Front) -> None:
    octets: queue.Queue[int] = queue.Queue()

    def handler(request: Any) -> None:
        with request.accept(streaming=True) as receiver:
            delivery = receiver.receive()
            octets.put(sum(len(piece) for piece in delivery.chunks()))
            delivery.accept()
            receiver.wait_closed()

    with (
        front.listen(ANYWHERE, handler, incoming_window=16) as listener,
        client(listener) as connection,
        connection.open_sender("large") as sender,
    ):
        sender.send(amqp.Message(bytes(3_000_000)))
    assert octets.get(timeout=SOON) == 3_000_000


def test_transactions_are_not_implemented(front: Front) -> None:
    from amqp.testing import BlockingPeer, Composite

    with front.listen(ANYWHERE, echo) as listener, BlockingPeer("client", port=listener.port) as peer:
        peer.handshake()
        peer.begin_session()
        peer.remote_attach(
            name="n",
            handle=0,
            role="sender",
            source="s",
            target=Composite("coordinator"),
            initial_delivery_count=0,
        )
        peer.expect_attach(target=None)
        peer.expect_detach(closed=True, error="amqp:not-implemented").respond()
        peer.closing()


def test_a_service_answers_requests(front: Front) -> None:
    replies: dict[str, queue.Queue[Any]] = {}

    def handler(request: Any) -> None:
        if is_sender(request):
            # Threads: the client may be faster than what stands behind accept().
            address = f"replies-{len(replies)}"
            answers = replies[address] = queue.Queue()
            with request.accept(address) as sender:
                for _ in range(3):
                    sender.submit(answers.get(timeout=SOON))
                sender.wait_closed()
            return
        with request.accept() as receiver:
            for delivery in receiver:
                delivery.accept()
                asked = delivery.message
                properties = amqp.Properties(correlation_id=asked.properties.message_id)
                answer = amqp.Message(asked.body * 2, properties=properties)
                replies[asked.properties.reply_to].put(answer)

    with (
        front.listen(ANYWHERE, handler) as listener,
        client(listener) as connection,
        connection.open_requester("double") as rpc,
    ):
        assert [rpc.request(amqp.Message(n), timeout=SOON).body for n in range(3)] == [0, 2, 4]


# -- connections and sessions


def test_connections_are_asked_for(front: Front) -> None:
    seen: queue.Queue[Any] = queue.Queue()

    def on_connection(connection: Any) -> None:
        seen.put((connection.remote_container_id, connection.remote_hostname, connection.identity))
        assert connection.remote_properties == {"product": "test"}
        if connection.remote_container_id == "bad":
            raise amqp.Refusal("amqp:not-allowed", "no " + "x" * 600)

    with front.listen(ANYWHERE, echo, on_connection=on_connection, container_id="service") as listener:
        with client(
            listener, container_id="good", hostname="h", properties={"product": "test"}
        ) as connection:
            assert connection.remote_container_id == "service"
            assert connection.remote_channel_max == 63
            connection.open_sender("a").send(amqp.Message(b""))
            (there,) = listener.connections
            assert repr(there).startswith("<IncomingConnection of nobody in particular from 127.0.0.1:")
            assert there.mechanism == "ANONYMOUS"
        with pytest.raises(amqp.RemoteClosed, match="no x") as refused:
            amqp.sync.connect(listener.url, container_id="bad", properties={"product": "test"})
        assert refused.value.condition == "amqp:not-allowed"
    assert seen.get(timeout=SOON) == ("good", "h", None)
    assert seen.get(timeout=SOON) == ("bad", "127.0.0.1", None)


def test_sessions_are_asked_for(front: Front) -> None:
    def on_session(session: Any) -> None:
        if session.remote_properties == {"bad": True}:
            raise amqp.Refusal("amqp:resource-limit-exceeded", "one is enough")

    with front.listen(ANYWHERE, echo, on_session=on_session) as listener, client(listener) as connection:
        connection.open_sender("a").send(amqp.Message(b""))
        with pytest.raises(amqp.SessionEnded, match="one is enough") as refused:
            connection.open_session(properties={"bad": True}).open_sender("a")
        assert refused.value.condition == "amqp:resource-limit-exceeded"
        assert connection.is_open


@pytest.mark.parametrize("which", ["on_connection", "on_session"])
def test_other_handlers_that_fail(front: Front, which: str, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Any) -> None:
        raise ValueError("a secret")

    with (
        front.listen(ANYWHERE, echo, **{which: fail}) as listener,
        pytest.raises(
            (amqp.RemoteClosed, amqp.SessionEnded), match=r"^(amqp://.*: )?the service failed"
        ) as failed,
        client(listener) as connection,
    ):
        connection.open_sender("a")
    assert failed.value.condition == "amqp:internal-error"
    assert "a handler failed, for 127.0.0.1:" in caplog.text
    caplog.clear()


def test_what_comes_ahead_of_the_answers_waits_for_them(front: Front) -> None:
    from amqp.testing import BlockingPeer

    steps: list[str] = []

    def handler(request: Any) -> None:
        steps.append("link")
        echo(request)

    with front.listen(
        ANYWHERE,
        handler,
        on_connection=lambda _: steps.append("connection"),
        on_session=lambda _: steps.append("session"),
    ) as listener:
        with BlockingPeer("client", port=listener.port) as peer, peer.scripting():
            peer.remote_header()
            peer.remote_open(container_id="fast")
            peer.remote_begin(channel=0, next_outgoing_id=0, incoming_window=100, outgoing_window=100)
            peer.remote_attach(
                name="n", handle=0, role="sender", target="a", source="s", initial_delivery_count=0
            )
            peer.expect_header()
            peer.expect_open()
            peer.expect_begin(remote_channel=0)
            peer.expect_attach(name="n", target="a")
            peer.expect_flow(link_credit=100)
            peer.closing()
        listener.close()
    assert steps == ["connection", "session", "link"]


def test_who_a_client_is(front: Front) -> None:
    sasl = SaslServer({"PLAIN": lambda: PlainServer(lambda user, password: (user, password) == ("u", "p"))})
    with front.listen(ANYWHERE, echo, sasl=sasl) as listener:
        with client(listener, sasl=[amqp.Plain("u", "p")]) as connection:
            connection.open_sender("a").send(amqp.Message(b""))
            (there,) = listener.connections
            assert (there.identity, there.mechanism) == ("u", "PLAIN")
            assert repr(there).startswith("<IncomingConnection of 'u' from ")
        with pytest.raises(amqp.AuthenticationFailed):
            amqp.sync.connect(listener.url, sasl=[amqp.Plain("u", "wrong")])
        with pytest.raises(amqp.AuthenticationFailed):
            amqp.sync.connect(listener.url)


@pytest.mark.parametrize("wrong", [lambda client: 1 / 0, lambda client: client, AnonymousServer])
def test_mechanisms_that_cannot_be_made(front: Front, wrong: Any, caplog: pytest.LogCaptureFixture) -> None:
    with front.listen(ANYWHERE, echo, sasl=wrong) as listener:
        with pytest.raises(amqp.AuthenticationFailed):
            amqp.sync.connect(listener.url)
        assert "the function given as sasl= failed" in caplog.text


# -- limits


def test_so_many_connections_and_no_more(front: Front) -> None:
    with front.listen(ANYWHERE, echo, max_connections=1) as listener:
        with client(listener), pytest.raises(amqp.ConnectionLost):
            amqp.sync.connect(listener.url)
        # The place of the first is free once its end was seen here.
        for _ in range(100):
            try:
                with client(listener) as connection:
                    connection.open_sender("a").send(amqp.Message(b""))
                return
            except amqp.ConnectionLost:
                continue
        pytest.fail("its place is not given back")


def test_so_many_links_and_no_more(front: Front) -> None:
    with front.listen(ANYWHERE, echo, max_links=2) as listener, client(listener) as connection:
        first, _ = connection.open_sender("a"), connection.open_sender("b")
        with pytest.raises(amqp.AttachRefused) as refused:
            connection.open_sender("c")
        assert refused.value.condition == "amqp:resource-limit-exceeded"
        first.close()
        for _ in range(100):
            try:
                connection.open_sender("c").send(amqp.Message(b""))
            except amqp.AttachRefused:
                continue
            return
        pytest.fail("its place is not given back")


def test_a_client_that_says_nothing_is_dropped(front: Front) -> None:
    with (
        front.listen(ANYWHERE, echo, handshake_timeout=0.05) as listener,
        socket.create_connection(("127.0.0.1", listener.port), timeout=SOON) as silent,
    ):
        assert silent.recv(1) == b""


@pytest.mark.fault("C9")
def test_a_frame_before_the_open_is_small(front: Front) -> None:
    with (
        front.listen(ANYWHERE, echo) as listener,
        socket.create_connection(("127.0.0.1", listener.port), timeout=SOON) as large,
    ):
        large.sendall(b"AMQP\0\1\0\0" + (9_000).to_bytes(4, "big") + b"\2\0\0\0")
        assert large.recv(8) == b"AMQP\0\1\0\0"
        answer = b""
        while piece := large.recv(4_096):
            answer += piece
        assert b"amqp:connection:framing-error" in answer


def test_a_client_that_does_not_answer_a_close_is_dropped(front: Front) -> None:
    from amqp.testing import BlockingPeer

    with (
        front.listen(ANYWHERE, echo, close_timeout=0.05) as listener,
        BlockingPeer("client", port=listener.port) as peer,
        peer.scripting(),
    ):
        peer.handshake()
        peer.remote_transfer(channel=5, handle=0)
        peer.expect_close(error="amqp:illegal-state")
        peer.expect_gone()


# -- the listener


def test_closing_tells_the_clients(front: Front) -> None:
    ended: queue.Queue[Any] = queue.Queue()

    def handler(request: Any) -> None:
        with request.accept(auto_accept=True) as receiver:
            for _ in receiver:
                pass
            # What is closed here ends the loop.
            ended.put(receiver.error)
            receiver.receive()

    listener = front.listen(ANYWHERE, handler)
    assert listener.is_open
    assert repr(listener) == f"<Listener on {listener.url}, open, 0 connections>"
    assert listener.address == ("127.0.0.1", listener.port)
    assert listener.url == f"amqp://127.0.0.1:{listener.port}"
    with pytest.raises(amqp.OperationTimeout):
        listener.wait_closed(timeout=0)
    connection = amqp.sync.connect(listener.url)
    connection.open_sender("a")
    listener.close()
    assert not listener.is_open
    assert listener.connections == []
    listener.wait_closed()
    listener.close()
    error = connection.wait_closed(timeout=SOON)
    assert isinstance(error, amqp.RemoteClosed)
    assert error.condition == "amqp:connection:forced"
    here = ended.get(timeout=SOON)
    assert here.condition == "amqp:connection:forced"
    with pytest.raises(amqp.ConnectionLost):
        amqp.sync.connect(f"amqp://127.0.0.1:{listener.port}")
    connection.close()


def test_closing_waits_no_longer_than_it_may(front: Front) -> None:
    from amqp.testing import BlockingPeer

    listener = front.listen(ANYWHERE, echo)
    with BlockingPeer("client", port=listener.port) as peer:
        with peer.scripting():
            peer.handshake()
            peer.expect_close(error="amqp:connection:forced")
            peer.expect_gone()
        while not listener.connections:
            pass
        with socket.create_connection(("127.0.0.1", listener.port), timeout=SOON) as half_way:
            half_way.sendall(b"AMQP\0\1\0\0")
            assert half_way.recv(8) == b"AMQP\0\1\0\0"
            listener.close(timeout=0.05)
            assert half_way.recv(1) == b""


def test_a_handler_may_close_the_listener(front: Front) -> None:
    listeners: queue.Queue[Any] = queue.Queue()

    def handler(request: Any) -> None:
        request.accept()
        listeners.get(timeout=SOON).close(timeout=0.1)

    listener = front.listen(ANYWHERE, handler)
    with amqp.sync.connect(listener.url) as connection:
        connection.open_sender("a")
        closing = Raising(lambda: listener.wait_closed(timeout=SOON))
        listeners.put(listener)
        assert closing.error() is None


def test_a_port_may_be_taken(front: Front) -> None:
    with front.listen(ANYWHERE, nobody) as listener, pytest.raises(OSError, match="in use"):
        front.listen(f"amqp://127.0.0.1:{listener.port}", nobody)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="the system has no Unix sockets")
def test_a_unix_socket(front: Front, tmp_path: Any) -> None:
    path = str(tmp_path / "s")
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(path)
    with front.listen(bound, echo) as listener:
        assert listener.address == path
        with pytest.raises(amqp.LocalError, match="has no port"):
            _ = listener.port
        connected = socket.socket(socket.AF_UNIX)
        connected.connect(path)
        with amqp.sync.open_over(connected) as connection:
            connection.open_sender("a").send(amqp.Message(b""))


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="the system has no Unix sockets")
def test_the_url_of_a_unix_socket(front: Front, tmp_path: Any) -> None:
    path = tmp_path / "a b"
    for _ in range(2):
        with socket.socket(socket.AF_UNIX) as left_behind:
            left_behind.bind(str(path))
        with front.listen(f"amqp+unix://{tmp_path}/a%20b", echo) as listener, client(listener) as connection:
            assert listener.url == f"amqp+unix://{tmp_path}/a%20b"
            connection.open_sender("a").send(amqp.Message(b""))
        assert not path.exists()
    path.write_text("no socket")
    with pytest.raises(OSError, match="in use"):
        front.listen(f"amqp+unix://{tmp_path}/a%20b", echo)
    assert path.read_text() == "no socket"


def test_a_bound_socket_of_the_network(front: Front) -> None:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    with front.listen(bound, echo) as listener, client(listener) as connection:
        connection.open_sender("a").send(amqp.Message(b""))


def test_both_families(front: Front) -> None:
    with front.listen("amqp://localhost:0", echo) as listener:
        assert listener.url == f"amqp://localhost:{listener.port}"


def test_everybody_may_come_where_that_is_said(front: Front) -> None:
    everybody = SaslServer({"ANONYMOUS": AnonymousServer}, optional=True)
    with (
        front.listen("amqp://0.0.0.0:0", echo, sasl=everybody) as listener,
        amqp.sync.connect(f"amqp://127.0.0.1:{listener.port}", sasl=[]) as connection,
    ):
        connection.open_sender("a").send(amqp.Message(b""))
        (there,) = listener.connections
        assert there.mechanism is None


def test_frames_are_shown(front: Front) -> None:
    frames: list[str] = []

    def on_frame(direction: str, channel: int, performative: Any, size: int) -> None:
        frames.append(f"{direction} {performative.NAME if performative else 'empty'}")

    with front.listen(ANYWHERE, nobody, on_frame=on_frame) as listener, client(listener):
        pass
    assert "in open" in frames
    assert "out close" in frames
