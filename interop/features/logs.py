"""What RabbitMQ 4 adds: streams, single active consumers, quorum queues that count, bury and annotate."""

import asyncio
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import amqp
from amqp import rabbitmq
from amqp_spec import ApplicationPropertiesFilter, PropertiesFilter, SqlFilter
from interop.expect import check, nothing_more, wrong
from interop.features.says import said
from interop.fronts import Front
from interop.peers import Peer
from interop.peers.rabbitmq4 import BURIED, LOG, MORTAL, ODD_NAME, SINGLE, SLOW, RabbitMq4

NOT_ASKED = "-"
# Tenths of a second.
PATIENCE = 40


async def percent_encoded_address(peer: Peer, front: Front) -> str:
    """A queue whose name has a slash, a space and a percent sign, by `rabbitmq.queue()`, and by an exchange and its key."""
    if not isinstance(peer, RabbitMq4):
        return NOT_ASKED
    async with front.connect(peer.url) as connection:
        for address in (rabbitmq.queue(ODD_NAME), rabbitmq.exchange("amq.fanout", ODD_NAME)):
            async with connection.open_sender(address) as sender:
                try:
                    await sender.send(amqp.Message(b"odd"))
                except amqp.MessageReleased:
                    check(address.startswith("/exchanges"), f"{address} took no message")
        async with connection.open_receiver(rabbitmq.queue(ODD_NAME)) as receiver:
            await (await receiver.receive(timeout=10)).accept()
            await nothing_more(receiver)
    return "yes"


async def stream_offsets(peer: Peer, front: Front) -> str:
    """A stream read from its first message, from an offset, a moment, an age, and from what comes next."""
    if not isinstance(peer, RabbitMq4):
        return NOT_ASKED
    token = time.monotonic_ns()
    address = rabbitmq.queue(LOG)
    before = datetime.now(UTC) - timedelta(seconds=1)
    async with front.connect(peer.url) as connection, AsyncExitStack() as stack:
        following = await stack.enter_async_context(
            connection.open_receiver(address, filters=rabbitmq.stream_filters(offset="next"))
        )
        sender = await stack.enter_async_context(connection.open_sender(address))
        for number in range(10):
            await sender.send(amqp.Message(b"%d %d" % (token, number)))
        await _read(following, token, range(10))
        offsets: dict[int, int] = {}
        for offset in ("first", before, timedelta(hours=1)):
            offsets = await _read_from(connection, offset, token, range(10))
        await _read_from(connection, offsets[7], token, range(7, 10))
    return "yes"


async def stream_filter(peer: Peer, front: Front) -> str:
    """A stream's messages by the value that their sender gave them, with those that have none, and without."""
    if not isinstance(peer, RabbitMq4):
        return NOT_ASKED
    token = time.monotonic_ns()
    address = rabbitmq.queue(LOG)
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            for number, value in enumerate(("a", "b", None, "a", "c")):
                annotations = None if value is None else {rabbitmq.FILTER_VALUE: value}
                await sender.send(amqp.Message(b"%d %d" % (token, number), message_annotations=annotations))
        for values, unfiltered, expected in (
            ("a", None, {0, 3}),
            (["a", "b"], False, {0, 1, 3}),
            ("c", True, {2, 4}),
        ):
            filters = rabbitmq.stream_filters(offset="first", values=values, match_unfiltered=unfiltered)
            async with connection.open_receiver(address, filters=filters, require_filters=True) as receiver:
                came = await _numbers(receiver, token, max(expected))
                check(came >= expected, f"of {values!r} only {sorted(came)} came")
                if came != expected:
                    return f"{sorted(came - expected)} come too"
    return "yes"


async def declined_filters(peer: Peer, front: Front) -> str:
    """A filter that the server does not know: seen in `declined_filters`, an error where it is required."""
    if not isinstance(peer, RabbitMq4):
        return NOT_ASKED
    filters = {"com.example:odd": amqp.Described(amqp.Symbol("com.example:odd"), 1)}
    address = rabbitmq.queue(LOG)
    async with front.connect(peer.url) as connection:
        async with connection.open_receiver(address, filters=filters) as receiver:
            declined = tuple(receiver.declined_filters)
            if not declined:
                return "said to be in force"
            if declined != ("com.example:odd",):
                wrong("the filters that were declined", ("com.example:odd",), declined)
        try:
            await connection.open_receiver(address, filters=filters, require_filters=True)
        except amqp.FiltersDeclined as error:
            check(error.names == declined, f"the error names {error.names}")
            return "yes"
    return "not told"


async def sql_filter(peer: Peer, front: Front) -> str:
    """A stream's messages by an SQL expression over their properties."""
    if not isinstance(peer, RabbitMq4):
        return NOT_ASKED
    token = time.monotonic_ns()
    address = rabbitmq.queue(LOG)
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            for number in range(4):
                subject = "odd" if number % 2 else "even"
                properties = amqp.Properties(subject=subject)
                await sender.send(amqp.Message(b"%d %d" % (token, number), properties=properties))
        filters = {**rabbitmq.stream_filters(offset="first"), "sql-filter": SqlFilter("p.subject = 'odd'")}
        try:
            async with connection.open_receiver(address, filters=filters, require_filters=True) as receiver:
                came = await _numbers(receiver, token, 3)
                if came == {0, 1, 2, 3}:
                    return "said to be in force, and selects nothing"
                if came != {1, 3}:
                    wrong("what the expression selects", {1, 3}, came)
        except amqp.FiltersDeclined as error:
            return said(error)
    return "yes"


async def properties_filter(peer: Peer, front: Front) -> str:
    """A stream's messages by what their properties, and their own properties, equal or begin with."""
    if not isinstance(peer, RabbitMq4):
        return NOT_ASKED
    token = time.monotonic_ns()
    address = rabbitmq.queue(LOG)
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            for number in range(4):
                message = amqp.Message(
                    b"%d %d" % (token, number),
                    properties=amqp.Properties(subject="late" if number > 1 else "early"),
                    application_properties={"colour": "dark red" if number % 2 else "blue"},
                )
                await sender.send(message)
        filters = {
            **rabbitmq.stream_filters(offset="first"),
            PropertiesFilter.SYMBOL: PropertiesFilter({"subject": "late"}),
            ApplicationPropertiesFilter.SYMBOL: ApplicationPropertiesFilter({"colour": "&p:dark"}),
        }
        async with connection.open_receiver(address, filters=filters, require_filters=True) as receiver:
            came = await _numbers(receiver, token, 3)
    if came == {0, 1, 2, 3}:
        return "said to be in force, and selects nothing"
    if came != {3}:
        wrong("what the properties select", {3}, came)
    return "yes"


async def single_active_consumer(peer: Peer, front: Front) -> str:
    """Of two receivers of a queue one gets everything; when it goes, the other does. Who it is stands in their flows."""
    if not isinstance(peer, RabbitMq4):
        return NOT_ASKED
    address = rabbitmq.queue(SINGLE)
    async with front.connect(peer.url) as connection, AsyncExitStack() as stack:
        first = await stack.enter_async_context(connection.open_receiver(address, credit=10))
        second = await stack.enter_async_context(connection.open_receiver(address, credit=10))
        sender = await stack.enter_async_context(connection.open_sender(address))
        for number in range(4):
            await sender.send(amqp.Message(b"%d" % number))
        for _ in range(4):
            await (await first.receive(timeout=10)).accept()
        await nothing_more(second)
        told = [(link.flow_properties or {}).get(rabbitmq.ACTIVE) for link in (first, second)]
        await first.close()
        await sender.send(amqp.Message(b"for the second"))
        await (await second.receive(timeout=10)).accept()
        told.append((second.flow_properties or {}).get(rabbitmq.ACTIVE))
    if told == [None, None, None]:
        return "yes, but not told who it is"
    return "yes" if told == [True, False, True] else f"flows say {told}"


async def delivery_count(peer: Peer, front: Front) -> str:
    """A quorum queue counts the deliveries that failed, adds annotations, and gives up after the second: to the dead letters."""
    if not isinstance(peer, RabbitMq4):
        return NOT_ASKED
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(rabbitmq.queue(MORTAL), durable=True) as sender:
            await sender.send(amqp.Message(b"mortal"))
        async with connection.open_receiver(rabbitmq.queue(MORTAL), credit=1) as receiver:
            for count in range(3):
                delivery = await receiver.receive(timeout=10)
                header = delivery.message.header
                counted = 0 if header is None else header.delivery_count
                if counted != count:
                    wrong("the delivery-count", count, counted)
                noted = (delivery.message.message_annotations or {}).get("x-note")
                if noted != (None if count == 0 else count):
                    wrong("the annotation", count, noted)
                await delivery.modify(delivery_failed=True, message_annotations={"x-note": count + 1})
            await nothing_more(receiver)
        died = await _buried(connection, b"mortal")
    return "yes" if died == "mortal: delivery_limit" else died


async def dead_letter(peer: Peer, front: Front) -> str:
    """What is rejected, or undeliverable here, comes to the dead letters, with where it died and why."""
    if not isinstance(peer, RabbitMq4):
        return NOT_ASKED
    told: set[str] = set()
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(rabbitmq.queue(MORTAL), durable=True) as sender:
            for body in (b"rejected", b"undeliverable"):
                await sender.send(amqp.Message(body))
        async with connection.open_receiver(rabbitmq.queue(MORTAL), credit=1) as receiver:
            await (await receiver.receive(timeout=10)).reject()
            told.add(await _buried(connection, b"rejected"))
            await (await receiver.receive(timeout=10)).modify(undeliverable_here=True)
            told.add(await _buried(connection, b"undeliverable"))
    return "yes" if told == {"mortal: rejected"} else "; ".join(sorted(told))


async def consumer_timeout(peer: Peer, front: Front) -> str:
    """A message that a receiver holds for longer than it may is taken back: `accept()` raises `SettledByPeer`."""
    if not isinstance(peer, RabbitMq4):
        return NOT_ASKED
    address = rabbitmq.queue(SLOW)
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            await sender.send(amqp.Message(b"slow"))
        properties = rabbitmq.consumer_properties(timeout=1)
        async with connection.open_receiver(address, properties=properties, credit=1) as receiver:
            delivery = await receiver.receive(timeout=10)
            held = "yes"
            if not await _taken_back(delivery):
                await delivery.accept()
                return "not taken back"
            try:
                await delivery.accept()
                held = "taken back, and accepted"
            except amqp.SettledByPeer:
                pass
        async with connection.open_receiver(address) as receiver:
            await (await receiver.receive(timeout=10)).accept()
    return held


async def _taken_back(delivery: amqp.Delivery) -> bool:
    for _ in range(PATIENCE):
        if delivery.error is not None:
            return True
        await asyncio.sleep(0.1)
    return False


async def _read_from(
    connection: amqp.Connection, offset: str | int | datetime | timedelta, token: int, numbers: range
) -> dict[int, int]:
    filters = rabbitmq.stream_filters(offset=offset)
    address = rabbitmq.queue(LOG)
    async with connection.open_receiver(address, filters=filters, require_filters=True) as receiver:
        return await _read(receiver, token, numbers)


async def _read(receiver: amqp.Receiver, token: int, numbers: range) -> dict[int, int]:
    """Read up to the last of *numbers*; return the offsets of those messages, which must be there once, in order."""
    offsets: dict[int, int] = {}
    while numbers[-1] not in offsets:
        delivery = await receiver.receive(timeout=10)
        message = delivery.message
        whose, number = map(int, message.body.split())
        if whose == token:
            offset = rabbitmq.stream_offset(message)
            check(offset is not None, f"message {number} has no {rabbitmq.OFFSET}")
            offsets[number] = offset or 0
        await delivery.accept()
    if list(offsets) != list(numbers):
        wrong("the messages of the stream", list(numbers), list(offsets))
    return offsets


async def _numbers(receiver: amqp.Receiver, token: int, last: int) -> set[int]:
    came: set[int] = set()
    while last not in came:
        delivery = await receiver.receive(timeout=10)
        whose, number = map(int, delivery.message.body.split())
        if whose == token:
            came.add(number)
        await delivery.accept()
    return came


async def _buried(connection: amqp.Connection, body: bytes) -> str:
    """Take *body* out of the dead letters; return what is said of its deaths."""
    async with connection.open_receiver(rabbitmq.queue(BURIED)) as receiver:
        delivery = await receiver.receive(timeout=10)
        message = delivery.message
        if message.body != body:
            wrong("the dead letter", body, message.body)
        await delivery.accept()
        annotations = message.message_annotations or {}
        deaths = annotations.get("x-opt-deaths")
        if not deaths:
            return f"no x-opt-deaths, {', '.join(sorted(map(str, annotations)))}"
        return f"{deaths[0]['queue']}: {deaths[0]['reason']}"
