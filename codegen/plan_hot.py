"""Step 4b, plan the hot form: the code of the busiest composites, written out in full.

The hot form takes what peers and applications write every day and leaves everything else to the plain form: an odd
class, a large size, a rare encoding, and every fault. So the two cannot disagree on what is legal, and only the plain
form says what is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codegen.forms import enumeration_of
from codegen.layouts import PYTHON
from codegen.plan_primitives import NUMBERS, SIGNED, UNSIGNED, by_use, byte_text, code_in, code_text

if TYPE_CHECKING:
    from codegen.forms import Form
    from codegen.resolve import Encoding, Field, Primitive, Specification

# Composites of every transfer and every message.
HOT = ("transfer", "flow", "disposition", "header", "properties")

# How many fields of them are mostly there; from the next on they are mostly left out.
USUAL_FIELDS = {"flow": 7, "disposition": 5, "header": 3, "properties": 7}


# Local names of the hot form; a field of that name gets another local.
LOCALS = frozenset(
    {"self", "count", "parts", "append", "body", "size", "text", "data", "at", "code", "start", "end"}
)


@dataclass(frozen=True, slots=True)
class HotField:
    """One field in the hot form."""

    local: str
    # Lines that read the value at `at` and move it: the branches of an if over `code`.
    read: tuple[str, ...]
    write: str  # expression over the local
    longest: int | None  # octets at most; None where they depend on the value


def hot_field(
    field: Field, form: Form, default: str | None, name: str, specification: Specification
) -> HotField:
    """Return the hot form of a field."""
    local = name + "_" if name in LOCALS else name
    optional = not field.mandatory
    scalars = [] if field.multiple else scalars_of(field, specification)
    null = specification.primitives["null"].encodings[0].code
    branches = read_branches(scalars, f"self.{name}")
    if optional:
        branches.setdefault((f"self.{name} = {default or 'None'}", "at += 1"), []).append(null)
    write = None
    if field.multiple:
        write = f'write_multiple("{form.primitive}", {local})'
    else:
        call = f"write_{form.write}({local})"
        for primitive in reversed(scalars):
            call = inlined_write(primitive, local, call) or call
        write = call
    if optional and default is not None and form.annotation != "bool":
        write = f"NULL if {local} == {default} else {write}"
    elif optional and default is None:
        write = f"NULL if {local} is None else {write}"
    longest = None
    if scalars and all(encoding.category == "fixed" for p in scalars for encoding in p.encodings):
        longest = 1 + max(encoding.width for p in scalars for encoding in p.encodings)
    read = list(if_chain(branches))
    if has_empty_types(field, specification):
        word = "elif" if read else "if"
        read += [
            f"{word} (empty := {form.read.upper()}_EMPTY.get(data[at : at + 4])) is not None:",
            f"    self.{name} = empty",
            "    at += 4",
        ]
    return HotField(local, tuple(read), write, longest)


def has_empty_types(field: Field, specification: Specification) -> bool:
    """Say whether one of the types of a field has no fields itself, as accepted."""
    if field.type != "*" or not field.requires or field.multiple:
        return False
    found = (specification.composites.get(name) for name in specification.archetypes[field.requires[0]])
    return any(composite is not None and not composite.fields for composite in found)


def scalars_of(field: Field, specification: Specification) -> list[Primitive]:
    """Return the primitives of a field that are worth writing out: its own, or text among those it may hold."""
    if enumeration_of(field.type, specification) is not None:
        return []
    if field.type == "*" and field.requires:
        ends = [_end(p, specification) for p in specification.archetypes[field.requires[0]]]
        return [specification.primitives["string"]] if "string" in ends else []
    end = _end(field.type, specification)
    if end not in PYTHON or PYTHON[end].family in ("list", "map", "array"):
        return []
    return [specification.primitives[end]]


def _end(name: str, specification: Specification) -> str:
    restricted = specification.restricted.get(name)
    return restricted.primitive if restricted else name


def read_branches(primitives: list[Primitive], target: str) -> dict[tuple[str, ...], list[int]]:
    """Return the lines that read the value at `at` into a target, and move `at`, each with the constructors for it."""
    found: dict[tuple[str, ...], list[int]] = {}
    for primitive in primitives:
        for encoding in by_use(primitive):
            taken = _taken(primitive, encoding, target)
            if taken:
                found.setdefault(taken, []).append(encoding.code)
    return found


def if_chain(branches: dict[tuple[str, ...], list[int]]) -> tuple[str, ...]:
    """Return the lines of an if over the constructor, one branch for each body."""
    lines: list[str] = []
    word = "if"
    for body, codes in branches.items():
        lines.append(f"{word} {code_in(codes)}:")
        lines += [f"    {line}" for line in body]
        word = "elif"
    return tuple(lines)


def _taken(primitive: Primitive, encoding: Encoding, target: str) -> tuple[str, ...]:
    python = PYTHON[primitive.name]
    width = encoding.width
    move = f"at += {width + 1}"
    if python.family in ("unsigned", "signed", "timestamp"):
        letter = (UNSIGNED if python.family == "unsigned" else SIGNED).get(width, "")
        value = (
            "0"
            if width == 0
            else "data[at + 1]"
            if letter == "B"
            else "SIGNED_OCTETS[data[at + 1]]"
            if letter == "b"
            else f"unpack_{NUMBERS[letter]}(data, at + 1)[0]"
        )
        return (f"{target} = {value}", move)
    if python.family == "boolean":
        return () if width else (f"{target} = {encoding.name == 'true'}", move)
    if python.family == "double":
        return (f"{target} = unpack_f64(data, at + 1)[0]", move)
    if encoding.category == "variable" and width == 1:
        text = {"binary": "data[start:at]", "string": "data[start:at].decode()"}
        value = text.get(python.family, 'data[start:at].decode("ascii")')
        return ("start = at + 2", "at = start + data[at + 1]", f"{target} = {value}")
    return ()


def inlined_write(primitive: Primitive, value: str, call: str) -> str | None:
    """Return the expression that writes a value, or None when a call is as good; `call` writes what is out of line.

    A number out of range or a text too long for the narrow form raises here, which hands over to the plain form.
    """
    family = PYTHON[primitive.name].family
    widths = {e.width: e for e in primitive.encodings}
    name = primitive.name.upper()
    if family == "boolean":
        true, false = _booleans(primitive)
        return f"{true} if {value} is True else {false} if {value} is False else {call}"
    if 1 not in widths:
        return None
    if family == "unsigned":
        widest = max(widths)
        pack = (
            f"pack_{NUMBERS[UNSIGNED[widest]]}({code_text(widths[widest].code)}, {value})"
            if widest > 1
            else call
        )
        return (
            f"({name}_BYTES[{value}] if 0 <= {value} < 256 else {pack}) if type({value}) is int else {call}"
        )
    if family == "binary":
        return f"{name}_HEADS[len({value})] + {value} if type({value}) is bytes else {call}"
    if family in ("string", "symbol"):
        codec = '"ascii"' if family == "symbol" else ""
        head = f"{name}_HEADS[len(text := {value}.encode({codec}))]"
        return f"{head} + text if type({value}) is str else {call}"
    return None


def _booleans(primitive: Primitive) -> tuple[str, str]:
    empty = {e.name: e for e in primitive.encodings if e.width == 0}
    if {"true", "false"} <= empty.keys():
        return byte_text(empty["true"].code), byte_text(empty["false"].code)
    code = primitive.encodings[0].code
    return byte_text(code, 1), byte_text(code, 0)
