"""A service without a broker, and a client that calls it: python examples/rpc_service.py [URL [COUNT]]"""

import asyncio
import sys

import amqp

replies: dict[str | None, amqp.Sender] = {}


async def serve(request: amqp.LinkRequest) -> None:
    if isinstance(request, amqp.SenderRequest) and request.dynamic:
        # A client wants an address for replies; the link lives as long as this function.
        async with request.accept() as sender:
            replies[sender.address] = sender
            await sender.wait_closed()
            del replies[sender.address]
    elif isinstance(request, amqp.ReceiverRequest) and request.address == "square":
        async with request.accept(credit=10) as receiver:
            async for delivery in receiver:
                async with delivery:
                    await answer(delivery.message)
    else:
        raise amqp.Refusal("amqp:not-found", "there is square, and nothing else")


async def answer(asked: amqp.Message) -> None:
    properties = asked.properties or amqp.Properties()
    reply = amqp.Message(
        int(asked.body) ** 2, properties=amqp.Properties(correlation_id=properties.message_id)
    )
    sender = replies.get(properties.reply_to)
    if sender is not None and sender.is_open:
        # Not send(): whether the client takes the reply is its own affair, and the next request waits.
        await sender.submit(reply)


async def call(connection: amqp.Connection, count: int) -> None:
    async with connection.open_requester("square") as rpc:
        for number in range(count):
            reply = await rpc.request(amqp.Message(number), timeout=10)
            print(f"the square of {number} is {reply.body}", flush=True)


async def main(url: str = "amqp://127.0.0.1:0", count: str = "3") -> None:
    async with amqp.listen(url, serve) as listener, amqp.connect(listener.url) as connection:
        await call(connection, int(count))


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except (OSError, amqp.AmqpError) as error:
    sys.exit(str(error))
