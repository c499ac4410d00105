"""Every generated class: what it is in the XML it is in Python, and each value comes back as what it was."""

import contextlib
import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import amqp_spec
from amqp_spec import DecodeError, identical
from codegen.names import camel, snake
from tests.codec.composite_strategies import composite, described_names, specification

NAMES = described_names()
relaxed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def test_all_types_are_there() -> None:
    assert len(specification().composites) == 33
    assert sum(len(c.fields) for c in specification().composites.values()) == 125
    assert len(NAMES) == 40
    assert [getattr(amqp_spec, camel(name)).NAME for name in NAMES] == NAMES


@pytest.mark.parametrize("name", list(specification().composites))
def test_fields_in_order(name: str) -> None:
    fields = dataclasses.fields(getattr(amqp_spec, camel(name)))
    assert [f.name for f in fields] == [snake(f.name) for f in specification().composites[name].fields]


@pytest.mark.parametrize("name", NAMES)
@relaxed
@given(data=st.data())
def test_round_trip(name: str, data: st.DataObject) -> None:
    value = data.draw(composite(name))
    encoded = value.encode()
    decoded = type(value).decode(encoded)
    assert identical(decoded, value)
    assert decoded.encode() == encoded


@pytest.mark.parametrize("name", NAMES)
@settings(relaxed, max_examples=15)
@given(data=st.data())
def test_each_truncation_is_a_decode_error(name: str, data: st.DataObject) -> None:
    value = data.draw(composite(name))
    encoded = value.encode()
    for length in range(len(encoded)):
        with pytest.raises(DecodeError):
            type(value).decode(encoded[:length])


@pytest.mark.parametrize("name", NAMES)
@settings(relaxed, max_examples=40)
@given(data=st.data())
def test_flipped_octets_give_a_value_or_a_decode_error(name: str, data: st.DataObject) -> None:
    value = data.draw(composite(name))
    encoded = bytearray(value.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = type(value).decode(bytes(encoded))
    except DecodeError:
        return
    assert identical(type(value).decode(decoded.encode()), decoded)


FRAMES = ["open", "begin", "attach", "flow", "transfer", "disposition", "detach", "end", "close"]


@pytest.mark.parametrize("name", FRAMES)
@settings(relaxed, max_examples=30)
@given(data=st.data(), payload=st.binary(max_size=8), before=st.binary(max_size=8))
def test_frame_with_payload(name: str, data: st.DataObject, payload: bytes, before: bytes) -> None:
    value = data.draw(composite(name))
    encoded = value.encode()
    decoded, after = amqp_spec.decode_frame(before + encoded + payload, len(before))
    assert identical(decoded, value)
    assert after == len(before) + len(encoded)


@settings(relaxed, max_examples=300)
@given(data=st.binary(max_size=60))
def test_random_octets_give_a_value_or_a_decode_error(data: bytes) -> None:
    readers: list[Any] = [
        amqp_spec.decode_value,
        amqp_spec.decode_all,
        amqp_spec.decode_frame,
        amqp_spec.decode_sasl_frame,
        lambda octets: amqp_spec.decode_section(octets, 0, len(octets)),
        lambda octets: amqp_spec.peek_descriptor(octets, 0, len(octets)),
        lambda octets: amqp_spec.skip_value(octets, 0, len(octets)),
    ]
    for head in (
        b"",
        b"\x00\x53\x10\xc0",
        b"\x00\x53\x14\xc0",
        b"\x00\x53\x73\xc0",
        b"\x00\x53\x40\xc0",
        b"\xd0",
    ):
        for read in readers:
            with contextlib.suppress(DecodeError):
                read(head + data)
