"""What is encoded and decoded: values that no library has a say in, fresh in every round."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

ANNOTATION: Final = "x-opt-partition-key"
CONTENT_TYPE: Final = "application/octet-stream"
BODY_BYTES: Final = 256
LIST_ITEMS: Final = 1_000
MAP_ENTRIES: Final = 1_000
ARRAY_ELEMENTS: Final = 100_000
DATA_BYTES: Final = 1 << 20


class MessageValues(NamedTuple):
    """A typical message: 14 values in five sections."""

    durable: bool
    priority: int
    ttl: int
    annotation: str
    message_id: str
    subject: str
    reply_to: str
    correlation_id: str
    content_type: str
    customer: str
    attempt: int
    weight: float
    express: bool
    body: bytes


class TransferValues(NamedTuple):
    """The first transfer of a delivery, without its payload."""

    handle: int
    delivery_id: int
    delivery_tag: bytes
    message_format: int
    settled: bool


class FlowValues(NamedTuple):
    """A flow that gives a link credit."""

    next_incoming_id: int
    incoming_window: int
    next_outgoing_id: int
    outgoing_window: int
    handle: int
    delivery_count: int
    link_credit: int


class DispositionValues(NamedTuple):
    """A receiver's settling of a range of deliveries; the state is accepted in every one."""

    role: bool
    first: int
    last: int
    settled: bool
    is_accepted: bool


class Measure(NamedTuple):
    """What is timed."""

    key: str
    title: str


BUILD: Final = Measure("build", "build")
ENCODE: Final = Measure("encode", "encode")
BUILD_AND_ENCODE: Final = Measure("build-and-encode", "build and encode")
DECODE: Final = Measure("decode", "decode")
"""For values that all libraries decode at once."""
READ: Final = Measure("read", "decode, every value read")
"""For values that some library decodes only when they are looked at."""
WALK: Final = Measure("walk", "decode, nothing read")
"""As much of a decoding as the library does by itself."""


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of values."""

    key: str
    row: str
    """The letter that ``--rows`` takes."""
    title: str
    make: Callable[[Random], Any]
    measures: tuple[Measure, ...]
    batch: int
    """How many there are in a round."""
    turn: int
    """How many a library takes before it is another's turn: a millisecond or so of work, as after a change of turns
    the processor's caches hold another library's code."""
    every: int = 1
    """It is measured in each round, or in each second, third ... of the slow ones."""


def _message(random: Random) -> MessageValues:
    number = random.randrange(1 << 30)
    return MessageValues(
        durable=True,
        priority=4,
        ttl=60_000,
        annotation=f"partition-{number & 0xFFF}",
        message_id=f"message-{number:08x}-{random.randrange(1 << 30):08x}",
        subject=f"orders.created.{number % 1000}",
        reply_to=f"replies/client-{number % 10_000}",
        correlation_id=f"correlation-{random.randrange(1 << 30):08x}",
        content_type=CONTENT_TYPE,
        customer=f"customer {number}",
        # Of both sizes that an int has on the wire.
        attempt=number % 100 if number & 1 else number,
        weight=random.random() * 1000,
        express=bool(number & 2),
        body=random.randbytes(BODY_BYTES),
    )


def _transfer(random: Random) -> TransferValues:
    delivery_id = random.randrange(1 << 20)
    return TransferValues(random.randrange(4), delivery_id, delivery_id.to_bytes(4, "big"), 0, False)


def _flow(random: Random) -> FlowValues:
    received = random.randrange(1 << 20)
    return FlowValues(
        received, 2048, random.randrange(1 << 20), 0xFFFFFFFF, random.randrange(4), received, 100
    )


def _disposition(random: Random) -> DispositionValues:
    first = random.randrange(1 << 20)
    return DispositionValues(True, first, first + random.randrange(100), True, True)


def _value(random: Random, kind: int) -> Any:
    """Return a value of one of ten kinds that every library can write."""
    number = random.randrange(1 << 31)
    match kind % 10:
        case 0:
            return number & 0x7F
        case 1:
            return -number
        case 2:
            return (1 << 40) + number
        case 3:
            return random.random()
        case 4:
            return bool(number & 1)
        case 5:
            return f"text {number}"
        case 6:
            return f"Übergröße {number} \N{SNOWMAN}"
        case 7:
            return random.randbytes(16)
        case 8:
            return uuid.UUID(int=random.getrandbits(128))
        case _:
            return None


def _list(random: Random) -> list[Any]:
    return [_value(random, position) for position in range(LIST_ITEMS)]


def _map(random: Random) -> dict[str, Any]:
    return {f"key {position:04d}": _value(random, position) for position in range(MAP_ENTRIES)}


def _array(random: Random) -> list[int]:
    return [random.getrandbits(63) for _ in range(ARRAY_ELEMENTS)]


def _data(random: Random) -> bytes:
    return random.randbytes(DATA_BYTES)


_FRAME = (ENCODE, BUILD_AND_ENCODE, DECODE)
_LARGE = (ENCODE, BUILD_AND_ENCODE, READ)

CASES: Final = (
    Case(
        "message",
        "a",
        "typical message",
        _message,
        (BUILD, ENCODE, BUILD_AND_ENCODE, READ, WALK),
        batch=200,
        turn=100,
    ),
    Case("transfer", "b", "transfer", _transfer, _FRAME, batch=400, turn=200),
    Case("flow", "b", "flow", _flow, _FRAME, batch=400, turn=200),
    Case("disposition", "b", "disposition", _disposition, _FRAME, batch=400, turn=200),
    Case("list", "c", "list of 1,000 mixed values", _list, _LARGE, batch=5, turn=1),
    Case("map", "c", "map of 1,000 entries", _map, _LARGE, batch=5, turn=1),
    Case("array", "c", "array of 100,000 longs", _array, _LARGE, batch=1, turn=1, every=4),
    Case("data", "c", "1 MiB of data", _data, _LARGE, batch=5, turn=1),
)
