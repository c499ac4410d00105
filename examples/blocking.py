"""Send to a queue and receive from it, without asyncio: python examples/blocking.py [URL [ADDRESS [COUNT]]]"""

import sys

import amqp
import amqp.sync


def main(url: str = "amqp://localhost", address: str = "hello", count: str = "3") -> None:
    with amqp.sync.connect(url) as connection:
        with connection.open_sender(address) as sender:
            pendings = [sender.submit(amqp.Message(f"message {number}")) for number in range(int(count))]
            for pending in pendings:
                pending.result(timeout=10)  # raises unless it was accepted
        with connection.open_receiver(address) as receiver:
            for _ in range(int(count)):
                delivery = receiver.receive(timeout=10)
                print(delivery.message.body, flush=True)
                delivery.accept()


try:
    main(*sys.argv[1:])
except KeyboardInterrupt:
    pass
except amqp.AmqpError as error:
    sys.exit(str(error))
