"""Many messages under way at once, and how they are settled."""

from collections import deque

import amqp
from interop.expect import check, nothing_more, wrong
from interop.features.says import said
from interop.fronts import Front
from interop.peers import Peer

MESSAGES = 250
IN_FLIGHT = 50
_MODES = (
    ("snd_settle_mode", amqp.SenderSettleMode.SETTLED),
    ("snd_settle_mode", amqp.SenderSettleMode.UNSETTLED),
    ("rcv_settle_mode", amqp.ReceiverSettleMode.FIRST),
    ("rcv_settle_mode", amqp.ReceiverSettleMode.SECOND),
)


async def pipelined_sending(peer: Peer, front: Front) -> str:
    """`submit()`: fifty messages under way at once, each accepted; they come in their order."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            flying: deque[amqp.Pending] = deque()
            for number in range(MESSAGES):
                if len(flying) == IN_FLIGHT:
                    await _accepted(flying.popleft())
                flying.append(await sender.submit(_numbered(number)))
            for pending in flying:
                await _accepted(pending)
        await _take_all(connection, address)
    return "yes"


async def send_many(peer: Peer, front: Front) -> str:
    """`send_many()`: messages from an iterator, each accepted; taken back by `receive_many()`."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            fates = 0
            async for pending in sender.send_many(map(_numbered, range(MESSAGES)), in_flight=IN_FLIGHT):
                await _accepted(pending)
                fates += 1
            check(fates == MESSAGES, f"send_many told {fates} fates of {MESSAGES}")
        await _take_all(connection, address)
    return "yes"


async def settled_beside_unsettled(peer: Peer, front: Front) -> str:
    """In snd-settle-mode mixed each message is sent settled or not, as it is told."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        try:
            mode = amqp.SenderSettleMode.MIXED
            async with connection.open_sender(address, snd_settle_mode=mode) as sender:
                for number in range(4):
                    outcome = await sender.send(_numbered(number), settled=number % 2 == 0)
                    if (outcome is None) is not (number % 2 == 0):
                        wrong(f"the outcome of message {number}", "one of each second", outcome)
        except amqp.AmqpError as error:
            return said(error)
        async with connection.open_receiver(address) as receiver:
            for number in range(4):
                delivery = await receiver.receive(timeout=10)
                _check_number(number, delivery)
                await delivery.accept()
            await nothing_more(receiver)
    return "yes"


async def settle_modes(peer: Peer, front: Front) -> str:
    """Each settle mode that is asked for is agreed to; one that is not is an error here (2.6.12)."""
    address = peer.address("features")
    refused: list[str] = []
    async with front.connect(peer.url) as connection:
        for role, opening in (("sender", connection.open_sender), ("receiver", connection.open_receiver)):
            for option, mode in _MODES:
                try:
                    async with opening(address, session="own", **{option: mode}):
                        pass
                except amqp.AmqpError as error:
                    refused.append(f"{role}, {option.replace('_', '-')} {mode.name.lower()}: {said(error)}")
    return "; ".join(refused) or "yes"


async def own_tags(peer: Peer, front: Front) -> str:
    """A delivery-tag that the sender chose, of 1 and of 32 octets (2.8.7)."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        async with connection.open_sender(address) as sender:
            for tag in (b"1", bytes(range(32))):
                pending = await sender.submit(amqp.Message(b"tagged"), tag=tag)
                await _accepted(pending)
                if pending.tag != tag:
                    wrong("the tag", tag, pending.tag)
        async with connection.open_receiver(address) as receiver:
            for _ in range(2):
                await (await receiver.receive(timeout=10)).accept()
    return "yes"


async def message_format(peer: Peer, front: Front) -> str:
    """A message-format other than 0: what becomes of it on its way (2.8.11)."""
    address = peer.address("formats")
    async with front.connect(peer.url) as connection:
        try:
            async with connection.open_sender(address) as sender:
                await sender.send(amqp.Message(b"formatted", format=0x0000_0501))
        except amqp.AmqpError as error:
            return said(error)
        async with connection.open_receiver(address) as receiver:
            delivery = await receiver.receive(timeout=10)
            await delivery.accept()
            return "yes" if delivery.format == 0x0000_0501 else f"comes as {delivery.format}"


def _numbered(number: int) -> amqp.Message:
    return amqp.Message(b"%d" % number)


def _check_number(number: int, delivery: amqp.Delivery) -> None:
    if delivery.message.body != b"%d" % number:
        wrong("the next message", b"%d" % number, delivery.message.body)


async def _accepted(pending: amqp.Pending) -> None:
    outcome = await pending
    if not isinstance(outcome, amqp.Accepted):
        wrong("the outcome", amqp.Accepted(), outcome)


async def _take_all(connection: amqp.Connection, address: str) -> None:
    async with connection.open_receiver(address) as receiver:
        number = 0
        while number < MESSAGES:
            deliveries = await receiver.receive_many(40, timeout=10)
            check(0 < len(deliveries) <= 40, f"receive_many(40) gave {len(deliveries)} after {number}")
            for delivery in deliveries:
                _check_number(number, delivery)
                await delivery.accept()
                number += 1
        check(await receiver.receive_many(1, timeout=0.1) == [], "a message came twice")
