"""A user's own described types: what may be registered, and where its values become classes."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import pytest

from amqp.message import Message
from amqp_spec import (
    DEFAULT_REGISTRY,
    AmqpValue,
    Attach,
    Declare,
    DecodeError,
    Described,
    EncodeError,
    Limits,
    Open,
    RegistrationError,
    Registry,
    SqlFilter,
    StreamFilter,
    Symbol,
    ULong,
    decode_all,
    decode_frame,
    decode_section,
    decode_value,
    encode_value,
    identical,
)

CODE = 0x7777_0000_0001


@dataclass(frozen=True)
class Point:
    DESCRIPTOR: ClassVar[int] = CODE
    SYMBOL: ClassVar[str] = "example.com:point:list"
    x: float
    y: float

    def encode(self) -> bytes:
        return encode_value(Described(ULong(CODE), [self.x, self.y]))

    @classmethod
    def from_value(cls, value: Any) -> Self:
        x, y = value
        return cls(float(x), float(y))


@dataclass(frozen=True)
class Named:
    DESCRIPTOR: ClassVar[str] = "example.com:named:string"
    text: str

    def encode(self) -> bytes:
        return encode_value(Described(Symbol(self.DESCRIPTOR), self.text))

    @classmethod
    def from_value(cls, value: Any) -> Self:
        if type(value) is not str:
            raise TypeError("not a string")
        return cls(value)


POINT = Point(1.0, 2.0)
DATA = POINT.encode()
PLAIN = Described(ULong(CODE), [1.0, 2.0])


@pytest.fixture
def registry() -> Registry:
    return Registry(Point, Named)


def test_a_registered_type_becomes_its_class(registry: Registry) -> None:
    assert decode_value(DATA, registry=registry) == POINT
    by_symbol = encode_value(Described(Symbol(Point.SYMBOL), [1.0, 2.0]))
    assert decode_value(by_symbol, registry=registry) == POINT
    assert decode_value(Named("x").encode(), registry=registry) == Named("x")
    assert decode_all(DATA + DATA, registry=registry) == [POINT, POINT]
    nested = encode_value([{"a": POINT}, Described(Symbol("other"), POINT)])
    assert decode_value(nested, registry=registry) == [{"a": POINT}, Described(Symbol("other"), POINT)]


def test_it_is_written_by_its_class(registry: Registry) -> None:
    assert Point in registry
    assert encode_value(POINT) == DATA
    assert AmqpValue([POINT]).encode() == AmqpValue([PLAIN]).encode()


def test_without_a_registry_it_stays_described() -> None:
    assert identical(decode_value(DATA), PLAIN)
    assert identical(decode_value(DATA, registry=Registry()), PLAIN)


def test_what_is_not_registered_stays_described(registry: Registry) -> None:
    for other in (Described(ULong(CODE + 1), "x"), SqlFilter("x"), Described(Symbol("amqp:open:list"), [])):
        assert type(decode_value(encode_value(other), registry=registry)) is Described


def test_types_of_the_specification_can_be_wanted_in_content() -> None:
    registry = Registry(Declare, SqlFilter, StreamFilter)
    for value in (Declare(), SqlFilter("x"), StreamFilter(["a"])):
        assert identical(decode_value(value.encode(), registry=registry), value)
        assert type(decode_value(value.encode())) is Described


def test_sections_and_messages(registry: Registry) -> None:
    data = AmqpValue(POINT).encode()
    assert decode_section(data, 0, len(data), registry=registry) == (AmqpValue(POINT), len(data))
    assert decode_section(data, 0, len(data), Limits(depth=9), registry)[0] == AmqpValue(POINT)
    assert Message.decode(data, registry=registry).body == POINT
    assert identical(Message.decode(data).body, PLAIN)
    assert Message(POINT).body == POINT


def test_performatives(registry: Registry) -> None:
    data = Open(container_id="x", properties={"where": POINT, "filter": SqlFilter("x")}).encode()
    for limits in (Limits(), Limits(depth=9)):
        found = decode_frame(data, 0, limits, registry)[0]
        assert isinstance(found, Open)
        assert found.properties == {"where": POINT, "filter": SqlFilter("x")}
    found = decode_frame(data)[0]
    assert isinstance(found, Open)
    assert found.properties == {"where": PLAIN, "filter": SqlFilter("x")}


def test_the_same_descriptor_with_another_class_is_refused(registry: Registry) -> None:
    class Other(Point):
        pass

    class OtherByName(Point):
        DESCRIPTOR = CODE + 1

    for kind in (Other, OtherByName):
        with pytest.raises(
            RegistrationError, match="belongs to Point already: change one, or use another Registry"
        ):
            registry.register(kind)
        assert kind not in registry
    assert Registry(Other).register(Other) is Other
    assert registry.register(Point) is Point
    assert decode_value(DATA, registry=registry) == POINT


@pytest.mark.parametrize(
    ("descriptor", "symbol"),
    [
        (0x10, None),
        (0x12, "example.com:mine"),
        (CODE, "amqp:open:list"),
        (0x75, None),
        (0x44, None),
        (0x24, None),
        (0x120, None),
        ("rabbitmq:stream-filter", None),
        ("amqp:sasl-init:list", None),
    ],
)
def test_types_of_the_specification_cannot_be_replaced(descriptor: int | str, symbol: str | None) -> None:
    class Mine(Point):
        pass

    Mine.DESCRIPTOR, Mine.SYMBOL = descriptor, symbol  # type: ignore[assignment]  # on purpose
    registry = Registry()
    with pytest.raises(RegistrationError, match="of the specification, which cannot be replaced"):
        registry.register(Mine)
    assert decode_frame(Attach(name="x", handle=0, role=False).encode(), registry=registry)[0] == Attach(
        name="x", handle=0, role=False
    )


@pytest.mark.parametrize(
    ("descriptor", "symbol"),
    [
        (None, None),
        (-1, None),
        (1 << 64, None),
        (True, None),
        (1.5, None),
        ("", None),
        ("\u00e9", None),
        (CODE, "\u00e9"),
        (CODE, 5),
        ("a", "b"),
    ],
)
def test_descriptors_that_are_none(descriptor: object, symbol: object) -> None:
    class Mine(Point):
        pass

    Mine.DESCRIPTOR, Mine.SYMBOL = descriptor, symbol  # type: ignore[assignment]  # on purpose
    with pytest.raises(RegistrationError, match="Mine has the DESCRIPTOR"):
        Registry(Mine)


def test_a_class_needs_encode_and_from_value() -> None:
    class NoReader:
        DESCRIPTOR: ClassVar[int] = CODE

        def encode(self) -> bytes:
            return b""

    class NoWriter:
        DESCRIPTOR: ClassVar[int] = CODE
        from_value = str

    for kind in (NoReader, NoWriter):
        with pytest.raises(
            RegistrationError, match=r"lacks encode\(\) or the class method from_value\(value\)"
        ):
            Registry(kind)  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize("value", [None, [1.0], [1.0, 2.0, 3.0], ["a", "b"], 5, uuid.UUID(int=1)])
def test_a_value_that_the_class_refuses_is_a_decode_error(registry: Registry, value: Any) -> None:
    data = b"\x45" + encode_value(Described(ULong(CODE), value))
    with pytest.raises(DecodeError, match="Point refuses the value") as caught:
        decode_all(data, registry=registry)
    assert caught.value.offset is not None


def test_each_truncation_is_a_decode_error(registry: Registry) -> None:
    for data in (encode_value([POINT, Named("xyz")]), Named("xyz").encode()):
        for length in range(len(data)):
            with pytest.raises(DecodeError):
                decode_value(data[:length], registry=registry)


def test_a_registered_type_ends_within_the_data(registry: Registry) -> None:
    # 1.6.13: a decimal32 of which three octets are missing, which only its reader's caller can see.
    octets = b"\x00\x80" + CODE.to_bytes(8, "big") + b"\x74\x00"
    with pytest.raises(DecodeError, match="the data ends inside a value"):
        decode_value(octets, registry=registry)


def test_a_class_generated_with_values_of_its_own_is_refused() -> None:
    class Foreign(Point):
        _GENERATED: ClassVar[bool] = True

    with pytest.raises(RegistrationError, match="--base amqp_spec"):
        Registry(Foreign)


def test_depth_holds_for_registered_types(registry: Registry) -> None:
    value: Any = Named("x")
    for _ in range(70):
        value = [value]
    with pytest.raises(EncodeError):
        encode_value(value)
    data = Named("x").encode()
    for _ in range(70):
        data = b"\xd0" + (len(data) + 4).to_bytes(4, "big") + b"\0\0\0\1" + data
    with pytest.raises(DecodeError, match="nested deeper"):
        decode_value(data, registry=registry)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x40",
        b"\x00",
        b"\x00\x44",
        b"\x00\x44\x40\x40",
        b"\x00\x44\xa1\x05x",
        "text",
        bytearray(b"\x00\x53\x01\x40"),
    ],
)
def test_what_encode_returns_is_looked_at(data: Any) -> None:
    class Odd(Point):
        def encode(self) -> bytes:
            made: bytes = data
            return made

    Registry(Odd)
    with pytest.raises(EncodeError, match=r"Odd.encode\(\) did not return the bytes of a described value"):
        encode_value([Odd(1.0, 2.0)])


class ForeignSymbol(str):
    """As in a package that was generated with values of its own."""

    __slots__ = ()
    __module__ = "other.scalars"
    AMQP_TYPE = "symbol"


class ForeignRecord:
    __module__ = "other.messaging"
    _GENERATED = True


@pytest.mark.parametrize("value", [ForeignSymbol("x"), ForeignRecord()])
def test_values_of_another_generated_package_are_refused(value: Any) -> None:
    for holder in (value, [value], {"k": value}):
        with pytest.raises(EncodeError, match=r"comes from other, .* `python -m codegen --base amqp_spec`"):
            encode_value(holder)


@pytest.fixture
def by_default() -> Iterator[None]:
    """The default registry belongs to the process: give it back as it was."""
    tables: list[dict[Any, Any]] = [
        DEFAULT_REGISTRY._kinds,
        DEFAULT_REGISTRY._content_types,
        DEFAULT_REGISTRY._performative_types,
    ]
    before = [dict(table) for table in tables]
    DEFAULT_REGISTRY.register(Point)
    yield
    for table, old in zip(tables, before, strict=True):
        table.clear()
        table.update(old)


@pytest.mark.usefixtures("by_default")
def test_the_default_registry() -> None:
    assert decode_value(DATA) == POINT
    assert Message.decode(AmqpValue(POINT).encode()).body == POINT
    assert Open.decode(Open(container_id="x", properties={"p": POINT}).encode()).properties == {"p": POINT}
    assert repr(DEFAULT_REGISTRY) == "Registry(Point)"
    # Another registry has what it was given.
    assert identical(decode_value(DATA, registry=Registry()), PLAIN)
