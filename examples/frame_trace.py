"""Show every frame of a connection: python examples/frame_trace.py [URL [ADDRESS]]

The same without a line of code, for any program: AMQP_TRACE=1 python examples/send.py
"""

import asyncio
import logging
import sys

import amqp


async def main(url: str = "amqp://localhost", address: str = "hello") -> None:
    async with amqp.connect(url) as connection, connection.open_sender(address) as sender:
        await sender.send(amqp.Message("Hello, world"))


# Passwords and the content of messages are not shown.
logging.basicConfig(stream=sys.stdout, format="%(message)s")
logging.getLogger("amqp.frames").setLevel(logging.DEBUG)
try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
