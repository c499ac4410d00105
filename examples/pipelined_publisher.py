"""Publish many messages, a hundred under way: python examples/pipelined_publisher.py [URL [ADDRESS [COUNT]]]"""

import asyncio
import sys
import time
from collections.abc import Iterator

import amqp


def messages(count: int) -> Iterator[amqp.Message]:
    for number in range(count):
        yield amqp.Message(b"x" * 256, application_properties={"number": number})


async def main(url: str = "amqp://localhost", address: str = "events", count: str = "10000") -> None:
    failed = 0
    async with amqp.connect(url) as connection, connection.open_sender(address) as sender:
        start = time.perf_counter()
        async for pending in sender.send_many(messages(int(count)), in_flight=100):
            # The fates come in the order of the messages. `await pending` would raise the first failure.
            if pending.exception() is not None:
                failed += 1
        seconds = time.perf_counter() - start
    print(f"{int(count) - failed} accepted, {failed} not, {int(count) / seconds:,.0f} a second")


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
