"""Senders, receivers and their options, as a user of the Go client knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import amqp
from amqp.broker import Broker
from amqp.engine import DeliveryUpdated, LinkEnded, LinkRequested, ReceiverLink, SenderLink
from amqp_spec import SelectorFilter
from tests.aio.peer import SOON, Peer

if TYPE_CHECKING:
    from amqp.engine import Engine, Event, Link
    from amqp_spec import Attach


def told(link: Link) -> Attach:
    assert link.remote_attach is not None
    return link.remote_attach


def told_source(peer: Peer) -> amqp.Source:
    source = told(peer.sender()).source
    assert isinstance(source, amqp.Source)
    return source


def told_target(peer: Peer) -> amqp.Target:
    target = told(peer.receiver()).target
    assert isinstance(target, amqp.Target)
    return target


async def test_link_address(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        await connection.open_sender("to")
        await connection.open_receiver("from")
        assert (told_target(peer).address, told_source(peer).address) == ("to", "from")


async def test_link_source_address(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        await connection.open_sender("to", source="from")
        source = told(peer.receiver()).source
        assert isinstance(source, amqp.Source)
        assert source.address == "from"


async def test_link_target_address(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        await connection.open_receiver("from", target="to")
        target = told(peer.sender()).target
        assert isinstance(target, amqp.Target)
        assert target.address == "to"


async def test_link_address_dynamic() -> None:
    async with Broker() as broker, broker.listen() as listener, amqp.connect(listener.url) as connection:
        receiver = await connection.open_receiver(amqp.Source(dynamic=True))
        assert receiver.address
        sender = await connection.open_sender(receiver.address)
        await sender.send(amqp.Message("to a queue of one's own"))
        assert (await receiver.receive(timeout=SOON)).message.body == "to a queue of one's own"


async def test_link_name(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q", name="mine")
        assert sender.name == peer.receiver().name == "mine"
        with pytest.raises(amqp.LocalError, match="mine"):
            await connection.open_sender("q", name="mine")


async def test_link_credit(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        await connection.open_receiver("q", credit=17)
        await peer.until(lambda: peer.sender().credit == 17)


async def test_link_max_message_size(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        await connection.open_receiver("q", max_message_size=1_000)
        assert told(peer.sender()).max_message_size == 1_000
        await connection.open_sender("q", max_message_size=0)
        # 2.7.3: zero is no limit, which the field's absence says too.
        assert not told(peer.receiver()).max_message_size


async def test_link_property(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        await connection.open_sender("q", properties={"key": "value"})
        assert told(peer.receiver()).properties == {"key": "value"}


async def test_link_property_int64(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        await connection.open_sender("q", properties={"key": amqp.Long(7)})
        properties = told(peer.receiver()).properties
        assert properties is not None
        assert amqp.identical(properties["key"], amqp.Long(7))


class Stubborn(Peer):
    """A server with settle modes of its own, whatever is asked for."""

    def serve(self, engine: Engine, event: Event) -> None:
        if isinstance(event, LinkRequested) and isinstance(event.link, SenderLink):
            event.link.accept(snd_settle_mode=amqp.SenderSettleMode.UNSETTLED)
        elif isinstance(event, LinkRequested) and isinstance(event.link, ReceiverLink):
            event.link.accept(rcv_settle_mode=amqp.ReceiverSettleMode.FIRST)
        else:
            super().serve(engine, event)


async def test_link_sender_settle(peer: Peer) -> None:
    settled = amqp.SenderSettleMode.SETTLED
    async with amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q", snd_settle_mode=settled)
        assert told(peer.receiver()).snd_settle_mode == settled
        assert await sender.send(amqp.Message(1)) is None
    async with Stubborn() as stubborn, amqp.connect(stubborn.url) as connection:
        with pytest.raises(amqp.LinkError, match="snd_settle_mode=SETTLED"):
            await connection.open_receiver("q", snd_settle_mode=settled)


async def test_link_receiver_settle(peer: Peer) -> None:
    second = amqp.ReceiverSettleMode.SECOND
    async with amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", rcv_settle_mode=second)
        assert receiver.rcv_settle_mode is second
    async with Stubborn() as stubborn, amqp.connect(stubborn.url) as connection:
        with pytest.raises(amqp.LinkError, match="rcv_settle_mode=SECOND"):
            await connection.open_sender("q", rcv_settle_mode=second)
        # What was not asked for by name is the peer's to say.
        assert (await connection.open_sender("q")).rcv_settle_mode is amqp.ReceiverSettleMode.FIRST


async def test_link_source_capabilities(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        await connection.open_receiver(amqp.Source(address="q", capabilities=("queue", "shared")))
        assert told_source(peer).capabilities == ("queue", "shared")


async def test_link_source_durability(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        durable = amqp.TerminusDurability.UNSETTLED_STATE
        await connection.open_receiver(amqp.Source(address="q", durable=durable))
        assert told_source(peer).durable == durable


async def test_link_source_expiry_policy(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        policy = amqp.TerminusExpiryPolicy.NEVER
        await connection.open_receiver(amqp.Source(address="q", expiry_policy=policy))
        assert told_source(peer).expiry_policy == policy


async def test_link_target_durability(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        durable = amqp.TerminusDurability.CONFIGURATION
        await connection.open_sender(amqp.Target(address="q", durable=durable))
        assert told_target(peer).durable == durable


async def test_link_target_expiry_policy(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        policy = amqp.TerminusExpiryPolicy.LINK_DETACH
        await connection.open_sender(amqp.Target(address="q", expiry_policy=policy))
        assert told_target(peer).expiry_policy == policy


async def test_link_selector_filter(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        name = "apache.org:selector-filter:string"
        source = amqp.Source(address="q", filter={name: SelectorFilter("colour = 'green'")})
        await connection.open_receiver(source)
        filters = told_source(peer).filter
        assert filters == {amqp.Symbol(name): SelectorFilter("colour = 'green'")}
        # The descriptor is the number that is registered for it.
        encoded = filters[name].encode()
        assert encoded.startswith(b"\x00\x80\x00\x00\x46\x8c\x00\x00\x00\x04")


async def test_link_source_filter(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        by_code = amqp.Described(amqp.ULong(0x1234_0000_5678), "x")
        by_name = amqp.Described(amqp.Symbol("example:filter"), amqp.Long(1))
        source = amqp.Source(address="q", filter={"one": by_code, "example:filter": by_name})
        await connection.open_receiver(source)
        filters = told_source(peer).filter
        assert filters is not None
        assert amqp.identical(filters["one"], by_code)
        assert amqp.identical(filters["example:filter"], by_name)


async def test_link_batching(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", batch=3, batch_max_age=1_000)
        await peer.send(1, 2, 3)
        for came in range(3):
            assert len(peer.told(DeliveryUpdated)) == 0, came
            await (await receiver.receive()).accept()
        await peer.until(lambda: len(peer.told(DeliveryUpdated)) == 3)


async def test_link_batch_max_age(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", batch=100, batch_max_age=0.02)
        await peer.send(1)
        await (await receiver.receive()).accept()
        await peer.until_told(DeliveryUpdated)


async def test_sender_send(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        assert await sender.send(amqp.Message(b"hello"), timeout=SOON) == amqp.Accepted()


async def test_sender_address(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        assert (await connection.open_sender("q")).address == "q"


async def test_sender_close(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        await sender.close(timeout=SOON)
        assert peer.told(LinkEnded)
        with pytest.raises(amqp.NotSent):
            await sender.send(amqp.Message(1))


async def test_receiver_receive(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        await peer.send("hello")
        assert (await receiver.receive(timeout=SOON)).message.body == "hello"


async def test_receiver_address(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        assert (await connection.open_receiver("q")).address == "q"


async def test_receiver_close(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        await receiver.close(timeout=SOON)
        assert peer.told(LinkEnded)
        with pytest.raises(amqp.LinkDetached):
            await receiver.receive()


def test_durability() -> None:
    assert [int(durability) for durability in amqp.TerminusDurability] == [0, 1, 2]


def test_expiry_policy() -> None:
    assert set(amqp.TerminusExpiryPolicy) == {"link-detach", "session-end", "connection-close", "never"}


def test_sender_settle_mode() -> None:
    assert {mode.name: int(mode) for mode in amqp.SenderSettleMode} == {
        "UNSETTLED": 0,
        "SETTLED": 1,
        "MIXED": 2,
    }


def test_receiver_settle_mode() -> None:
    assert {mode.name: int(mode) for mode in amqp.ReceiverSettleMode} == {"FIRST": 0, "SECOND": 1}
