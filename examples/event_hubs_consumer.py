"""Read a partition of an event hub alone, on from an offset: python examples/event_hubs_consumer.py [URL [HUB [OFFSET [COUNT]]]]

The URL is amqps://POLICY:KEY@NAMESPACE.servicebus.windows.net, with the key percent-encoded.
"""

import asyncio
import sys

import amqp
from amqp import azure

PARTITION = 0


async def consume(connection: amqp.Connection, hub: str, offset: str, count: int) -> str:
    """Read up to *count* events behind *offset*; return where to go on."""
    async with connection.open_receiver(
        azure.partition_address(hub, PARTITION),
        filters=azure.position_filter(offset),
        # Whoever comes with a higher epoch takes the partition over.
        properties=azure.receiver_properties(epoch=1, name="example"),
        require_filters=True,
        auto_accept=True,
    ) as receiver:
        for _ in range(count):
            delivery = await receiver.receive(timeout=60)
            annotations = delivery.message.message_annotations or {}
            offset = str(annotations[azure.Annotation.OFFSET])
            print(f"{delivery.message.body!r} at offset {offset}", flush=True)
    return offset


async def main(
    url: str = "amqp://localhost", hub: str = "hub", offset: str = azure.EARLIEST, count: str = "10"
) -> None:
    async with amqp.connect(url) as connection:
        try:
            offset = await consume(connection, hub, offset, int(count))
            print(f"go on behind {offset}")
        except amqp.LinkStolen as stolen:
            print(f"another consumer has the partition: {stolen}")


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
