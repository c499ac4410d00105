"""Many messages out and back, each accounted for: none lost, none twice, in order."""

import itertools
import time
from collections import deque

import amqp
from interop.errors import CheckFailed
from interop.expect import nothing_more
from interop.fronts import Front
from interop.peers import Peer

# Enough to keep a connection busy, and a bound on what waits for an outcome.
IN_FLIGHT = 500
CREDIT = 500


async def unsettled(peer: Peer, front: Front, messages: int) -> str:
    """Send at-least-once: each message accepted by the broker, and each accepted by us when it comes back."""
    return await _there_and_back(
        peer, front, peer.address("unsettled"), messages, amqp.SenderSettleMode.UNSETTLED
    )


async def settled(peer: Peer, front: Front, messages: int) -> str:
    """Send at-most-once: settled by the sender in both directions, with no disposition at all."""
    return await _there_and_back(
        peer, front, peer.address("settled"), messages, amqp.SenderSettleMode.SETTLED
    )


async def _there_and_back(
    peer: Peer, front: Front, address: str, messages: int, mode: amqp.SenderSettleMode
) -> str:
    async with front.connect(peer.url) as connection:
        begun = time.monotonic()
        async with connection.open_sender(address, snd_settle_mode=mode) as sender:
            await _send(sender, messages)
        sent = time.monotonic()
        async with connection.open_receiver(address, credit=CREDIT, snd_settle_mode=mode) as receiver:
            numbers = await _receive(receiver, messages, mode)
            received = time.monotonic()
            await nothing_more(receiver)
    account(numbers, messages)
    rates = f"{messages / (sent - begun):,.0f}/s out, {messages / (received - sent):,.0f}/s back"
    return f"sent {messages} received {len(numbers)} lost 0 twice 0, {rates}"


async def _send(sender: amqp.Sender, messages: int) -> None:
    pending: deque[amqp.Pending] = deque()
    for number in range(messages):
        if len(pending) == IN_FLIGHT:
            await pending.popleft()
        properties = amqp.Properties(message_id=f"message-{number}")
        pending.append(await sender.submit(amqp.Message(b"%d" % number, properties=properties)))
    for outcome in pending:
        await outcome


async def _receive(receiver: amqp.Receiver, messages: int, mode: amqp.SenderSettleMode) -> list[int]:
    numbers: list[int] = []
    for _ in range(messages):
        delivery = await receiver.receive()
        numbers.append(_number(delivery.message))
        if delivery.settled is not (mode is amqp.SenderSettleMode.SETTLED):
            raise CheckFailed(
                f"message {numbers[-1]} came with settled={delivery.settled} in mode {mode.name.lower()}"
            )
        await delivery.accept()
    return numbers


def _number(message: amqp.Message) -> int:
    number = int(message.body)
    if message.properties is None or message.properties.message_id != f"message-{number}":
        raise CheckFailed(f"message {number} came with other properties: {message.properties}")
    return number


def account(numbers: list[int], messages: int) -> None:
    """Raise CheckFailed when the numbers that came are not 0 to messages - 1, each once and in order."""
    if numbers == list(range(messages)):
        return
    lost = sorted(set(range(messages)) - set(numbers))
    twice = len(numbers) - len(set(numbers))
    turns = sum(later < earlier for earlier, later in itertools.pairwise(numbers))
    raise CheckFailed(
        f"sent {messages} received {len(numbers)} lost {len(lost)} (first {lost[:5]}) twice {twice}, "
        f"out of order {turns} times"
    )
