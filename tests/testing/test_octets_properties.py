"""Any composite, any octets: the peer's codec beside the generated one, and against nonsense."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import amqp_spec
from amqp.testing import Malformed, strategies
from amqp.testing.framing import Bad, Frame, FrameReader, frame_octets
from amqp.testing.octets import decode, decode_all, encode
from amqp.testing.plain import Composite, plain
from amqp.testing.table import CHOICES, FORMS
from tests.codec.vectors import load

OCTETS = [
    vector.octets
    for name in ("primitives", "performatives", "sasl", "messaging", "frames")
    for vector in load(name)
]


def strategy_of(name: str) -> st.SearchStrategy[Any]:
    function = name.replace("-", "_")
    made: st.SearchStrategy[Any] = getattr(strategies, "open_" if function == "open" else function)()
    return made


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
@pytest.mark.parametrize("name", sorted(FORMS))
def test_any_composite_is_read_and_written_alike(name: str, data: st.DataObject) -> None:
    theirs = data.draw(strategy_of(name))
    value, _ = decode(theirs.encode())
    for wide in (False, True):
        assert amqp_spec.identical(type(theirs).decode(encode(value, wide=wide)), theirs)
    found = plain(value)
    assert isinstance(found, Composite)
    for field in FORMS[name].fields:
        expected = getattr(theirs, field.name)
        if isinstance(expected, int | str | bytes) or expected is None:
            read = found[field.name]
            assert CHOICES.get(field.type, {}).get(read, read) == expected


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), st.sampled_from(OCTETS)), st.data())
def test_any_octets_are_a_value_or_malformed(octets: bytes, data: st.DataObject) -> None:
    broken = bytearray(octets)
    for _ in range(data.draw(st.integers(0, 3))):
        if broken:
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    wrong = "offset"
    try:
        for value in decode_all(bytes(broken)):
            plain(value)
    except Malformed as error:
        wrong = str(error)
    assert "offset" in wrong or "fields, here are" in wrong


@settings(deadline=None)
@given(st.binary(max_size=60), st.sampled_from(OCTETS), st.integers(0, 300), st.integers(0, 3))
def test_any_stream_is_frames_or_what_is_wrong(before: bytes, octets: bytes, cut: int, kind: int) -> None:
    stream = before + frame_octets(octets[:cut], kind=kind) + octets
    for item in FrameReader().feed(stream):
        assert str(item)
        if isinstance(item, Frame) and item.payload:
            assert item.name == "transfer"
        if isinstance(item, Bad):
            assert item.why
