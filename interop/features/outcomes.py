"""What becomes of a message, told by each side."""

from typing import Any

import amqp
from interop.expect import nothing_more, wrong
from interop.features.says import said
from interop.fronts import Front
from interop.peers import Peer

_ERROR = amqp.Error(condition="amqp:not-allowed", description="not this one")


async def release(peer: Peer, front: Front) -> str:
    """A released message comes again, and not as one whose delivery failed."""
    return await _decide(peer, front, lambda delivery: delivery.release())


async def reject(peer: Peer, front: Front) -> str:
    """A rejected message does not come again."""
    return await _decide(peer, front, lambda delivery: delivery.reject(_ERROR))


async def modify(peer: Peer, front: Front) -> str:
    """A message modified as failed comes again, counted."""
    return await _decide(peer, front, lambda delivery: delivery.modify(delivery_failed=True))


async def undeliverable_here(peer: Peer, front: Front) -> str:
    """A message that is undeliverable here does not come to this link again."""
    return await _decide(peer, front, lambda delivery: delivery.modify(undeliverable_here=True))


async def receiver_settles_second(peer: Peer, front: Front) -> str:
    """In rcv-settle-mode second the sender settles, and the receiver waits for that."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            await sender.send(amqp.Message(b"second"))
        try:
            mode = amqp.ReceiverSettleMode.SECOND
            async with connection.open_receiver(address, rcv_settle_mode=mode) as receiver:
                delivery = await receiver.receive(timeout=10)
                await delivery.accept()
                settled = delivery.settled
            return "yes" if settled else wrong("after accept()", "settled", "not settled")
        except amqp.AmqpError as error:
            told = said(error)
        async with connection.open_receiver(address) as receiver:
            await (await receiver.receive(timeout=10)).accept()
        return told


async def sender_hears_of_it(peer: Peer, front: Front) -> str:
    """A message that nobody takes: what its sender is told."""
    async with front.connect(peer.url) as connection:
        try:
            async with connection.open_sender(peer.unroutable_address) as sender:
                await sender.send(amqp.Message(b"to nobody"))
        except amqp.AmqpError as error:
            return said(error)
    return "accepted"


async def sender_hears_of_a_full_queue(peer: Peer, front: Front) -> str:
    """A queue that is full and takes no more: what the sender of the next message is told."""
    if peer.rejecting_address is None:
        return "never does so"
    async with front.connect(peer.url) as connection:
        try:
            async with connection.open_sender(peer.rejecting_address) as sender:
                for _ in range(3):
                    await sender.send(amqp.Message(b"one more"))
        except amqp.AmqpError as error:
            return said(error)
        finally:
            if not peer.is_scripted:
                await _empty(peer, front, peer.rejecting_address)
    return "accepted"


async def _empty(peer: Peer, front: Front, address: str) -> None:
    """Take what is there: a server may give no credit at all for a queue that is full."""
    async with front.connect(peer.url) as connection, connection.open_receiver(address) as receiver:
        for delivery in await receiver.receive_many(10, timeout=2):
            await delivery.accept()


async def sender_hears_of_a_change(peer: Peer, front: Front) -> str:
    """A message that comes back modified, its delivery counted as failed: what its sender is told."""
    if peer.modifying_address is None:
        return "never does so"
    async with front.connect(peer.url) as connection:
        try:
            async with connection.open_sender(peer.modifying_address) as sender:
                await sender.send(amqp.Message(b"to be modified"))
        except amqp.MessageModified as error:
            failed = isinstance(error.outcome, amqp.Modified) and error.outcome.delivery_failed
            return said(error) if failed else wrong("the outcome", "modified as failed", error.outcome)
    return "accepted"


async def _decide(peer: Peer, front: Front, decide: Any) -> str:
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            await sender.send(amqp.Message(b"decide"))
        try:
            async with connection.open_receiver(address, credit=1) as receiver:
                first = await receiver.receive(timeout=10)
                await decide(first)
                told = await _again(receiver)
        except amqp.AmqpError as error:
            told = said(error)
        async with connection.open_receiver(address) as receiver:
            left = await _rest(receiver)
        if left and told != "comes again":
            told += ", then to another receiver"
        return told


async def _again(receiver: Any) -> str:
    try:
        second = await receiver.receive(timeout=0.5)
    except amqp.OperationTimeout:
        return "does not come again"
    header = second.message.header
    count = 0 if header is None else header.delivery_count or 0
    await second.accept()
    await nothing_more(receiver)
    return f"comes again, delivery-count {count}"


async def _rest(receiver: Any) -> int:
    left = 0
    while True:
        try:
            delivery = await receiver.receive(timeout=0.3)
        except amqp.OperationTimeout:
            return left
        await delivery.accept()
        left += 1
