"""A broker in memory on proton's server side: python proton_broker.py HOST PORT, run by the Python that has proton.

Queues come into being when named. What is sent to a queue whose name begins with "raw-" comes out byte for byte;
elsewhere proton decodes what comes in and encodes what goes out, and what it cannot decode is rejected. $refuse
refuses the attach; a message sent to $detach, $end or $close ends the link, the session or the connection with
an error.
"""

import signal
import sys
from collections import deque
from dataclasses import dataclass

# Installed in the peer's own environment, and so unknown to this project's type checker.
from proton import (  # type: ignore[import-not-found]
    Condition,
    Delivery,
    Endpoint,
    Event,
    Link,
    Message,
    MessageException,
    Receiver,
    Sender,
    Terminus,
)
from proton.handlers import Handshaker  # type: ignore[import-not-found]
from proton.reactor import Container  # type: ignore[import-not-found]

CREDIT = 200
MAX_FRAME_SIZE = 32768
REFUSALS = {"$reject": Delivery.REJECTED, "$release": Delivery.RELEASED, "$modify": Delivery.MODIFIED}


@dataclass
class Item:
    """A message in a queue: its bytes, and how often its delivery failed."""

    data: bytes
    failures: int = 0


class Queue:
    """Messages that wait, and the consumers that take them in turn."""

    def __init__(self, name: str) -> None:
        self.raw = name.startswith("raw-")
        self.ready: deque[Item] = deque()
        self.consumers: list[Consumer] = []

    def put(self, item: Item) -> None:
        """Take a new message."""
        self.ready.append(item)
        self.pump()

    def put_back(self, items: list[Item]) -> None:
        """Take messages back, to the front and in their order."""
        self.ready.extendleft(reversed(items))
        self.pump()

    def pump(self) -> None:
        """Deliver for as long as there are messages and consumers with credit."""
        sent = True
        while sent:
            sent = False
            for consumer in self.consumers:
                if self.ready and consumer.link.credit > 0:
                    consumer.deliver(self.ready.popleft(), raw=self.raw)
                    sent = True


class Consumer:
    """A link that we send on, and its deliveries without an outcome in the order of sending."""

    def __init__(self, link: Sender, queue: Queue) -> None:
        self.link = link
        self.queue = queue
        self.unsettled: dict[str, Item] = {}
        queue.consumers.append(self)

    def deliver(self, item: Item, *, raw: bool) -> None:
        """Send a message."""
        delivery = self.link.delivery(self.link.delivery_tag())
        self.link.stream(item.data if raw else encoded_anew(item))
        if self.link.snd_settle_mode == Link.SND_SETTLED:
            delivery.settle()
        else:
            self.unsettled[delivery.tag] = item
        self.link.advance()

    def settle(self, delivery: Delivery) -> None:
        """Do what the peer's outcome says, and settle."""
        item = self.unsettled.pop(delivery.tag, None)
        if item is not None:
            state = delivery.remote_state
            if state == Delivery.MODIFIED and delivery.remote.failed:
                item.failures += 1
            here_no_more = state == Delivery.MODIFIED and delivery.remote.undeliverable
            if state not in (Delivery.ACCEPTED, Delivery.REJECTED) and not here_no_more:
                self.queue.put_back([item])
        delivery.settle()

    def leave(self) -> None:
        """Give the queue back what has no outcome yet."""
        if self not in self.queue.consumers:
            return
        self.queue.consumers.remove(self)
        items = list(self.unsettled.values())
        for item in items:
            item.failures += 1
        self.unsettled.clear()
        self.queue.put_back(items)


class Browser(Consumer):
    """A consumer that sees what is there, and takes nothing."""

    def __init__(self, link: Sender, queue: Queue) -> None:
        seen = Queue("raw-copies")
        super().__init__(link, seen)
        seen.ready.extend(queue.ready)


def addressed_to(data: bytes) -> str:
    """Return where a message says it goes."""
    message = Message()
    message.decode(data)
    return message.address or ""


def encoded_anew(item: Item) -> bytes:
    """Return the message as proton writes it after reading it."""
    message = Message()
    message.decode(item.data)
    message.delivery_count = item.failures
    data: bytes = message.encode()
    return data


def is_readable(data: bytes) -> bool:
    """Say whether proton can decode the message."""
    try:
        Message().decode(data)
    except MessageException:
        return False
    return True


def fail(endpoint: Endpoint, name: str, description: str) -> None:
    """End a link, session or connection with an error."""
    endpoint.condition = Condition(name, description)
    endpoint.close()


class Broker:
    """The handler of proton's events; those that are answered in kind are left to proton's Handshaker."""

    def __init__(self, host: str, port: str) -> None:
        self.handlers = [Handshaker()]
        self.url = f"{host}:{port}"
        self.queues: dict[str, Queue] = {}
        self.named = 0

    def queue(self, name: str) -> Queue:
        """Return the queue of that name, made if need be."""
        return self.queues.setdefault(name, Queue(name))

    def on_reactor_init(self, event: Event) -> None:
        """Listen."""
        event.container.listen(self.url)
        print("ready")

    def on_connection_bound(self, event: Event) -> None:
        """Set what must be set before the first byte goes out."""
        event.transport.max_frame_size = MAX_FRAME_SIZE
        # Cyrus SASL offers PLAIN under TLS alone otherwise.
        event.transport.sasl().allow_insecure_mechs = True

    def on_connection_remote_open(self, event: Event) -> None:
        """Say who we are."""
        event.connection.container = "proton-broker"

    def on_link_remote_open(self, event: Event) -> None:
        """Answer an attach, as sender or receiver, or refuse it."""
        link = event.link
        address = link.remote_source.address if link.is_sender else link.remote_target.address
        dynamic = link.is_sender and link.remote_source.dynamic
        if (not address and link.is_sender and not dynamic) or address == "$refuse":
            # 2.6.3: a refusal is an attach without the terminus, and then a detach.
            (link.source if link.is_sender else link.target).type = Terminus.UNSPECIFIED
            link.open()
            fail(link, "amqp:not-found", "no such address")
            return
        link.source.copy(link.remote_source)
        link.target.copy(link.remote_target)
        if dynamic:
            self.named += 1
            link.source.address = address = f"dynamic-{self.named}"
        link.snd_settle_mode = link.remote_snd_settle_mode
        link.rcv_settle_mode = link.remote_rcv_settle_mode
        link.open()
        if link.is_sender:
            kind = Browser if link.remote_source.distribution_mode == Terminus.DIST_MODE_COPY else Consumer
            link.consumer = kind(link, self.queue(address))
        else:
            link.flow(CREDIT)

    def on_link_flow(self, event: Event) -> None:
        """Use new credit; what remains of it is given up when the peer drains."""
        consumer = consumer_of(event.link)
        if consumer is not None:
            consumer.queue.pump()
            if event.link.drain_mode:
                event.link.drained()

    def on_delivery(self, event: Event) -> None:
        """Take a message that is complete, or the outcome of one of ours."""
        delivery, link = event.delivery, event.link
        if link.is_receiver:
            if delivery.aborted:
                delivery.settle()
                link.flow(1)
            elif delivery.readable and not delivery.partial:
                self.receive(link, delivery)
        elif delivery.updated and (delivery.settled or delivery.remote_state):
            consumer = consumer_of(link)
            if consumer is not None:
                consumer.settle(delivery)

    def receive(self, link: Receiver, delivery: Delivery) -> None:
        """Put a message into its queue, or do what its address asks for."""
        data = link.recv(delivery.pending)
        link.advance()
        link.flow(1)
        # Without an address each message says where it goes.
        address = link.target.address or addressed_to(data)
        if address in REFUSALS:
            delivery.local.condition = Condition("amqp:not-allowed", "rejected as the address asks")
            delivery.local.failed = address == "$modify"
            delivery.update(REFUSALS[address])
            delivery.settle()
        elif address == "$detach":
            fail(link, "amqp:resource-deleted", "detached as the address asks")
        elif address == "$end":
            fail(link.session, "amqp:resource-limit-exceeded", "ended as the address asks")
        elif address == "$close":
            fail(link.connection, "amqp:connection:forced", "closed as the address asks")
        else:
            queue = self.queue(address)
            if queue.raw or is_readable(data):
                queue.put(Item(data))
                delivery.update(Delivery.ACCEPTED)
            else:
                delivery.local.condition = Condition("amqp:decode-error", "proton cannot decode this message")
                delivery.update(Delivery.REJECTED)
            delivery.settle()

    def on_link_remote_close(self, event: Event) -> None:
        """Give back what the consumer had."""
        leave(event.link)

    def on_session_remote_close(self, event: Event) -> None:
        """Give back what the session's consumers had."""
        for link in links(event.connection):
            if link.session == event.session:
                leave(link)

    def on_connection_remote_close(self, event: Event) -> None:
        """Give back what the connection's consumers had."""
        for link in links(event.connection):
            leave(link)

    def on_transport_closed(self, event: Event) -> None:
        """Give back what the connection's consumers had: it may have gone without a close."""
        for link in links(event.connection):
            leave(link)


def consumer_of(link: Link) -> Consumer | None:
    """Return the consumer of a link that we send on, None for other links and refused ones."""
    return getattr(link, "consumer", None)


def leave(link: Link) -> None:
    """End the consumer of a link, if it has one."""
    consumer = consumer_of(link)
    if consumer is not None:
        consumer.leave()


def links(connection: Endpoint) -> list[Link]:
    """Return all links of a connection."""
    found = []
    link = connection.link_head(0)
    while link is not None:
        found.append(link)
        link = link.next(0)
    return found


if __name__ == "__main__":
    # proton's loop can only be left by an exception; nothing is to be saved.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Container(Broker(*sys.argv[1:3])).run()
