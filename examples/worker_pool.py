"""Work on messages with several workers: python examples/worker_pool.py [URL [ADDRESS [COUNT]]]"""

import asyncio
import sys

import amqp

WORKERS = 4


async def work(name: str, receiver: amqp.Receiver) -> None:
    # Each delivery goes to one worker. One that fails is handed back, by `async with`, and the worker goes on.
    async for delivery in receiver:
        try:
            async with delivery:
                await asyncio.sleep(0.01)
                print(f"{name} did {delivery.message.body!r}", flush=True)
        except ValueError as error:
            print(f"{name} failed: {error}", flush=True)


async def main(url: str = "amqp://localhost", address: str = "work", count: str = "20") -> None:
    async with amqp.connect(url) as connection:
        async with connection.open_sender(address) as sender:
            async for pending in sender.send_many(
                amqp.Message(f"job {number}") for number in range(int(count))
            ):
                await pending
        # Twice as many as there are workers: while one is worked on, the next is there.
        receiver = await connection.open_receiver(address, credit=2 * WORKERS)
        workers = [asyncio.create_task(work(f"worker {number}", receiver)) for number in range(WORKERS)]
        # A service would have stop() called by a signal: loop.add_signal_handler(signal.SIGTERM, receiver.stop)
        asyncio.get_running_loop().call_later(1, receiver.stop)
        # It ends the loops, and lets what was begun be finished: closing the receiver would hand that out once more.
        await asyncio.gather(*workers)
        await receiver.close()


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
