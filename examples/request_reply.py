"""Ask, and answer, over a queue: python examples/request_reply.py [URL [ADDRESS]]"""

import asyncio
import sys

import amqp


async def answer(url: str, address: str, ready: asyncio.Event) -> None:
    async with amqp.connect(url) as connection:
        # A sender without an address: each reply says where it goes.
        replies = await connection.open_sender(None)
        async with connection.open_receiver(address, auto_accept=True) as receiver:
            ready.set()
            async for delivery in receiver:
                asked = delivery.message.properties
                if asked is not None and asked.reply_to:
                    properties = amqp.Properties(to=asked.reply_to, correlation_id=asked.message_id)
                    await replies.send(amqp.Message(delivery.message.body.upper(), properties=properties))


async def main(url: str = "amqp://localhost", address: str = "shout") -> None:
    ready = asyncio.Event()
    answering = asyncio.create_task(answer(url, address, ready))
    answering.add_done_callback(lambda _: ready.set())
    await ready.wait()
    if answering.done():
        return await answering
    async with amqp.connect(url) as connection, connection.open_requester(address) as requester:
        # Any number of requests may be under way; each gets its own reply.
        words = ("one", "two", "three")
        replies = await asyncio.gather(*(requester.request(amqp.Message(word), timeout=10) for word in words))
        print(*(reply.body for reply in replies))
    answering.cancel()
    return None


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
