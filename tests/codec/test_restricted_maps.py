"""Maps whose keys the standard restricts: what is written, what is refused, and what came otherwise goes as it came."""

import copy
import enum
import pickle
import uuid
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from amqp_spec import (
    Accepted,
    ApplicationProperties,
    Array,
    Attach,
    Byte,
    Char,
    Decimal32,
    DeliveryAnnotations,
    Described,
    Encoded,
    EncodeError,
    Error,
    Float,
    Footer,
    Long,
    Map,
    MessageAnnotations,
    Modified,
    Open,
    Short,
    Source,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
    decode_frame,
    decode_section,
    decode_value,
    encode_value,
    identical,
)

ANNOTATIONS: list[Any] = [DeliveryAnnotations, MessageAnnotations, Footer]
NUMBERS: list[Any] = [
    UByte(1),
    UShort(1),
    UInt(1),
    Byte(1),
    Short(1),
    Long(1),
    Timestamp(1),
    True,
    1.5,
    Float(1.5),
]
OTHERS: list[Any] = [
    *(None, b"k", uuid.UUID(int=1), Decimal32(1), Char("k"), [1], {"k": 1}, Map(), Array(int, [1])),
    *(Described(Symbol("d"), "k"), Accepted(), Encoded(b"\x40"), object()),
]


class Name(enum.StrEnum):
    ONE = "one"


class Number(enum.IntEnum):
    ONE = 1


# --- fields (2.8.14) ----------------------------------------------------------------------------------------------


def test_a_str_in_fields_is_a_symbol() -> None:
    for keys in ({"k": 1}, {Symbol("k"): 1}, Map({"k": 1}), MappingProxyType({"k": 1})):
        assert Open(container_id="", properties=keys).encode().endswith(b"\xc1\x06\x02\xa3\x01k\x54\x01"[2:])
    assert b"\xa3\x03one" in Error(condition="a:b", info={Name.ONE: 1}).encode()
    assert b"\xa3\x01k" in Source(filter={"k": Described(Symbol("f"), 1)}).encode()


@pytest.mark.parametrize("key", [1, ULong(1), Number.ONE, *NUMBERS, *OTHERS], ids=repr)
def test_other_keys_of_fields_are_refused(key: Any) -> None:
    with pytest.raises(
        EncodeError, match=r"^open.properties\[.*: expected a symbol as key \(2.8.14: a str, or Symbol"
    ):
        Open(container_id="", properties=Pairs((key, 1))).encode()


class Pairs(Mapping[Any, Any]):
    """A mapping of one pair, whose key need not be hashable."""

    def __init__(self, pair: tuple[Any, Any]) -> None:
        self.pair = pair

    def __getitem__(self, key: Any) -> Any:
        return self.pair[1]

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[Any]:
        return iter(self.pair[:1])


# --- annotations (3.2.10) -----------------------------------------------------------------------------------------


@pytest.mark.requirement("messaging-3.2.10-01")
@pytest.mark.requirement("messaging-3.2.9-01")
@pytest.mark.parametrize("kind", ANNOTATIONS)
def test_a_str_in_annotations_is_a_symbol_and_an_int_a_ulong(kind: Any) -> None:
    head = bytes((0, 0x53, kind.DESCRIPTOR))
    for keys in ({"k": 1, 2: None}, {Symbol("k"): 1, ULong(2): None}, Map({"k": 1, 2: None})):
        assert kind(keys).encode() == head + b"\xc1\x09\x04\xa3\x01k\x54\x01\x53\x02\x40"
    assert (
        kind({Name.ONE: 1, Number.ONE: 2}).encode()
        == head + b"\xc1\x0c\x04\xa3\x03one\x54\x01\x53\x01\x54\x02"
    )


@pytest.mark.requirement("messaging-3.2.10-01")
@pytest.mark.parametrize("kind", ANNOTATIONS)
@pytest.mark.parametrize("key", [*NUMBERS, *OTHERS], ids=repr)
def test_other_keys_of_annotations_are_refused(kind: Any, key: Any) -> None:
    with pytest.raises(
        EncodeError, match=r"a symbol or ulong as key \(3.2.10: a str, an int from 0"
    ) as caught:
        kind(Pairs((key, 1))).encode()
    assert caught.value.path.startswith(f"{kind.NAME}[")


def test_keys_that_are_no_symbol_or_ulong_of_their_type() -> None:
    with pytest.raises(EncodeError, match="-1 is out of range for ulong"):
        MessageAnnotations({-1: 1}).encode()
    with pytest.raises(EncodeError, match="text is not ASCII"):
        MessageAnnotations({"\u00e9": 1}).encode()


# --- application-properties (3.2.5) -------------------------------------------------------------------------------

SIMPLE: list[tuple[Any, bytes]] = [
    (None, b"\x40"),
    (True, b"\x41"),
    (1, b"\x54\x01"),
    (1 << 40, b"\x81\x00\x00\x01\x00\x00\x00\x00\x00"),
    (UByte(1), b"\x50\x01"),
    (UShort(1), b"\x60\x00\x01"),
    (UInt(1), b"\x52\x01"),
    (ULong(1), b"\x53\x01"),
    (Byte(-1), b"\x51\xff"),
    (Short(-1), b"\x61\xff\xff"),
    (1.5, b"\x82\x3f\xf8\x00\x00\x00\x00\x00\x00"),
    (Float(1.5), b"\x72\x3f\xc0\x00\x00"),
    (Decimal32(1), b"\x74\x00\x00\x00\x01"),
    (Char("k"), b"\x73\x00\x00\x00\x6b"),
    (Timestamp(1), b"\x83\x00\x00\x00\x00\x00\x00\x00\x01"),
    (uuid.UUID(int=1), b"\x98" + bytes(15) + b"\x01"),
    (b"k", b"\xa0\x01k"),
    (bytearray(b"k"), b"\xa0\x01k"),
    ("k", b"\xa1\x01k"),
    (Symbol("k"), b"\xa3\x01k"),
    (Name.ONE, b"\xa1\x03one"),
    (Number.ONE, b"\x54\x01"),
]


@pytest.mark.requirement("messaging-3.2.5-01")
@pytest.mark.requirement("messaging-3.2.5-02")
@pytest.mark.parametrize(("value", "encoded"), SIMPLE, ids=repr)
def test_application_properties_have_string_keys_and_simple_values(value: Any, encoded: bytes) -> None:
    data = ApplicationProperties({"k": value}).encode()
    assert data == b"\x00\x53\x74\xc1" + bytes((4 + len(encoded), 2)) + b"\xa1\x01k" + encoded
    assert ApplicationProperties({Name.ONE: value}).encode().endswith(b"\xa1\x03one" + encoded)
    found = ApplicationProperties.decode(data)
    assert identical(found.value["k"], decode_value(encoded))
    assert found.encode() == data


@pytest.mark.requirement("messaging-3.2.5-01")
@pytest.mark.parametrize("key", [1, ULong(1), Symbol("k"), Number.ONE, *NUMBERS, *OTHERS], ids=repr)
def test_other_keys_of_application_properties_are_refused(key: Any) -> None:
    with pytest.raises(
        EncodeError, match=r"application-properties\[.*: expected a string as key \(3.2.5: a str\)"
    ):
        ApplicationProperties(Pairs((key, 1))).encode()


@pytest.mark.requirement("messaging-3.2.5-02")
@pytest.mark.parametrize(
    "value",
    [
        [],
        [1],
        (),
        {},
        {"k": 1},
        Map(),
        Array(int, [1]),
        Described(Symbol("d"), 1),
        Accepted(),
        MappingProxyType({}),
    ],
    ids=repr,
)
def test_values_that_are_not_simple_are_refused(value: Any) -> None:
    with pytest.raises(
        EncodeError, match=r'^application-properties\["k"\]: expected a simple value \(3.2.5\), got'
    ):
        ApplicationProperties({"k": value}).encode()


# --- what came from others ----------------------------------------------------------------------------------------

SECTIONS: list[Callable[[bytes], bytes]] = [
    lambda items, code=code: b"\x00\x53" + bytes((code,)) + items  # type: ignore[misc]  # bound for each
    for code in (0x71, 0x72, 0x74, 0x78)
]
STRANGE = Map(
    [
        *(
            ("k", 1),
            (Symbol("k"), 2),
            (1, 3),
            (-1, 4),
            ("\u00e9", 5),
            (None, 6),
            (1.5, 7),
            ([1], 8),
            (UInt(1), 9),
        ),
        *((ULong(1), [1]), (b"k", {}), (Described(Symbol("d"), 1), Array(int, [1]))),
    ]
)


@pytest.mark.parametrize("section", SECTIONS)
def test_keys_and_values_of_others_come_back_as_they_were(section: Callable[[bytes], bytes]) -> None:
    data = section(encode_value(STRANGE))
    found: Any = decode_section(data, 0, len(data))[0]
    assert identical(found.value, STRANGE)
    assert found.encode() == data
    found.value[Symbol("k")]  # a look-up changes nothing
    for same in (
        found.value.copy(),
        copy.copy(found.value),
        copy.deepcopy(found.value),
        pickled(found.value),
    ):
        assert type(found)(same).encode() == data
    with pytest.raises(EncodeError, match=r" as key|out of range for ulong"):
        type(found)(Map(found.value)).encode()


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


def test_fields_of_others_come_back_as_they_were() -> None:
    # Two fields of a frame, and one inside another value.
    for value in (
        Open(container_id="x", properties=read(STRANGE)),
        Attach(name="x", handle=0, role=True, source=Source(filter=read({"k": 1})), target=None),
        Open(container_id="x", properties=read({"s": Modified(message_annotations=read({1: 1}))})),
    ):
        found = decode_frame(value.encode())[0]
        assert identical(decode_frame(found.encode())[0], found)
        assert found.encode() == value.encode()


def read(content: Any) -> Map:
    found = decode_value(encode_value(content))
    assert isinstance(found, Map)
    return found


CHANGES: list[Callable[[Map], object]] = [
    lambda found: found.update(x=1),
    lambda found: found.put("x", 1),
    lambda found: found.pop("y"),
    lambda found: found.popitem(),
    lambda found: found.setdefault("x", 1),
    lambda found: found.clear(),
    lambda found: found.__setitem__(Symbol("z"), 1),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("others", [{}, {1: 1}], ids=["texts", "any keys"])
def test_a_map_that_was_changed_is_the_callers(
    change: Callable[[Map], object], others: dict[Any, Any]
) -> None:
    found = read({"k": 1, **others, "y": 1})
    was_as_read = found.as_read
    assert b"\xa1\x01k" in MessageAnnotations(found).encode()
    change(found)
    assert (was_as_read, found.as_read) == (True, False)
    assert b"\xa1\x01k" not in MessageAnnotations(found).encode()


def test_a_map_made_here_is_the_callers() -> None:
    assert not Map().as_read
    assert not Map(read({})).as_read
    assert read({}).copy().as_read
    assert Map.from_flat([]).as_read
    assert Map.from_texts({}, had_duplicates=False).as_read


@pytest.mark.parametrize(
    "error", [RuntimeError("changed size"), RecursionError("deep"), KeyError("k"), TypeError("no")]
)
def test_a_mapping_that_fails_is_an_encode_error(error: Exception) -> None:
    class Failing(Pairs):
        def __iter__(self) -> Iterator[Any]:
            raise error

    for value in (Failing((1, 1)), MessageAnnotations(Failing((1, 1)))):
        with pytest.raises(EncodeError):
            encode_value(value)
