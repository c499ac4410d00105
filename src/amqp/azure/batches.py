"""Messages that travel together in a batch.

::

    await sender.send(azure.batch(messages))
    for message in azure.messages_of(delivery.message):
        ...
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, cast

from amqp.checks import check_int, wrong_type
from amqp.errors import DecodeError, LocalError
from amqp.message import Message
from amqp_spec import AZURE_BATCH_FORMAT, DEFAULT_REGISTRY, AzureAnnotation, Data, Properties

if TYPE_CHECKING:
    from amqp_spec import Registry

__all__ = ["BATCH_FORMAT", "MAX_BATCH_SIZE", "batch", "batches", "messages_of"]

BATCH_FORMAT: Final = AZURE_BATCH_FORMAT
"""The message-format of a batch, 0x80013700: each of its data sections is a whole message (2.8.11)."""

MAX_BATCH_SIZE: Final = "com.microsoft:max-message-batch-size"
"""The key in ``sender.remote_properties`` for the octets that a batch may have, where the server says so."""

_SMALL: Final = 5
_LARGE: Final = 8
"""Octets of a data section around up to 255 octets, and around more."""


def batch(messages: Iterable[Message]) -> Message:
    """Return one message that holds *messages*, in their order, for a sender to Service Bus or Event Hubs.

    They are accepted or not as a whole. The batch has the message-id, the group-id and the partition key of the first.

    Raises:
        LocalError: there are none, or one is no ``Message``.
        EncodeError: one has no body, or a value without an encoding.
    """
    several = _checked(messages)
    if not several:
        raise LocalError("a batch needs one message at least")
    return _envelope(several[0], [message.encode() for message in several])


def batches(messages: Iterable[Message], max_size: int) -> Iterator[Message]:
    """Give batches of *messages*, in their order, each as full as it can be.

    A service takes all of a batch for one partition, so keep messages of different keys or sessions apart before.

    Args:
        messages: what to send.
        max_size: the most octets of a batch, such as ``sender.max_message_size``; 1 to 2^32-1.

    Raises:
        LocalError: *max_size* is out of range, something is no ``Message``, or one message alone is larger.
        EncodeError: as for :func:`batch`.
    """
    check_int("max_size", max_size, 1, 0xFFFF_FFFF)
    first: Message | None = None
    held: list[bytes] = []
    size = 0
    for message in messages:
        octets = _check(message).encode()
        room = len(octets) + (_SMALL if len(octets) <= 0xFF else _LARGE)
        if first is not None and size + room > max_size:
            yield _envelope(first, held)
            first, held = None, []
        if first is None:
            first, size = message, len(_envelope(message, [b""]).encode()) - _SMALL
        held.append(octets)
        size += room
        if size > max_size:
            raise LocalError(f"a message makes a batch of {size} octets alone, and {max_size} are allowed")
    if first is not None:
        yield _envelope(first, held)


def messages_of(message: Message, *, registry: Registry = DEFAULT_REGISTRY) -> list[Message]:
    """Return the messages of a batch, in their order; of any other message, that alone.

    Raises:
        DecodeError: something in the batch is no message, or its body is no data.
    """
    if message.format != BATCH_FORMAT:
        return [message]
    sections = [section for section in message.sections if isinstance(section, Data)]
    if not sections:
        raise DecodeError("the body of a batch is data, and this has none")
    return [Message.decode(section.value, registry=registry) for section in sections]


def _envelope(first: Message, encoded: list[bytes]) -> Message:
    properties = first.properties
    if properties is not None:
        properties = Properties(message_id=properties.message_id, group_id=properties.group_id)
    key = (first.message_annotations or {}).get(AzureAnnotation.PARTITION_KEY)
    annotations: dict[Any, Any] | None = None if key is None else {AzureAnnotation.PARTITION_KEY: key}
    return Message(
        [Data(octets) for octets in encoded],
        properties=properties,
        message_annotations=annotations,
        format=BATCH_FORMAT,
    )


def _checked(messages: object) -> list[Message]:
    if not isinstance(messages, Iterable):
        raise wrong_type("messages", messages, "several of class Message")
    return [_check(message) for message in cast("Iterable[object]", messages)]


def _check(message: object) -> Message:
    if not isinstance(message, Message):
        raise wrong_type("messages", message, "several of class Message")
    return message
