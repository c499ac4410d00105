"""Addresses of all kinds, and links beside each other."""

import amqp
from interop.expect import nothing_more, wrong
from interop.features.says import said
from interop.fronts import Front
from interop.peers import Peer


async def dynamic_source(peer: Peer, front: Front) -> str:
    """The server makes a queue and names it; what is sent there comes out."""
    async with front.connect(peer.url) as connection:
        try:
            async with connection.open_receiver(amqp.Source(dynamic=True)) as receiver:
                if not receiver.address:
                    wrong("the address of a dynamic source", "a name", receiver.address)
                async with connection.open_sender(receiver.address) as sender:
                    await sender.send(amqp.Message(b"to a dynamic node"))
                delivery = await receiver.receive(timeout=10)
                await delivery.accept()
        except amqp.AmqpError as error:
            return said(error)
    return "yes"


async def anonymous_relay(peer: Peer, front: Front) -> str:
    """A sender without an address, and the address in each message."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        try:
            async with connection.open_sender(None) as sender:
                await sender.send(amqp.Message(b"relayed", properties=amqp.Properties(to=address)))
        except amqp.AmqpError as error:
            return said(error)
        async with connection.open_receiver(address) as receiver:
            delivery = await receiver.receive(timeout=10)
            if delivery.message.body != b"relayed":
                wrong("the relayed message", b"relayed", delivery.message.body)
            await delivery.accept()
    return "yes"


async def browse(peer: Peer, front: Front) -> str:
    """A receiver that takes copies leaves the messages where they are."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            await sender.send(amqp.Message(b"look"))
        told = "yes"
        try:
            copies = amqp.Source(address=address, distribution_mode=amqp.StdDistMode.COPY)
            async with connection.open_receiver(copies) as browser:
                seen = await browser.receive(timeout=2)
                await seen.accept()
        except amqp.OperationTimeout:
            told = "no message"
        except amqp.AmqpError as error:
            told = said(error)
        async with connection.open_receiver(address) as receiver:
            try:
                await (await receiver.receive(timeout=1)).accept()
            except amqp.OperationTimeout:
                told = "moves, does not copy"
            await nothing_more(receiver)
    return told


async def one_name_both_ways(peer: Peer, front: Front) -> str:
    """A sender and a receiver of one session may have the same name (2.6.1)."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        session = await connection.open_session()
        try:
            sender = await session.open_sender(address, name="twins")
            receiver = await session.open_receiver(address, name="twins")
            await sender.send(amqp.Message(b"twins"))
            await (await receiver.receive(timeout=10)).accept()
        except amqp.AmqpError as error:
            return said(error)
    return "yes"


async def many_links(peer: Peer, front: Front) -> str:
    """Ten sessions of five senders each, on one connection."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        for _ in range(10):
            session = await connection.open_session()
            for _ in range(5):
                sender = await session.open_sender(address)
                await sender.send(amqp.Message(b"x"))
        async with connection.open_receiver(address) as receiver:
            for _ in range(50):
                await (await receiver.receive(timeout=10)).accept()
            await nothing_more(receiver)
    return "yes"
