"""Send one message: python examples/send.py [URL [ADDRESS [TEXT]]]"""

import asyncio
import sys

import amqp


async def main(url: str = "amqp://localhost", address: str = "hello", text: str = "Hello, world") -> None:
    async with amqp.connect(url) as connection, connection.open_sender(address) as sender:
        await sender.send(amqp.Message(text.encode()))
        print(f"the peer accepted {text!r} for {address!r}")


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
