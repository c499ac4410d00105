"""What real servers do, played by scripts, and what the client makes of it: docs/interop.md."""

from __future__ import annotations

import pytest

import amqp
import amqp_spec
from amqp.testing import ABSENT, PRESENT, AsyncPeer, Composite, Typed, message_octets
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


async def test_activemq_makes_a_queue_for_as_long_as_the_link() -> None:
    lifetime = {"lifetime-policy": amqp_spec.DeleteOnClose()}
    async with AsyncPeer() as peer:
        peer.handshake(idle_time_out=15000)
        peer.accept_session(next_outgoing_id=1)
        wanted = {"dynamic": True, "dynamic_node_properties": {"lifetime-policy": PRESENT}}
        peer.expect_attach(source=wanted).respond(source={"dynamic": True, "address": "temp-queue://ID:1:1"})
        peer.expect_flow()
        peer.expect_detach().respond()
        peer.expect_close().respond()
        source = amqp.Source(dynamic=True, dynamic_node_properties=lifetime)
        async with amqp.connect(peer.url) as connection, connection.open_receiver(source) as receiver:
            assert receiver.address == "temp-queue://ID:1:1"


async def test_activemq_adds_annotations_and_an_address() -> None:
    annotations = {"x-opt-jms-dest": Typed("byte", 0), "x-opt-jms-msg-type": Typed("byte", 3)}
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.accept_session(next_outgoing_id=1)
        peer.accept_receiver(initial_delivery_count=0)
        peer.remote_transfer(
            payload=message_octets(b"x", message_annotations=annotations, properties={"to": "queue://q"})
        )
        peer.expect_disposition().respond()
        peer.expect_detach().respond()
        peer.expect_close().respond()
        async with amqp.connect(peer.url) as connection, connection.open_receiver("q") as receiver:
            delivery = await receiver.receive()
            found = delivery.message.message_annotations
            assert found is not None
            assert amqp.identical(found["x-opt-jms-dest"], amqp.Byte(0))
            assert amqp.identical(found["x-opt-jms-msg-type"], amqp.Byte(3))
            assert delivery.message.properties == amqp.Properties(to="queue://q")
            await delivery.accept()


@pytest.mark.parametrize("role", ["sender", "receiver"])
async def test_activemq_refuses_with_an_attach_without_terminus(role: str) -> None:
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.accept_session(next_outgoing_id=1)
        peer.expect_attach(role=role).refuse("amqp:unauthorized-access")
        peer.expect_detach(closed=True)
        peer.expect_close().respond()
        async with amqp.connect(peer.url) as connection:
            opening = connection.open_sender if role == "sender" else connection.open_receiver
            with pytest.raises(amqp.AttachRefused, match="amqp:unauthorized-access"):
                await opening("limited")
            assert connection.is_open


async def test_rhea_closes_the_stream_for_a_name_used_both_ways() -> None:
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.accept_session(handle_max=None)
        peer.accept_sender()
        peer.expect_attach(role="receiver", name="twins")
        peer.drop()
        async with amqp.connect(peer.url) as connection:
            sender = await connection.open_sender("q", name="twins")
            with pytest.raises(amqp.ConnectionLost):
                await connection.open_receiver("q", name="twins")
            assert not sender.is_open


async def test_rhea_starves_links_behind_one_without_credit() -> None:
    # Its session has one queue of what it sends. A session of its own keeps a link out of that.
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.accept_session()
        peer.accept_receiver(credit=None)
        second = peer.expect_begin().respond()
        peer.accept_receiver()
        peer.remote_transfer(body=b"not starved")
        peer.expect_disposition(channel=1).respond()
        peer.expect_detach(channel=1).respond()
        peer.expect_end(channel=1).respond()
        peer.expect_detach(channel=0).respond()
        peer.expect_close().respond()
        async with amqp.connect(peer.url) as connection:
            starving = await connection.open_receiver("without credit", credit=0)
            receiver = await connection.open_receiver("q", session="own")
            assert second.frame.channel == 1
            await (await receiver.receive()).accept()
            await receiver.close()
            await starving.close()


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
