"""What RabbitMQ does on the wire, played by scripts, and what the client makes of it: docs/interop.md."""

from __future__ import annotations

from typing import Any

import pytest

import amqp
from amqp.testing import ANY, AsyncPeer, Typed, message_octets
from amqp.testing.octets import ArrayValue, encode

OFFSET = "rabbitmq:stream-offset-spec"
FILTER = "rabbitmq:stream-filter"


def up(peer: AsyncPeer) -> None:
    """Have a connection and a session come up."""
    peer.handshake()
    peer.accept_session()


def down(peer: AsyncPeer) -> None:
    """Have a connection with one link be closed."""
    peer.expect_detach().respond()
    peer.expect_close().respond()


async def test_outcomes_come_out_of_order() -> None:
    async with AsyncPeer() as peer:
        up(peer)
        peer.accept_sender()
        peer.expect_delivery(body=b"first")
        peer.expect_delivery(body=b"second")
        # 4.0 rejects before it has the confirmation of what it takes.
        peer.remote_disposition("rejected", first=1)
        peer.remote_disposition("accepted", first=0)
        down(peer)
        async with amqp.connect(peer.url) as connection, connection.open_sender("/queues/short") as sender:
            first = await sender.submit(amqp.Message(b"first"))
            second = await sender.submit(amqp.Message(b"second"))
            with pytest.raises(amqp.MessageRejected):
                await second
            assert await first == amqp.Accepted()


async def test_a_relay_rejects_what_it_cannot_address() -> None:
    async with AsyncPeer() as peer:
        up(peer)
        peer.accept_sender()
        peer.expect_delivery().reject("amqp:precondition-failed")
        peer.expect_delivery().settle()
        down(peer)
        async with amqp.connect(peer.url) as connection, connection.open_sender(None) as sender:
            nowhere = amqp.Properties(to="q")
            with pytest.raises(amqp.MessageRejected, match="amqp:precondition-failed"):
                await sender.send(amqp.Message(b"x", properties=nowhere))
            there = amqp.Properties(to="/queues/q")
            assert await sender.send(amqp.Message(b"x", properties=there)) == amqp.Accepted()


@pytest.mark.parametrize("told", [[OFFSET], [OFFSET, FILTER]], ids=["what it took", "all of it, as 4.0 does"])
async def test_what_became_of_a_filter_is_in_the_attach(told: list[str]) -> None:
    values = {OFFSET: Typed("string", "first"), FILTER: Typed("list", (Typed("string", "a"),))}
    described = {name: Typed("described", (Typed("symbol", name), value)) for name, value in values.items()}
    async with AsyncPeer() as peer:
        up(peer)
        # Each filter is a described value whose descriptor is its own name (3.5.8).
        peer.accept_receiver(
            source={"address": "/queues/stream", "filter": {name: described[name] for name in told}}
        )
        down(peer)
        filters: dict[str, Any] = {
            OFFSET: amqp.Described(amqp.Symbol(OFFSET), "first"),
            FILTER: amqp.Described(amqp.Symbol(FILTER), ["a"]),
        }
        source = amqp.Source(address="/queues/stream", filter=filters)
        async with amqp.connect(peer.url) as connection, connection.open_receiver(source) as receiver:
            assert isinstance(receiver.source, amqp.Source)
            assert list(receiver.source.filter or ()) == told


async def test_a_pair_of_links_of_one_name_for_management() -> None:
    async with AsyncPeer() as peer:
        up(peer)
        paired = {"paired": True}
        names = {"name": "management", "snd_settle_mode": "settled", "properties": paired}
        peer.expect_attach(role="sender", target="/management", **names).respond(properties=paired)
        peer.grant(70)
        peer.expect_attach(role="receiver", source="/management", **names).respond(properties=paired)
        peer.expect_flow(link_credit=ANY)
        # A request without a body section ends the session there. A message of this library always has one.
        asked = peer.expect_delivery(settled=True, body=None)
        for number in range(2):
            # All its tags are empty.
            reply = message_octets(None, properties={"subject": "200", "correlation_id": number})
            peer.remote_transfer(delivery_tag=b"", settled=True, payload=reply)
        peer.expect_detach().respond()
        peer.expect_detach().respond()
        peer.expect_close().respond()
        options: dict[str, Any] = {
            "name": "management",
            "snd_settle_mode": amqp.SenderSettleMode.SETTLED,
            "properties": paired,
        }
        async with amqp.connect(peer.url) as connection:
            sender = await connection.open_sender("/management", **options)
            receiver = await connection.open_receiver("/management", **options)
            assert receiver.remote_properties == paired
            question = amqp.Properties(subject="GET", to="/queues/q", reply_to="$me", message_id=1)
            assert await sender.send(amqp.Message(amqp.AmqpValue(None), properties=question)) is None
            for number in range(2):
                delivery = await receiver.receive()
                assert delivery.tag == b""
                properties = delivery.message.properties
                assert properties is not None
                assert properties.correlation_id == number
            await sender.close()
            await receiver.close()
        assert asked.frame["message_format"] == 0


async def test_a_queue_for_replies_is_a_dynamic_source() -> None:
    async with AsyncPeer() as peer:
        up(peer)
        # 4.3 makes one where all of these are asked for.
        asked = {"dynamic": True, "expiry_policy": "link-detach", "capabilities": ["rabbitmq:volatile-queue"]}
        name = "/queues/amq.rabbitmq.reply-to.g1h2AA"
        peer.expect_attach(role="receiver", snd_settle_mode="settled", source=asked).respond(
            source={**asked, "address": name}
        )
        peer.expect_flow(link_credit=ANY)
        down(peer)
        source = amqp.Source(
            dynamic=True,
            expiry_policy=amqp.TerminusExpiryPolicy.LINK_DETACH,
            capabilities=("rabbitmq:volatile-queue",),
        )
        mode = amqp.SenderSettleMode.SETTLED
        async with (
            amqp.connect(peer.url) as connection,
            connection.open_receiver(source, snd_settle_mode=mode) as receiver,
        ):
            assert receiver.address == name


async def test_the_history_of_a_dead_letter_is_an_array_of_maps() -> None:
    death = Typed(
        "map",
        ((Typed("symbol", "queue"), Typed("string", "q")), (Typed("symbol", "count"), Typed("ulong", 2))),
    )
    deaths = Typed("array", ArrayValue("map", (death, death)))
    async with AsyncPeer() as peer:
        up(peer)
        peer.accept_receiver()
        peer.remote_transfer(
            payload=message_octets(
                b"dead", message_annotations={"x-opt-deaths": deaths, "x-delivery-count": 2}
            )
        )
        peer.expect_disposition(state="accepted").respond()
        down(peer)
        async with amqp.connect(peer.url) as connection, connection.open_receiver("/queues/dlq") as receiver:
            delivery = await receiver.receive()
            annotations = delivery.message.message_annotations
            assert annotations is not None
            assert [dict(one) for one in annotations["x-opt-deaths"]] == [{"queue": "q", "count": 2}] * 2
            assert annotations["x-delivery-count"] == 2
            await delivery.accept()


async def test_a_session_that_has_just_ended_leaves_its_channel_alone() -> None:
    async with AsyncPeer() as peer:
        up(peer)
        peer.expect_attach(source="/queues/none")
        peer.remote_end("amqp:not-found")
        ended = peer.expect_end()
        # 4.0 loses a begin on the channel of the session that it has just ended, now and then.
        begun = peer.expect_begin().respond()
        peer.expect_end().respond()
        peer.expect_close().respond()
        async with amqp.connect(peer.url) as connection:
            with pytest.raises(amqp.SessionEnded, match="amqp:not-found"):
                await connection.open_receiver("/queues/none")
            async with connection.open_session():
                pass
        assert begun.frame.channel != ended.frame.channel


async def test_a_closing_detach_is_answered_with_one_that_does_not_close() -> None:
    async with AsyncPeer() as peer:
        up(peer)
        for _ in range(2):
            # 3.10 does so; nothing is left of the link for it either, and the handle is free.
            peer.accept_sender(handle=0)
            peer.expect_detach(closed=True).respond(closed=False)
        peer.expect_close().respond()
        async with amqp.connect(peer.url) as connection:
            for _ in range(2):
                async with connection.open_sender("/queue/q", name="the same"):
                    pass


@pytest.mark.parametrize("count", range(6))
async def test_a_header_written_in_full(count: int) -> None:
    fields = [Typed("boolean", False), Typed("ubyte", 4), Typed("null"), Typed("null"), Typed("null")]
    header = encode(Typed("described", (Typed("ulong", 0x70), Typed("list", tuple(fields[:count])))))
    async with AsyncPeer() as peer:
        up(peer)
        peer.accept_receiver()
        # 3.10 writes all five fields, as nulls where it knows none; its tags have 8 octets.
        peer.remote_transfer(payload=header + message_octets(b"x"), delivery_tag=bytes(7) + b"\x01")
        peer.expect_disposition().respond()
        down(peer)
        async with amqp.connect(peer.url) as connection, connection.open_receiver("/queue/q") as receiver:
            delivery = await receiver.receive()
            found = delivery.message.header
            assert found is not None
            assert (found.durable, found.priority, found.ttl, found.delivery_count) == (False, 4, None, 0)
            await delivery.accept()


async def test_a_broker_fails_at_an_attach() -> None:
    async with AsyncPeer() as peer:
        up(peer)
        peer.accept_receiver()
        # 3.10 has attached before it sees that the process that it needs is gone. In a new session all is well.
        peer.remote_end("amqp:internal-error")
        peer.expect_end()
        peer.accept_session()
        peer.accept_receiver()
        down(peer)
        async with amqp.connect(peer.url) as connection:
            with pytest.raises(amqp.SessionEnded, match="amqp:internal-error"):
                await (await connection.open_receiver("/amq/queue/q")).receive()
            async with connection.open_receiver("/amq/queue/q"):
                pass


@pytest.mark.parametrize("end", ["session", "stream"])
async def test_a_message_that_the_broker_fails_on_is_in_doubt(end: str) -> None:
    async with AsyncPeer() as peer:
        up(peer)
        peer.accept_sender(credit=65536)
        peer.expect_delivery()
        if end == "session":
            # 3.10 on a message to a stream whose message-id is a ulong.
            peer.remote_end("amqp:internal-error")
            peer.expect_end()
            peer.expect_close().respond()
        else:
            # 3.10 on a message to a full queue with reject-publish.
            peer.drop()
        cause = amqp.SessionEnded if end == "session" else amqp.ConnectionLost
        async with amqp.connect(peer.url) as connection:
            sender = await connection.open_sender("/amq/queue/stream")
            with pytest.raises(amqp.InDoubt) as caught:
                await sender.send(amqp.Message(b"x", properties=amqp.Properties(message_id=1)))
            assert isinstance(caught.value.__cause__, cause)
            assert connection.is_open is (end == "session")


@pytest.mark.parametrize("max_message_size", [None, 0])
async def test_no_limit_of_messages_is_told_in_two_ways(max_message_size: int | None) -> None:
    async with AsyncPeer() as peer:
        up(peer)
        # 2.7.3: 0 is no limit, as is no value.
        peer.accept_sender(max_message_size=max_message_size)
        peer.expect_delivery(body=bytes(100_000)).settle()
        down(peer)
        async with amqp.connect(peer.url) as connection, connection.open_sender("/queues/q") as sender:
            assert sender.max_message_size is None
            assert await sender.send(amqp.Message(bytes(100_000))) == amqp.Accepted()


async def test_addresses_go_as_they_are() -> None:
    async with AsyncPeer() as peer:
        up(peer)
        # 4.0 wants names percent-encoded, which is the caller's to do: nothing is encoded or decoded on the way.
        peer.expect_attach(target="/queues/m%20space%2Fslash").respond()
        peer.expect_attach(target="/exchanges/amq.topic/t\u00e4ler").respond()
        peer.expect_detach().respond()
        peer.expect_detach().respond()
        peer.expect_close().respond()
        async with (
            amqp.connect(peer.url) as connection,
            connection.open_sender("/queues/m%20space%2Fslash") as one,
            connection.open_sender("/exchanges/amq.topic/t\u00e4ler") as other,
        ):
            assert one.address == "/queues/m%20space%2Fslash"
            assert other.address == "/exchanges/amq.topic/t\u00e4ler"


@pytest.mark.parametrize(
    ("options", "told"), [({"hostname": "vhost:other"}, "vhost:other"), ({}, "127.0.0.1")]
)
async def test_the_virtual_host_is_the_hostname_of_the_open(options: dict[str, Any], told: str) -> None:
    async with AsyncPeer() as peer:
        # Any name that does not begin with vhost: stands for its default one.
        peer.handshake(expect={"hostname": told})
        peer.expect_close().respond()
        async with amqp.connect(peer.url, **options):
            pass
