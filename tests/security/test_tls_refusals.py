"""Servers that are not who they should be, and those that do no TLS: nobody goes on, nothing is sent in the clear."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import threading
import warnings
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.broker import Broker, BrokerOptions
from amqp.transport.accepting import stop_accepting
from tests.aio.peer import raw_peer
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    import trustme

    from tests.contract.conftest import Serve, ThreadedPeer
    from tests.contract.front import Front

    Refused = Callable[..., Any]
    Listen = Callable[..., int]

pytestmark = pytest.mark.fault("E5")
DAY = timedelta(days=1)
SECRET = "amqps://guest:guest@"


@pytest.fixture
def listen(serve: Serve, peer: ThreadedPeer) -> Listen:
    """Have the peer listen with a certificate; gives the port."""

    def start(certificate: Any) -> int:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)

        @asynccontextmanager
        async def serving() -> AsyncIterator[int]:
            loop = asyncio.get_running_loop()
            listener = await loop.create_server(peer.peer.make_driver, "127.0.0.1", 0, ssl=context)
            yield listener.sockets[0].getsockname()[1]
            await stop_accepting(listener)

        return int(serve(serving))

    return start


@contextmanager
def openssl_server(certificate: Any, **settings: Any) -> Iterator[int]:
    """A server that says by an alert why it refuses, as those of asyncio do not; gives the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old versions of TLS are what a test may ask for
        for name, value in settings.items():
            setattr(context, name, value)

    def serve_one(listener: socket.socket) -> None:
        connected, _ = listener.accept()
        with connected, socket.socket(fileno=os.dup(connected.fileno())) as raw:
            secured = context.wrap_socket(connected, server_side=True, do_handshake_on_connect=False)
            try:
                secured.do_handshake()
            except OSError:
                # What is not read would reset the connection, and the alert with it.
                with suppress(ConnectionError):  # the client drops what it is refused on
                    raw.shutdown(socket.SHUT_WR)
                    while raw.recv(65_536):
                        pass
            secured.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve_one, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        thread.join(SOON)


class SelfSigned:
    """A certificate that vouches for itself."""

    def __init__(self, authority: trustme.CA, folder: Any) -> None:
        self._file = folder / "own.pem"
        self._file.write_bytes(authority.private_key_pem.bytes() + authority.cert_pem.bytes())

    def configure_cert(self, context: ssl.SSLContext) -> None:
        context.load_cert_chain(self._file)


@pytest.mark.requirement("security-5.2-03")
def test_another_host(
    front: Front, listen: Listen, authority: trustme.CA, trusting: ssl.SSLContext, refused: Refused
) -> None:
    """The certificate is for another host."""
    port = listen(authority.issue_cert("elsewhere.test"))
    with refused(amqp.TlsFailed, "connect to a name that it has, or give that as server_hostname="):
        front.connect(f"{SECRET}localhost:{port}", ssl_context=trusting)


def test_a_name_beside_that_of_the_certificate(
    front: Front, listen: Listen, authority: trustme.CA, trusting: ssl.SSLContext, refused: Refused
) -> None:
    """The certificate is for the dialled host, and server_hostname is another."""
    port = listen(authority.issue_cert("localhost"))
    with refused(amqp.TlsFailed, "server_hostname="):
        front.connect(f"{SECRET}localhost:{port}", ssl_context=trusting, server_hostname="elsewhere.test")


def test_a_wildcard_that_does_not_reach(
    front: Front, listen: Listen, authority: trustme.CA, trusting: ssl.SSLContext, refused: Refused
) -> None:
    """The wildcard of the certificate is one label short."""
    port = listen(authority.issue_cert("*.test"))
    with refused(amqp.TlsFailed, "server_hostname="):
        front.connect(f"{SECRET}127.0.0.1:{port}", ssl_context=trusting, server_hostname="a.b.test")


def test_an_address_against_a_name(
    front: Front, listen: Listen, authority: trustme.CA, trusting: ssl.SSLContext, refused: Refused
) -> None:
    """An address is dialled, and the certificate has names alone."""
    port = listen(authority.issue_cert("localhost"))
    with refused(amqp.TlsFailed, "server_hostname="):
        front.connect(f"{SECRET}127.0.0.1:{port}", ssl_context=trusting)


def test_a_name_against_an_address(
    front: Front, listen: Listen, authority: trustme.CA, trusting: ssl.SSLContext, refused: Refused
) -> None:
    """A name is dialled, and the certificate has an address alone."""
    port = listen(authority.issue_cert("127.0.0.1"))
    with refused(amqp.TlsFailed, "server_hostname="):
        front.connect(f"{SECRET}localhost:{port}", ssl_context=trusting)


@pytest.mark.requirement("security-5.2-03")
def test_expired(
    front: Front, listen: Listen, authority: trustme.CA, trusting: ssl.SSLContext, refused: Refused
) -> None:
    """The certificate has expired."""
    now = datetime.now(UTC)
    port = listen(authority.issue_cert("localhost", not_before=now - 2 * DAY, not_after=now - DAY))
    with refused(amqp.TlsFailed, "needs a certificate for these days"):
        front.connect(f"{SECRET}localhost:{port}", ssl_context=trusting)


def test_not_yet_valid(
    front: Front, listen: Listen, authority: trustme.CA, trusting: ssl.SSLContext, refused: Refused
) -> None:
    """The certificate is not valid yet."""
    now = datetime.now(UTC)
    port = listen(authority.issue_cert("localhost", not_before=now + DAY, not_after=now + 2 * DAY))
    with refused(amqp.TlsFailed, "or the clock here is wrong"):
        front.connect(f"{SECRET}localhost:{port}", ssl_context=trusting)


@pytest.mark.requirement("security-5.2-03")
def test_self_signed(
    front: Front,
    listen: Listen,
    stranger: trustme.CA,
    trusting: ssl.SSLContext,
    refused: Refused,
    tmp_path: Any,
) -> None:
    """The certificate vouches for itself."""
    port = listen(SelfSigned(stranger, tmp_path))
    with refused(amqp.TlsFailed, r"create_default_context\(cafile="):
        front.connect(f"{SECRET}localhost:{port}", ssl_context=trusting)


def test_another_authority(
    front: Front, listen: Listen, stranger: trustme.CA, trusting: ssl.SSLContext, refused: Refused
) -> None:
    """Another authority vouches for the certificate."""
    port = listen(stranger.issue_cert("localhost"))
    with refused(amqp.TlsFailed, r"create_default_context\(cafile="):
        front.connect(f"{SECRET}localhost:{port}", ssl_context=trusting)


def test_an_authority_that_the_system_does_not_know(
    front: Front, listen: Listen, authority: trustme.CA, refused: Refused
) -> None:
    """No context is given, and the system does not know the authority."""
    port = listen(authority.issue_cert("localhost"))
    with refused(amqp.TlsFailed, r"create_default_context\(cafile="):
        front.connect(f"{SECRET}localhost:{port}")


def test_no_client_certificate(
    front: Front, authority: trustme.CA, trusting: ssl.SSLContext, refused: Refused
) -> None:
    """The server wants a client certificate, and there is none."""
    with (
        openssl_server(authority.issue_cert("localhost"), verify_mode=ssl.CERT_REQUIRED) as port,
        refused(amqp.TlsFailed, "load_cert_chain"),
    ):
        front.connect(f"{SECRET}localhost:{port}", ssl_context=trusting)


def test_a_client_certificate_of_a_stranger(
    front: Front, authority: trustme.CA, stranger: trustme.CA, trusting: ssl.SSLContext, refused: Refused
) -> None:
    """The client certificate is of an authority that the server does not know."""
    stranger.issue_cert("me@example.test").configure_cert(trusting)
    with (
        openssl_server(authority.issue_cert("localhost"), verify_mode=ssl.CERT_REQUIRED) as port,
        refused(amqp.TlsFailed, "load_cert_chain"),
    ):
        front.connect(f"{SECRET}localhost:{port}", ssl_context=trusting)


def test_a_client_certificate_that_is_good(
    front: Front, serve: Serve, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.issue_cert("me@example.test").configure_cert(trusting)
    broker = serve(lambda: Broker(BrokerOptions()))
    port = serve(lambda: broker.listen(ssl_context=context)).port
    with front.connect(f"{SECRET}localhost:{port}", ssl_context=trusting) as connection:
        assert connection.open_sender("q").send(amqp.Message(b"x")) == amqp.Accepted()


def test_an_old_version(
    front: Front, authority: trustme.CA, trusting: ssl.SSLContext, refused: Refused
) -> None:
    """The server does TLS 1.1 at most."""
    old = {"minimum_version": ssl.TLSVersion.TLSv1, "maximum_version": ssl.TLSVersion.TLSv1_1}
    with (
        openssl_server(authority.issue_cert("localhost"), **old) as port,
        refused(amqp.TlsFailed, "TLS 1.2 or later"),
    ):
        front.connect(f"{SECRET}localhost:{port}", ssl_context=trusting)


@pytest.mark.fault("E4")
@pytest.mark.parametrize("scheme", ["amqps", "wss"])
def test_a_server_in_clear_text(front: Front, serve: Serve, refused: Refused, scheme: str) -> None:
    """{scheme}:// leads to a server that answers in clear text."""
    heard: list[bytes] = []

    async def clear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"AMQP\x03\x01\x00\x00" * 4)
        heard.append(await reader.read(65_536))

    url = serve(lambda: raw_peer(clear)).replace("amqp://", f"{scheme}://guest:guest@")
    with refused(amqp.TlsFailed, "does not speak TLS"):
        front.connect(url)
    assert all(octets[:1] == b"\x16" for octets in heard if octets)


@pytest.mark.fault("E4")
@pytest.mark.parametrize(
    ("what", "answer"),
    [("plain AMQP", b"AMQP\x00\x01\x00\x00"), ("SASL", b"AMQP\x03\x01\x00\x00"), ("HTTP", b"HTTP/1.1")],
)
def test_tls_that_was_stripped(
    front: Front, serve: Serve, refused: Refused, what: str, answer: bytes
) -> None:
    """TLS inside the stream is asked for, and {what} is the answer."""
    heard: list[bytes] = []

    async def stripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(answer)
        heard.append(await reader.read(65_536))

    url = serve(lambda: raw_peer(stripping)).replace("amqp://", SECRET)
    with refused(amqp.TlsFailed, "leave tls_in_band=True out"):
        front.connect(url, tls_in_band=True)
    assert heard in ([], [b""])


@pytest.mark.fault("E4")
def test_octets_put_in_front_of_tls(front: Front, serve: Serve, refused: Refused) -> None:
    """Octets are put in clear text between the answer and TLS."""

    async def injecting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(b"AMQP\x02\x01\x00\x00" + b"AMQP\x00\x01\x00\x00" * 2)
        await reader.read()

    url = serve(lambda: raw_peer(injecting)).replace("amqp://", SECRET)
    with refused(amqp.TlsFailed, "clear text where TLS begins|does not speak TLS"):
        front.connect(url, tls_in_band=True, connect_timeout=SOON)


def test_a_websocket_of_another_host(
    front: Front, serve: Serve, authority: trustme.CA, trusting: ssl.SSLContext, refused: Refused
) -> None:
    """wss:// leads to a server with the certificate of another host."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.test").configure_cert(context)
    broker = serve(lambda: Broker(BrokerOptions()))
    port = serve(lambda: broker.listen(ssl_context=context, websocket=True)).port
    with refused(amqp.TlsFailed, "server_hostname="):
        front.connect(f"wss://guest:guest@localhost:{port}", ssl_context=trusting)


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("no names", {"check_hostname": False}),
        ("nothing", {"check_hostname": False, "verify_mode": ssl.CERT_NONE}),
        ("nothing by force", {"check_hostname": False, "verify_mode": ssl.CERT_OPTIONAL}),
    ],
)
def test_a_context_that_does_not_check(
    front: Front, refused: Refused, what: str, change: dict[str, Any]
) -> None:
    """ssl_context checks {what}."""
    context = ssl.create_default_context()
    for name, value in change.items():
        setattr(context, name, value)
    with refused(amqp.LocalError, r"make it with ssl\.create_default_context"):
        front.connect("amqps://localhost", ssl_context=context)


def test_tls_options_without_tls(front: Front, trusting: ssl.SSLContext, refused: Refused) -> None:
    """ssl_context is given, and the URL is amqp://."""
    with refused(amqp.LocalError, "is for amqps://"):
        front.connect("amqp://localhost", ssl_context=trusting)


def test_the_one_switch_is_logged(
    front: Front,
    listen: Listen,
    stranger: trustme.CA,
    caplog: pytest.LogCaptureFixture,
) -> None:
    port = listen(stranger.issue_cert("elsewhere.test"))
    with front.connect(f"{SECRET}localhost:{port}", verify_tls=False) as connection:
        assert connection.is_open
    (record,) = [record for record in caplog.records if record.name == "amqp.security"]
    assert record.levelname == "WARNING"
    assert "guest" not in record.getMessage()
