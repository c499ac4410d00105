"""Topics, subscriptions that outlive their link, and filters."""

from typing import Any

import amqp
from amqp_spec import SelectorFilter, TerminusDurability, TerminusExpiryPolicy
from interop.expect import check, nothing_more
from interop.features.says import said
from interop.fronts import Front
from interop.peers import Peer

_NO_TOPICS = "has no topics for links"


async def selector(peer: Peer, front: Front) -> str:
    """A selector lets through what it names, and leaves the rest in the queue."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            for colour in ("blue", "red"):
                await sender.send(amqp.Message(colour, application_properties={"colour": colour}))
        try:
            # A session of its own: RabbitMQ 3.10 gives back with the session what a receiver had not settled.
            async with connection.open_session() as session:
                told = await _select(session, address)
        except amqp.AmqpError as error:
            told = said(error)
        async with connection.open_receiver(address) as receiver:
            rest: set[Any] = set()
            for _ in ["blue"] if told == "yes" else ["blue", "red"]:
                delivery = await receiver.receive(timeout=10)
                rest.add(delivery.message.body)
                await delivery.accept()
            await nothing_more(receiver)
            check(rest >= {"blue"}, f"{rest} was left")
    return told


async def _select(session: amqp.Session, address: str) -> str:
    red = [SelectorFilter("colour = 'red'")]
    async with session.open_receiver(address, filters=red, require_filters=True) as receiver:
        delivery = await receiver.receive(timeout=10)
        if delivery.message.body == "blue":
            await delivery.release()
            return "says that it filters, and does not"
        await delivery.accept()
        await nothing_more(receiver)
    return "yes"


async def publish_and_subscribe(peer: Peer, front: Front) -> str:
    """Each of two receivers of a topic gets each message, and none that was sent before."""
    if peer.topic is None:
        return _NO_TOPICS
    source = amqp.Source(address=peer.topic, capabilities=("topic",))
    async with front.connect(peer.url) as connection, _publisher(peer, connection) as sender:
        await sender.send(amqp.Message("before"))
        async with connection.open_receiver(source) as one, connection.open_receiver(source) as other:
            await sender.send(amqp.Message("news"))
            for receiver in (one, other):
                await _takes(receiver, "news")
                await nothing_more(receiver)
    return "yes"


async def durable_subscription(peer: Peer, front: Front) -> str:
    """A subscription is kept while its receiver is away; it is looked up without a source, and ended (2.6.3, 3.5.6)."""
    if peer.topic is None:
        return _NO_TOPICS
    source = amqp.Source(
        address=peer.topic,
        durable=TerminusDurability.UNSETTLED_STATE,
        expiry_policy=TerminusExpiryPolicy.NEVER,
        capabilities=("topic",),
    )
    # Container and link together name it.
    container, name = f"durable-{front.name}", "subscription"
    async with front.connect(peer.url, container_id=container) as connection:
        await (await connection.open_receiver(source, name=name)).detach()
    async with front.connect(peer.url) as connection, _publisher(peer, connection) as sender:
        await sender.send(amqp.Message("while away"))
    async with front.connect(peer.url, container_id=container) as connection:
        found = await connection.open_receiver(None, name=name, credit=0)
        check(found.source is not None and found.source.address is not None, "the subscription was not found")
        await found.detach()
        receiver = await connection.open_receiver(source, name=name)
        await _takes(receiver, "while away")
        await receiver.detach()
        await connection.unsubscribe(name)
        try:
            await connection.open_receiver(None, name=name, credit=0)
        except amqp.AttachRefused as error:
            check(error.condition == "amqp:not-found", f"what is gone was refused by {error.condition}")
            return "yes"
    return "is there still after its end"


async def shared_subscription(peer: Peer, front: Front) -> str:
    """Two receivers of one name share the messages of a topic (capability shared)."""
    if peer.topic is None:
        return _NO_TOPICS
    source = amqp.Source(address=peer.topic, capabilities=("topic", "shared", "global"))
    async with front.connect(peer.url) as connection:
        # What stands before the bar is the name of the subscription.
        one = await connection.open_receiver(source, name="shared|1", credit=1)
        other = await connection.open_receiver(source, name="shared|2", credit=1)
        async with _publisher(peer, connection) as sender:
            for number in (1, 2):
                await sender.send(amqp.Message(number))
        came: list[Any] = []
        for receiver in (one, other):
            delivery = await receiver.receive(timeout=10)
            came.append(delivery.message.body)
            await delivery.accept()
        if sorted(came) == [1, 2]:
            return "yes"
    return "gives each of them each message"


def _publisher(peer: Peer, connection: amqp.Connection) -> Any:
    return connection.open_sender(amqp.Target(address=peer.topic, capabilities=("topic",)))


async def _takes(receiver: amqp.Receiver, body: str) -> None:
    delivery = await receiver.receive(timeout=10)
    check(delivery.message.body == body, f"{delivery.message.body!r} came, not {body!r}")
    await delivery.accept()
