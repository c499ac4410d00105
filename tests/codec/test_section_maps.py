"""The maps among the sections of a message: what is read in line is what the reader of any map reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amqp_spec import Symbol, encode_value, identical, messaging
from amqp_spec.primitives import read_map
from amqp_spec.reading import CONTENT, FAULTS, inside
from amqp_spec.writing import DEPTH
from tests.codec.value_strategies import values

if TYPE_CHECKING:
    from collections.abc import Callable

relaxed = settings(max_examples=200, deadline=None)

SECTIONS: dict[str, Callable[[str], Any]] = {
    "delivery-annotations": Symbol,
    "message-annotations": Symbol,
    "application-properties": str,
    "footer": Symbol,
}
"""The section, and what its keys are."""

every_section = pytest.mark.parametrize("name", SECTIONS)


def outcome(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except FAULTS as error:
        return type(error), str(error)


def plainly(name: str, data: bytes) -> Any:
    try:
        return read_map(data, 3, DEPTH, CONTENT)[0]
    except FAULTS as error:
        raise inside(error, 3, name) from None


def in_line(name: str, data: bytes) -> Any:
    return getattr(messaging, f"{name.replace('-', '_')}_at")(data, 3, CONTENT)


def same_either_way(name: str, data: bytes) -> Any:
    """Compare the two ways; the descriptor in front of the map does not matter. Return what both come to."""
    found, expected = outcome(lambda: in_line(name, data)), outcome(lambda: plainly(name, data))
    if isinstance(expected, tuple):
        assert found == expected
    else:
        assert identical(found, expected)
        assert (found.had_duplicates, found.as_read) == (expected.had_duplicates, expected.as_read)
    return found


def short_map(items: bytes, count: int, size: int | None = None) -> bytes:
    return b"\x00\x53\x74\xc1" + bytes((len(items) + 1 if size is None else size, count)) + items


@every_section
@pytest.mark.parametrize(
    "value",
    [
        *("text", "é" * 100, "", 0, 1, -1, 127, -128, 128, -129, 2**31 - 1, -(2**31), 2**40),
        *(True, False, 1.5, -0.0, None, Symbol("s"), b"octets", [1, "x"], {"k": {"l": 1}}),
    ],
    ids=repr,
)
def test_each_value(name: str, value: Any) -> None:
    key = SECTIONS[name]
    pairs: list[tuple[Any, Any]] = [(key("before"), 1), (key("it"), value), (key("behind"), "x")]
    items = b"".join(encode_value(part) for pair in pairs for part in pair)
    found = same_either_way(name, short_map(items, 6))
    assert identical(list(found.items()), [(k, found[k]) for k, _ in pairs])
    assert identical(found["it"], value) or value == {"k": {"l": 1}} == found["it"]


@every_section
@pytest.mark.parametrize(
    ("items", "count", "size"),
    [
        ("", 0, None),
        ("", 1, None),
        ("", 2, None),
        ("K016b 40", 0, None),
        ("K016b 40", 1, None),
        ("K016b 40", 3, None),
        ("K016b 40", 4, None),
        # A key twice, and one of another type.
        ("K016b 41 K016b 42", 4, None),
        ("K016b 41 5401 42", 4, None),
        ("5401 42", 2, None),
        ("L016b 42", 2, None),
        ("b1000000016b 42", 2, None),
        ("40 40", 2, None),
        # Text that claims more than there is: of a key, of a value, of the last value.
        ("K406b 40", 2, None),
        ("K016b a14078", 2, None),
        ("K016b a10478", 2, None),
        ("K016b", 2, None),
        ("K", 2, None),
        ("K016b 71ff", 2, None),
        ("K016b 82ff", 2, None),
        ("K016b 54", 2, None),
        # Text in no code, an unknown constructor, a fault inside.
        ("K01ff 40", 2, None),
        ("K016b a101ff", 2, None),
        ("K016b 99", 2, None),
        ("K016b c10502a1016b99", 2, None),
        # A size that lies.
        ("K016b 40", 2, 0),
        ("K016b 40", 2, 4),
        ("K016b 40", 2, 6),
        ("K016b a10178", 2, 255),
        ("K016b 40 40", 2, 5),
    ],
)
def test_what_is_odd(name: str, items: str, count: int, size: int | None) -> None:
    own, other = ("a1", "a3") if SECTIONS[name] is str else ("a3", "a1")
    octets = bytes.fromhex(items.replace("K", own).replace("L", other).replace(" ", ""))
    data = short_map(octets, count, size)
    for behind in (b"", b"\x00\x53\x75\xa0\x00"):
        same_either_way(name, data + behind)


@every_section
@pytest.mark.parametrize(
    "data", ["c1", "c101", "d10000000400000000", "d1000000", "d1000000050000000199", "c0", ""]
)
def test_other_constructors_and_hardly_any_octets(name: str, data: str) -> None:
    same_either_way(name, b"\x00\x53\x74" + bytes.fromhex(data))


@every_section
@relaxed
@given(data=st.data())
def test_same_for_mutated_octets(name: str, data: st.DataObject) -> None:
    key = st.text("ab", max_size=2).map(SECTIONS[name])
    value = st.text(max_size=3) | st.integers(-300, 300) | st.booleans() | st.floats(allow_nan=False) | values
    pairs = data.draw(st.lists(st.tuples(key | values, value), max_size=4))
    items = b"".join(encode_value(part) for pair in pairs for part in pair)[:250]
    octets = bytearray(short_map(items, 2 * len(pairs)))
    for _ in range(data.draw(st.integers(0, 2))):
        octets[data.draw(st.integers(3, len(octets) - 1))] = data.draw(st.integers(0, 255))
    same_either_way(name, bytes(octets[: data.draw(st.integers(3, len(octets)) | st.just(len(octets)))]))


@every_section
@relaxed
@given(
    octets=st.binary(max_size=30),
    count=st.integers(0, 10),
    before=st.sampled_from([b"\xa1\x01k", b"\xa3\x01k", b""]),
)
def test_same_for_random_octets(name: str, octets: bytes, count: int, before: bytes) -> None:
    same_either_way(name, short_map(before + octets, count) + octets)
    same_either_way(name, b"\x00\x53\x74" + octets)
