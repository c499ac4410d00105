"""The code written out in full for the busiest composites does what the plain code does, on any input."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amqp_spec
from amqp_spec import EncodeError, identical
from amqp_spec.reading import CONTENT, FAULTS, PERFORMATIVE, inside
from codegen.names import camel
from codegen.plan_hot import HOT
from tests.codec.composite_strategies import composite, specification

relaxed = settings(max_examples=150, deadline=None)


def outcome(call: Any, *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except (*FAULTS, EncodeError) as error:
        return (type(error), str(error))


def module_of(name: str) -> Any:
    part = specification().composites[name].part
    return getattr(amqp_spec, part)


def same_when_decoded(name: str, data: bytes) -> None:
    """Compare what is read in line with what `decode_x` reads; the descriptor of the data does not matter."""
    module = module_of(name)
    stem = name.replace("-", "_")
    if module is amqp_spec.transport:
        plain = outcome(getattr(module, f"decode_{stem}"), data, 3, 64, PERFORMATIVE)
        if data[3:4] != b"\xc0" or len(data) < 6:
            return  # not a short list: read in one way only
        short = getattr(module, f"decode_short_{stem}")
        hot = outcome(short, data, 6, 5 + data[4], data[5], 64, PERFORMATIVE)
    else:
        plain = outcome(section_plainly, name, data)
        hot = outcome(lambda: (getattr(module, f"{stem}_at")(data, 3), plain[1]))
    assert type(hot[0]) is type(plain[0])
    if isinstance(hot[0], type):
        assert hot == plain
    else:
        assert identical(hot[0], plain[0])
        assert hot[1] == plain[1]


def section_plainly(name: str, data: bytes) -> Any:
    try:
        return getattr(module_of(name), f"decode_{name}")(data, 3, 64, CONTENT)
    except FAULTS as error:
        raise inside(error, 3, name) from None


@pytest.mark.parametrize("name", HOT)
@relaxed
@given(data=st.data())
def test_same_octets(name: str, data: st.DataObject) -> None:
    value = data.draw(composite(name))
    encoded = value.encode()
    assert encoded == value.encode_plainly()
    same_when_decoded(name, encoded)


ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    255,
    256,
    2**32,
    1.0,
    "é",
    "x" * 300,
    b"y" * 300,
    b"",
    "",
    object(),
    [1],
    {},
]


@pytest.mark.parametrize("name", HOT)
@relaxed
@given(data=st.data())
def test_same_errors_when_encoding(name: str, data: st.DataObject) -> None:
    value = data.draw(composite(name))
    for field in data.draw(st.lists(st.sampled_from(list(type(value).__slots__)), max_size=3)):
        setattr(value, field, data.draw(st.sampled_from(ODD)))
    assert outcome(value.encode) == outcome(value.encode_plainly)


@pytest.mark.parametrize("name", HOT)
@relaxed
@given(data=st.data())
def test_same_errors_when_decoding(name: str, data: st.DataObject) -> None:
    encoded = bytearray(data.draw(composite(name)).encode())
    for _ in range(data.draw(st.integers(0, 3))):
        encoded[data.draw(st.integers(3, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    same_when_decoded(name, bytes(encoded[: data.draw(st.integers(3, len(encoded)))]))


@pytest.mark.parametrize("slack", [b"", b"\x40", b"\x40\x40"])
@pytest.mark.parametrize("size", [-2, -1, 0, 1])
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("transfer", "43"),
        ("transfer", "43 7000000001 a00174 43 41"),
        ("transfer", "5201 7000000001 a00174 43 42 41"),
        ("transfer", "43 7000000001 a00174 43 40"),
        ("transfer", "43 7000000001 a00174 5201 41"),
        ("transfer", "43 7000000001 b00000000174 43 41"),
        ("transfer", "43 7000000001 a021" + "74" * 33 + " 43 41"),
        ("transfer", "43 7000000001 a020" + "74" * 32 + " 43 41"),
        ("transfer", "43 7000000001 40 43 41"),
        ("transfer", "43 7000000001 a000"),
        ("transfer", "43 5201 a00174 43 41"),
        ("flow", "7000000001 7000000002 7000000003 7000000004"),
        ("flow", "40 43 43 43 43 43 43"),
        ("disposition", "41 43 43 41 00532445"),
        ("header", "41 5004 7000000001"),
        ("header", "41 40 40 42 43"),
        ("properties", "a1016d 40 40 a10173"),
        ("properties", "40"),
    ],
)
def test_the_end_of_the_fields(name: str, fields: str, size: int, slack: bytes) -> None:
    octets = [bytes.fromhex(field) for field in fields.split()]
    body = b"".join(octets)
    head = b"\x00\x53\x00\xc0" + bytes((len(body) + 1 + size, len(octets)))
    same_when_decoded(name, head + body + slack)


@pytest.mark.parametrize("name", HOT)
@relaxed
@given(body=st.binary(max_size=40))
def test_same_for_random_octets(name: str, body: bytes) -> None:
    for head in (b"\x00\x53\x00", b"\x00\x53\x00\xc0", b"\x00\x53\x00\xc0" + bytes((len(body), 3))):
        same_when_decoded(name, head + body)


def large_ones() -> list[Any]:
    state = amqp_spec.Rejected(error=amqp_spec.Error(condition="amqp:not-found", description="x" * 300))
    return [
        amqp_spec.Flow(
            incoming_window=1,
            next_outgoing_id=2,
            outgoing_window=3,
            properties=amqp_spec.Map({amqp_spec.Symbol("k"): "x" * 300}),
        ),
        amqp_spec.Transfer(handle=7, delivery_id=8, delivery_tag=b"9", state=state, batchable=True),
        amqp_spec.Disposition(role=True, first=1, state=state),
        amqp_spec.Properties(message_id=5, subject="x" * 300, group_sequence=6),
        # None of them is long by itself.
        amqp_spec.Properties(to="x" * 200, subject="y" * 100),
    ]


@pytest.mark.parametrize("value", large_ones(), ids=lambda value: value.NAME)
def test_same_octets_when_a_size_takes_four(value: Any) -> None:
    encoded = value.encode()
    assert encoded[3] == 0xD0
    assert encoded == value.encode_plainly()
    assert identical(type(value).decode(encoded), value)
    same_when_decoded(value.NAME, encoded)


def test_all_of_them_have_both_forms() -> None:
    for name in HOT:
        assert hasattr(getattr(amqp_spec, camel(name)), "encode_plainly")


@pytest.mark.parametrize(
    "frame",
    [
        amqp_spec.Transfer(handle=1, delivery_id=2, delivery_tag=b"3", state=amqp_spec.Accepted()),
        amqp_spec.Flow(incoming_window=1, next_outgoing_id=2, outgoing_window=3),
        amqp_spec.Disposition(role=True, first=1, state=amqp_spec.Released()),
        amqp_spec.Disposition(role=True, first=1, state=amqp_spec.Modified(delivery_failed=True)),
        amqp_spec.Close(),
    ],
    ids=repr,
)
def test_a_frame_is_read_to_its_end_and_no_further(frame: Any) -> None:
    encoded = frame.encode()
    found, after = amqp_spec.decode_frame(b"xy" + encoded + b"payload", 2)
    assert identical(found, frame)
    assert after == 2 + len(encoded)
    for end in range(len(encoded)):
        with pytest.raises(amqp_spec.DecodeError) as caught:
            amqp_spec.decode_frame(encoded[:end])
        assert caught.value.offset is not None
    own = amqp_spec.Limits(depth=10)
    assert identical(amqp_spec.decode_frame(encoded, 0, own)[0], frame)


WIDE = "70000003e8"


@pytest.mark.parametrize(
    ("numbers", "first"),
    [
        ([WIDE] * 4, 1000),
        ([WIDE, WIDE, WIDE, "43"], 1000),
        (["40", WIDE, WIDE, WIDE], None),
        (["5207", "43", "5208", "43"], 7),
        ([WIDE, "40", WIDE, WIDE], "incoming-window"),
        ([WIDE, WIDE, WIDE, "a0047070"], "outgoing-window"),
    ],
)
@pytest.mark.parametrize("more", ["", "43", "4043", "52015202", WIDE])
def test_leading_numbers_of_a_flow(numbers: list[str], first: Any, more: str) -> None:
    fields = bytes.fromhex("".join(numbers) + more)
    count = 4 + {"": 0, "43": 1, "4043": 2, "52015202": 2, WIDE: 1}[more]
    data = b"\x00\x53\x13\xc0" + bytes((len(fields) + 1, count)) + fields
    same_when_decoded("flow", data)
    if isinstance(first, str):
        with pytest.raises(amqp_spec.DecodeError, match=first):
            amqp_spec.decode_frame(data)
        return
    found: Any = amqp_spec.decode_frame(data)[0]
    assert found.next_incoming_id == first
    assert found.incoming_window == (0 if numbers[1] == "43" else 1000)
    for end in range(len(data)):
        same_when_decoded("flow", data[:end])


@pytest.mark.parametrize("code", ["13", "14", "15"])
def test_a_short_list_that_is_longer_than_its_fields(code: str) -> None:
    fields = {"13": "43434343", "14": "43", "15": "4143"}[code]
    count = len(fields) // 2
    data = bytes.fromhex(f"0053{code}c0") + bytes((count + 2, count)) + bytes.fromhex(fields) + b"\x40"
    with pytest.raises(amqp_spec.DecodeError, match="list ends at offset"):
        amqp_spec.decode_frame(data)


def test_one_accepted_is_every_accepted_and_cannot_change() -> None:
    encoded = amqp_spec.Disposition(role=True, first=1, state=amqp_spec.Accepted()).encode()
    one, other = (amqp_spec.decode_frame(encoded)[0].state for _ in range(2))  # type: ignore[union-attr]  # a disposition
    assert one is other
    with pytest.raises(AttributeError):
        one.anything = 1  # type: ignore[union-attr]  # on purpose
