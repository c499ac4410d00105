"""Connections and sessions, as a user of the Go client knows them."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

import amqp
from amqp.engine import Authenticated, ConnectionEnded, SessionEnded
from amqp.sasl import AnonymousServer, Challenge, Failure, SaslServer, Success
from amqp.transport.accepting import stop_accepting
from tests.aio.peer import SOON, Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from amqp_spec import Begin, Open


def told_open(peer: Peer) -> Open:
    remote = peer.driver.engine.remote_open
    assert remote is not None
    return remote


def told_begin(peer: Peer) -> Begin:
    remote = peer.session().remote_begin
    assert remote is not None
    return remote


async def test_dial(peer: Peer) -> None:
    # A user in the URL is proved by PLAIN.
    async with amqp.connect(f"amqp://guest:guest@127.0.0.1:{peer.port}") as connection:
        assert connection.is_open
        assert peer.told(Authenticated)[0].identity == "guest"


async def test_new(peer: Peer) -> None:
    stream = socket.create_connection(("127.0.0.1", peer.port))
    async with amqp.open_over(stream) as connection:
        assert connection.remote_container_id == "peer"


async def test_client_new_session(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        session = await connection.open_session()
        assert session.is_open
        assert len(peer.driver.engine.sessions) == 1


async def test_client_close(peer: Peer) -> None:
    connection = await amqp.connect(peer.url)
    await connection.close()
    assert not connection.is_open
    assert peer.told(ConnectionEnded)


async def test_conn_container_id(peer: Peer) -> None:
    async with amqp.connect(peer.url, container_id="mine") as connection:
        assert connection.container_id == told_open(peer).container_id == "mine"
    async with amqp.connect(peer.url) as one, amqp.connect(peer.url) as other:
        assert one.container_id != other.container_id


async def test_conn_idle_timeout(peer: Peer) -> None:
    async with amqp.connect(peer.url, idle_timeout=8.0):
        # Half of it is told, so that a heartbeat that is late once is early enough (2.4.5).
        assert told_open(peer).idle_time_out == 4_000
    async with amqp.connect(peer.url, idle_timeout=None):
        assert told_open(peer).idle_time_out is None


async def test_conn_max_frame_size(peer: Peer) -> None:
    async with amqp.connect(peer.url, max_frame_size=512):
        assert told_open(peer).max_frame_size == 512
    with pytest.raises(amqp.LocalError, match="512"):
        await amqp.connect(peer.url, max_frame_size=511)


async def test_conn_max_sessions(peer: Peer) -> None:
    async with amqp.connect(peer.url, channel_max=0) as connection:
        assert told_open(peer).channel_max == 0
        await connection.open_session()
        with pytest.raises(amqp.LocalError, match="channel"):
            await connection.open_session()


async def test_conn_property(peer: Peer) -> None:
    async with amqp.connect(peer.url, properties={"product": "mine", "version": "1"}):
        assert told_open(peer).properties == {"product": "mine", "version": "1"}


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def tls_port(peer: Peer, authority: trustme.CA) -> AsyncIterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("amqp.example", "localhost").configure_cert(context)
    server = await asyncio.get_running_loop().create_server(peer.make_driver, "127.0.0.1", 0, ssl=context)
    port: int = server.sockets[0].getsockname()[1]
    yield port
    await stop_accepting(server)


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_conn_server_hostname(peer: Peer, tls_port: int, authority: trustme.CA) -> None:
    url, context = f"amqps://127.0.0.1:{tls_port}", trusting(authority)
    async with amqp.connect(url, ssl_context=context, hostname="vhost:a", server_hostname="amqp.example"):
        assert told_open(peer).hostname == "vhost:a"
    with pytest.raises(amqp.ConnectionLost, match="certificate"):
        await amqp.connect(url, ssl_context=context, server_hostname="other.example")
    async with amqp.connect(peer.url):
        assert told_open(peer).hostname == "127.0.0.1"


async def test_conn_connect_timeout() -> None:
    async with Peer(silent=("open",)) as peer:
        with pytest.raises(amqp.OperationTimeout):
            await amqp.connect(peer.url, connect_timeout=0.1)


async def test_conn_tls(tls_port: int) -> None:
    # Nothing but the scheme asks for TLS, and then the certificate has to be one that this machine trusts.
    with pytest.raises(amqp.ConnectionLost, match="certificate"):
        await amqp.connect(f"amqps://localhost:{tls_port}")


async def test_conn_tls_config(tls_port: int, authority: trustme.CA) -> None:
    async with amqp.connect(
        f"amqps://localhost:{tls_port}", ssl_context=trusting(authority), sasl=amqp.Plain("guest", "guest")
    ) as connection:
        assert connection.is_open


async def test_conn_sasl_anonymous(peer: Peer) -> None:
    async with amqp.connect(peer.url, sasl=amqp.Anonymous()):
        assert peer.told(Authenticated)[0].mechanism == "ANONYMOUS"


async def test_conn_sasl_plain(peer: Peer) -> None:
    async with amqp.connect(peer.url, sasl=amqp.Plain("guest", "guest")):
        assert peer.told(Authenticated)[0].identity == "guest"
    with pytest.raises(amqp.AuthenticationFailed):
        await amqp.connect(peer.url, sasl=amqp.Plain("guest", "wrong"))


class XOAuth2Server:
    """Takes one user and one token, which is longer than a frame of 512 octets takes."""

    TOKEN = "t" * 2_000

    def step(self, response: bytes | None) -> Challenge | Success | Failure:
        good = f"user=me\x01auth=Bearer {self.TOKEN}\x01\x01".encode()
        return Success("me") if response == good else Challenge(b'{"status":"401"}')


async def test_conn_sasl_xoauth2() -> None:
    sasl = SaslServer({"XOAUTH2": XOAuth2Server, "ANONYMOUS": AnonymousServer})
    token = XOAuth2Server.TOKEN
    async with Peer(sasl=sasl) as peer:
        async with amqp.connect(peer.url, sasl=amqp.XOAuth2("me", token, max_frame_size=4_096)):
            assert peer.told(Authenticated)[0].identity == "me"
        with pytest.raises(amqp.AuthenticationFailed, match="max_frame_size"):
            await amqp.connect(peer.url, sasl=amqp.XOAuth2("me", token))
        with pytest.raises(amqp.AuthenticationFailed, match="401"):
            await amqp.connect(peer.url, sasl=amqp.XOAuth2("me", "wrong"))


async def test_session_incoming_window(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection, connection.open_session(incoming_window=7):
        assert told_begin(peer).incoming_window == 7


async def test_session_outgoing_window(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection, connection.open_session(outgoing_window=9):
        assert told_begin(peer).outgoing_window == 9


async def test_session_max_links(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection, connection.open_session(handle_max=0):
        assert told_begin(peer).handle_max == 0


async def test_session_new_sender(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection, connection.open_session() as session:
        sender = await session.open_sender("q")
        assert sender.session is session
        assert peer.receiver().name == sender.name


async def test_session_new_receiver(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection, connection.open_session() as session:
        receiver = await session.open_receiver("q")
        assert receiver.session is session
        assert peer.sender().name == receiver.name


async def test_session_close(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        session = await connection.open_session()
        await session.close(timeout=SOON)
        assert not session.is_open
        assert peer.told(SessionEnded)
