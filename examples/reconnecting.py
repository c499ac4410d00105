"""Consume for as long as it takes, through restarts of the server: python examples/reconnecting.py [URL [ADDRESS]]

It ends on SIGTERM, once the message that is worked on is done, and on an error that trying again does not mend.
"""

import asyncio
import signal
import sys

import amqp


async def work(message: amqp.Message) -> None:
    print(f"did {message.body!r}", flush=True)


async def main(url: str = "amqp://localhost", address: str = "hello") -> None:
    loop = asyncio.get_running_loop()
    pause = 1
    while True:
        try:
            async with amqp.connect(url) as connection, connection.open_receiver(address) as receiver:
                loop.add_signal_handler(signal.SIGTERM, receiver.stop)
                print(f"receiving from {address}", flush=True)
                pause = 1
                async for delivery in receiver:
                    try:
                        async with delivery:
                            await work(delivery.message)
                    except ValueError as error:
                        # The message goes back, as failed; this loop goes on.
                        print(f"failed: {error}", flush=True)
                return
        except amqp.AmqpFault as error:
            if not error.retryable:
                raise
            print(f"again in {pause} s: {error}", flush=True)
        loop.remove_signal_handler(signal.SIGTERM)
        await asyncio.sleep(pause)
        pause = min(2 * pause, 30)


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
