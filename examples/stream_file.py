"""Send a file of any size, and read it as it comes: python examples/stream_file.py [URL [ADDRESS [FILE]]]"""

import asyncio
import os
import sys

import amqp


async def main(url: str = "amqp://localhost", address: str = "files", name: str = __file__) -> None:
    async with amqp.connect(url) as connection:
        async with connection.open_sender(address) as sender:
            with open(name, "rb") as file:  # noqa: ASYNC230  reading a local file waits for nobody
                beside = amqp.Message(properties=amqp.Properties(subject=name))
                await sender.send_stream(file, beside, size=os.fstat(file.fileno()).st_size)
        async with connection.open_receiver(address, streaming=True) as receiver:
            delivery = await receiver.receive()
            size = 0
            async for chunk in delivery.chunks():
                size += len(chunk)
            await delivery.accept()
            properties = (await delivery.head()).properties
            print(f"{size} octets of {properties.subject if properties else 'a file'}")


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
