"""Read a stream of RabbitMQ from 4.0 on, which is there: python examples/rabbitmq_streams.py [URL [STREAM]]"""

import asyncio
import sys
from datetime import UTC, datetime

import amqp
from amqp import rabbitmq


async def main(url: str = "amqp://guest:guest@localhost", stream: str = "log") -> None:
    address = rabbitmq.queue(stream)
    async with amqp.connect(url) as connection:
        # What came with the last chunk before this moment is sent too.
        begin = rabbitmq.stream_filters(offset=datetime.now(UTC))
        async with connection.open_sender(address) as sender:
            for number in range(3):
                value = {rabbitmq.FILTER_VALUE: "odd" if number % 2 else "even"}
                await sender.send(amqp.Message(f"event {number}", message_annotations=value))

        # A server that left a filter out would send another part of the stream: have it told.
        offset: int | None = None
        async with connection.open_receiver(address, filters=begin, require_filters=True) as receiver:
            async for delivery in receiver:
                print(delivery.message.body, flush=True)
                offset = rabbitmq.stream_offset(delivery.message)
                # Accepting gives credit back; the message stays in the stream.
                await delivery.accept()
                if delivery.message.body == "event 1":
                    break
        assert offset is not None

        # To go on another time, keep the offset, and begin after it.
        following = rabbitmq.stream_filters(offset=offset + 1)
        async with connection.open_receiver(address, filters=following, require_filters=True) as receiver:
            delivery = await receiver.receive(timeout=10)
            print(f"then {delivery.message.body}")
            await delivery.accept()

        # The server leaves out chunks without an odd event. A chunk may have others beside it.
        odd = rabbitmq.stream_filters(offset=offset - 1, values="odd")
        async with connection.open_receiver(address, filters=odd, require_filters=True) as receiver:
            delivery = await receiver.receive(timeout=10)
            annotations = delivery.message.message_annotations or {}
            print(f"{delivery.message.body} is {annotations[rabbitmq.FILTER_VALUE]}")
            await delivery.accept()


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
