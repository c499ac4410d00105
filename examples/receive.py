"""Receive messages: python examples/receive.py [URL [ADDRESS [COUNT]]]"""

import asyncio
import sys

import amqp


async def main(url: str = "amqp://localhost", address: str = "hello", count: str = "1") -> None:
    async with amqp.connect(url) as connection, connection.open_receiver(address) as receiver:
        for _ in range(int(count)):
            delivery = await receiver.receive()
            print(delivery.message.body, flush=True)
            await delivery.accept()


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
