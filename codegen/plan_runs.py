"""Step 4b, plan which fields of a hot composite are read at once, when each of them has its usual form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codegen.names import snake
from codegen.plan_hot import scalars_of
from codegen.plan_primitives import code_in, code_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codegen.resolve import Field, Primitive, Specification

# Fewer fields are not worth it.
SHORTEST = 3

# 2.8.7: a delivery-tag has up to 32 octets. What is longer is read one by one, and refused elsewhere.
MOST_OCTETS = 32


def leading_run(fields: Sequence[Field], required: int, specification: Specification) -> tuple[int, str]:
    """Return how many fields, from the first on, are numbers that all have a form of four octets, and its constructor.

    Only fields that are always there, and only three or more: they are worth to be read at once when all have that form.
    """
    wide = _code(specification.primitives["uint"], 4)
    length = 0
    for field in fields[:required]:
        if _scalar(field, specification) != "uint":
            break
        length += 1
    return (length, wide) if wide and length >= SHORTEST else (0, "")


@dataclass(frozen=True, slots=True)
class ShortField:
    """A field that takes no octet but its constructor."""

    name: str
    local: str  # holds the constructor
    check: str  # expression over it: whether it is a usual one
    value: str  # expression over it


@dataclass(frozen=True, slots=True)
class TaggedRun:
    """Fields in a row: a number of four octets, octets with a size of one octet, then fields without octets.

    How they lie depends on the size of the octets alone, so there is one layout for each size.
    """

    start: int
    stop: int
    number: str
    number_code: str
    octets: str
    octets_code: str
    short: tuple[ShortField, ...]

    @property
    def layout(self) -> str:
        """The layout, as Struct has it; `{size}` stands for the size of the octets."""
        return ">xIBx{size}s" + "B" * len(self.short)

    @property
    def size_at(self) -> int:
        """Where the size of the octets is."""
        return 6

    @property
    def length(self) -> int:
        """How many octets the fields take besides the octets of the second."""
        return 7 + len(self.short)

    @property
    def most_octets(self) -> int:
        """The largest size that has a layout."""
        return MOST_OCTETS


def tagged_run(fields: Sequence[Field], required: int, specification: Specification) -> TaggedRun | None:
    """Return the run behind the fields that are always there, if there is one.

    It ends with the first field that has a default: such fields are mostly left out.
    """
    primitives = specification.primitives
    number, octets = _code(primitives["uint"], 4), _code(primitives["binary"], 1)
    head = [_scalar(field, specification) for field in fields[required : required + 2]]
    if not number or not octets or head != ["uint", "binary"]:
        return None
    short: list[ShortField] = []
    for field in fields[required + 2 :]:
        found = _short_field(field, len(short), specification) if field.default is None else None
        if found is None:
            break
        short.append(found)
    if 2 + len(short) < SHORTEST:
        return None
    return TaggedRun(
        start=required,
        stop=required + 2 + len(short),
        number=snake(fields[required].name),
        number_code=number,
        octets=snake(fields[required + 1].name),
        octets_code=octets,
        short=tuple(short),
    )


def _short_field(field: Field, number: int, specification: Specification) -> ShortField | None:
    kind = _scalar(field, specification)
    local = f"code_{number}"
    if kind == "uint":
        zero = _code(specification.primitives["uint"], 0)
        return ShortField(snake(field.name), local, f"{local} == {zero}", "0") if zero else None
    if kind == "boolean":
        empty = {e.name: e.code for e in specification.primitives["boolean"].encodings if e.width == 0}
        if {"true", "false"} <= empty.keys():
            check = code_in([empty["false"], empty["true"]]).replace("code", local, 1)
            return ShortField(snake(field.name), local, check, f"{local} == {code_text(empty['true'])}")
    return None


def _scalar(field: Field, specification: Specification) -> str:
    """Return the name of the primitive that a field always is; empty when there is none."""
    found = [] if field.multiple else scalars_of(field, specification)
    return found[0].name if len(found) == 1 and field.type != "*" else ""


def _code(primitive: Primitive, width: int) -> str:
    return next((code_text(e.code) for e in primitive.encodings if e.width == width), "")
