"""What hostile input may cost: time in proportion to its size, and a bounded multiple of it in memory."""

from __future__ import annotations

import gc
import math
import struct
import time
import tracemalloc
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from amqp import Message
from amqp_spec import (
    Attach,
    Data,
    Decimal128,
    DecodeError,
    Map,
    Open,
    SaslMechanisms,
    decode_frame,
    decode_sasl_frame,
    decode_value,
    encode_value,
    skip_value,
)
from amqp_spec.reading import KNOWN_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.measures

KIB = 1024
SMALL, LARGE = KIB, 1024 * KIB
EXPONENT = 1.15
AMPLIFICATION = 80
MERSENNE = (1 << 61) - 1
"""CPython's hash of a number is its remainder by this: multiples of it collide as UUIDs and as Decimals."""


def _compound(code: int, items: bytes, count: int) -> bytes:
    return bytes((code,)) + struct.pack(">II", len(items) + 4, count) + items


def list_of(item: bytes) -> Callable[[int], bytes]:
    return lambda size: _compound(0xD0, item * (size // len(item)), size // len(item))


def array_of(code: int, element: bytes) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        count = size // len(element)
        body = bytes((code,)) + element * count
        return b"\xf0" + struct.pack(">II", len(body) + 4, count) + body

    return make


def map_of(key: Callable[[int], bytes]) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        count = size // (len(key(0)) + 1)
        return _compound(0xD1, b"".join([key(n) + b"\x41" for n in range(count)]), 2 * count)

    return make


def described_inside_lists(size: int) -> bytes:
    inner = b"\x00\x53\x01" * 20 + b"\x40"
    block = bytes((0xC0, len(inner) + 1, 1)) + inner
    return list_of(block)(size)


def nested(size: int) -> bytes:
    block = b"\x45"
    for _ in range(25):
        block = bytes((0xC0, len(block) + 1, 1)) + block
    return list_of(block)(size)


def fault_at_the_end(size: int) -> bytes:
    return _compound(0xD0, b"\x54\x01" * (size // 2) + b"\x01", size // 2 + 1)


def text_that_ends_badly(size: int) -> bytes:
    return b"\xb1" + struct.pack(">I", size) + b"x" * (size - 1) + b"\xff"


def _touched(data: bytes) -> Any:
    value = decode_value(data)
    if isinstance(value, Map):
        assert value.get("none") is None
        len(value)
    return value


def _refused(data: bytes) -> Any:
    with pytest.raises(DecodeError):
        decode_value(data)


def _skipped(data: bytes) -> Any:
    return skip_value(data, 0, len(data))


def _written(data: bytes) -> Any:
    return encode_value(decode_value(data))


def _frame(data: bytes) -> Any:
    with pytest.raises(DecodeError):
        decode_frame(b"\x00\x53\x10\xc0\xff\x02" + data)


def _message(data: bytes) -> Any:
    message = Message.decode(b"\x00\x53\x74" + data + b"\x00\x53\x77" + data)
    return message.application_properties, message.body


def seconds(work: Callable[[bytes], Any], data: bytes, repeats: int) -> float:
    """The least time of this thread, without what the collector of garbage takes for the other tests' objects."""
    best = math.inf
    gc.disable()
    try:
        for _ in range(repeats):
            begun = time.thread_time_ns()
            work(data)
            best = min(best, (time.thread_time_ns() - begun) / 1e9)
    finally:
        gc.enable()
    return best


def exponent(make: Callable[[int], bytes], work: Callable[[bytes], Any]) -> float:
    """How the time grows with the size: 1 is in proportion, 2 is quadratic."""
    small, large = make(SMALL), make(LARGE)
    growth = seconds(work, large, 3) / seconds(work, small, 20)
    return math.log(growth) / math.log(len(large) / len(small))


def int_key(n: int) -> bytes:
    return b"\x71" + struct.pack(">i", n)


def uuid_key(n: int) -> bytes:
    return b"\x98" + (n * MERSENNE).to_bytes(16, "big")


def decimal_key(n: int) -> bytes:
    # Exponent 0 (a biased 6176) and a coefficient that is a multiple.
    return b"\x94" + (6176 << 113 | n * MERSENNE).to_bytes(16, "big")


def symbol_key(n: int) -> bytes:
    return b"\xa3\x08" + b"%08d" % n


def list_key(n: int) -> bytes:
    return b"\xc0\x06\x01" + int_key(n)


@pytest.mark.timeout(180)
@pytest.mark.fault("A10")
@pytest.mark.parametrize(
    ("make", "work"),
    [
        pytest.param(list_of(b"\x40"), decode_value, id="list of nulls"),
        pytest.param(list_of(b"\xa1\x01x"), decode_value, id="list of strings"),
        pytest.param(list_of(b"\xc0\x01\x00"), decode_value, id="list of empty lists"),
        pytest.param(list_of(b"\xa3\x03a:b"), _written, id="list of symbols, written again"),
        pytest.param(list_of(b"\xa1\x01x"), _skipped, id="list skipped"),
        pytest.param(array_of(0xA1, b"\x01x"), decode_value, id="array of strings"),
        pytest.param(array_of(0xC0, b"\x01\x00"), decode_value, id="array of lists"),
        pytest.param(array_of(0x70, b"\x00\x00\x00\x01"), _written, id="array of uints, written again"),
        pytest.param(described_inside_lists, decode_value, id="described values"),
        pytest.param(nested, decode_value, id="nested lists"),
        pytest.param(fault_at_the_end, _refused, id="fault at the end"),
        pytest.param(text_that_ends_badly, _refused, id="text that ends badly"),
        pytest.param(map_of(int_key), _touched, id="map of ints"),
        pytest.param(map_of(symbol_key), _message, id="message of two maps"),
        pytest.param(map_of(list_key), _touched, id="map with lists as keys"),
        pytest.param(map_of(symbol_key), _frame, id="map of a performative"),
    ],
)
def test_time_is_in_proportion_to_the_size(
    make: Callable[[int], bytes], work: Callable[[bytes], Any]
) -> None:
    assert exponent(make, work) <= EXPONENT


@pytest.mark.timeout(180)
@pytest.mark.fault("B1")
@pytest.mark.parametrize("key", [uuid_key, decimal_key], ids=["uuid", "decimal"])
def test_keys_made_to_collide_cost_no_more_than_others(key: Callable[[int], bytes]) -> None:
    assert exponent(map_of(key), _touched) <= EXPONENT


@pytest.mark.fault("B1")
def test_those_keys_do_collide_in_a_dict() -> None:
    assert {hash(UUID(bytes=uuid_key(n)[1:])) for n in range(100)} == {hash(UUID(int=0))}
    decimals = [Decimal128(int.from_bytes(decimal_key(n)[1:], "big")).to_decimal() for n in range(100)]
    assert {hash(decimal) for decimal in decimals} == {hash(0)}
    assert len(set(decimals)) == 100


def peak(work: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        kept = work()
        found = tracemalloc.get_traced_memory()[1]
        del kept
    finally:
        tracemalloc.stop()
    return found


def distinct(size: int, digits: int) -> bytes:
    return map_of(lambda n: bytes((0xA3, digits)) + b"%0*d" % (digits, n))(size)


@pytest.mark.timeout(120)
@pytest.mark.fault("A12")
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(map_of(int_key)(64 * KIB), id="ints"),
        pytest.param(map_of(uuid_key)(64 * KIB), id="uuids"),
        pytest.param(map_of(list_key)(64 * KIB), id="lists"),
        pytest.param(distinct(64 * KIB, 5), id="symbols"),
        pytest.param(nested(64 * KIB), id="nested lists"),
        pytest.param(described_inside_lists(64 * KIB), id="described values"),
        pytest.param(b"\xf0" + struct.pack(">IIB", 5, 0xFFFFFFFF, 0x43), id="row of zeros"),
    ],
)
def test_memory_of_a_value_that_was_looked_at(data: bytes) -> None:
    assert peak(lambda: _touched(data)) <= AMPLIFICATION * len(data) + 64 * KIB


@pytest.mark.timeout(120)
@pytest.mark.fault("A12")
def test_memory_of_frames() -> None:
    capabilities = tuple(f"c{n}" for n in range(10_000))
    properties = {f"k{n}": [n] for n in range(340)}
    for frame in (
        Open(container_id="x", offered_capabilities=capabilities, properties=properties),
        Attach(name="x", handle=0, role=True, properties=properties, desired_capabilities=capabilities),
    ):
        data = frame.encode()
        assert peak(lambda data=data: decode_frame(data)) <= AMPLIFICATION * len(data) + 64 * KIB  # type: ignore[misc]  # mypy infers no default
    data = SaslMechanisms(sasl_server_mechanisms=capabilities).encode()
    assert peak(lambda: decode_sasl_frame(data)) <= AMPLIFICATION * len(data) + 64 * KIB


@pytest.mark.timeout(120)
@pytest.mark.fault("A11")
@pytest.mark.fault("A12")
def test_memory_of_many_sections() -> None:
    data = Data(b"").encode() * 10_000

    def read() -> Message:
        message = Message.decode(data)
        assert message.body == b""
        return message

    assert peak(read) <= AMPLIFICATION * len(data) + 64 * KIB


@pytest.mark.fault("A1")
def test_ten_octets_cost_less_than_a_kibibyte() -> None:
    data = b"\xf0" + struct.pack(">IIB", 5, 0xFFFFFFFF, 0x45)
    assert len(data) == 10
    decode_value(data)
    assert peak(lambda: decode_value(data)) <= KIB


STEP = 32
ROUNDS = 2


@pytest.mark.fault("B7")
def test_nothing_of_a_peer_is_kept() -> None:
    def read(start: int) -> None:
        for n in range(start, start + STEP):
            name = b"name-%08d" % n
            symbol = b"\xa3" + bytes((len(name),)) + name
            text = b"\xa1" + bytes((len(name),)) + name
            decode_value(b"\x00" + symbol + b"\x40")
            decode_value(_compound(0xD1, symbol + text, 2)).get("x")
            encode_value(decode_value(symbol))
            encode_value({name.decode(): 1})
            Open.decode(Open(container_id=name.decode(), properties={name.decode(): 1}).encode())

    def most(start: int) -> int:
        """The most that is held after any step: tables of known keys fill up, and are emptied when they are full."""
        held = 0
        for step in range(start, start + ROUNDS * KNOWN_KEYS, STEP):
            read(step)
            held = max(held, tracemalloc.get_traced_memory()[0])
        return held

    gc.collect()
    tracemalloc.start()
    try:
        most(0)  # what is held from before was not traced
        before = most(1_000_000)
        growth = most(2_000_000) - before
    finally:
        tracemalloc.stop()
    assert growth < 16 * KIB
