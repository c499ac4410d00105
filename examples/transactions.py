"""Move messages from one queue to another, none lost or doubled: python examples/transactions.py [URL [FROM [TO [COUNT]]]]"""

import asyncio
import sys

import amqp


async def main(
    url: str = "amqp://localhost", source: str = "inbox", target: str = "outbox", count: str = "3"
) -> None:
    async with amqp.connect(url) as connection:
        sender = await connection.open_sender(target)
        # Messages to move.
        async with connection.open_sender(source) as filling:
            for number in range(int(count)):
                await filling.send(amqp.Message(f"order {number}"))

        receiver = await connection.open_receiver(source)
        for _ in range(int(count)):
            delivery = await receiver.receive(timeout=10)
            # It is gone here and there once the block has ended; an exception in it undoes both.
            async with receiver.session.transaction() as transaction:
                await sender.send(delivery.message, transaction=transaction)
                await delivery.accept(transaction=transaction)
            print(f"moved {delivery.message.body!r}")

        # What is rolled back was never there.
        transaction = await sender.session.transaction()
        await sender.send(amqp.Message("a mistake"), transaction=transaction)
        await transaction.rollback()
        print(f"a mistake was {transaction.status.value}")


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
