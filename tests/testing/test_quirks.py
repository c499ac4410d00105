"""What real servers do, played by scripts, and what the client makes of it: docs/interop.md."""

from __future__ import annotations

import pytest

import amqp
from amqp.testing import ABSENT, AsyncPeer, Composite
from amqp.testing.script import header_octets


async def test_rabbitmq_drops_the_stream_for_a_virtual_host_that_is_not_there() -> None:
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.drop()
        peer.expect_header().optional()
        with pytest.raises(amqp.ConnectionLost):
            async with amqp.connect(peer.url, hostname="vhost:none") as connection:
                await connection.open_session()


async def test_rabbitmq_answers_a_plain_header_with_that_of_sasl() -> None:
    async with AsyncPeer() as peer:
        peer.expect_header().respond(header_octets(3))
        peer.drop()
        with pytest.raises(amqp.ConnectionClosed):
            await amqp.connect(peer.url, sasl=[])


async def test_rabbitmq_4_3_refuses_an_attach_and_wants_no_flow_for_it() -> None:
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.accept_session()
        peer.expect_attach(role="receiver", source="/queues/none").refuse(
            "amqp:not-found", max_message_size=0
        )
        peer.expect_detach(closed=True)
        # What a flow for the refused link would have done there.
        peer.remote_flow(echo=True)
        peer.expect_flow(handle=ABSENT)
        async with amqp.connect(peer.url) as connection:
            with pytest.raises(amqp.AttachRefused, match="amqp:not-found"):
                await connection.open_receiver("/queues/none", credit=10)
            await peer.wait()
            peer.expect_close().respond()


async def test_rabbitmq_writes_every_value_in_its_longest_form() -> None:
    async with AsyncPeer(wide=True) as peer:
        peer.handshake(
            max_frame_size=131072,
            channel_max=63,
            idle_time_out=30000,
            offered_capabilities=["LINK_PAIR_V1_0", "ANONYMOUS-RELAY"],
            properties={"product": "RabbitMQ", "version": "4.0.5", "node": None, "list": [1, {"a": True}]},
        )
        peer.accept_session(incoming_window=400, next_outgoing_id=0xFFFFFFFC, handle_max=255)
        peer.accept_sender(credit=170, max_message_size=16777216)
        peer.expect_delivery(body="one").respond("released")
        peer.expect_detach().respond()
        peer.expect_close().respond()
        async with amqp.connect(peer.url) as connection, connection.open_sender("/queues/q") as sender:
            with pytest.raises(amqp.MessageReleased):
                await sender.send(amqp.Message("one"))


async def test_rhea_leaves_handle_max_and_targets_out() -> None:
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.accept_session(incoming_window=2048, handle_max=None)
        peer.accept_sender(target={}, source=None)
        peer.expect_delivery().settle()
        peer.expect_detach().respond()
        peer.expect_close().respond()
        async with amqp.connect(peer.url) as connection, connection.open_sender("q") as sender:
            await sender.send(amqp.Message(b"x"))


async def test_activemq_releases_as_modified() -> None:
    async with AsyncPeer() as peer:
        peer.handshake(idle_time_out=15000)
        peer.accept_session(next_outgoing_id=1, incoming_window=16383, handle_max=65535)
        peer.accept_sender(credit=1000)
        peer.expect_delivery().settle(Composite("modified", delivery_failed=False))
        peer.expect_detach().respond()
        peer.expect_close().respond()
        async with amqp.connect(peer.url) as connection, connection.open_sender("q") as sender:
            with pytest.raises(amqp.MessageModified):
                await sender.send(amqp.Message(b"x"))


async def test_a_broker_that_shuts_down_closes_with_connection_forced() -> None:
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.accept_session()
        peer.accept_receiver()
        peer.remote_close(error={"condition": "amqp:connection:forced", "description": "going down"})
        peer.expect_close()
        async with amqp.connect(peer.url) as connection:
            receiver = await connection.open_receiver("q")
            with pytest.raises(amqp.RemoteClosed, match="going down"):
                await receiver.receive()
