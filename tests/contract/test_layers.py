"""What the security layers say on the wire, and how they end, on both front ends."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
import trustme

import amqp
from amqp.transport.accepting import stop_accepting
from amqp_spec import SaslCode, SaslInit, SaslMechanisms, SaslOutcome, decode_sasl_frame
from tests.aio.peer import raw_peer
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.contract.conftest import Serve, ThreadedPeer
    from tests.contract.front import Front

SASL = b"AMQP\x03\x01\x00\x00"


def sasl(performative: Any) -> bytes:
    body = performative.encode()
    return (8 + len(body)).to_bytes(4, "big") + b"\x02\x01\x00\x00" + bytes(body)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.requirement("security-5.2-02")
@pytest.mark.requirement("security-5.3.3.2-02")
@pytest.mark.parametrize("name", [None, "elsewhere.test"])
@pytest.mark.parametrize("hostname", [None, "vhost:orders"])
def test_tls_and_sasl_ask_for_the_same_host(
    front: Front,
    serve: Serve,
    peer: ThreadedPeer,
    authority: trustme.CA,
    name: str | None,
    hostname: str | None,
) -> None:
    asked: list[str | None] = []
    inits: list[Any] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "elsewhere.test").configure_cert(context)
    context.sni_callback = lambda _stream, asked_for, _context: asked.append(asked_for)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    @asynccontextmanager
    async def listening() -> AsyncIterator[int]:
        loop = asyncio.get_running_loop()
        listener = await loop.create_server(peer.peer.make_driver, "127.0.0.1", 0, ssl=context)
        yield listener.sockets[0].getsockname()[1]
        await stop_accepting(listener)

    def on_frame(_direction: str, _channel: int, performative: object, _size: int) -> None:
        inits.append(performative)

    url = f"amqps://guest:guest@localhost:{serve(listening)}"
    with front.connect(url, ssl_context=trusting, server_hostname=name, hostname=hostname, on_frame=on_frame):
        remote = peer.peer.driver.engine.remote_open
    expected = name or "localhost"
    assert asked == [expected]
    assert [init.hostname for init in inits if type(init).__name__ == "SaslInit"] == [expected]
    assert remote is not None
    assert remote.hostname == (hostname or "localhost")


@pytest.mark.requirement("security-5.1-01")
def test_a_client_ends_the_stream_when_sasl_fails(front: Front, serve: Serve) -> None:
    heard: list[bytes | str] = []
    ended = Event()

    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(SASL + sasl(SaslMechanisms(sasl_server_mechanisms=("PLAIN",))))
        size = int.from_bytes(await reader.readexactly(4), "big")
        frame = await reader.readexactly(size - 4)
        heard.append(decode_sasl_frame(frame, 4)[0].NAME)
        writer.write(sasl(SaslOutcome(code=SaslCode.AUTH)))
        # Until the end of the stream: no header of AMQP, no reset.
        heard.append(await reader.read())
        ended.set()

    url = serve(lambda: raw_peer(refusing)).replace("//", "//guest:guest@")
    with pytest.raises(amqp.AuthenticationFailed):
        front.connect(url)

    assert ended.wait(SOON)
    assert heard == ["sasl-init", b""]


@pytest.mark.requirement("security-5.1-01")
def test_a_server_ends_the_stream_when_sasl_fails(start_broker: Callable[..., str]) -> None:
    port = int(start_broker(users={"ann": "geheim"}).rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(SOON)
        client.sendall(SASL + sasl(SaslInit(mechanism="PLAIN", initial_response=b"\0ann\0wrong")))
        came = b""
        while octets := client.recv(4_096):
            came += octets
    assert came.startswith(SASL)
    assert came.endswith(sasl(SaslOutcome(code=SaslCode.AUTH)))
