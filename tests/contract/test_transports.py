"""Ways to a server other than plain TCP, on both front ends."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import trustme

import amqp
import amqp.transport.stream
from amqp.broker import Broker, BrokerOptions
from amqp.transport import route
from amqp.transport.accepting import stop_accepting
from tests.aio.peer import raw_peer
from tests.contract.front import SOON
from tests.contract.tunnel import http_proxy, in_band_tls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.contract.conftest import Serve, ThreadedPeer
    from tests.contract.front import Front

LARGE = bytes(range(256)) * 4_000


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def serving(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def websocket_broker(serve: Serve) -> Callable[..., str]:
    """Start a broker that listens by WebSocket; gives its URL."""

    def start(context: ssl.SSLContext | None = None) -> str:
        broker = serve(lambda: Broker(BrokerOptions()))
        return str(serve(lambda: broker.listen(websocket=True, ssl_context=context)).url)

    return start


def there_and_back(connection: Any, body: bytes = LARGE) -> None:
    """Send a message to a queue and receive it."""
    sender = connection.open_sender("q")
    for _ in range(3):
        assert sender.send(amqp.Message(body), timeout=SOON) == amqp.Accepted()
    receiver = connection.open_receiver("q")
    for _ in range(3):
        delivery = receiver.receive(timeout=SOON)
        assert delivery.message.body == body
        delivery.accept()


def test_by_websocket(front: Front, websocket_broker: Callable[..., str]) -> None:
    url = websocket_broker()
    assert url.startswith("ws://127.0.0.1:")
    with front.connect(url.replace("//", "//guest:guest@") + "/any/path?x=1") as connection:
        there_and_back(connection)
        assert repr(connection) == f"<Connection to {url}/any/path, open, 1 sessions>"


def test_by_websocket_inside_tls(
    front: Front, websocket_broker: Callable[..., str], serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    url = websocket_broker(serving)
    assert url.startswith("wss://")
    with front.connect(url.replace("127.0.0.1", "localhost"), ssl_context=trusting) as connection:
        there_and_back(connection)
    # No alternative name of the certificate is this address.
    with pytest.raises(amqp.ConnectionLost, match="certificate"):
        front.connect(url, ssl_context=trusting)


def test_a_server_that_speaks_no_websocket(front: Front, broker: str, peer: ThreadedPeer) -> None:
    with pytest.raises(amqp.ConnectionLost, match="cannot be reached"):
        front.connect(broker.replace("amqp://", "ws://"))


def test_a_server_that_agrees_on_no_subprotocol(front: Front, serve: Serve) -> None:
    from websockets.asyncio.server import serve as their_server

    async def nothing(_: Any) -> None:
        pass

    @asynccontextmanager
    async def listening() -> AsyncIterator[int]:
        async with their_server(nothing, "127.0.0.1", 0) as server:
            yield next(iter(server.sockets)).getsockname()[1]

    with pytest.raises(amqp.ConnectionLost, match="subprotocol"):
        front.connect(f"ws://127.0.0.1:{serve(listening)}")


def test_a_server_that_refuses_the_websocket(front: Front, serve: Serve) -> None:
    from websockets.asyncio.server import serve as their_server

    async def nothing(_: Any) -> None:
        pass

    @asynccontextmanager
    async def listening() -> AsyncIterator[int]:
        async with their_server(
            nothing, "127.0.0.1", 0, process_request=lambda c, _: c.respond(404, "not here")
        ) as server:
            yield next(iter(server.sockets)).getsockname()[1]

    with pytest.raises(amqp.ConnectionLost, match="404"):
        front.connect(f"ws://127.0.0.1:{serve(listening)}/amqp")


def test_it_is_told_why_a_websocket_ended(front: Front, serve: Serve) -> None:
    from websockets.asyncio.server import serve as their_server

    async def talk(connection: Any) -> None:
        await connection.recv()
        if connection.request.path == "/closed":
            await connection.close(1013, "come later")
        else:
            await connection.send("not AMQP")
            await connection.wait_closed()

    @asynccontextmanager
    async def listening() -> AsyncIterator[int]:
        async with their_server(talk, "127.0.0.1", 0, subprotocols=["amqp"]) as server:  # type: ignore[list-item]  # theirs is a NewType of str
            yield next(iter(server.sockets)).getsockname()[1]

    url = f"ws://127.0.0.1:{serve(listening)}"
    with pytest.raises(
        amqp.ConnectionLost, match=r"1003 \(unsupported data\) AMQP travels in binary messages"
    ):
        front.connect(url, connect_timeout=SOON)
    with pytest.raises(
        amqp.ConnectionLost, match=r"closed the WebSocket: 1013 \(try again later\) come later"
    ):
        front.connect(f"{url}/closed", connect_timeout=SOON)


@pytest.mark.fault("D1")
def test_a_websocket_that_never_comes_up(front: Front) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"ws://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(amqp.OperationTimeout, match="did not come within"):
            front.connect(url, connect_timeout=0.1)


def test_by_a_unix_socket(front: Front, peer: ThreadedPeer, serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "a b"

    @asynccontextmanager
    async def listening() -> AsyncIterator[None]:
        server = await asyncio.get_running_loop().create_unix_server(peer.peer.make_driver, path)
        yield
        await stop_accepting(server)

    serve(listening)
    url = f"amqp+unix://guest:guest@{str(path).replace(' ', '%20')}"
    with front.connect(url) as connection:
        assert connection.open_sender("q").send(amqp.Message(LARGE)) == amqp.Accepted()
        remote = peer.peer.driver.engine.remote_open
        assert remote is not None
        assert remote.hostname is None
        assert "guest" not in repr(connection)
    with pytest.raises(amqp.ConnectionLost, match="cannot be reached"):
        front.connect(f"amqp+unix://{tmp_path}/nobody")


@pytest.mark.parametrize("scheme", ["amqp", "amqps", "ws"])
def test_through_a_proxy(
    front: Front,
    serve: Serve,
    serving: ssl.SSLContext,
    trusting: ssl.SSLContext,
    scheme: str,
) -> None:
    requests: list[str] = []
    proxy = serve(lambda: http_proxy(requests))
    broker = serve(lambda: Broker(BrokerOptions()))
    context = serving if scheme == "amqps" else None
    port = serve(lambda: broker.listen(websocket=scheme == "ws", ssl_context=context)).port
    options = {"ssl_context": trusting} if context else {}
    with front.connect(
        f"{scheme}://localhost:{port}", proxy=f"http://me:p%40ss@127.0.0.1:{proxy}", **options
    ) as connection:
        there_and_back(connection)
    target = f"CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost:{port}\r\n"
    assert requests == [f"{target}Proxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n"]


@pytest.mark.fault("E1")
def test_behind_a_proxy_nothing_is_private(front: Front, serve: Serve, broker: str) -> None:
    requests: list[str] = []
    proxy = f"http://127.0.0.1:{serve(lambda: http_proxy(requests))}"
    url = broker.replace("//", "//guest:guest@")
    with pytest.raises(amqp.AuthenticationFailed, match="clear text"):
        front.connect(url, proxy=proxy)
    with front.connect(url, proxy=proxy, allow_cleartext=True) as connection:
        assert connection.is_open


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 407 Who are you\r\n\r\n", "give user and password"),
        (b"HTTP/1.1 503 No\r\nX: y\r\n\r\n", "503 No"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "made no tunnel"),
        (b"HTTP/1.1 407", "closed the connection"),
        (b"x" * 9_000, "without end"),
    ],
)
def test_a_proxy_that_makes_no_tunnel(front: Front, serve: Serve, answer: bytes, says: str) -> None:
    requests: list[str] = []
    port = serve(lambda: http_proxy(requests, answer))
    with pytest.raises(amqp.ConnectionLost, match=says) as caught:
        front.connect("amqp://localhost:1", proxy=f"http://me:geheim@127.0.0.1:{port}")
    assert isinstance(caught.value.__cause__, OSError)
    assert "geheim" not in str(caught.value)


@pytest.mark.requirement("security-5.2-01")
def test_tls_inside_the_stream(
    front: Front, serve: Serve, peer: ThreadedPeer, serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    port = serve(lambda: in_band_tls(peer.peer.make_driver, serving))
    url = f"amqps://guest:guest@localhost:{port}"
    with front.connect(url, ssl_context=trusting, tls_in_band=True) as connection:
        assert connection.open_sender("q").send(amqp.Message(LARGE)) == amqp.Accepted()
    with pytest.raises(amqp.ConnectionLost, match="certificate"):
        front.connect(url, tls_in_band=True)


@pytest.mark.fault("E4")
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"AMQP\x00\x01\x00\x00", "does not do TLS inside the stream"),
        (b"AMQP\x03\x01\x00\x00", "does not do TLS inside the stream"),
        (b"AMQP\x02", "closed the connection when it was asked for TLS"),
        (b"", "closed the connection when it was asked for TLS"),
    ],
)
def test_tls_that_is_stripped_is_the_end(front: Front, serve: Serve, answer: bytes, says: str) -> None:
    heard: list[bytes] = []

    async def stripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(answer)
        if len(answer) < 8:
            writer.write_eof()
        heard.append(await reader.read())

    url = serve(lambda: raw_peer(stripping)).replace("amqp://", "amqps://guest:guest@")
    with pytest.raises(amqp.ConnectionLost, match=says):
        front.connect(url, tls_in_band=True)
    assert heard in ([], [b""])


def test_options_of_tcp(front: Front, peer: ThreadedPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    tuned: list[socket.socket] = []

    def tune(connected: Any, wanted: route.Route) -> None:
        route.tune(connected, wanted)
        tuned.append(connected)

    for module in ("routed", "routed_stream"):
        monkeypatch.setattr(f"amqp.transport.{module}.tune", tune)
    with front.connect(peer.url, tcp_keepalive=77, tcp_nodelay=False):
        (connected,) = tuned
        assert connected.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert not connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        if hasattr(socket, "TCP_KEEPIDLE"):
            assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 77
