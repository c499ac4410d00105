"""Each field of each composite with each encoding of each type, and each choice: read where it fits, else refused.

The octets are put together from the XML and the wire vectors; every branch of the generated classes is walked.
"""

from __future__ import annotations

import functools
from typing import Any

import pytest

import amqp_spec
from amqp_spec import DecodeError, EncodeError, identical
from amqp_spec.reading import CONTENT, PERFORMATIVE
from amqp_spec.writing import WRITE_FAULTS
from codegen.forms import enumeration_name, enumeration_of
from codegen.layouts import PYTHON
from codegen.names import camel, snake
from codegen.plan_hot import HOT
from tests.codec.composite_strategies import specification
from tests.codec.test_hot_forms import same_when_decoded
from tests.codec.vectors import load

VECTORS = load("primitives")
MISSING = "mandatory field is missing"
COMPOSITES = list(specification().composites)
RESTRICTED = [name for name, each in specification().restricted.items() if each.descriptor]
CHOICES = [
    name
    for name, each in specification().restricted.items()
    if each.choices and enumeration_of(name, specification())
]


def octets_of_primitive(name: str) -> bytes:
    """Return the first vector of a type."""
    return next(vector.octets for vector in VECTORS if vector.name.replace(",", " ").split()[0] == name)


def primitive_of(name: str) -> str:
    restricted = specification().restricted.get(name)
    return restricted.chain[-1] if restricted else name


def head(kind: Any) -> bytes:
    """Return the descriptor of a class as it is written first."""
    code = kind.DESCRIPTOR
    if isinstance(code, str):
        return b"\x00" + amqp_spec.encode_value(amqp_spec.Symbol(code))
    return b"\x00\x53" + bytes((code,)) if code < 256 else b"\x00\x80" + code.to_bytes(8, "big")


def described_list(kind: Any, fields: list[bytes], slack: bytes = b"") -> bytes:
    body = b"".join(fields) + slack
    size, count = (len(body) + 4).to_bytes(4, "big"), len(fields).to_bytes(4, "big")
    if len(body) < 255:
        return head(kind) + bytes((0xC0, len(body) + 1, len(fields))) + body
    return head(kind) + b"\xd0" + size + count + body


@functools.cache
def sample(name: str, archetype: str | None = None) -> bytes:
    """Return the octets of some value of a type."""
    spec = specification()
    if name == "*" and archetype and spec.archetypes[archetype]:
        return sample(spec.archetypes[archetype][0])
    if name == "*":
        return b"\x41"
    if name in spec.composites:
        return described_list(getattr(amqp_spec, camel(name)), samples(name, mandatory_only=True))
    chosen = enumeration_of(name, spec)
    if chosen is not None:
        member = next(iter(getattr(amqp_spec, enumeration_name(chosen))))
        write: Any = getattr(amqp_spec.primitives, f"write_{primitive_of(name)}")
        octets: bytes = write(member.value)
        return octets
    return octets_of_primitive(primitive_of(name))


@functools.cache
def _samples(name: str) -> tuple[bytes, ...]:
    fields = specification().composites[name].fields
    return tuple(sample(field.type, field.requires[0] if field.requires else None) for field in fields)


def samples(name: str, *, mandatory_only: bool = False) -> list[bytes]:
    """Return the octets of each field, or of those up to the last that has to be there."""
    found = list(_samples(name))
    if not mandatory_only:
        return found
    fields = specification().composites[name].fields
    most = max((number for number, field in enumerate(fields, 1) if field.mandatory), default=0)
    return [
        octets if field.mandatory else b"\x40"
        for octets, field in list(zip(found, fields, strict=True))[:most]
    ]


POOL = [vector.octets for vector in VECTORS]
for composite_name in COMPOSITES:
    POOL.append(described_list(getattr(amqp_spec, camel(composite_name)), samples(composite_name)))
    POOL.append(sample(composite_name))


def decoded(kind: Any, octets: bytes, blamed: str) -> Any:
    """Return what *octets* are, or None where they are refused and *blamed* is named."""
    refusal = ""
    try:
        return kind.decode(octets)
    except DecodeError as error:
        refusal = str(error)
    assert refusal.startswith(blamed)
    return None


def check(name: str, octets: bytes, field: str | None = None) -> Any:
    """Return what *octets* are, or None where they are refused with the field's name; both forms agree."""
    kind = getattr(amqp_spec, camel(name))
    if name in HOT:
        same_when_decoded(name, octets)
    value = decoded(kind, octets, name if field is None else f"{name}.{field}")
    if value is None:
        return None
    again = value.encode()
    assert kind.decode(again).encode() == again
    if name in HOT:
        assert again == value.encode_plainly()
    return value


@pytest.mark.parametrize("name", COMPOSITES)
def test_each_field_with_each_encoding(name: str) -> None:
    kind = getattr(amqp_spec, camel(name))
    for number, field in enumerate(specification().composites[name].fields):
        refused = taken = 0
        for octets in POOL:
            fields = samples(name)
            fields[number] = octets
            found = check(name, described_list(kind, fields), field.name)
            refused += found is None
            taken += found is not None
        assert taken, field.name
        # A field of any type takes all.
        assert refused or (field.type == "*" and not specification().archetypes.get(*field.requires or ("",)))


@pytest.mark.requirement("types-1.4-01")
@pytest.mark.parametrize("name", COMPOSITES)
def test_each_number_of_fields(name: str) -> None:
    kind = getattr(amqp_spec, camel(name))
    composite = specification().composites[name]
    full = samples(name)
    for count in range(len(full) + 1):
        lacking = any(field.mandatory for field in composite.fields[count:])
        value = check(name, described_list(kind, full[:count]))
        assert (value is None) is lacking
        if lacking:
            with pytest.raises(DecodeError, match=MISSING):
                kind.decode(described_list(kind, full[:count]))
        if value is not None:
            for field in composite.fields[count:]:
                default = kind.__dataclass_fields__[snake(field.name)].default
                assert getattr(value, snake(field.name)) == default
    with pytest.raises(
        DecodeError, match=f"list has {len(full) + 1} fields, the type has {len(full)} at offset"
    ):
        kind.decode(described_list(kind, [*full, b"\x40"]))
    with pytest.raises(DecodeError, match=name):
        kind.decode(described_list(kind, full, b"\x40"))
    if full:
        with pytest.raises(DecodeError, match=name):
            kind.decode(head(kind) + b"\xc0\x02\xff\x40")
    with pytest.raises(DecodeError, match="expected list"):
        kind.decode(head(kind) + b"\xc1\x01\x00")


@pytest.mark.parametrize("name", COMPOSITES)
def test_each_field_alone_and_each_that_is_null(name: str) -> None:
    kind = getattr(amqp_spec, camel(name))
    fields = specification().composites[name].fields
    for number, field in enumerate(fields):
        alone = [
            b"\x40" if not each.mandatory else sample
            for each, sample in zip(fields, samples(name), strict=True)
        ]
        alone[number] = samples(name)[number]
        value = check(
            name,
            described_list(
                kind, alone[: number + 1] if not any(f.mandatory for f in fields[number:]) else alone
            ),
        )
        assert value is not None
        without = samples(name)
        without[number] = b"\x40"
        value = check(name, described_list(kind, without), field.name)
        assert (value is None) is field.mandatory


@pytest.mark.parametrize("name", COMPOSITES)
def test_each_field_refuses_what_it_cannot_hold(name: str) -> None:
    kind = getattr(amqp_spec, camel(name))
    full = described_list(kind, samples(name))
    for field in specification().composites[name].fields:
        value = kind.decode(full)
        setattr(value, snake(field.name), object())
        with pytest.raises(EncodeError, match=rf"{name}\.{field.name}(\[\w+\])?: "):
            value.encode()
        if field.mandatory:
            setattr(value, snake(field.name), None)
            open_type = field.type == "*" and not specification().archetypes.get(*field.requires or ("",))
            if open_type:
                assert value.encode()
            else:
                with pytest.raises(EncodeError, match=f"{name}.{field.name}: "):
                    value.encode()


@pytest.mark.parametrize("name", COMPOSITES)
def test_each_field_that_is_broken_is_named(name: str) -> None:
    kind = getattr(amqp_spec, camel(name))
    for number, field in enumerate(specification().composites[name].fields):
        for broken in (b"\xff", b"\xc0\x00\x00", b"\xa1\xff"):
            fields = samples(name)
            fields[number] = broken
            assert check(name, described_list(kind, fields), field.name) is None


@pytest.mark.parametrize("name", COMPOSITES)
def test_octets_behind_a_value_are_refused(name: str) -> None:
    kind = getattr(amqp_spec, camel(name))
    with pytest.raises(DecodeError, match="1 bytes follow the value"):
        kind.decode(described_list(kind, samples(name)) + b"\x40")


@pytest.mark.parametrize("name", RESTRICTED)
def test_each_described_value_with_each_encoding(name: str) -> None:
    kind = getattr(amqp_spec, camel(name))
    taken = 0
    for octets in POOL:
        value = decoded(kind, head(kind) + octets, name)
        if value is None:
            continue
        taken += 1
        assert kind.decode(value.encode()).encode() == value.encode()
    assert taken
    if PYTHON.get(primitive_of(name)) is not None or primitive_of(name) == "*":
        with pytest.raises(EncodeError, match=rf"{name}(\[\w+\])?: "):
            kind(object()).encode()


@pytest.mark.parametrize("name", CHOICES)
def test_each_choice(name: str) -> None:
    spec = specification()
    stem = snake(name).rstrip("_")
    module: Any = getattr(amqp_spec, spec.restricted[name].part)
    members = list(getattr(amqp_spec, enumeration_name(spec.restricted[name])))
    read, read_or = getattr(module, f"read_{stem}"), getattr(module, f"read_{stem}_or")
    write, write_or_null = getattr(module, f"write_{stem}"), getattr(module, f"write_{stem}_or_null")
    assert [str(member.value) for member in members] == [
        choice.value for choice in spec.restricted[name].choices
    ]
    for member in members:
        octets = write(member)
        assert octets == write_or_null(member) == write(member.value)
        assert read(b"?" + octets, 1) == read_or(b"?" + octets, 1, None) == (member, 1 + len(octets))
        assert read(octets, 0)[0] is read_or(octets, 0, None)[0] is member
    assert write_or_null(None) == b"\x40"
    assert read_or(b"?\x40", 1, "nothing") == ("nothing", 2)
    with pytest.raises(DecodeError):
        read(b"\x40", 0)
    other = 77 if isinstance(members[0], int) else "no such choice"
    encoded = getattr(amqp_spec.primitives, f"write_{primitive_of(name)}")(other)
    with pytest.raises(DecodeError, match=name):
        read(encoded, 0)
    with pytest.raises(DecodeError, match=name):
        read_or(encoded, 0, None)
    for writer in (write, write_or_null):
        with pytest.raises(EncodeError, match=name):
            writer(other)
        with pytest.raises((*WRITE_FAULTS,)):
            writer(object())


def test_archetypes_read_and_write_null_only_where_it_may_be() -> None:
    archetypes: Any = amqp_spec.archetypes
    names = sorted(
        each[6:-8] for each in vars(archetypes) if each.startswith("write_") and each.endswith("_or_null")
    )
    assert {
        "any_source",
        "any_target",
        "delivery_state",
        "error",
        "message_id",
        "address",
        "outcome",
        "txn_id",
    } <= set(names)
    for name in names:
        read, read_or = getattr(archetypes, f"read_{name}"), getattr(archetypes, f"read_{name}_or")
        write, write_or_null = (
            getattr(archetypes, f"write_{name}"),
            getattr(archetypes, f"write_{name}_or_null"),
        )
        nested: tuple[Any, ...] = () if read.__code__.co_argcount == 2 else (64, PERFORMATIVE)
        taken = 0
        for octets in POOL:
            if octets == b"\x40":
                continue
            try:
                value, after = read(octets, 0, *nested)
            except DecodeError:
                with pytest.raises(DecodeError):
                    read_or(octets, 0, *nested, None)
                continue
            taken += 1
            assert after == len(octets)
            assert identical(read_or(octets, 0, *nested, None), (value, after))
            assert write(value) == write_or_null(value)
            assert identical(read(write(value), 0, *nested)[0], value)
        assert taken
        assert read_or(b"\x40", 0, *nested, "nothing") == ("nothing", 1)
        assert write_or_null(None) == b"\x40"
        with pytest.raises(DecodeError):
            read(b"\x40", 0, *nested)
        for writer in (write, write_or_null):
            with pytest.raises(EncodeError, match="expected"):
                writer(object())
        with pytest.raises(EncodeError, match="expected"):
            write(None)
        if nested:
            with pytest.raises(DecodeError, match="deeper"):
                read(b"\x00\x53\x24\x45", 0, 0, CONTENT)
