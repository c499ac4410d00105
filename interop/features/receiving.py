"""Outcomes told together, messages that cannot be read, and what fails with what."""

import asyncio

import amqp
from amqp_spec import Disposition
from interop.errors import CheckFailed
from interop.expect import check, nothing_more, wrong
from interop.features.says import said
from interop.fronts import Front
from interop.peers import Peer

# A subject that is an int, where the standard has a string (3.2.4), and a body.
UNREADABLE = bytes.fromhex("005373 c0060440404054 01 005375 a00178")


async def batched_outcomes(peer: Peer, front: Front) -> str:
    """`batch=10`: outcomes of 25 messages in three dispositions at most, the last at `flush()`, and none comes again."""
    address = peer.address("features")
    told: list[tuple[int, int]] = []

    def watch(direction: str, _channel: int, frame: object, _size: int) -> None:
        if direction == "out" and isinstance(frame, Disposition):
            told.append((frame.first, frame.first if frame.last is None else frame.last))

    async with front.connect(peer.url, on_frame=watch) as connection:
        async with connection.open_sender(address) as sender:
            async for pending in sender.send_many(amqp.Message(b"%d" % number) for number in range(25)):
                await pending
        async with connection.open_receiver(address, batch=10, session="own") as receiver:
            del told[:]
            for _ in range(25):
                await (await receiver.receive(timeout=10)).accept()
            await receiver.flush()
        check(sum(last - first + 1 for first, last in told) == 25, f"outcomes of other deliveries: {told}")
        # Batches that are full in one turn of the engine go in one frame (2.7.6: first to last).
        check(len(told) <= 3, f"more dispositions than batches: {told}")
        async with connection.open_receiver(address) as receiver:
            await nothing_more(receiver)
    return "yes"


async def undecodable_message(peer: Peer, front: Front) -> str:
    """A message whose subject is an int comes with its octets, and the link goes on (3.2.4)."""
    # Our small brokers hand it on untouched only there.
    address = "raw-unreadable" if peer.is_scripted else peer.address("unreadable")
    async with front.connect(peer.url) as connection:
        try:
            async with connection.open_sender(address) as sender:
                await sender.send(amqp.Message.decode(UNREADABLE))
                await sender.send(amqp.Message(b"fine"))
        except amqp.AmqpError as error:
            return f"does not take it: {said(error)}"
        async with connection.open_receiver(address) as receiver:
            delivery = await receiver.receive(timeout=10)
            try:
                properties = delivery.message.properties
            except amqp.DecodeError:
                check(delivery.fault is not None, "a fault that nobody tells")
            else:
                raise CheckFailed(f"read what cannot be read: {properties}")
            check(delivery.raw.endswith(UNREADABLE), f"other octets: {delivery.raw.hex()}")
            await delivery.reject(amqp.Error(condition="amqp:decode-error"))
            following = await receiver.receive(timeout=10)
            if following.message.body != b"fine":
                wrong("the message behind it", b"fine", following.message.body)
            await following.accept()
            await nothing_more(receiver)
    return "yes"


async def own_session(peer: Peer, front: Front) -> str:
    """`session="own"`: where a link is refused, or the session ended for it, no other link is lost."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            try:
                await connection.open_receiver(peer.refused_address, session="own")
            except (amqp.AttachRefused, amqp.SessionEnded):
                await sender.send(amqp.Message(b"still there"))
            else:
                raise CheckFailed(f"the peer took a receiver from {peer.refused_address}")
        async with connection.open_receiver(address) as receiver:
            await (await receiver.receive(timeout=10)).accept()
            await nothing_more(receiver)
    return "yes"


async def unread_messages(peer: Peer, front: Front) -> str:
    """What a receiver had and nobody took is there for the next one when it closes."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            for number in range(5):
                await sender.send(amqp.Message(b"%d" % number))
        async with connection.open_receiver(address, credit=5) as receiver:
            await (await receiver.receive(timeout=10)).accept()
            # RabbitMQ 3.10 keeps what is on its way when the detach comes, until the session ends.
            async with asyncio.timeout(10):
                while receiver.unread < 4:  # noqa: ASYNC110 - nobody tells that a message waits to be read
                    await asyncio.sleep(0.01)
        async with connection.open_receiver(address) as receiver:
            bodies: list[bytes] = []
            for _ in range(4):
                delivery = await receiver.receive(timeout=10)
                bodies.append(delivery.message.body)
                await delivery.accept()
            await nothing_more(receiver)
    # 3.4.4 says nothing of the order in which released messages come again.
    if sorted(bodies) != [b"1", b"2", b"3", b"4"]:
        wrong("the messages that come again", "1 to 4", bodies)
    return "yes"
