"""The scripted peer on a network: against the asyncio client, against the embedded broker, from blocking code."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any

import pytest
import trustme

import amqp
from amqp.broker import Broker
from amqp.testing import AsyncPeer, BlockingPeer, Peer
from amqp.testing.framing import frame_octets
from amqp.testing.script import header_octets

AMQP = header_octets()


def sends_hello(peer: Peer) -> None:
    """Write the script of a client that sends one message."""
    peer.handshake(expect={"container_id": "me"})
    peer.accept_session()
    peer.accept_sender(credit=5)
    peer.expect_delivery(body=b"hello").settle("accepted")
    peer.expect_detach(closed=True).respond()
    peer.expect_end().optional().respond()
    peer.expect_close().respond()


async def say_hello(url: str, **options: Any) -> None:
    async with (
        amqp.connect(url, container_id="me", **options) as connection,
        connection.open_sender("q") as sender,
    ):
        await sender.send(amqp.Message(b"hello"))


@pytest.mark.parametrize("in_memory", [False, True])
@pytest.mark.parametrize("size", [None, 1])
async def test_the_client_sends_to_a_script(in_memory: bool, size: int | None) -> None:
    async with AsyncPeer() as peer:
        peer.split_output(size)
        sends_hello(peer)
        await say_hello(peer.url, **({"transport": peer.connector} if in_memory else {}))
        await peer.wait()


async def test_the_client_receives_from_a_script() -> None:
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.accept_session()
        peer.accept_receiver(credit=10)
        peer.remote_transfer(body="one")
        peer.expect_disposition(state="accepted", settled=True)
        peer.ignore("flow")
        peer.ignore("detach")
        peer.expect_close().respond()
        async with amqp.connect(peer.url) as connection:
            receiver = await connection.open_receiver("q", credit=10)
            delivery = await receiver.receive()
            assert delivery.message.body == "one"
            await delivery.accept()


async def test_a_mismatch_ends_the_connection_and_the_test() -> None:
    async def test() -> None:
        async with AsyncPeer() as peer:
            peer.handshake(expect={"hostname": "elsewhere"})
            await amqp.connect(peer.url)

    with pytest.raises(AssertionError, match=r"hostname: expected 'elsewhere', got '127\.0\.0\.1'") as raised:
        await test()
    assert isinstance(raised.value.__cause__, amqp.ConnectionClosed)


async def test_an_error_of_the_test_keeps_its_name_and_gets_the_trace() -> None:
    async def test() -> None:
        async with AsyncPeer() as peer:
            peer.remote_header()
            peer.expect_header()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as raised:
        await test()
    assert raised.value.__notes__ == [
        "scripted peer:\n  not come to: header AMQP 1.0.0\ntrace:\n   1 -> header AMQP 1.0.0"
    ]


async def test_what_does_not_come_in_time_is_said() -> None:
    peer = AsyncPeer(timeout=0.02)
    peer.expect_header()
    with pytest.raises(AssertionError, match=r"not done after 0\.02 s\n  not come to: header AMQP 1\.0\.0"):
        async with peer:
            await peer.wait()


@pytest.mark.parametrize("how", ["drop", "reset", "half_close"])
async def test_the_client_loses_the_connection(how: str) -> None:
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.accept_session()
        peer.ignore("close")
        getattr(peer, how)()
        async with amqp.connect(peer.url) as connection:
            with pytest.raises((amqp.ConnectionLost, amqp.SessionEnded)):
                await connection.open_sender("q")


async def test_a_second_connection_goes_on_with_the_script() -> None:
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.drop()
        peer.handshake(container_id="again")
        peer.expect_close().respond()
        connection = await amqp.connect(peer.url)
        second = await amqp.connect(peer.url)
        await second.close()
        await peer.wait()
        await connection.close()


async def test_two_connections_at_a_time_are_one_too_many() -> None:
    async def test() -> None:
        async with AsyncPeer() as peer:
            peer.handshake()
            async with amqp.connect(peer.url):
                await amqp.connect(peer.url)

    with pytest.raises(AssertionError, match="a second connection came while the first was open"):
        await test()


async def test_a_stalled_peer_lets_the_client_wait() -> None:
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.stall()
        peer.accept_session()
        connection = await amqp.connect(peer.url)
        with pytest.raises(amqp.OperationTimeout):
            await connection.open_sender("q", timeout=0.01)
        assert not peer.finished
        peer.resume()
        await peer.wait()
        peer.ignore("detach")
        peer.expect_close().respond()
        await connection.close()


async def test_a_script_plays_a_client_of_the_broker() -> None:
    async with Broker().listen("127.0.0.1", 0) as listener:  # noqa: SIM117  the port is known inside
        async with AsyncPeer("client", "127.0.0.1", listener.port) as peer:
            peer.handshake(sasl=True)
            peer.begin_session()
            peer.attach_sender("q")
            peer.remote_transfer(body="stored")
            peer.expect_disposition(state="accepted", settled=True)
            await peer.wait()
            peer.ignore("flow")
            peer.attach_receiver("q", credit=1)
            got = peer.expect_delivery(body="stored").settle("accepted")
            await peer.wait()
            assert got.frame["delivery_id"] == 0
            peer.closing()


async def test_the_broker_says_what_is_wrong_with_octets() -> None:
    async with Broker().listen("127.0.0.1", 0) as listener:  # noqa: SIM117  the port is known inside
        async with AsyncPeer("client", "127.0.0.1", listener.port) as peer:
            peer.handshake(sasl=True)
            peer.remote_frame(b"\x00\x53\x11\xc0", channel=0)
            peer.expect_close(error=lambda error: error["condition"] == "amqp:decode-error")
            peer.expect_gone().optional()


def test_blocking_code_has_a_peer_in_a_thread() -> None:
    with BlockingPeer() as peer:
        sends_hello(peer)
        asyncio.run(say_hello(peer.url))
        peer.wait()


def test_the_blocking_client_and_a_script() -> None:
    with BlockingPeer() as peer:
        sends_hello(peer)
        with (
            amqp.sync.connect(peer.url, container_id="me") as connection,
            connection.open_sender("q") as sender,
        ):
            sender.send(amqp.Message(b"hello"))
        peer.wait()


async def test_a_script_over_tls() -> None:
    authority, served, trusting = (
        trustme.CA(),
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
        ssl.create_default_context(),
    )
    authority.issue_cert("127.0.0.1").configure_cert(served)
    authority.configure_trust(trusting)
    async with AsyncPeer(ssl_context=served) as peer:
        assert peer.url.startswith("amqps://127.0.0.1:")
        sends_hello(peer)
        await say_hello(peer.url, ssl_context=trusting)
        await peer.wait()


async def test_an_address_of_version_6_is_in_brackets() -> None:
    assert AsyncPeer(host="::1", port=5).url == "amqp://[::1]:5"


def test_a_blocking_socket_and_a_script() -> None:
    with BlockingPeer() as peer:
        peer.expect_header().respond()
        peer.expect_empty_frame().respond()
        with socket.create_connection((peer.host, peer.port)) as connected:
            connected.sendall(AMQP + frame_octets())
            with connected.makefile("rb") as stream:
                assert stream.read(16) == AMQP + frame_octets()
                peer.wait()
                peer.drop()
                assert stream.read() == b""


def test_what_was_sent_leaves_before_the_end_of_the_block() -> None:
    with BlockingPeer() as peer:
        peer.split_output(1)
        peer.expect_header().respond()
        connected = socket.create_connection((peer.host, peer.port))
        connected.sendall(AMQP)
    with connected, connected.makefile("rb") as stream:
        assert stream.read() == AMQP


def test_a_peer_that_drops_whoever_comes() -> None:
    with BlockingPeer() as peer:
        peer.drop()
        peer.expect_header().respond()
        with socket.create_connection((peer.host, peer.port)) as connected:
            assert connected.recv(1) == b""
        with socket.create_connection((peer.host, peer.port)) as connected:
            connected.sendall(AMQP)
            assert connected.recv(8) == AMQP


def test_a_reset_is_one() -> None:
    with BlockingPeer() as peer:
        peer.expect_header()
        peer.reset()
        with socket.create_connection((peer.host, peer.port)) as connected:
            connected.sendall(AMQP)
            with pytest.raises(ConnectionResetError):
                connected.recv(1)


def test_a_blocking_mismatch_is_raised_at_the_end_of_the_block() -> None:
    def test() -> None:
        with BlockingPeer() as peer:
            peer.expect_sasl_header()
            with socket.create_connection((peer.host, peer.port)) as connected:
                connected.sendall(AMQP)
                assert connected.recv(1) == b""

    with pytest.raises(AssertionError, match=r"expected header SASL 1\.0\.0, got header AMQP 1\.0\.0"):
        test()


def test_a_blocking_wait_has_a_deadline() -> None:
    def test() -> None:
        with BlockingPeer() as peer:
            peer.expect_header()
            peer.wait(0.01)

    with pytest.raises(AssertionError, match=r"not done after 0\.01 s"):
        test()


def test_a_port_that_is_taken() -> None:
    with BlockingPeer() as peer, pytest.raises(OSError, match="in use"):
        BlockingPeer(port=peer.port).__enter__()
