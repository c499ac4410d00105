"""Bodies at the edges of the encodings: empty, the last and first of vbin8 and vbin32, and many frames long."""

import random

import amqp
from interop.expect import nothing_more, wrong
from interop.fronts import Front
from interop.peers import Peer

SIZES = (0, 1, 255, 256, 65_535, 1_000_000)


async def bodies(peer: Peer, front: Front, _messages: int) -> str:
    """Send and receive a body of each size and compare them byte for byte."""
    address = peer.address("bodies")
    made = [random.Random(size).randbytes(size) for size in SIZES]
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            for body in made:
                await sender.send(amqp.Message(body))
        async with connection.open_receiver(address) as receiver:
            for body in made:
                delivery = await receiver.receive()
                if delivery.message.body != body:
                    wrong(f"a body of {len(body)} bytes", body, delivery.message.body)
                await delivery.accept()
            await nothing_more(receiver)
    return f"{', '.join(f'{size:,}' for size in SIZES)} bytes"
