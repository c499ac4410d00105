"""This library's blocking client."""

from __future__ import annotations

from collections import deque
from time import perf_counter
from typing import TYPE_CHECKING

import amqp
import amqp.sync
from benchmarks.throughput.workload import CREDIT, HOST, IN_FLIGHT, KEY, Task, Times, body, check, task, tell

if TYPE_CHECKING:
    from amqp.sync import Connection, Pending


def _send(connection: Connection, queue: str, messages: int) -> float:
    sender = connection.open_sender(queue)
    flying: deque[Pending] = deque()
    began = perf_counter()
    for number in range(messages):
        if len(flying) == IN_FLIGHT:
            flying.popleft().result()
        flying.append(sender.submit(amqp.Message(body(number), application_properties={KEY: number})))
    for pending in flying:
        pending.result()
    taken = perf_counter() - began
    sender.close()
    return taken


def _receive(connection: Connection, queue: str, messages: int) -> float:
    count = total = octets = 0
    began = perf_counter()
    receiver = connection.open_receiver(queue, credit=CREDIT)
    for delivery in receiver:
        message = delivery.message
        assert message.application_properties is not None
        total += message.application_properties[KEY]
        octets += len(message.body)
        delivery.accept()
        count += 1
        if count == messages:
            break
    taken = perf_counter() - began
    receiver.close()
    check(count, total, octets)
    return taken


def run(what: Task) -> Times:
    """Do the task."""
    times = Times(what.messages)
    with amqp.sync.connect(f"amqp://{HOST}:{what.port}") as connection:
        for queue in what.batches(times):
            times.sent.append(_send(connection, queue, what.messages))
            times.received.append(_receive(connection, queue, what.messages))
    return times


if __name__ == "__main__":
    tell(run(task()))
