"""TLS, on both front ends."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
import trustme

import amqp
import amqp.sync
from amqp.sasl import ExternalServer, SaslServer, common_name
from amqp.transport import tls
from amqp.transport.accepting import stop_accepting
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.contract.conftest import Serve, ThreadedPeer
    from tests.contract.front import Front

    ServeTls = Callable[[str], int]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """What a client knows that trusts the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def serve_tls(serve: Serve, peer: ThreadedPeer, authority: trustme.CA) -> ServeTls:
    """Have the peer listen with TLS under a name; gives the port."""

    def start(name: str) -> int:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)

        @asynccontextmanager
        async def serving() -> AsyncIterator[int]:
            loop = asyncio.get_running_loop()
            server = await loop.create_server(peer.peer.make_driver, "127.0.0.1", 0, ssl=context)
            yield server.sockets[0].getsockname()[1]
            await stop_accepting(server)

        return int(serve(serving))

    return start


@pytest.mark.requirement("security-5.2.1-01")
def test_there_and_back_with_tls(
    front: Front, serve_tls: ServeTls, peer: ThreadedPeer, trusting: ssl.SSLContext
) -> None:
    port = serve_tls("localhost")
    url = f"amqps://guest:guest@localhost:{port}"
    large = bytes(range(256)) * 8_000
    with front.connect(url, ssl_context=trusting) as connection:
        sender, receiver = connection.open_sender("q"), connection.open_receiver("q")
        pendings = [sender.submit(amqp.Message(large)) for _ in range(3)]
        assert [pending.result(timeout=SOON) for pending in pendings] == [amqp.Accepted()] * 3
        assert amqp.Message.decode(peer.peer.deliveries[0].payload).body == large
        peer.send(large)
        assert receiver.receive(timeout=SOON).message.body == large


@pytest.mark.parametrize("name", ["localhost", "elsewhere.test"])
def test_the_certificate_is_checked(
    front: Front, serve_tls: ServeTls, trusting: ssl.SSLContext, name: str
) -> None:
    port = serve_tls(name)
    context = trusting if name != "localhost" else ssl.create_default_context()
    with pytest.raises(amqp.ConnectionLost) as caught:
        front.connect(f"amqps://localhost:{port}", ssl_context=context)
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)


def test_the_name_to_check_may_be_another(
    front: Front, serve_tls: ServeTls, trusting: ssl.SSLContext
) -> None:
    port = serve_tls("elsewhere.test")
    url = f"amqps://127.0.0.1:{port}"
    with front.connect(url, ssl_context=trusting, server_hostname="elsewhere.test") as connection:
        assert connection.is_open


def test_a_certificate_that_the_server_misses(
    front: Front, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED

    def serve(server: socket.socket) -> None:
        plain, _ = server.accept()
        with plain.dup() as stream:
            wrapped = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            # In TLS 1.3 the client's handshake is over before the server looks: the refusal is what it reads first.
            with wrapped, pytest.raises(ssl.SSLError):
                wrapped.do_handshake()
            # A socket that is closed with something unread is reset, and the refusal lost.
            stream.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):  # the client drops what it is refused on
                while stream.recv(4096):
                    pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        with pytest.raises(amqp.ConnectionLost) as caught:
            front.connect(f"amqps://localhost:{server.getsockname()[1]}", ssl_context=trusting)
        thread.join(SOON)
    assert isinstance(caught.value.__cause__, ssl.SSLError)
    assert "certificate required" in str(caught.value).replace("_", " ").lower()


@pytest.mark.fault("F1")
def test_the_stream_breaks_inside_tls(
    front: Front, serve_tls: ServeTls, peer: ThreadedPeer, trusting: ssl.SSLContext
) -> None:
    port = serve_tls("localhost")
    with front.connect(f"amqps://localhost:{port}", ssl_context=trusting) as connection:
        receiver = connection.open_receiver("q")
        peer.do(lambda peer: peer.driver.abort())
        with pytest.raises(amqp.ConnectionLost):
            receiver.receive(timeout=SOON)


@pytest.mark.fault("F13")
def test_a_server_that_does_not_shake_hands(front: Front) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"amqps://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(amqp.OperationTimeout, match="did not come within"):
            front.connect(url, connect_timeout=0.1)


def test_tls_over_a_socket_of_ones_own(serve_tls: ServeTls, trusting: ssl.SSLContext) -> None:
    plain = socket.create_connection(("127.0.0.1", serve_tls("localhost")))
    stream = tls.wrap(plain, trusting, "localhost", timeout=SOON)
    assert stream.private
    with amqp.sync.open_over(stream) as connection:
        assert connection.open_sender("q").send(amqp.Message(b"x")) == amqp.Accepted()


def test_a_service_with_tls(front: Front, authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    def handler(request: Any) -> None:
        with request.accept(auto_accept=True) as receiver:
            for _ in receiver:
                pass

    with front.listen("amqps://localhost:0", handler, ssl_context=context, handshake_timeout=3.0) as listener:
        assert listener.url == f"amqps://localhost:{listener.port}"
        host = listener.address[0]
        with amqp.sync.connect(listener.url, ssl_context=trusting) as connection:
            with connection.open_sender("a") as sender:
                sender.send(amqp.Message(bytes(300_000)))
            # Neither one that talks no TLS nor one that says nothing at all is in anybody's way.
            with (
                socket.create_connection((host, listener.port), timeout=SOON) as plain,
                socket.create_connection((host, listener.port), timeout=SOON) as silent,
            ):
                plain.sendall(b"AMQP\0\1\0\0")
                assert all(octets != b"AMQP\0\1\0\0" for octets in iter(lambda: plain.recv(4096), b""))
                assert silent.recv(1) == b""
            assert connection.is_open


def test_a_client_is_known_by_its_certificate(
    front: Front, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL

    def mechanisms(client: Any) -> SaslServer:
        return SaslServer({"EXTERNAL": lambda: ExternalServer(lambda: common_name(client.certificate))})

    def handler(request: Any) -> None:
        raise amqp.Refusal("amqp:not-found", f"hello {request.connection.identity}")

    with front.listen("amqps://localhost:0", handler, ssl_context=context, sasl=mechanisms) as listener:
        with pytest.raises(amqp.AuthenticationFailed):
            amqp.sync.connect(listener.url, ssl_context=trusting, sasl=[amqp.External()])
        authority.issue_cert("me@example.org", common_name="me").configure_cert(trusting)
        with (
            amqp.sync.connect(listener.url, ssl_context=trusting, sasl=[amqp.External()]) as connection,
            pytest.raises(amqp.AttachRefused, match="hello me"),
        ):
            connection.open_sender("a")


def test_a_service_closes_while_tls_comes_up(front: Front, authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    listener = front.listen("amqps://127.0.0.1:0", print, ssl_context=context)
    with socket.create_connection(listener.address, timeout=SOON) as silent:
        listener.close(timeout=0.1)
        assert not listener.is_open
        silent.close()
