"""Messages through the broker: who gets which, and what each outcome does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from amqp.engine import ConnectionFailed, DeliveryUpdated, Drained, LinkEnded
from amqp.options import ConnectionOptions
from amqp_spec import (
    Accepted,
    AmqpValue,
    ApplicationProperties,
    Data,
    Error,
    Footer,
    Header,
    MessageAnnotations,
    Modified,
    Properties,
    Received,
    ReceiverSettleMode,
    Rejected,
    Released,
    SenderSettleMode,
    Source,
    StdDistMode,
    Symbol,
    decode_section,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from amqp.engine import IncomingDelivery

Client = Any
Connect = Any
Listener = Any

ACCEPTED = Accepted()


def header_of(delivery: IncomingDelivery) -> Header:
    section = decode_section(delivery.payload, 0, len(delivery.payload))[0]
    return section if isinstance(section, Header) else Header()


async def test_a_message_goes_through_octet_for_octet(client: Client) -> None:
    octets = (
        Header(durable=True, priority=9).encode()
        + MessageAnnotations({"x-opt-a": [1, "two", Symbol("three")]}).encode()
        + Properties(message_id=7, subject="x", content_type="text/plain").encode()
        + ApplicationProperties({"k": 1.5, "n": None}).encode()
        + Data(b"one").encode()
        # A longer encoding than is needed.
        + b"\x00\x80\x00\x00\x00\x00\x00\x00\x00\x75\xb0\x00\x00\x00\x03two"
        + Footer({"x-opt-f": b"sum"}).encode()
    )
    sender = await client.sender("q")
    assert await client.send(sender, octets) == ACCEPTED
    receiver = await client.receiver("q", credit=1)
    assert (await client.delivery(receiver)).payload == octets


@pytest.mark.requirement("transport-2.7.1-01")
@pytest.mark.parametrize("size", [0, 1, 255, 256, 65_535, 1_000_000])
async def test_big_messages_pass_through_small_frames(
    listener: Listener, connect: Connect, size: int
) -> None:
    client = await connect(listener, options=ConnectionOptions(max_frame_size=4096))
    octets = Data(bytes(range(256)) * (size // 256) + bytes(size % 256)).encode()
    sender = await client.sender("q")
    assert await client.send(sender, octets) == ACCEPTED
    receiver = await client.receiver("q", credit=1)
    assert (await client.delivery(receiver)).payload == octets


@pytest.mark.requirement("transport-2.8.11-01")
async def test_a_foreign_message_format_is_passed_on(client: Client) -> None:
    sender = await client.sender("q")
    assert await client.send(sender, b"\xff\x00\xff", message_format=0x8001_0000) == ACCEPTED
    receiver = await client.receiver("q", credit=1)
    delivery = await client.delivery(receiver)
    assert (delivery.payload, delivery.message_format) == (b"\xff\x00\xff", 0x8001_0000)


@pytest.mark.requirement("transport-2.6.7-02")
async def test_consumers_compete_within_their_credit(
    listener: Listener, connect: Connect, body_of: Callable[[IncomingDelivery], bytes]
) -> None:
    one, two, producer = await connect(listener), await connect(listener), await connect(listener)
    first = await one.receiver("q", credit=2)
    second = await two.receiver("q", credit=10)
    await producer.fill("q", *(b"%d" % n for n in range(6)))
    got_first = [body_of(d) for d in await one.deliveries(first, 2)]
    got_second = [body_of(d) for d in await two.deliveries(second, 4)]
    assert got_first == [b"0", b"2"]
    assert got_second == [b"1", b"3", b"4", b"5"]
    assert first.credit == 0


@pytest.mark.requirement("messaging-3.3.1-01")
async def test_what_one_holds_no_other_gets(listener: Listener, connect: Connect) -> None:
    one, two = await connect(listener), await connect(listener)
    await one.fill("q", b"a")
    await one.delivery(await one.receiver("q", credit=1))
    assert await two.rest(await two.receiver("q")) == []


@pytest.mark.requirement("messaging-3.4.2-01")
async def test_accepted_is_gone(client: Client) -> None:
    await client.fill("q", b"a")
    receiver = await client.receiver("q", credit=1)
    (await client.delivery(receiver)).settle(ACCEPTED)
    receiver.detach()
    await client.event(LinkEnded)
    assert await client.rest(await client.receiver("q")) == []


@pytest.mark.requirement("messaging-3.4.4-01")
async def test_released_comes_again_uncounted_and_in_its_place(
    client: Client, body_of: Callable[[IncomingDelivery], bytes]
) -> None:
    await client.fill("q", b"a", b"b", b"c")
    receiver = await client.receiver("q", credit=2)
    a, b = await client.deliveries(receiver, 2)
    b.settle(Released())
    a.settle(Released())
    receiver.flow(3)
    again = await client.deliveries(receiver, 3)
    assert [body_of(d) for d in again] == [b"a", b"b", b"c"]


@pytest.mark.requirement("messaging-3.4.3-01")
async def test_rejected_is_dropped_and_counted(listener: Listener, client: Client) -> None:
    await client.fill("q", b"a")
    receiver = await client.receiver("q", credit=1)
    (await client.delivery(receiver)).settle(Rejected(error=Error(condition="amqp:invalid-field")))
    assert await client.rest(receiver) == []
    queue = listener.broker.queues["q"]
    assert (queue.depth, queue.rejected) == (0, 1)


@pytest.mark.requirement("messaging-3.4.5-01")
@pytest.mark.parametrize(("failed", "count"), [(True, 1), (False, 0), (None, 0)])
async def test_modified_counts_failures(client: Client, failed: bool | None, count: int) -> None:
    await client.fill("q", b"a")
    receiver = await client.receiver("q", credit=1)
    (await client.delivery(receiver)).settle(Modified(delivery_failed=failed or False))
    receiver.flow(1)
    again = await client.delivery(receiver)
    assert header_of(again).delivery_count == count
    assert again.payload.endswith(Data(b"a").encode())


@pytest.mark.requirement("messaging-3.4.5-02")
async def test_undeliverable_here_goes_elsewhere(client: Client) -> None:
    await client.fill("q", b"a", b"b")
    here = await client.receiver("q", credit=1)
    (await client.delivery(here)).settle(Modified(undeliverable_here=True))
    assert await client.rest(here) == [b"b"]
    assert await client.rest(await client.receiver("q")) == [b"a"]


@pytest.mark.requirement("messaging-3.4.5-03")
async def test_modified_merges_annotations(client: Client) -> None:
    sender = await client.sender("q")
    await client.send(sender, MessageAnnotations({"x-opt-a": 1, "x-opt-b": 2}).encode() + Data(b"a").encode())
    receiver = await client.receiver("q", credit=1)
    first = await client.delivery(receiver)
    first.settle(Modified(message_annotations={Symbol("x-opt-b"): "new", Symbol("x-opt-c"): 3}))
    receiver.flow(1)
    again = await client.delivery(receiver)
    section = decode_section(again.payload, 0, len(again.payload))[0]
    assert isinstance(section, MessageAnnotations)
    assert dict(section.value) == {"x-opt-a": 1, "x-opt-b": "new", "x-opt-c": 3}
    assert again.payload.endswith(Data(b"a").encode())


@pytest.mark.requirement("messaging-3.4.1-02")
async def test_received_settles_nothing(client: Client) -> None:
    await client.fill("q", b"a")
    receiver = await client.receiver("q", credit=1)
    delivery = await client.delivery(receiver)
    delivery.update(Received(section_number=0, section_offset=0), settled=False)
    assert await client.rest(await client.receiver("q")) == []
    delivery.settle(ACCEPTED)
    receiver.detach()
    await client.event(LinkEnded)
    assert await client.rest(await client.receiver("q")) == []


@pytest.mark.requirement("transport-2.7.6-05")
@pytest.mark.parametrize(("default", "left"), [(None, [b"a"]), (Released(), [b"a"]), (ACCEPTED, [])])
async def test_settled_without_outcome_is_the_default_outcome(
    client: Client, default: Any, left: list[bytes]
) -> None:
    await client.fill("q", b"a")
    receiver = await client.receiver(Source(address="q", default_outcome=default), credit=1)
    (await client.delivery(receiver)).settle()
    assert await client.rest(receiver) == left


@pytest.mark.requirement("transport-2.6.12-07")
async def test_a_receiver_of_mode_second_is_settled_by_the_broker(listener: Listener, client: Client) -> None:
    await client.fill("q", b"a")
    receiver = await client.receiver("q", credit=1, rcv_settle_mode=ReceiverSettleMode.SECOND)
    delivery = await client.delivery(receiver)
    delivery.update(ACCEPTED, settled=False)
    event = await client.event(DeliveryUpdated)
    assert event.delivery is delivery
    assert event.settled
    assert listener.broker.queues["q"].depth == 0


async def test_a_sender_of_mode_second_settles_last(listener: Listener, client: Client) -> None:
    sender = await client.sender("q", rcv_settle_mode=ReceiverSettleMode.SECOND)
    assert sender.rcv_settle_mode is ReceiverSettleMode.SECOND
    await client.credit(sender)
    delivery = sender.send(Data(b"a").encode())
    event = await client.event(DeliveryUpdated)
    assert (event.state, event.settled) == (ACCEPTED, False)
    delivery.settle(ACCEPTED)
    assert await client.rest(await client.receiver("q")) == [b"a"]


@pytest.mark.requirement("transport-2.7.3-04")
async def test_a_consumer_may_ask_for_settled_deliveries(listener: Listener, client: Client) -> None:
    await client.fill("q", b"a", b"b")
    receiver = await client.receiver("q", credit=1, snd_settle_mode=SenderSettleMode.SETTLED)
    assert receiver.snd_settle_mode is SenderSettleMode.SETTLED
    assert (await client.delivery(receiver)).remote_settled
    receiver.detach()
    await client.event(LinkEnded)
    assert await client.rest(await client.receiver("q")) == [b"b"]


async def test_settled_messages_are_taken(client: Client) -> None:
    sender = await client.sender("q", snd_settle_mode=SenderSettleMode.SETTLED)
    await client.credit(sender)
    sender.send(Data(b"a").encode(), settled=True)
    receiver = await client.receiver("q", credit=1)
    assert (await client.delivery(receiver)).payload == Data(b"a").encode()


@pytest.mark.requirement("messaging-3.3.1-02")
async def test_a_closed_link_gives_back_what_it_held(
    client: Client, body_of: Callable[[IncomingDelivery], bytes]
) -> None:
    await client.fill("q", b"a", b"b", b"c")
    receiver = await client.receiver("q", credit=2)
    _, b = await client.deliveries(receiver, 2)
    b.settle(ACCEPTED)
    receiver.detach()
    heir = await client.receiver("q", credit=9)
    assert [body_of(d) for d in await client.deliveries(heir, 2)] == [b"a", b"c"]


@pytest.mark.requirement("messaging-3.3.1-03")
async def test_a_lost_connection_gives_back_what_it_held(
    listener: Listener, connect: Connect, body_of: Callable[[IncomingDelivery], bytes]
) -> None:
    leaver, heir = await connect(listener), await connect(listener)
    await leaver.fill("q", b"a", b"b")
    await leaver.deliveries(await leaver.receiver("q", credit=9), 2)
    receiver = await heir.receiver("q", credit=9)
    leaver.driver.abort()
    again = await heir.deliveries(receiver, 2)
    assert [body_of(d) for d in again] == [b"a", b"b"]
    assert [header_of(d).delivery_count for d in again] == [0, 0]


async def test_an_ended_session_gives_back_what_it_held(listener: Listener, connect: Connect) -> None:
    leaver, heir = await connect(listener), await connect(listener)
    await leaver.fill("q", b"a")
    await leaver.delivery(await leaver.receiver("q", credit=9))
    leaver.session.end()
    leaver.driver.schedule()
    await heir.delivery(await heir.receiver("q", credit=1))


async def test_a_default_outcome_of_modified_counts_the_leaver(listener: Listener, connect: Connect) -> None:
    leaver, heir = await connect(listener), await connect(listener)
    await leaver.fill("q", b"a")
    source = Source(address="q", default_outcome=Modified(delivery_failed=True))
    await leaver.delivery(await leaver.receiver(source, credit=9))
    await leaver.close()
    again = await heir.delivery(await heir.receiver("q", credit=1))
    assert header_of(again).delivery_count == 1


async def test_a_message_too_large_for_a_consumer_waits_for_another(client: Client) -> None:
    await client.fill("q", bytes(200), b"b")
    small = await client.receiver("q", max_message_size=100)
    assert await client.rest(small) == [b"b"]
    assert await client.rest(await client.receiver("q")) == [bytes(200)]


@pytest.mark.requirement("messaging-3.2.1-06")
async def test_expired_messages_are_not_delivered(client: Client) -> None:
    sender = await client.sender("q")
    await client.send(sender, Header(ttl=0).encode() + Data(b"a").encode())
    await client.send(sender, Header(ttl=60_000).encode() + Data(b"b").encode())
    receiver = await client.receiver("q", credit=9)
    delivery = await client.delivery(receiver)
    assert delivery.payload.endswith(b"b")
    ttl = header_of(delivery).ttl
    assert ttl is not None
    assert ttl <= 60_000
    assert await client.rest(receiver) == []


@pytest.mark.requirement("messaging-3.5.2-01")
@pytest.mark.requirement("messaging-3.5.3-04")
async def test_a_copy_leaves_the_messages(client: Client) -> None:
    await client.fill("q", b"a", b"b")
    browser = await client.receiver(Source(address="q", distribution_mode=StdDistMode.COPY))
    assert browser.source.distribution_mode == "copy"
    assert await client.rest(browser) == [b"a", b"b"]
    consumer = await client.receiver("q")
    assert consumer.source.distribution_mode == "move"
    assert await client.rest(consumer) == [b"a", b"b"]


@pytest.mark.requirement("messaging-3.5.2-02")
async def test_a_copy_gives_each_message_once(client: Client) -> None:
    await client.fill("q", b"a")
    browser = await client.receiver(Source(address="q", distribution_mode=StdDistMode.COPY), credit=5)
    (await client.delivery(browser)).settle(ACCEPTED)
    assert await client.rest(browser) == []


async def test_a_drain_is_answered(client: Client) -> None:
    receiver = await client.receiver("q")
    receiver.flow(7, drain=True)
    await client.event(Drained)
    assert receiver.credit == 0
    await client.fill("q", b"a")
    assert await client.rest(receiver, credit=1) == [b"a"]


async def test_unsettled_deliveries_are_bounded(start: Any, connect: Connect) -> None:
    client = await connect(await start(max_unsettled=3))
    await client.fill("q", b"a", b"b", b"c", b"d")
    receiver = await client.receiver("q", credit=100)
    held = await client.deliveries(receiver, 3)
    assert await client.rest(receiver) == []
    held[1].settle(ACCEPTED)
    receiver.flow(100)
    assert (await client.delivery(receiver)).payload == Data(b"d").encode()


@pytest.mark.requirement("messaging-3.2-04")
@pytest.mark.requirement("messaging-3.2-07")
@pytest.mark.parametrize("octets", [b"\xff\xff", b"", Properties(to="x").encode()])
async def test_what_is_no_message_is_rejected_and_the_link_lives(client: Client, octets: bytes) -> None:
    sender = await client.sender("q")
    outcome = await client.send(sender, octets)
    assert isinstance(outcome, Rejected)
    assert outcome.error is not None
    assert outcome.error.condition == "amqp:decode-error"
    assert await client.send(sender, AmqpValue(1).encode()) == ACCEPTED


async def test_messages_flow_while_consumers_come_and_go(listener: Listener, connect: Connect) -> None:
    """Each message is accepted once, though consumers leave with half of what they hold."""
    producer = await connect(listener)
    sender = await producer.sender("q")
    wanted = {b"%d" % number for number in range(200)}
    accepted: list[bytes] = []

    async def produce() -> None:
        for text in sorted(wanted):
            assert await producer.send(sender, Data(text).encode()) == ACCEPTED

    async def consume() -> None:
        while len(accepted) < len(wanted):
            client = await connect(listener)
            receiver = await client.receiver("q", credit=10)
            with_luck = min(10, len(wanted) - len(accepted))
            for index in range(max(1, with_luck // 2)):
                try:
                    async with asyncio.timeout(0.2):
                        delivery = await client.delivery(receiver)
                except TimeoutError:
                    break
                accepted.append(delivery.payload[5:])
                delivery.settle(ACCEPTED)
                assert index < 10
            receiver.detach()
            await client.event(LinkEnded)
            await client.close()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(produce())
        tasks.create_task(consume())
    assert sorted(accepted) == sorted(wanted)


async def test_clients_hear_when_the_broker_stops(listener: Listener, client: Client) -> None:
    await client.receiver("q", credit=1)
    await listener.close()
    failure = await client.event(ConnectionFailed)
    assert failure.remote_close
    assert failure.fault.condition == "amqp:connection:forced"
    assert listener.broker.connections == {}
