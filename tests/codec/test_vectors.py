"""Every wire vector of tests/vectors in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import amqp_spec
from amqp import Message
from amqp.engine.frames import AMQP_FRAME, SASL_FRAME, FrameSplitter, channel_head
from amqp_spec import decode_frame, decode_sasl_frame, identical, peek_descriptor
from tests.codec.vectors import FOLDER, AmqpFrame, SaslFrame, Vector, load, octets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

COMPOSITES = [*load("performatives"), *load("sasl"), *load("messaging"), *load("transactions")]

# 1.6.1 to 1.6.24.
ENCODINGS = frozenset(
    bytes.fromhex(
        "40 56 41 42 50 60 70 52 43 80 53 44 51 61 71 54 81 55 72 82 74 84 94 73 83 98"
        "a0 b0 a1 b1 a3 b3 45 c0 d0 c1 d1 e0 f0"
    )
)


def _ids(vectors: Sequence[Vector]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", vectors, ids=lambda vector: vector.name)


@_ids(COMPOSITES)
def test_composite(vector: Vector) -> None:
    assert identical(type(vector.value).decode(vector.octets), vector.value)
    again = vector.value.encode()
    if vector.is_canonical:
        assert again.hex(" ") == vector.octets.hex(" ")
    else:
        assert again != vector.octets
    assert identical(type(vector.value).decode(again), vector.value)


@_ids(load("messages"))
def test_message(vector: Vector) -> None:
    message = Message.decode(vector.octets)
    assert len(message.sections) == len(vector.value.sections)
    for one, other in zip(message.sections, vector.value.sections, strict=True):
        assert identical(one, other)
    assert message == vector.value
    assert (vector.value.encode() == vector.octets) is vector.is_canonical


@_ids(load("frames"))
def test_frame(vector: Vector) -> None:
    splitter = FrameSplitter(65_536)
    splitter.expect_header = False
    ((kind, channel, frame, at),) = splitter.split(vector.octets)
    found: Any
    if kind == SASL_FRAME:
        found = SaslFrame(decode_sasl_frame(frame, at)[0])
    elif at == len(frame):
        found = AmqpFrame(channel)
    else:
        performative, end = decode_frame(frame, at)
        found = AmqpFrame(channel, performative, frame[end:])
    assert found == vector.value
    assert (_framed(vector.value) == vector.octets) is vector.is_canonical


def _framed(frame: AmqpFrame | SaslFrame) -> bytes:
    body: bytes = b"" if frame.performative is None else frame.performative.encode()
    head = channel_head(0, SASL_FRAME)
    if isinstance(frame, AmqpFrame):
        head, body = channel_head(frame.channel, AMQP_FRAME), body + frame.payload
    return (len(body) + 8).to_bytes(4, "big") + head + body


def test_every_composite_and_section_is_there_in_several_forms() -> None:
    forms: dict[type, set[bool]] = {}
    for vector in COMPOSITES:
        forms.setdefault(type(vector.value), set()).add(vector.is_canonical)
    core = (amqp_spec.messaging, amqp_spec.security, amqp_spec.transactions, amqp_spec.transport)
    kinds = {kind for part in core for kind in vars(part).values() if hasattr(kind, "DESCRIPTOR")}
    assert {kind for kind in kinds if kind.__module__ in {part.__name__ for part in core}} == set(forms)
    assert [kind for kind, found in forms.items() if found != {True, False}] == []


def test_every_encoding_of_every_primitive_is_there_alone_and_in_an_array() -> None:
    alone = {vector.octets[0] for vector in load("primitives")}
    arrays = {vector.octets[3] for vector in load("primitives") if vector.octets[0] == 0xE0}
    assert alone >= ENCODINGS
    assert arrays >= ENCODINGS


def test_names_are_unique() -> None:
    for path in FOLDER.glob("*.txt"):
        names = [vector.name for vector in load(path.stem)]
        assert len(set(names)) == len(names), path


@_ids([vector for vector in COMPOSITES if vector.is_canonical])
def test_descriptor_in_every_form(vector: Vector) -> None:
    kind = type(vector.value)
    code, start = peek_descriptor(vector.octets, 0, len(vector.octets))
    assert code is not None
    assert code == kind.DESCRIPTOR
    symbol = kind.SYMBOL.encode()
    for descriptor in (
        b"\x80" + code.to_bytes(8, "big"),
        b"\xa3" + bytes((len(symbol),)) + symbol,
        b"\xb3" + len(symbol).to_bytes(4, "big") + symbol,
    ):
        data = b"\x00" + descriptor + vector.octets[start:]
        assert identical(kind.decode(data), vector.value)


@_ids([vector for vector in COMPOSITES if vector.is_canonical])
def test_each_truncation_is_a_decode_error(vector: Vector) -> None:
    for length in range(len(vector.octets)):
        with pytest.raises(amqp_spec.DecodeError):
            type(vector.value).decode(vector.octets[:length])


def test_octets_are_digits_and_quoted_text() -> None:
    assert octets_of('a1 02 "hi" 0aff') == b"\xa1\x02hi\x0a\xff"
    with pytest.raises(ValueError, match="neither"):
        octets_of("a1 0x")
