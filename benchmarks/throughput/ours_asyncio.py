"""This library's asyncio client."""

from __future__ import annotations

import asyncio
from collections import deque
from time import perf_counter
from typing import TYPE_CHECKING

import amqp
from benchmarks.throughput.workload import CREDIT, HOST, IN_FLIGHT, KEY, Task, Times, body, check, task, tell

if TYPE_CHECKING:
    from amqp.aio import Connection, Pending


async def _send(connection: Connection, queue: str, messages: int) -> float:
    sender = await connection.open_sender(queue)
    flying: deque[Pending] = deque()
    began = perf_counter()
    for number in range(messages):
        if len(flying) == IN_FLIGHT:
            await flying.popleft()
        flying.append(await sender.submit(amqp.Message(body(number), application_properties={KEY: number})))
    for pending in flying:
        await pending
    taken = perf_counter() - began
    await sender.close()
    return taken


async def _receive(connection: Connection, queue: str, messages: int) -> float:
    count = total = octets = 0
    began = perf_counter()
    receiver = await connection.open_receiver(queue, credit=CREDIT)
    async for delivery in receiver:
        message = delivery.message
        assert message.application_properties is not None
        total += message.application_properties[KEY]
        octets += len(message.body)
        await delivery.accept()
        count += 1
        if count == messages:
            break
    taken = perf_counter() - began
    await receiver.close()
    check(count, total, octets)
    return taken


async def run(what: Task) -> Times:
    """Do the task."""
    times = Times(what.messages)
    async with amqp.connect(f"amqp://{HOST}:{what.port}") as connection:
        for queue in what.batches(times):
            times.sent.append(await _send(connection, queue, what.messages))
            times.received.append(await _receive(connection, queue, what.messages))
    return times


if __name__ == "__main__":
    tell(asyncio.run(run(task())))
