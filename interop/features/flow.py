"""Credit given by hand, taken back, and windows."""

import amqp
from interop.expect import nothing_more, wrong
from interop.features.says import said
from interop.fronts import Front
from interop.peers import Peer


async def manual_credit(peer: Peer, front: Front) -> str:
    """As many messages come as there was credit for."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            for number in range(5):
                await sender.send(amqp.Message(b"%d" % number))
        async with connection.open_receiver(address, credit=0) as receiver:
            for grant in (2, 3):
                receiver.issue_credit(grant)
                for _ in range(grant):
                    await (await receiver.receive(timeout=10)).accept()
                await nothing_more(receiver)
    return "yes"


async def drain_an_empty_queue(peer: Peer, front: Front) -> str:
    """The credit is used up at once where no message is there."""
    async with front.connect(peer.url) as connection:
        try:
            async with connection.open_receiver(peer.address("features"), credit=0) as receiver:
                receiver.issue_credit(10)
                await receiver.drain(timeout=5)
                await nothing_more(receiver)
        except amqp.AmqpError as error:
            return said(error)
    return "yes"


async def drain(peer: Peer, front: Front) -> str:
    """What is there comes, the rest of the credit is used up, and nothing that is sent later comes."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            for number in range(3):
                await sender.send(amqp.Message(b"%d" % number))
        try:
            async with connection.open_receiver(address, credit=0) as receiver:
                receiver.issue_credit(10)
                await receiver.drain(timeout=5)
                for _ in range(3):
                    await (await receiver.receive(timeout=0)).accept()
                async with connection.open_sender(address) as sender:
                    await sender.send(amqp.Message(b"late"))
                await nothing_more(receiver)
                receiver.issue_credit(1)
                delivery = await receiver.receive(timeout=10)
                if delivery.message.body != b"late":
                    wrong("the message after the drain", b"late", delivery.message.body)
                await delivery.accept()
        except amqp.AmqpError as error:
            told = said(error)
        else:
            return "yes"
        async with connection.open_receiver(address) as receiver:
            for _ in range(3):
                await (await receiver.receive(timeout=10)).accept()
    return told


async def small_frames(peer: Peer, front: Front) -> str:
    """A message of 100 kB in frames of 512 octets, back to us."""
    address = peer.address("features")
    body = bytes(range(256)) * 400
    async with front.connect(peer.url, max_frame_size=512) as connection:
        async with connection.open_sender(address) as sender:
            await sender.send(amqp.Message(body))
        async with connection.open_receiver(address) as receiver:
            delivery = await receiver.receive(timeout=20)
            if delivery.message.body != body:
                wrong("the body", body, delivery.message.body)
            await delivery.accept()
    return "yes"


async def heartbeats(peer: Peer, front: Front) -> str:
    """A connection lives on while nothing happens for longer than its idle time-out, both ways.

    Of this side's two seconds one is told (2.4.5); RabbitMQ takes no less.
    """
    async with front.connect(peer.url, idle_timeout=2.0) as connection:
        receiver = await connection.open_receiver(peer.address("features"))
        try:
            await receiver.receive(timeout=4.5)
        except amqp.OperationTimeout:
            pass
        if not connection.is_open:
            wrong("after 4.5 s of silence", "an open connection", connection)
    return "yes"
