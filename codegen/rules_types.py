"""Rules of the type system: encodings, descriptors, references, defaults and choices."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from codegen.faults import Fault, Where
from codegen.layouts import FULL, LAYOUTS, PYTHON, SUBCATEGORIES
from codegen.marks import NAMESPACE
from codegen.resolve import chain_of, descriptor_code
from codegen.rules_errata import names_removed_choice
from codegen.rules_schema import hint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.model import Document, Node, TypeNode

CODE = re.compile(r"0x[0-9a-fA-F]{2}\Z")
DESCRIPTOR = re.compile(r"0x[0-9a-fA-F]{1,8}:0x[0-9a-fA-F]{1,8}\Z")
WIDTH = re.compile(r"[0-9]{1,2}\Z")

# Archetypes without which there is nothing to exchange.
NEEDED = ("frame", "sasl-frame", "section")


def encodings(document: Document) -> Iterator[Fault]:
    """1.2: the high half of a code says category and width; each code is used once and has a layout."""
    seen: dict[int, Where] = {}
    for node in document.types():
        for encoding in node.encodings:
            text, width = encoding.get("code"), encoding.get("width")
            if not CODE.match(text):
                if text:
                    yield Fault(
                        encoding.where,
                        f"code {text!r} of {node.name!r}",
                        "write two hexadecimal digits: 0x52",
                    )
                continue
            code = int(text, 16)
            if code in seen:
                yield Fault(
                    encoding.where, f"code {text} is used twice", f"the other is at {seen[code]}: change one"
                )
            seen.setdefault(code, encoding.where)
            if WIDTH.match(width):
                yield from _layout(node, encoding, code, int(width))
            elif width:
                yield Fault(encoding.where, f"width {width!r} of code {text}", "write a number of octets")


def _layout(node: TypeNode, encoding: Node, code: int, width: int) -> Iterator[Fault]:
    category = encoding.get("category")
    expected = SUBCATEGORIES.get(code >> 4)
    if expected is None:
        yield Fault(
            encoding.where, f"code 0x{code:02x} is in no subcategory", "use one from 0x40 to 0xff (1.2)"
        )
        return
    if (category, width) != expected:
        what = f"code 0x{code:02x} is {category} of width {width}"
        yield Fault(
            encoding.where, what, f"by its high half it is {expected[0]} of width {expected[1]} (1.2)"
        )
        return
    python = PYTHON.get(node.name)
    if python is None:
        return
    empty_boolean = python.family == "boolean" and width == 0 and encoding.name not in ("true", "false")
    too_wide = python.bits and width > python.bits // 8
    if (python.family, category, width) not in LAYOUTS or empty_boolean or too_wide:
        yield Fault(
            encoding.where,
            f"no codec for {node.name} as {category} of width {width} (code 0x{code:02x})",
            "add its layout to codegen/layouts.py and codegen/plan_primitives.py",
        )


def primitives(document: Document) -> Iterator[Fault]:
    """Every primitive is known, is there, and has an encoding that holds all its values."""
    found: dict[str, TypeNode] = {}
    for node in document.types():
        if node.get("class") != "primitive":
            continue
        found[node.name] = node
        if node.name not in PYTHON:
            advice = hint(node.name, PYTHON, "add it to codegen/layouts.py")
            yield Fault(node.where, f"primitive {node.name!r} has no Python side", advice)
        elif not _is_full(node):
            category, width = FULL[node.name]
            what = f"no encoding of {node.name!r} holds all its values"
            yield Fault(node.where, what, f"give it one that is {category} of width {width}")
    for name in PYTHON:
        if name not in found and document.parts:
            where = next(iter(found.values())).where if found else Where(document.parts[0].file, 1)
            yield Fault(where, f"the primitive {name!r} is nowhere", "load the part types with the others")


def _is_full(node: TypeNode) -> bool:
    forms = {(e.get("category"), e.get("width")) for e in node.encodings}
    category, width = FULL[node.name]
    return (category, str(width)) in forms


def descriptors(document: Document) -> Iterator[Fault]:
    """A composite has one descriptor, a restricted type at most one; names and codes are used once."""
    codes: dict[int, Where] = {}
    names: dict[str, Where] = {}
    for node in document.types():
        if node.get("class") == "composite" and not node.descriptors:
            what = f"composite {node.name!r} has no descriptor"
            yield Fault(node.where, what, 'write <descriptor name="..." code="0x...:0x..."/>')
        for extra in node.descriptors[1:]:
            what, other = f"a second descriptor of {node.name!r}", node.descriptors[0].where
            mend = "take one out"
            if other.file != extra.where.file:
                mend = f"mark it with the attribute change of {NAMESPACE}"
            yield Fault(extra.where, what, f"the other is at {other}: {mend}")
        for descriptor in node.descriptors:
            text = descriptor.get("code")
            if "code" not in descriptor.attributes:
                yield from _by_name_alone(node, descriptor)
            elif not DESCRIPTOR.match(text):
                yield Fault(descriptor.where, f"descriptor code {text!r}", "write 0x<domain>:0x<id> (1.3.3)")
            else:
                code = descriptor_code(text)
                if code in codes:
                    what = f"descriptor code {text} is used twice"
                    yield Fault(descriptor.where, what, f"the other is at {codes[code]}: change one")
                codes.setdefault(code, descriptor.where)
            if descriptor.name in names:
                what = f"descriptor name {descriptor.name!r} is used twice"
                yield Fault(descriptor.where, what, f"the other is at {names[descriptor.name]}: change one")
            names.setdefault(descriptor.name, descriptor.where)
        for archetype in NEEDED:
            if (
                archetype in node.words("provides")
                and not node.descriptors
                and node.get("class") != "composite"
            ):
                what = f"{node.name!r} provides {archetype!r} and has no descriptor"
                yield Fault(node.where, what, 'write <descriptor name="..." code="0x...:0x..."/>')


def _by_name_alone(node: TypeNode, descriptor: Node) -> Iterator[Fault]:
    """Only what the standard does not name, and no table finds by its number, may do without one."""
    what = f"descriptor {descriptor.name!r} of {node.name!r} has no code"
    numbered = [archetype for archetype in NEEDED if archetype in node.words("provides")]
    if descriptor.name.startswith("amqp:"):
        yield Fault(descriptor.where, what, 'the standard\'s have one: write code="0x...:0x..."')
    elif numbered:
        yield Fault(
            descriptor.where, what, f'what provides {numbered[0]!r} needs one: write code="0x...:0x..."'
        )


def references(document: Document) -> Iterator[Fault]:
    """A source and a field's type name a type that there is, and sources do not go round in a circle."""
    table = document.by_name()
    for node in document.types():
        source = node.get("source")
        if node.get("class") == "restricted" and source and source != "*":
            if source not in table:
                if document.was_removed(source):
                    continue  # said where it was removed
                yield Fault(
                    node.where,
                    f"source {source!r} of {node.name!r} is unknown",
                    hint(source, table, "define it"),
                )
            elif table[source].get("class") == "composite":
                what = f"source {source!r} of {node.name!r} is a composite"
                yield Fault(node.where, what, "restrict a primitive, or another restricted type")
            elif _goes_round(node.name, table):
                yield Fault(
                    node.where, f"the sources of {node.name!r} lead back to it", "end them at a primitive"
                )
        for field in node.fields:
            kind = field.get("type")
            if kind and kind != "*" and kind not in table and not document.was_removed(kind):
                what = f"type {kind!r} of field {field.name!r} is unknown"
                yield Fault(field.where, what, hint(kind, table, "define it"))


def _goes_round(name: str, table: dict[str, TypeNode]) -> bool:
    seen = {name}
    while name in table and table[name].get("class") == "restricted":
        name = table[name].get("source")
        if name in seen:
            return True
        seen.add(name)
    return False


def archetypes(document: Document) -> Iterator[Fault]:
    """What a field requires is provided, or belongs to another specification; the needed ones are there."""
    provided: dict[str, list[TypeNode]] = {}
    table = document.by_name()
    for node in document.types():
        for archetype in node.words("provides"):
            provided.setdefault(archetype, []).append(node)
            if (
                node.get("class") == "restricted"
                and not node.descriptors
                and _end_of(node.name, table) == "*"
            ):
                what = f"{node.name!r} provides {archetype!r} and is of any type"
                yield Fault(node.where, what, "give it a descriptor, or a primitive as source")
    for node in document.types():
        for field in node.fields:
            required = field.words("requires")
            if len(required) > 1 and field.get("type") == "*":
                what = f"field {field.name!r} requires {len(required)} archetypes"
                yield Fault(field.where, what, "name one that all the types meant provide")
            for archetype in required:
                advice = hint(archetype, provided, "")
                if archetype not in provided and advice and _is_close(archetype, provided):
                    yield Fault(field.where, f"no type provides {archetype!r}", advice)
    for archetype in NEEDED:
        if archetype not in provided and document.parts:
            where = Where(document.parts[0].file, 1)
            yield Fault(
                where, f"no type provides {archetype!r}", "load all parts of the specification together"
            )


def _is_close(word: str, known: dict[str, list[TypeNode]]) -> bool:
    # An archetype of another specification (global-tx-id) may resemble one of ours a little.
    return any(sorted(word) == sorted(other) or word in other or other in word for other in known) or any(
        abs(len(word) - len(other)) <= 2 and sum(a != b for a, b in zip(word, other, strict=False)) <= 2
        for other in known
    )


def _end_of(name: str, table: dict[str, TypeNode]) -> str:
    """Return the primitive behind a type, `*`, or an empty text when its sources do not end."""
    if name == "*":
        return "*"
    return "" if _goes_round(name, table) else chain_of(name, table)[-1]


def multiples(document: Document) -> Iterator[Fault]:
    """A field with several values is of a scalar type: its array has elements of one primitive."""
    table = document.by_name()
    for node in document.types():
        for field in node.fields:
            end = _end_of(field.get("type"), table)
            scalar = end in PYTHON and PYTHON[end].family not in ("list", "map", "array", "null")
            if field.get("multiple") == "true" and end and not scalar:
                what = f"field {field.name!r} is multiple and of the type {field.get('type')!r}"
                yield Fault(field.where, what, "no codec for that: make it a scalar type, or a list")
            if field.get("multiple") == "true" and "default" in field.attributes:
                yield Fault(
                    field.where, f"field {field.name!r} is multiple and has a default", "take the default out"
                )


def defaults(document: Document) -> Iterator[Fault]:
    """A default is a value of the field's type, or the name of one of its choices."""
    table = document.by_name()
    for node in document.types():
        for field in node.fields:
            text = field.attributes.get("default")
            end = _end_of(field.get("type"), table)
            if text is None or not end:
                continue
            choices = _choices_of(field.get("type"), table)
            named = {c.name for c in choices} | {c.get("value") for c in choices}
            if choices and text not in named:
                if any(names_removed_choice(removal, field, table) for removal in document.removals):
                    continue  # said where it was removed
                what = f"default {text!r} of field {field.name!r} is none of the choices of {field.get('type')!r}"
                yield Fault(
                    field.where, what, hint(text, named, f"it is one of {', '.join(c.name for c in choices)}")
                )
            elif not choices and not is_value(end, text):
                what = f"default {text!r} of field {field.name!r} is not a value of {field.get('type')!r}"
                yield Fault(field.where, what, _advice(end))


def _choices_of(name: str, table: dict[str, TypeNode]) -> tuple[Node, ...]:
    for link in chain_of(name, table):
        if link in table and table[link].choices:
            return table[link].choices
    return ()


def is_value(primitive: str, text: str) -> bool:
    """Say whether a text of the XML is a value of a primitive."""
    python = PYTHON.get(primitive)
    kind = python.literal if python else ""
    if python is None or kind == "":
        return False
    if kind == "bool":
        return text in ("true", "false")
    if kind == "float":
        return _is_number(text)
    if kind == "int":
        lowest, highest = (0, 1 << python.bits) if python.family == "unsigned" else _signed(python.bits)
        return _is_integer(text) and lowest <= int(text, 0) < highest
    return primitive != "symbol" or text.isascii()


def _signed(bits: int) -> tuple[int, int]:
    return -(1 << bits - 1), 1 << bits - 1


def _is_integer(text: str) -> bool:
    try:
        int(text, 0)
    except ValueError:
        return False
    return True


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _advice(primitive: str) -> str:
    python = PYTHON.get(primitive)
    if python is None or not python.literal:
        return "a field of this type cannot have a default"
    if python.literal == "bool":
        return 'write "true" or "false"'
    return f"write a value of {primitive}" + (f" of at most {python.bits} bits" if python.bits else "")


def choices(document: Document) -> Iterator[Fault]:
    """Choices are values of the type's source, no two alike, and a type with choices has no descriptor."""
    table = document.by_name()
    for node in document.types():
        end = _end_of(node.name, table) if node.choices else ""
        if node.choices and node.descriptors:
            yield Fault(
                node.where, f"{node.name!r} has choices and a descriptor", "no codec for that: take one out"
            )
        values: dict[str, Where] = {}
        for choice in node.choices:
            text = choice.get("value")
            if end and "value" in choice.attributes and not is_value(end, text):
                what = f"choice {choice.name!r} has the value {text!r}, which is none of {end}"
                yield Fault(choice.where, what, _advice(end))
            if text in values:
                yield Fault(
                    choice.where, f"value {text!r} is chosen twice", f"the other is at {values[text]}"
                )
            values.setdefault(text, choice.where)


TYPE_RULES = (
    encodings,
    primitives,
    descriptors,
    references,
    archetypes,
    multiples,
    defaults,
    choices,
)
