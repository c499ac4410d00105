"""Work through sessions of a Service Bus queue, each in its order: python examples/service_bus_sessions.py [URL [QUEUE]]

The URL is amqps://POLICY:KEY@NAMESPACE.servicebus.windows.net, with the key percent-encoded.
"""

import asyncio
import sys

import amqp
from amqp import azure

BOTH_SETTLE = amqp.ReceiverSettleMode.SECOND


async def work(receiver: amqp.Receiver) -> None:
    while deliveries := await receiver.receive_many(10, timeout=2):
        for delivery in deliveries:
            print(f"  {delivery.message.body!r}, locked by {azure.lock_token(delivery)}", flush=True)
            if delivery.message.body == b"bad":
                await delivery.reject(azure.dead_letter("Unreadable", "nobody can do that"))
            else:
                await delivery.accept()  # in mode second the message is gone when this returns


async def main(url: str = "amqp://localhost", queue: str = "orders") -> None:
    async with amqp.connect(url) as connection:
        while True:
            try:
                receiver = await connection.open_receiver(
                    queue,
                    filters=azure.session_filter(None),  # the next one that is free
                    require_filters=True,  # a server without sessions would send everything
                    properties=azure.receiver_properties(timeout=10),
                    rcv_settle_mode=BOTH_SETTLE,
                )
            except amqp.AttachRefused as refused:
                if refused.condition != azure.Condition.TIMEOUT:
                    raise
                print("no session has messages")
                return
            async with receiver:
                until = azure.locked_until(receiver)
                print(f"session {azure.session_id(receiver)}, locked until {until:%H:%M:%S}", flush=True)
                await work(receiver)


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
