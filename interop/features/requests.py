"""Requests and their replies, and the management of RabbitMQ, which is made of them."""

import asyncio
from typing import Any

import amqp
from interop.expect import check, wrong
from interop.features.says import said
from interop.fronts import Front
from interop.peers import Peer

_VOLATILE = {"capabilities": ["rabbitmq:volatile-queue"], "replies_settled": True}


async def request_and_reply(peer: Peer, front: Front) -> str:
    """A request gets its reply, over a node that the server makes for it."""
    async with front.connect(peer.url) as connection:
        try:
            await _ask(connection, peer)
        except (amqp.AttachRefused, amqp.SessionEnded) as error:
            refused = said(error)
        else:
            return "yes"
        try:
            await _ask(connection, peer, **_VOLATILE)
        except (amqp.AttachRefused, amqp.SessionEnded):
            return refused
        return "with the capability rabbitmq:volatile-queue"


async def reply_over_a_queue(peer: Peer, front: Front) -> str:
    """A request gets its reply over a queue that is there."""
    async with front.connect(peer.url) as connection:
        await _ask(connection, peer, replies=peer.address("formats"))
    return "yes"


async def rabbitmq_management(peer: Peer, front: Front) -> str:
    """Queues, exchanges and bindings are made, looked at and deleted over AMQP."""
    name = f"made by {front.name}/ü"
    async with front.connect(peer.url) as connection:
        try:
            opened = connection.open_rabbitmq_management()
            async with opened as management:
                await _manage(management, name)
        except amqp.AttachRefused as error:
            return said(error)
    return "yes"


async def _ask(connection: Any, peer: Peer, **options: Any) -> None:
    address = peer.address("features")
    async with connection.open_requester(address, **options) as requester:
        asking = asyncio.create_task(requester.request(amqp.Message(b"what?"), timeout=10))
        async with connection.open_receiver(address) as receiver:
            delivery = await receiver.receive(timeout=10)
            asked = delivery.message.properties
            properties = amqp.Properties(correlation_id=asked.message_id)
            async with connection.open_sender(asked.reply_to) as sender:
                await sender.send(amqp.Message(b"that", properties=properties))
            await delivery.accept()
        reply = await asking
        if reply.body != b"that":
            wrong("the reply", b"that", reply.body)


async def _manage(management: Any, name: str) -> None:
    made = await management.declare_queue(name, arguments={"x-queue-type": "quorum"})
    check((made.name, made.type, made.message_count) == (name, "quorum", 0), f"{made!r} was made")
    found = await management.declare_queue(name, arguments={"x-queue-type": "quorum"})
    check(found == made, f"{made!r} was made, and {found!r} is there")
    await _refused(409, management.declare_queue(name, arguments={"x-queue-type": "classic"}))
    await _refused(404, management.get_queue("not there"))
    await management.declare_exchange(name, kind="headers")
    arguments = {"x-match": "all", "kind": "a"}
    await management.bind(name, queue=name, arguments=arguments)
    await management.bind(name, queue=name, key="k;=/")
    bindings = await management.list_bindings(name, queue=name)
    check([dict(each.arguments) for each in bindings] == [arguments], f"{bindings!r} are there")
    await management.unbind(name, queue=name, arguments=arguments)
    await management.unbind(name, queue=name, key="k;=/")
    for key in ("", "k;=/"):
        left = await management.list_bindings(name, queue=name, key=key)
        check(left == [], f"{left!r} are left")
    check(await management.purge_queue(name) == 0, "there were messages")
    check(await management.delete_queue(name) == 0, "there were messages")
    await management.delete_exchange(name)


async def _refused(status: int, call: Any) -> None:
    try:
        await call
    except amqp.ManagementError as error:
        check(error.status == status, f"expected {status}, came {error}")
    else:
        wrong("an impossible request", status, "done")
