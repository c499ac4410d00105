"""``amqp demo``: messages through a broker of our own over loopback TCP, each one counted."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import amqp
from amqp.broker import Broker
from amqp.cli.interrupts import at_first_signal
from amqp.cli.progress import Progress, make_progress

if TYPE_CHECKING:
    import argparse

ADDRESS = "demo"
IN_FLIGHT = 1_000
"""Messages sent that the broker has not accepted yet."""
PATIENCE = 30.0
"""Seconds without any message after which the rest counts as lost."""


@dataclass(slots=True)
class Tally:
    """Which messages went out, and which came in."""

    wanted: int
    sent: int = 0
    """Accepted by the broker."""
    arrived: bytearray = field(init=False)
    """How often each id came, up to 255."""
    received: int = 0
    """Ids that came at least once."""
    duplicates: int = 0
    strange: int = 0
    """Messages with an id that nobody sent."""

    def __post_init__(self) -> None:
        self.arrived = bytearray(self.wanted)

    def note(self, message_id: object) -> None:
        """Note that a message with this id came in."""
        if not isinstance(message_id, int) or not 0 <= message_id < self.wanted:
            self.strange += 1
        elif self.arrived[message_id]:
            self.duplicates += 1
        else:
            self.arrived[message_id] = 1
            self.received += 1

    @property
    def lost(self) -> int:
        """Messages that the broker accepted and that never came."""
        return self.sent - self.received

    @property
    def good(self) -> bool:
        """Whether each message came exactly once."""
        return self.sent == self.received == self.wanted and self.duplicates == self.strange == 0


def run_demo(arguments: argparse.Namespace) -> int:
    """Run the demo; return 0 when each message came exactly once, else 1."""
    tally = Tally(arguments.messages)
    try:
        seconds = asyncio.run(_demo(tally))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    rate = f"{tally.wanted / seconds:,.0f} messages/s" if seconds else "at once"
    print(f"sent and received at the same time, at least once, in {seconds:.2f} s: {rate}")
    print(f"duplicates {tally.duplicates}, unknown ids {tally.strange}")
    print(f"sent {tally.sent} received {tally.received} lost {tally.lost}")
    return 0 if tally.good else 1


async def _demo(tally: Tally) -> float:
    task = asyncio.current_task()
    assert task is not None
    at_first_signal(task.cancel, signal.SIGINT)
    async with Broker() as broker, broker.listen() as listener:
        print(
            f"embedded broker on {listener.url}: {tally.wanted} messages through the queue {ADDRESS!r}",
            flush=True,
        )
        async with (
            amqp.connect(listener.url) as outgoing,
            amqp.connect(listener.url) as incoming,
            outgoing.open_sender(ADDRESS) as sender,
            incoming.open_receiver(ADDRESS, credit=IN_FLIGHT) as receiver,
        ):
            with make_progress(tally.wanted) as progress:
                began = time.perf_counter()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(_send(sender, tally))
                    tasks.create_task(_receive(receiver, tally, progress))
                return time.perf_counter() - began


async def _send(sender: amqp.aio.Sender, tally: Tally) -> None:
    pending: deque[amqp.aio.Pending] = deque()
    for message_id in range(tally.wanted):
        message = amqp.Message(b"hello", properties=amqp.Properties(message_id=message_id))
        pending.append(await sender.submit(message))
        if len(pending) >= IN_FLIGHT:
            await pending.popleft()
            tally.sent += 1
    for outcome in pending:
        await outcome
        tally.sent += 1


async def _receive(receiver: amqp.aio.Receiver, tally: Tally, progress: Progress) -> None:
    step = min(500, max(1, tally.wanted // 200))
    while tally.received < tally.wanted:
        try:
            delivery = await receiver.receive(timeout=PATIENCE)
        except amqp.OperationTimeout:
            return
        properties = delivery.message.properties
        tally.note(None if properties is None else properties.message_id)
        await delivery.accept()
        if tally.received % step == 0:
            progress.show(tally.sent, tally.received)
    progress.show(tally.wanted, tally.received)
