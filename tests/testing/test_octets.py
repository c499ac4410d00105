"""The peer's own codec, against the wire vectors and against the generated codec, with which it shares nothing."""

from __future__ import annotations

import inspect
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amqp_spec
from amqp import Message
from amqp.testing import Composite, Malformed, Typed, message_octets, strategies
from amqp.testing.framing import Frame, FrameReader, frame_octets, make_frame
from amqp.testing.octets import ArrayValue, decode, decode_all, encode
from amqp.testing.plain import Unknown, plain, typed, typed_form
from amqp.testing.table import CHOICES, FORMS
from tests.codec.vectors import AmqpFrame, SaslFrame, Vector, load

VALUES = [
    *load("primitives"),
    *load("performatives"),
    *load("sasl"),
    *load("messaging"),
    *load("transactions"),
]
COMPOSITES: dict[str, Any] = {
    each.NAME: each for each in (vars(amqp_spec)[name] for name in amqp_spec.__all__) if hasattr(each, "NAME")
}


def vector_name(vector: Vector) -> str:
    return vector.name


def items_of(octets: bytes) -> list[Any]:
    return list(FrameReader().feed(octets))


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("vector", VALUES, ids=vector_name)
def test_what_this_codec_reads_and_writes_again_means_the_same_to_the_generated_one(
    vector: Vector, wide: bool
) -> None:
    value, end = decode(vector.octets)
    assert end == len(vector.octets)
    again = encode(value, wide=wide)
    if hasattr(vector.value, "DESCRIPTOR"):
        assert amqp_spec.identical(type(vector.value).decode(again), vector.value)
    else:
        assert amqp_spec.identical(amqp_spec.decode_value(again), vector.value)
    assert encode(decode(again)[0]) == encode(value)


@settings(deadline=None)  # shared processors, and arrays of thousands of items
@given(strategies.values())
def test_any_value_of_the_generated_codec_survives_this_one(value: Any) -> None:
    octets = amqp_spec.encode_value(value)
    expected = amqp_spec.decode_value(octets)
    (read,) = decode_all(octets)
    for wide in (False, True):
        assert amqp_spec.identical(amqp_spec.decode_value(encode(read, wide=wide)), expected)


def numbers(bits: int, *, signed: bool) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else st.integers(0, 2**bits - 1)


SCALARS = st.one_of(
    st.just(Typed("null")),
    st.booleans().map(lambda value: Typed("boolean", value)),
    *(
        numbers(bits, signed=signed).map(lambda value, kind=kind: Typed(kind, value))  # type: ignore[misc]  # a default binds the name
        for kind, bits, signed in (
            *(("ubyte", 8, False), ("ushort", 16, False), ("uint", 32, False), ("ulong", 64, False)),
            *(("byte", 8, True), ("short", 16, True), ("int", 32, True), ("long", 64, True)),
            ("timestamp", 64, True),
        )
    ),
    st.floats(allow_nan=False).map(lambda value: Typed("double", value)),
    st.floats(width=32, allow_nan=False).map(lambda value: Typed("float", value)),
    st.text(max_size=300).map(lambda value: Typed("string", value)),
    st.binary(max_size=300).map(lambda value: Typed("binary", value)),
    st.text(st.characters(max_codepoint=127), max_size=300).map(lambda value: Typed("symbol", value)),
    st.characters(exclude_categories=["Cs"]).map(lambda value: Typed("char", value)),
    st.uuids().map(lambda value: Typed("uuid", value)),
    st.binary(min_size=16, max_size=16).map(lambda value: Typed("decimal128", value)),
)
ARRAYS = st.lists(st.integers(0, 2**32 - 1), max_size=300).map(
    lambda items: Typed("array", ArrayValue("uint", tuple(Typed("uint", item) for item in items)))
)
TREES = st.recursive(
    SCALARS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=5).map(lambda items: Typed("list", tuple(items)))
        | st.lists(st.tuples(SCALARS, inner), max_size=4).map(
            lambda pairs: Typed("map", tuple({repr(key): (key, value) for key, value in pairs}.values()))
        )
        | st.tuples(numbers(64, signed=False), inner).map(
            lambda pair: Typed("described", (Typed("ulong", 2**63 | pair[0]), pair[1]))
        )
    ),
    max_leaves=10,
)


@settings(deadline=None)
@given(TREES)
def test_any_value_of_this_codec_survives_the_generated_one(value: Typed) -> None:
    octets = encode(value)
    assert decode(octets) == (value, len(octets))
    assert decode(encode(value, wide=True))[0] == value
    assert decode(amqp_spec.encode_value(amqp_spec.decode_value(octets)))[0] == value


def test_the_tables_name_the_same_composites() -> None:
    standard = {
        name
        for name, each in COMPOSITES.items()
        if isinstance(each.DESCRIPTOR, int) and each.DESCRIPTOR < 0x100
    }
    assert set(FORMS) == standard


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_composite_has_the_fields_that_the_generated_one_has(name: str) -> None:
    form, cls = FORMS[name], COMPOSITES[name]
    assert (form.code, form.symbol) == (cls.DESCRIPTOR, cls.SYMBOL)
    parameters = inspect.signature(cls).parameters
    assert [field.name for field in form.fields] == [name.rstrip("_") for name in parameters]
    for field, parameter in zip(form.fields, parameters.values(), strict=True):
        theirs = None if parameter.default is parameter.empty else parameter.default
        assert field.default == theirs or CHOICES[field.type][field.default] == theirs


@pytest.mark.parametrize("vector", load("frames"), ids=vector_name)
def test_frames_are_cut_and_read(vector: Vector) -> None:
    value = vector.value
    (frame,) = items_of(vector.octets)
    assert isinstance(frame, Frame)
    assert frame.sasl == isinstance(value, SaslFrame)
    assert frame.size == len(vector.octets)
    if isinstance(value, AmqpFrame):
        assert frame.channel == value.channel
        assert frame.payload == value.payload
    if value.performative is None:
        assert frame.name == "empty"
        return
    assert frame.name == value.performative.NAME
    octets = make_frame(frame.name, frame.fields, channel=frame.channel, payload=frame.payload).octets
    (again,) = items_of(octets)
    assert again == frame or again.fields == frame.fields
    body = octets[8 : len(octets) - len(frame.payload)]
    assert amqp_spec.identical(type(value.performative).decode(body), value.performative)


def test_a_stream_is_cut_the_same_at_every_octet() -> None:
    octets = b"AMQP\x00\x01\x00\x00" + b"".join(vector.octets for vector in load("frames"))
    whole = items_of(octets)
    reader = FrameReader()
    pieces = [item for octet in octets for item in reader.feed(bytes((octet,)))]
    assert pieces == whole
    assert reader.rest == b""


@pytest.mark.parametrize(
    ("octets", "what"),
    [
        ("00000007 02 00 0000", "size 7"),
        ("ffffffff 02 00 0000", "size 4294967295"),
        ("00000008 01 00 0000", "doff 1"),
        ("00000008 03 00 0000", "doff 3"),
        ("00000008 02 02 0000", "frame type 2"),
        ("00000008 02 01 0000", "SASL frame without a body"),
        ("00000009 02 00 0000 40", "its body is None"),
        ("0000000c 02 00 0000 00532445", "its body is accepted()"),
        ("0000000c 02 00 0000 00534045", "its body is sasl-mechanisms()"),
        ("0000000c 02 01 0000 00531045", "its body is open()"),
        ("0000000d 02 00 0000 0053184540", "1 octets follow behind close"),
        ("0000000c 02 00 0000 005318ff", "0xff at offset 11 is no constructor"),
        ("00000010 02 00 0000 005318c003024040", "close has 1 fields, here are 2"),
    ],
)
def test_what_is_no_frame_is_said_so(octets: str, what: str) -> None:
    (item,) = items_of(bytes.fromhex(octets))
    assert what in str(item)


def test_behind_a_wrong_size_nothing_more_is_read() -> None:
    reader = FrameReader()
    assert len(list(reader.feed(bytes(8)))) == 1
    assert list(reader.feed(frame_octets())) == []


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "70 0000",
        "a1 05 61",
        "a1 01 ff",
        "a3 01 80",
        "56 02",
        "73 0000d800",
        "73 00110000",
        "c0 02 05 40",
        "c0 09 01 40",
        "c0 03 01 40 40",
        "c1 02 01 40",
        "e0 02 01 3f",
        "e0 02 05 50",
        "f0 00000005 00010001 41",
        "ff",
        "00" * 100,
        "c07e01" * 100,
        "e0ff01" + "00a100" * 100 + "40",
        "".join(f"f0 {4000 - 10 * depth:08x} 00000001" for depth in range(100)) + "00" * 4000,
    ],
)
def test_what_is_no_value_is_malformed(octets: str) -> None:
    with pytest.raises(Malformed):
        decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "value",
    [
        Typed("ubyte", 256),
        Typed("uint", -1),
        Typed("uint", "1"),
        Typed("symbol", "ä"),
        Typed("string", b""),
        Typed("char", "ab"),
        Typed("complex", 1),
    ],
)
def test_a_value_that_is_not_of_its_type_is_not_written(value: Typed) -> None:
    with pytest.raises(Malformed):
        encode(value)


@pytest.mark.parametrize("size", [0, 251, 252, 255, 256, 300])
def test_the_short_form_is_taken_where_it_is_enough(size: int) -> None:
    for kind, content in (("string", "x" * size), ("binary", bytes(size)), ("symbol", "x" * size)):
        assert len(encode(Typed(kind, content))) == size + (2 if size < 256 else 5)
    items = tuple(Typed("null") for _ in range(size))
    expected = 1 if size == 0 else size + (3 if size < 255 else 9)
    assert len(encode(Typed("list", items))) == expected
    for value in (Typed("list", items), Typed("array", ArrayValue("null", nulls=size))):
        assert amqp_spec.encode_value(amqp_spec.decode_value(encode(value))) is not None
        assert decode(encode(value))[0] == value


def test_nan_is_written_and_read() -> None:
    value, _ = decode(encode(Typed("float", math.nan)))
    assert amqp_spec.identical(amqp_spec.decode_value(encode(value)), amqp_spec.Float(math.nan))


def test_plain_values_get_the_type_of_their_field() -> None:
    assert typed("role", "receiver") == Typed("boolean", True)
    assert typed("snd-mode", "settled") == Typed("ubyte", 1)
    assert typed("handle", 3) == Typed("uint", 3)
    assert typed("error", "a:b") == typed_form("error", {"condition": "a:b"})
    assert typed("source", "q") == typed_form("source", {"address": Typed("string", "q")})
    assert typed("state", "accepted") == typed_form("accepted", {})
    assert typed("message-id", 7) == Typed("ulong", 7)
    assert typed("fields", {"a": 1}) == Typed("map", ((Typed("symbol", "a"), Typed("int", 1)),))
    assert typed("annotations", {1: None}) == Typed("map", ((Typed("ulong", 1), Typed("null")),))
    assert typed("map", {"a": [b"x", 2**40, 1.5, True]}).value[0][1] == Typed(
        "list", (Typed("binary", b"x"), Typed("long", 2**40), Typed("double", 1.5), Typed("boolean", True))
    )
    assert typed("symbol[]", "a") == typed("symbol[]", ["a"])
    assert typed("*", Typed("ubyte", 1)) == Typed("ubyte", 1)


def test_objects_of_the_library_are_taken_by_their_octets() -> None:
    source = amqp_spec.Source(address="q", durable=amqp_spec.TerminusDurability.CONFIGURATION)
    assert plain(typed("source", source)) == Composite("source", address="q", durable="configuration")
    assert typed("state", amqp_spec.Rejected()) == typed_form("rejected", {})


@pytest.mark.parametrize(
    ("kind", "value"),
    [("role", "both"), ("*", object()), ("state", "eaten"), ("handle", "one"), ("uint", 2**32)],
)
def test_a_plain_value_that_a_field_cannot_have_is_malformed(kind: str, value: Any) -> None:
    with pytest.raises(Malformed):
        encode(typed(kind, value))


def test_a_field_that_a_composite_has_not_is_named_with_those_that_it_has() -> None:
    with pytest.raises(TypeError, match="detach has no field 'close', only handle, closed, error"):
        typed_form("detach", {"close": True})


def test_a_map_with_a_symbol_and_a_string_of_one_text_stays_pairs() -> None:
    value = Typed("map", ((Typed("symbol", "a"), Typed("int", 1)), (Typed("string", "a"), Typed("int", 2))))
    assert plain(value) == [("a", 1), ("a", 2)]


def test_what_has_no_plain_form_of_its_own() -> None:
    def described(descriptor: Typed, value: Typed) -> Typed:
        return Typed("described", (descriptor, value))

    symbol = Typed("symbol", "x:y")
    assert plain(described(symbol, Typed("int", 1))) == Unknown("x:y", 1)
    assert plain(described(Typed("list", (symbol,)), Typed("null"))) == Unknown(["x:y"], None)
    # The descriptor of accepted, and no list behind it.
    assert plain(described(Typed("ulong", 0x24), Typed("int", 1))) == Unknown(0x24, 1)
    assert plain(Typed("array", ArrayValue("int", (Typed("int", 1),), (symbol,)))) == [Unknown("x:y", 1)]
    assert plain(Typed("array", ArrayValue("null", nulls=10**9))) == Unknown("nulls", 10**9)
    assert plain(Typed("map", ((Typed("list", ()), Typed("int", 1)),))) == [([], 1)]
    assert typed("*", Unknown("x:y", 1)) == described(symbol, Typed("int", 1))
    assert typed("*", Unknown(0x99, 1)) == described(Typed("ulong", 0x99), Typed("int", 1))
    assert typed("fields", {Typed("symbol", "a"): Unknown(symbol, 1)}).value[0][1] == described(
        symbol, Typed("int", 1)
    )
    assert typed("source", amqp_spec.Coordinator()) == typed_form("coordinator", {})
    assert typed("source", Typed("null")) == Typed("null")
    with pytest.raises(Malformed, match="has no type by itself"):
        typed("target", object())
    assert repr(Composite("error", condition="a:b")) == "error(condition='a:b')"
    assert Composite("accepted") != "accepted"
    with pytest.raises(Malformed, match="'eaten' is no composite of the standard"):
        typed_form("eaten", {})


def test_long_values_are_cut_in_a_trace() -> None:
    frame = make_frame("open", {"container_id": "x" * 200})
    assert "(202 characters)" in str(frame)
    assert len(str(frame)) < 180


def test_a_sequence_is_the_items_of_all_its_sections() -> None:
    sequences = [encode(typed_form("amqp-sequence", {"value": [number, "x"]})) for number in (1, 2)]
    assert Frame("transfer", {}, payload=b"".join(sequences)).body == [1, "x", 2, "x"]


def test_a_message_is_made_in_the_order_of_its_sections() -> None:
    octets = message_octets(
        {"k": 1},
        footer={"x": 1},
        header={"durable": True},
        properties={"message_id": 5, "to": "q"},
        application_properties={"a": "b"},
        message_annotations={"x-opt": 1},
        delivery_annotations={"y": 2},
    )
    frame = Frame("transfer", {}, payload=octets)
    assert [section.name for section in frame.sections] == [
        *("header", "delivery-annotations", "message-annotations", "properties"),
        *("application-properties", "amqp-value", "footer"),
    ]
    assert frame.body == {"k": 1}
    decoded = Message.decode(octets)
    assert decoded.properties is not None
    assert decoded.properties.message_id == 5
    assert decoded.body == {"k": 1}
