"""How a field of a given type is annotated, read and written: the readable form of every kind of type.

A form names functions; the functions themselves are generated (primitives, enumerations, archetypes) or support code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codegen.layouts import PYTHON
from codegen.names import camel, class_name, scream, snake

if TYPE_CHECKING:
    from codegen.resolve import Choice, Field, Restricted, Specification

# 2.8.14, 3.2.10, 3.5.8: maps whose keys are symbols; plain str keys become such. In annotations an int is a ulong. In
# application-properties (3.2.5) keys are strings, and values are scalars.
SYMBOL_KEYED = ("fields", "filter-set")
ANNOTATION_KEYED = ("annotations",)
STRING_KEYED = ("application-properties",)

# Types whose readers follow nested values, and so take the depth left and the scope.
NESTED = ("list", "map", "array", "*")


@dataclass(frozen=True, slots=True)
class Form:
    """The functions of a type: `read_{read}(data, at...)`, `write_{write}(value)`, `..._or` and `..._or_null`."""

    annotation: str
    read: str
    write: str
    nested: bool = False
    # Of array elements: their primitive, and what makes the field's value of one.
    primitive: str = ""
    plain: str = ""

    @property
    def arguments(self) -> str:
        """What the reader is called with."""
        return "data, at, depth, scope" if self.nested else "data, at"


def enumeration_of(name: str, specification: Specification) -> Restricted | None:
    """Return the closed choice that a type is, if it is one: choices over anything but a boolean."""
    restricted = specification.restricted.get(name)
    while restricted is not None and not restricted.choices:
        restricted = specification.restricted.get(restricted.chain[0])
    return None if restricted is None or restricted.primitive == "boolean" else restricted


def enumeration_name(restricted: Restricted) -> str:
    """Return the class name of an enumeration."""
    return class_name(restricted.name, restricted.provides, chosen=bool(restricted.choices))


def archetype_name(archetype: str, specification: Specification) -> str:
    """Return the alias of an archetype, told apart from a type of the same name."""
    clash = archetype in specification.composites or archetype in specification.restricted
    return ("Any" if clash else "") + camel(archetype)


def dispatch_name(archetype: str, specification: Specification) -> str:
    """Return the name under which the functions of an archetype are generated."""
    clash = archetype in specification.composites or archetype in specification.restricted
    return ("any_" if clash else "") + snake(archetype).rstrip("_")


def form_of_type(name: str, specification: Specification) -> Form:
    """Return the form of a type by its name."""
    if name in specification.composites:
        return Form(camel(name), snake(name).rstrip("_"), snake(name).rstrip("_"), nested=True)
    chosen = enumeration_of(name, specification)
    if chosen is not None:
        stem = snake(chosen.name).rstrip("_")
        name = enumeration_name(chosen)
        return Form(name, stem, stem, primitive=chosen.primitive, plain=name)
    restricted = specification.restricted.get(name)
    return _form_of_chain((name, *restricted.chain) if restricted else (name,))


def _form_of_chain(chain: tuple[str, ...]) -> Form:
    primitive = chain[-1]
    if primitive == "*":
        return Form("Value", "value", "value", nested=True)
    python = PYTHON[primitive]
    write = primitive
    if primitive == "map":
        if any(name in SYMBOL_KEYED for name in chain):
            write = "fields"
        elif any(name in ANNOTATION_KEYED for name in chain):
            write = "annotations"
        elif any(name in STRING_KEYED for name in chain):
            write = "simple_map"
    return Form(python.annotation, primitive, write, nested=primitive in NESTED, primitive=primitive)


def form_of_field(field: Field, specification: Specification) -> Form:
    """Return the form of a field: its type's, or that of the archetype it requires when any type will do."""
    if field.type == "*" and field.requires:
        archetype = field.requires[0]
        providers = specification.archetypes[archetype]
        if not providers:
            # Nothing here provides it (as with global-tx-id): what does is another specification's.
            return form_of_type("*", specification)
        stem = dispatch_name(archetype, specification)
        nested = any(
            form_of_type(p, specification).nested or _has_descriptor(p, specification) for p in providers
        )
        return Form(archetype_name(archetype, specification), stem, stem, nested=nested)
    return form_of_type(field.type, specification)


def _has_descriptor(name: str, specification: Specification) -> bool:
    restricted = specification.restricted.get(name)
    return restricted is not None and restricted.descriptor is not None


def literal(field: Field, specification: Specification) -> str | None:
    """Return the Python text of a field's default, or None."""
    if field.default is None:
        return None
    chosen = enumeration_of(field.type, specification)
    if chosen is not None:
        return f"{enumeration_name(chosen)}.{scream(choice_named(chosen, field.default).name)}"
    restricted = specification.restricted.get(field.type)
    primitive = restricted.primitive if restricted else field.type
    text = field.default
    if restricted is not None:
        for choice in restricted.choices:
            if choice.name == text:
                text = choice.value
    return value_literal(primitive, text)


def choice_named(restricted: Restricted, text: str) -> Choice:
    """Return the choice with this name or value."""
    for choice in restricted.choices:
        if text in (choice.name, choice.value):
            return choice
    raise KeyError(text)


def value_literal(primitive: str, text: str) -> str:
    """Return the Python text of a value written in the XML."""
    kind = PYTHON[primitive].literal
    if kind == "bool":
        return {"true": "True", "false": "False"}[text]
    if kind == "int":
        return str(int(text, 0))
    if kind == "float":
        return repr(float(text))
    return repr_text(text)


def repr_text(text: str) -> str:
    """Return a str literal in double quotes."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    # A line break, or what looks like nothing, is written so that it can be seen.
    return '"' + "".join(c if c.isprintable() else repr(c)[1:-1] for c in quoted) + '"'
