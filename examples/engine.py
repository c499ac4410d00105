"""Send a message and receive it, with the engine and a blocking socket: python examples/engine.py [HOST PORT]"""

import socket
import sys
from collections.abc import Iterator
from time import monotonic as now

from amqp import Message, engine
from amqp.options import LinkOptions
from amqp.sasl import Anonymous, SaslClient
from amqp_spec import Accepted, Source, Target


def drive(end: engine.Engine, stream: socket.socket) -> Iterator[engine.Event]:
    while not end.output_closed:
        stream.sendall(b"".join(end.data_to_send(now())))
        stream.settimeout(end.next_timeout(now()))
        try:
            end.receive_data(stream.recv(65_536), now())
        except (TimeoutError, BlockingIOError):
            end.handle_timeout(now())
        yield from end.events()


client = engine.Engine(sasl=SaslClient([Anonymous()]))
client.open()
session = client.begin()
sender = session.attach_sender(LinkOptions(name="out", target=Target(address="hello")))
session.attach_receiver(LinkOptions(name="in", source=Source(address="hello")), credit=1)
with socket.create_connection((sys.argv[1], sys.argv[2]) if sys.argv[1:] else ("localhost", 5672)) as stream:
    for event in drive(client, stream):
        if isinstance(event, engine.CreditChanged) and sender.delivery_count == 0:
            sender.send(Message(b"Hello, world").encode())
        elif isinstance(event, engine.DeliveryReceived):
            print(Message.decode(event.delivery.payload).body)
            event.delivery.settle(Accepted())
            client.close()
        elif isinstance(event, engine.ConnectionFailed | engine.SessionFailed | engine.LinkFailed):
            sys.exit(str(event.fault))
