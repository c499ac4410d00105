"""Make queues and bindings in RabbitMQ from 4.0 on: python examples/rabbitmq_management.py [URL [QUEUE [EXCHANGE]]]

It deletes the queue and the exchange at its end, with all that is in them: name none that you need.
"""

import asyncio
import sys

import amqp


async def main(
    url: str = "amqp://guest:guest@localhost", queue: str = "example-orders", exchange: str = "example-shop"
) -> None:
    async with amqp.connect(url) as connection, connection.open_rabbitmq_management() as management:
        # What is there already is found, if it is as it is asked for; else that is a ManagementError.
        await management.declare_exchange(exchange, kind="topic")
        made = await management.declare_queue(queue, arguments={"x-queue-type": "quorum"})
        await management.bind(exchange, queue=queue, key="order.#")
        print(f"{made.name} is a {made.type} queue with {made.message_count} messages")

        for binding in await management.list_bindings(exchange, queue=queue, key="order.#"):
            print(f"{binding.source} sends {binding.key} to {binding.queue}")

        try:
            await management.declare_queue(queue, arguments={"x-queue-type": "classic"})
        except amqp.ManagementError as error:
            print(f"not a classic one: {error.status}")

        print(f"deleted with {await management.delete_queue(queue)} messages")
        await management.delete_exchange(exchange)


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
