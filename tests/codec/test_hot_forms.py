"""The code written out in full for the busiest composites does what the plain code does, on any input."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amqp_spec
from amqp_spec import EncodeError, identical
from amqp_spec.reading import CONTENT, FAULTS, PERFORMATIVE
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
    module = module_of(name)
    scope = PERFORMATIVE if module is amqp_spec.transport else CONTENT
    stem = name.replace("-", "_")
    hot = outcome(getattr(module, f"decode_{stem}"), data, 3, 64, scope)
    plain = outcome(getattr(module, f"decode_{stem}_plainly"), data, 3, 64, scope)
    assert type(hot[0]) is type(plain[0])
    if isinstance(hot[0], type):
        assert hot == plain
    else:
        assert identical(hot[0], plain[0])
        assert hot[1] == plain[1]


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
