"""Rules of names: no two things of one kind share a name, in the XML or in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from codegen.faults import Fault, Where
from codegen.marks import NAMESPACE
from codegen.names import camel, class_name, scream, snake
from codegen.reserved import MODULES, PUBLIC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from codegen.model import Document, Node, TypeNode


N = TypeVar("N", bound="Node")


def _twice(nodes: Iterable[Node], kind: str) -> Iterator[Fault]:
    seen: dict[str, Where] = {}
    for node in nodes:
        if node.name and node.name in seen:
            what = f"{kind} {node.name!r} is defined twice"
            other = seen[node.name]
            mend = "rename or remove one"
            if other.file != node.where.file and kind != "part":
                mend = f"rename it, or mark it with the attribute change of {NAMESPACE}"
            yield Fault(node.where, what, f"the other is at {other}: {mend}")
        seen.setdefault(node.name, node.where)


def unique(document: Document) -> Iterator[Fault]:
    """Parts, types, definitions, and the fields, choices and encodings of a type have names of their own."""
    yield from _twice((part.node for part in document.parts), "part")
    yield from _twice(document.types(), "type")
    yield from _twice(document.definitions(), "definition")
    for node in document.types():
        yield from _twice(node.fields, f"field of {node.name!r}")
        yield from _twice(node.choices, f"choice of {node.name!r}")
        yield from _twice(node.encodings, f"encoding of {node.name!r}")


def _class(node: TypeNode) -> str:
    return class_name(node.name, node.words("provides"), chosen=bool(node.choices))


def _clash(nodes: Iterable[N], python: Callable[[N], str]) -> Iterator[Fault]:
    seen: dict[str, Node] = {}
    for node in nodes:
        name = python(node)
        other = seen.setdefault(name, node)
        if other.name != node.name:
            what = f"{node.name!r} and {other.name!r} are both {name!r} in Python"
            yield Fault(node.where, what, f"the other is at {other.where}: rename one")


def unique_in_python(document: Document) -> Iterator[Fault]:
    """Names stay apart when they become Python's."""
    yield from _clash((part.node for part in document.parts), lambda node: snake(node.name))
    generated = [node for node in document.types() if node.get("class") != "primitive"]
    yield from _clash(generated, _class)
    yield from _clash(document.definitions(), lambda node: scream(node.name))
    for node in document.types():
        yield from _clash(node.fields, lambda field: snake(field.name))
        yield from _clash(node.choices, lambda choice: scream(choice.name))


def not_reserved(document: Document) -> Iterator[Fault]:
    """No part takes the module, and no type or definition the name, of something that is always there."""
    for part in document.parts:
        if snake(part.name) in MODULES:
            yield Fault(
                part.node.where, f"part {part.name!r} has the name of a module of the output", "rename it"
            )
    for node in document.types():
        if node.get("class") != "primitive" and _class(node) in PUBLIC:
            what = f"type {node.name!r} would hide {_class(node)!r} of the output"
            yield Fault(node.where, what, "rename it")
    for definition in document.definitions():
        if scream(definition.name) in PUBLIC:
            what = f"definition {definition.name!r} would hide {scream(definition.name)!r} of the output"
            yield Fault(definition.where, what, "rename it")


def archetype_names(document: Document) -> Iterator[Fault]:
    """The alias of an archetype is not the name of a type as well."""
    types = {_class(node): node for node in document.types() if node.get("class") != "primitive"}
    names = {node.name for node in document.types()}
    for node in document.types():
        for archetype in node.words("provides"):
            alias = ("Any" if archetype in names else "") + camel(archetype)
            if alias in types:
                what = f"archetype {archetype!r} and type {types[alias].name!r} are both {alias!r} in Python"
                yield Fault(node.where, what, "rename one")


def no_cycle_of_parts(document: Document) -> Iterator[Fault]:
    """Parts do not need each other's choices: their modules could not be imported."""
    table = document.by_name()
    needs: dict[str, dict[str, Node]] = {part.name: {} for part in document.parts}
    for node in document.types():
        for field in node.fields:
            target = _chosen(field.get("type"), table)
            if target is not None and target.part != node.part:
                needs[node.part].setdefault(target.part, field)
    for part, found in needs.items():
        for other, field in found.items():
            if part < other and _reaches(other, part, needs):
                what = (
                    f"the parts {part!r} and {other!r} use each other's choices, here in field {field.name!r}"
                )
                yield Fault(field.where, what, "move the choices to a part that uses no other")


def _chosen(name: str, table: dict[str, TypeNode]) -> TypeNode | None:
    seen: set[str] = set()
    while name in table and name not in seen:
        seen.add(name)
        if table[name].choices:
            return table[name]
        name = table[name].get("source")
    return None


def _reaches(start: str, goal: str, needs: dict[str, dict[str, Node]]) -> bool:
    seen: set[str] = set()
    pending = [start]
    while pending:
        part = pending.pop()
        if part == goal:
            return True
        if part not in seen:
            seen.add(part)
            pending += needs.get(part, {})
    return False


NAME_RULES = (unique, unique_in_python, not_reserved, archetype_names, no_cycle_of_parts)
