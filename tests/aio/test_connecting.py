"""Connecting: what a good peer says, and the one error for each kind of bad one, in time."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import struct
import time
import typing
from typing import TYPE_CHECKING

import pytest
import trustme

import amqp
from amqp.aio import connecting
from amqp.engine import Authenticated, ConnectionOpened, Engine, Event
from amqp.options import ConnectionOptions
from amqp.sasl import AnonymousServer, PlainServer, SaslServer
from amqp.transport.memory import MemoryListener
from amqp_spec import SaslCode, SaslMechanisms, SaslOutcome
from tests.aio.peer import SOON, Peer, raw_peer, saying, silence

if TYPE_CHECKING:
    from collections.abc import Callable

AMQP_HEADER = b"AMQP\x00\x01\x00\x00"
SASL_HEADER = b"AMQP\x03\x01\x00\x00"


def sasl_frame(body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + b"\x02\x01\x00\x00" + body


MECHANISMS = sasl_frame(SaslMechanisms(sasl_server_mechanisms=("ANONYMOUS",)).encode())
OUTCOME = sasl_frame(SaslOutcome(code=SaslCode.OK).encode())


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        assert isinstance(port, int)
        return port


# -- a good peer


async def test_connect_is_awaited_and_closed() -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        before = connection.is_open
        await connection.close()
        assert (before, connection.is_open) == (True, False)
        await connection.close()
        await peer.until(lambda: peer.driver.transport is None)


async def test_connect_is_a_context_manager() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        assert connection.is_open
    assert not connection.is_open


async def test_what_both_said() -> None:
    options = ConnectionOptions(
        container_id="peer",
        max_frame_size=1_000,
        channel_max=7,
        offered_capabilities=["A", "B"],
        desired_capabilities=["C"],
        properties={"product": "x"},
    )
    async with (
        Peer(options=options) as peer,
        amqp.connect(peer.url, container_id="me", properties={"p": 1}, hostname="vhost:v") as connection,
    ):
        assert connection.container_id == "me"
        assert connection.remote_container_id == "peer"
        assert connection.remote_max_frame_size == 1_000
        assert connection.remote_channel_max == 7
        assert list(connection.remote_offered_capabilities) == ["A", "B"]
        assert list(connection.remote_desired_capabilities) == ["C"]
        assert connection.remote_properties == {"product": "x"}
        remote = peer.driver.engine.remote_open
        assert remote is not None
        assert remote.hostname == "vhost:v"
        assert remote.container_id == "me"
        assert remote.properties == {"p": 1}


async def test_the_hostname_is_that_of_the_url() -> None:
    async with Peer() as peer, amqp.connect(peer.url):
        remote = peer.driver.engine.remote_open
        assert remote is not None
        assert remote.hostname == "127.0.0.1"


async def test_a_user_in_the_url() -> None:
    async with Peer() as peer, amqp.connect(peer.url.replace("//", "//guest:guest@")):
        told = peer.told(Authenticated)[0]
        assert (told.identity, told.mechanism) == ("guest", "PLAIN")


async def test_nobody_in_the_url() -> None:
    async with Peer() as peer, amqp.connect(peer.url):
        assert peer.told(Authenticated)[0].mechanism == "ANONYMOUS"


async def test_without_a_sasl_layer() -> None:
    peer = Peer(sasl=SaslServer({"ANONYMOUS": AnonymousServer}, optional=True))
    async with peer, amqp.connect(peer.url, sasl=()):
        assert not peer.told(Authenticated)


async def test_frames_are_shown() -> None:
    seen: list[tuple[str, str]] = []

    def note(direction: str, channel: int, performative: object, size: int) -> None:
        seen.append((direction, type(performative).__name__))

    async with Peer() as peer, amqp.connect(peer.url, on_frame=note):
        pass
    assert ("out", "Open") in seen
    assert ("in", "Open") in seen


async def test_repr_shows_no_secret() -> None:
    async with Peer() as peer, amqp.connect(peer.url.replace("//", "//guest:guest@")) as connection:
        assert "guest" not in repr(connection)
        assert "open" in repr(connection)
        assert "\n" not in repr(connection)


# -- several


async def test_the_first_url_that_can_be_reached_is_taken() -> None:
    async with Peer() as peer, amqp.connect([f"amqp://127.0.0.1:{free_port()}", peer.url]) as connection:
        assert connection.remote_container_id == "peer"


async def test_when_no_url_can_be_reached_each_is_told() -> None:
    urls = [f"amqp://127.0.0.1:{free_port()}", f"amqp://127.0.0.1:{free_port()}"]
    with pytest.raises(amqp.ConnectionLost, match="none of 2 servers") as caught:
        await amqp.connect(urls)
    assert all(url in str(caught.value) for url in urls)
    assert isinstance(caught.value.__cause__, ExceptionGroup)


async def test_a_refused_user_is_not_tried_elsewhere() -> None:
    async with Peer() as first, Peer() as second:
        urls = [peer.url.replace("//", "//guest:wrong@") for peer in (first, second)]
        with pytest.raises(amqp.AuthenticationFailed):
            await amqp.connect(urls)
        assert not second.drivers


# -- bad ones


@pytest.mark.fault("F1")
async def test_an_absent_peer() -> None:
    url = f"amqp://127.0.0.1:{free_port()}"
    with pytest.raises(amqp.ConnectionLost, match="cannot be reached") as caught:
        await amqp.connect(url)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)
    assert url in str(caught.value)
    assert caught.value.blame is amqp.Blame.NETWORK
    assert caught.value.scope is amqp.Scope.CONNECTION


@pytest.mark.fault("F1")
async def test_a_reset_is_the_cause() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        mine: socket.socket = writer.get_extra_info("socket")
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async with raw_peer(reset) as url:
        with pytest.raises(amqp.ConnectionLost, match="reset") as caught:
            await amqp.connect(url)
        assert isinstance(caught.value.__cause__, ConnectionResetError)


@pytest.mark.fault("F1")
@pytest.mark.parametrize(
    "handler",
    [
        saying(then_close=True),
        saying(SASL_HEADER, then_close=True),
        saying(SASL_HEADER + MECHANISMS, then_close=True),
        saying(SASL_HEADER + MECHANISMS, OUTCOME, then_close=True),
        saying(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
        saying(b"SSH-2.0-OpenSSH_9.2\r\n"),
        saying(b"AMQP\x00\x00\x09\x01"),
        saying(b"AMQP\x02\x01\x00\x00"),
        saying(b"\x15\x03\x01\x00\x02\x02\x46", then_close=True),
        saying(SASL_HEADER + b"\xff\xff\xff\xff\x02\x01\x00\x00"),
        saying(SASL_HEADER + b"\x00\x00\x00\x00\x02\x01\x00\x00"),
        saying(SASL_HEADER + MECHANISMS, OUTCOME + AMQP_HEADER + b"\x00\x00\x00\x09\x02\x00\x00\x00\x40"),
    ],
)
async def test_a_peer_that_goes_away_or_talks_nonsense(handler: Callable[..., object]) -> None:
    async with raw_peer(handler) as url:  # type: ignore[arg-type]  # a handler
        with pytest.raises((amqp.ConnectionLost, amqp.AuthenticationFailed)) as caught:
            await amqp.connect(url, connect_timeout=SOON)
        assert caught.value.blame is not amqp.Blame.LOCAL
        assert caught.value.description


@pytest.mark.fault("F13")
@pytest.mark.fault("D1")
@pytest.mark.parametrize(
    "handler",
    [
        silence,
        saying(b"AMQ"),
        saying(SASL_HEADER),
        saying(SASL_HEADER + MECHANISMS),
        saying(SASL_HEADER + MECHANISMS, OUTCOME),
        saying(SASL_HEADER + MECHANISMS, OUTCOME + AMQP_HEADER),
    ],
)
async def test_a_silent_peer(handler: Callable[..., object]) -> None:
    async with raw_peer(handler) as url:  # type: ignore[arg-type]  # a handler
        start = time.monotonic()
        with pytest.raises(amqp.OperationTimeout, match=r"did not come within 0.2 s") as caught:
            await amqp.connect(url, connect_timeout=0.2)
        assert 0.19 <= time.monotonic() - start < 2
        assert isinstance(caught.value, TimeoutError)
        assert caught.value.scope is amqp.Scope.CONNECTION
        assert url in str(caught.value)


@pytest.mark.fault("F13")
async def test_silent_at_the_open() -> None:
    async with Peer(silent=("open",)) as peer:
        with pytest.raises(amqp.OperationTimeout):
            await amqp.connect(peer.url, connect_timeout=0.2)
        await peer.until(lambda: peer.driver.transport is None)


@pytest.mark.fault("F13")
async def test_silent_in_the_transport() -> None:
    async def never(*_: object, **__: object) -> asyncio.Transport:
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    with pytest.raises(amqp.OperationTimeout, match="a connection to amqp://h:5672"):
        await amqp.connect("amqp://h", transport=never, connect_timeout=0.2)


@pytest.mark.fault("F3")
async def test_a_peer_that_closes_at_the_open() -> None:
    class Full(Peer):
        def serve(self, engine: Engine, event: Event) -> None:
            if isinstance(event, ConnectionOpened):
                engine.close(amqp.Error(condition="amqp:resource-limit-exceeded", description="full"))

    async with Full() as peer:
        with pytest.raises(amqp.RemoteClosed, match="full") as caught:
            await amqp.connect(peer.url)
        assert caught.value.condition == "amqp:resource-limit-exceeded"


# -- who is connecting


@pytest.mark.fault("E1")
async def test_a_wrong_password() -> None:
    async with Peer() as peer:
        with pytest.raises(amqp.AuthenticationFailed) as caught:
            await amqp.connect(peer.url.replace("//", "//guest:hunter2@"))
        assert caught.value.blame is amqp.Blame.REMOTE
        assert "hunter2" not in str(caught.value)
        await peer.until(lambda: peer.driver.transport is None)


@pytest.mark.fault("E1")
async def test_no_mechanism_in_common_says_what_was_offered() -> None:
    async with Peer(sasl=SaslServer({"PLAIN": lambda: PlainServer(lambda *_: True)})) as peer:
        with pytest.raises(amqp.AuthenticationFailed, match=r"PLAIN.*ANONYMOUS"):
            await amqp.connect(peer.url)
        assert not peer.told(Authenticated)


@pytest.mark.fault("E1")
async def test_a_password_is_never_sent_where_others_can_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "is_private", lambda _: False)
    async with Peer() as peer:
        url = peer.url.replace("//", "//guest:guest@")
        with pytest.raises(amqp.AuthenticationFailed, match="in clear text") as caught:
            await amqp.connect(url)
        assert caught.value.blame is amqp.Blame.LOCAL
        assert not peer.told(Authenticated)
        async with amqp.connect(url, allow_cleartext=True), amqp.connect(peer.url):
            pass


async def test_a_user_and_sasl_together_are_refused_at_once() -> None:
    with pytest.raises(amqp.LocalError, match="leave one of them out"):
        amqp.connect("amqp://u:p@h", sasl=amqp.Anonymous())


async def test_a_tls_context_without_tls_is_refused_at_once() -> None:
    with pytest.raises(amqp.LocalError, match="amqps://"):
        amqp.connect("amqp://h", ssl_context=ssl.create_default_context())


# -- TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


async def serve_tls(peer: Peer, authority: trustme.CA, name: str) -> tuple[asyncio.Server, int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(peer.make_driver, "127.0.0.1", 0, ssl=context)
    return server, server.sockets[0].getsockname()[1]


async def test_tls(authority: trustme.CA) -> None:
    peer = Peer()
    server, port = await serve_tls(peer, authority, "localhost")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    async with server:
        url = f"amqps://guest:guest@localhost:{port}"
        async with amqp.connect(url, ssl_context=context) as connection:
            assert connection.remote_container_id == "peer"
        await peer.until(lambda: peer.driver.transport is None)


@pytest.mark.fault("E5")
@pytest.mark.parametrize("name", ["localhost", "elsewhere.example"])
async def test_tls_checks_authority_and_name(authority: trustme.CA, name: str) -> None:
    peer = Peer()
    server, port = await serve_tls(peer, authority, name)
    context = ssl.create_default_context()
    if name != "localhost":
        authority.configure_trust(context)
    async with server:
        with pytest.raises(amqp.ConnectionLost, match="certificate verify failed") as caught:
            await amqp.connect(f"amqps://localhost:{port}", ssl_context=context)
        assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
        # The handshake of a default context fails the same way: nothing falls back to clear text (E4).
        with pytest.raises(amqp.ConnectionLost):
            await amqp.connect(f"amqps://localhost:{port}")
    assert not peer.happened


@pytest.mark.fault("E4")
async def test_a_peer_without_tls() -> None:
    async with Peer() as peer:
        with pytest.raises(amqp.ConnectionLost):
            await amqp.connect(peer.url.replace("amqp:", "amqps:"), connect_timeout=SOON)


# -- other streams


async def test_a_socket_of_the_callers() -> None:
    async with Peer() as peer:
        mine = socket.create_connection(("127.0.0.1", peer.port))
        async with amqp.open_over(mine, sasl=amqp.Plain("guest", "guest")) as connection:
            assert connection.is_open
        assert mine.fileno() == -1


async def test_a_transport_of_the_callers() -> None:
    async with Peer() as peer:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(asyncio.Protocol, "127.0.0.1", peer.port)
        async with amqp.open_over(transport, hostname="vhost:x") as connection:
            assert "given stream" in repr(connection)
            remote = peer.driver.engine.remote_open
            assert remote is not None
            assert remote.hostname == "vhost:x"


async def test_a_transport_that_is_gone() -> None:
    async with Peer() as peer:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(asyncio.Protocol, "127.0.0.1", peer.port)
        transport.close()
        with pytest.raises(amqp.ConnectionLost):
            await amqp.open_over(transport, connect_timeout=SOON)


async def test_in_memory() -> None:
    peer = Peer()
    listener = MemoryListener(peer.make_driver)
    async with amqp.connect("amqp://guest:guest@anywhere", transport=listener.connect) as connection:
        assert connection.remote_container_id == "peer"
    await peer.until(lambda: peer.driver.transport is None)


# -- cancelled, forgotten


@pytest.mark.fault("F14")
async def test_a_cancelled_connect_leaves_nothing() -> None:
    async with Peer(silent=("open",)) as peer:

        async def connect() -> None:
            await amqp.connect(peer.url)

        task = asyncio.create_task(connect())
        await peer.until(lambda: peer.told(Authenticated))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await peer.until(lambda: peer.driver.transport is None)


@pytest.mark.fault("F17")
async def test_a_forgotten_connection_warns_and_closes_its_socket() -> None:
    async with Peer() as peer:
        forgotten: list[object] = [await amqp.connect(peer.url)]
        with pytest.warns(ResourceWarning, match=rf"unclosed <Connection to {peer.url}, open, 0 sessions>"):
            forgotten.clear()
        await peer.until(lambda: peer.driver.transport is None)


@pytest.mark.fault("F17")
async def test_a_connection_that_is_forgotten_in_another_thread() -> None:
    # The collector runs in whichever thread it likes; in this mode the loop says what is not made for that.
    asyncio.get_running_loop().set_debug(True)
    async with Peer() as peer:
        forgotten: list[object] = [await amqp.connect(peer.url)]

        def forget() -> None:
            with pytest.warns(ResourceWarning, match="unclosed <Connection"):
                forgotten.clear()

        await asyncio.to_thread(forget)
        await peer.until(lambda: peer.driver.transport is None)


@pytest.mark.fault("F17")
async def test_a_message_in_doubt_does_not_keep_a_forgotten_connection() -> None:
    # The peer holds its outcome back for ever, and the error has a traceback through all who waited for it.
    async with Peer(silent=("outcome",)) as peer:

        async def work() -> None:
            connection = await amqp.connect(peer.url)
            sender = await connection.open_sender("q")
            try:
                await sender.send(amqp.Message(b"hello"), timeout=0.01)
            except amqp.InDoubt:
                return
            raise AssertionError("there is no outcome")

        await work()
        with pytest.warns(ResourceWarning, match="unclosed <Connection"):
            gc.collect()
        await peer.until(lambda: peer.driver.transport is None)


async def test_what_is_not_awaited_is_told_by_python() -> None:
    # What `connect` returns is gone at once here, and its coroutine says so.
    with pytest.warns(RuntimeWarning, match="never awaited"):
        amqp.connect("amqp://localhost")


# -- heartbeats


@pytest.mark.fault("D2")
async def test_a_peer_that_falls_silent_is_dropped() -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url, idle_timeout=0.2)
        receiver = await connection.open_receiver("q")
        peer.driver.mute = True
        with pytest.raises(amqp.ConnectionLost):
            await asyncio.wait_for(receiver.receive(), SOON)
        assert not connection.is_open
        await connection.close()


@pytest.mark.fault("D2")
async def test_heartbeats_keep_an_idle_connection() -> None:
    options = ConnectionOptions(container_id="peer", idle_timeout=0.3)
    async with Peer(options=options) as peer, amqp.connect(peer.url, idle_timeout=0.3) as connection:
        receiver = await connection.open_receiver("q")
        with pytest.raises(amqp.OperationTimeout):
            await receiver.receive(timeout=1)
        assert connection.is_open


# -- what errors say


@pytest.mark.parametrize(
    "handler",
    [
        saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        saying(SASL_HEADER, then_close=True),
        saying(then_close=True),
    ],
)
async def test_an_error_of_the_handshake_names_the_server(handler: Callable[..., object]) -> None:
    async with raw_peer(handler) as url:  # type: ignore[arg-type]  # a handler
        with pytest.raises(amqp.ConnectionLost) as caught:
            await amqp.connect(url, connect_timeout=SOON)
        assert str(caught.value).startswith(f"{url}: ")
        assert caught.value.peer == url


async def test_an_error_of_a_connection_that_was_up_names_the_server_and_not_the_password() -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url.replace("//", "//guest:guest@"))
        sender = await connection.open_sender("q")
        receiver = await connection.open_receiver("q")
        peer.driver.engine.close(amqp.Error(condition="amqp:internal-error", description="bye"))
        peer.flush()
        with pytest.raises(amqp.RemoteClosed):
            await receiver.receive(timeout=SOON)
        with pytest.raises(amqp.NotSent, match=f"{peer.url}: bye") as caught:
            await sender.send(amqp.Message(b""))
        closed = caught.value.__cause__
        assert isinstance(closed, amqp.RemoteClosed)
        assert str(closed) == f"{peer.url}: bye [amqp:internal-error] (remote error, connection scope)"
        assert closed.description == "bye"
        await connection.close()


async def test_of_several_servers_each_says_once_what_it_failed_of() -> None:
    async with raw_peer(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as nonsense, raw_peer(silence) as silent:
        with pytest.raises(amqp.ConnectionLost) as caught:
            await amqp.connect([nonsense, silent], connect_timeout=0.2)
    text = str(caught.value)
    assert f"{nonsense}: " in text
    assert f"{silent} did not come within 0.2 s" in text
    assert text.count("scope)") == 1
    assert text.endswith(" (network error, connection scope)")


async def test_a_limit_of_this_side_is_not_called_an_error_of_the_peer() -> None:
    async with Peer(credit=0) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        with pytest.raises(amqp.NotSent) as caught:
            await sender.send(amqp.Message(b""), timeout=0.01)
        assert isinstance(caught.value.__cause__, amqp.OperationTimeout)
        for error in (caught.value, caught.value.__cause__):
            assert "did not come within 0.01 s" in str(error)
            assert "remote" not in str(error)


def test_the_annotations_of_what_makes_connections_can_be_resolved() -> None:
    for call in (amqp.connect, amqp.open_over):
        hints = typing.get_type_hints(call)
        assert hints["return"] == amqp.aio.Opening[amqp.Connection]
        assert "options" in hints
