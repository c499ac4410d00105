"""Those who take their time (D1): one deadline for all of it, whatever trickles in."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.broker import Broker, BrokerOptions
from tests.aio.peer import raw_peer
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.conftest import Serve
    from tests.contract.front import Front

    Refused = Callable[..., Any]

pytestmark = pytest.mark.fault("D1")

SASL = b"AMQP\x03\x01\x00\x00"
FRAME = (8_000).to_bytes(4, "big") + b"\x02\x01\x00\x00"


def trickling(*first: bytes, then: bytes = b"\0") -> Callable[..., Any]:
    """Say *first*, and from then on an octet at a time, without end."""

    async def handle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for octets in first:
            writer.write(octets)
        while True:
            writer.write(then)
            await writer.drain()
            await asyncio.sleep(0.005)

    return handle


@pytest.mark.parametrize(("what", "first"), [("SASL header", b"AMQP"), ("list of mechanisms", SASL + FRAME)])
def test_a_server_that_trickles(
    front: Front, serve: Serve, refused: Refused, what: str, first: bytes
) -> None:
    """The {what} of the server comes an octet at a time, or not at all."""
    handle = trickling(first) if first != b"AMQP" else _silent_after(first)
    url = serve(lambda: raw_peer(handle))
    with refused(amqp.OperationTimeout, "did not come within"):
        front.connect(url, connect_timeout=0.15)


def _silent_after(first: bytes) -> Callable[..., Any]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while await reader.read(65_536):
            pass

    return handle


@pytest.mark.parametrize(
    ("what", "options", "scheme", "first"),
    [
        ("answer of the proxy", {"proxy": "http://127.0.0.1:{port}"}, "amqp", b"HTTP/1.1 200 OK\r\nX: "),
        ("answer to the WebSocket", {}, "ws", b"HTTP/1.1 101 Switching Protocols\r\nX: "),
        ("answer to the TLS header", {"tls_in_band": True}, "amqps", b"AMQP\x02"),
    ],
)
def test_a_step_before_amqp_that_trickles(
    front: Front,
    serve: Serve,
    refused: Refused,
    what: str,
    options: dict[str, Any],
    scheme: str,
    first: bytes,
) -> None:
    """The {what} comes an octet at a time, or not at all."""
    handle = trickling(first, then=b"x") if scheme != "amqps" else _silent_after(first)
    url = serve(lambda: raw_peer(handle)).replace("amqp", scheme, 1)
    port = url.rpartition(":")[2]
    given = {
        name: value.format(port=port) if isinstance(value, str) else value for name, value in options.items()
    }
    with refused(amqp.OperationTimeout, "did not come within"):
        front.connect(url, connect_timeout=0.15, **given)


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: h\r\n", b"AMQP"])
def test_a_client_that_does_not_agree_on_a_websocket_is_dropped(serve: Serve, said: bytes) -> None:
    broker = serve(lambda: Broker(BrokerOptions(handshake_timeout=0.05)))
    port = serve(lambda: broker.listen(websocket=True)).port
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(SOON)
        client.sendall(said)
        try:
            while client.recv(4_096):
                pass
        except ConnectionResetError:
            pass


def test_a_client_that_goes_on_in_time_is_not_dropped(front: Front, serve: Serve) -> None:
    broker = serve(lambda: Broker(BrokerOptions(handshake_timeout=0.2)))
    url = serve(lambda: broker.listen(websocket=True)).url

    with front.connect(url) as connection:
        with pytest.raises(amqp.OperationTimeout):
            connection.open_receiver("q").receive(timeout=0.3)
        assert connection.open_sender("q").send(amqp.Message(b"x")) == amqp.Accepted()
