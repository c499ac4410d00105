"""Rules of errata: marks stand where they mean something, and what was removed is not needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen.faults import Fault
from codegen.marks import NAMESPACE
from codegen.rules_schema import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.model import Document, Node, Removal, TypeNode


def marks(document: Document) -> Iterator[Fault]:
    """The one attribute of errata is `change`, and it stands on what can be changed."""
    sections = (node for part in document.files() for node in part.sections)
    for node in (*nodes(document), *sections):
        for name in node.attributes:
            space, _, local = name.removeprefix("{").rpartition("}")
            if space == NAMESPACE and local != "change":
                yield Fault(node.where, f"unknown attribute {local!r} of errata", 'write e:change="..."')
            elif space == NAMESPACE:
                what = f"e:change on <{node.tag}>"
                yield Fault(node.where, what, "mark the types and definitions inside that change")


def removed_types(document: Document) -> Iterator[Fault]:
    """No field or source is of a type that was removed."""
    for removal in document.removals:
        name = removal.gone.name
        if removal.gone.tag != "type" or not document.was_removed(name):
            continue
        for node in document.types():
            if node.get("source") == name:
                yield _needed(removal, f"type {name!r}", f"is the source of {node.name!r}", node)
            for field in node.fields:
                if field.get("type") == name:
                    needed = f"is the type of field {field.name!r} of {node.name!r}"
                    yield _needed(removal, f"type {name!r}", needed, field)


def removed_archetypes(document: Document) -> Iterator[Fault]:
    """No field requires an archetype whose last provider was removed."""
    provided = {archetype for node in document.types() for archetype in node.words("provides")}
    for removal in document.removals:
        lost = [a for a in removal.gone.words("provides") if a not in provided]
        for node in document.types():
            for field in node.fields:
                for archetype in set(lost) & set(field.words("requires")):
                    needed = (
                        f"alone provides {archetype!r}, which field {field.name!r} of {node.name!r} requires"
                    )
                    yield _needed(removal, f"type {removal.gone.name!r}", needed, field)


def removed_choices(document: Document) -> Iterator[Fault]:
    """No default is a choice that was removed."""
    table = document.by_name()
    for removal in document.removals:
        if removal.gone.tag != "choice":
            continue
        for node in document.types():
            for field in node.fields:
                if names_removed_choice(removal, field, table):
                    what = f"choice {removal.gone.name!r} of {removal.owner!r}"
                    needed = f"is the default of field {field.name!r} of {node.name!r}"
                    yield _needed(removal, what, needed, field)


def names_removed_choice(removal: Removal, field: Node, table: dict[str, TypeNode]) -> bool:
    """Say whether the default of a field is a choice that was removed and is not there again."""
    text = field.get("default")
    if removal.gone.tag != "choice" or text not in (removal.gone.name, removal.gone.get("value")):
        return False
    owner = table.get(removal.owner)
    left = {word for c in owner.choices for word in (c.name, c.get("value"))} if owner else set[str]()
    return text not in left and _is_of(field.get("type"), removal.owner, table)


def _is_of(name: str, owner: str, table: dict[str, TypeNode]) -> bool:
    """Say whether a type is another one, or takes its values from it."""
    seen: set[str] = set()
    while name in table and name not in seen:
        if name == owner:
            return True
        seen.add(name)
        name = table[name].get("source")
    return False


def _needed(removal: Removal, what: str, needed: str, user: Node) -> Fault:
    return Fault(
        removal.where, f"{what} is removed and {needed} at {user.where}", "change that as well, or keep it"
    )


ERRATA_RULES = (marks, removed_types, removed_archetypes, removed_choices)
