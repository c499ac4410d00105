"""A subscription that outlives its receiver, such as Artemis has: python examples/durable_subscription.py [URL [TOPIC]]"""

import asyncio
import sys

import amqp

NAME = "reader"


async def main(url: str = "amqp://localhost", topic: str = "news") -> None:
    source = amqp.Source(
        address=topic,
        durable=amqp.TerminusDurability.UNSETTLED_STATE,
        expiry_policy=amqp.TerminusExpiryPolicy.NEVER,
        capabilities=("topic",),
    )
    # The server knows the subscription by the container-id and the name of the link: both have to stay the same.
    async with amqp.connect(url, container_id="durable-example") as connection:
        async with connection.open_receiver(source, name=NAME):
            print("subscribed")
        # Leaving the block has only detached it, as its source is durable. What comes now waits for it.

        target = amqp.Target(address=topic, capabilities=("topic",))
        async with connection.open_sender(target) as sender:
            await sender.send(amqp.Message("while nobody was there"))

        async with connection.open_receiver(source, name=NAME) as receiver:
            delivery = await receiver.receive(timeout=10)
            print(delivery.message.body)
            await delivery.accept()

        # receiver.close() would end it; without a receiver at hand:
        await connection.unsubscribe(NAME)
        print("unsubscribed")


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
