"""What errata and extensions change for users: types, fields, defaults and codes, one line each.

    added field open.nickname: position 11, type symbol
    changed field source.timeout: default 0 -> 30
    removed type delete-on-close

Positions of fields count from 1. Lines come type by type, in the order of the XML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from codegen.resolve import descriptor_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.model import Document, Node, TypeNode

# What is compared of each element, in the order in which it is told.
TYPE = ("class", "source", "provides")
FIELD = ("type", "requires", "multiple", "mandatory", "default")
ENCODING = ("code", "category", "width")
VALUE = ("value",)
# 1.3.4: a flag that is left out is false.
FLAGS = ("multiple", "mandatory")
FACTS = (*TYPE, "descriptor", "code", "position", *FIELD, *ENCODING[1:], *VALUE)

# An element as the report names it, and the facts of it.
Facts: TypeAlias = "dict[str, dict[str, str]]"

NOTHING = "nothing changed for users"


def report(before: Document, after: Document) -> list[str]:
    """Return what differs between two documents, a line each; one that says so when nothing does."""
    old, new = _elements(before), _elements(after)
    lines: list[str] = []
    for owner in dict.fromkeys((*old, *new)):
        lines += _differences(old.get(owner), new.get(owner))
    return lines or [NOTHING]


def _elements(document: Document) -> dict[str, Facts]:
    """Return the types and definitions by name; each with its own facts first and those of what it holds."""
    found = {f"type {node.name}": _of_type(node) for node in document.types()}
    for node in document.definitions():
        found[f"definition {node.name}"] = {f"definition {node.name}": _chosen(node, VALUE)}
    return found


def _of_type(node: TypeNode) -> Facts:
    name = node.name
    facts: Facts = {f"type {name}": _chosen(node, TYPE)}
    for descriptor in node.descriptors:
        facts[f"type {name}"] |= {"descriptor": descriptor.name, "code": _code(descriptor.get("code"))}
    for position, field in enumerate(node.fields, 1):
        facts[f"field {name}.{field.name}"] = {"position": str(position), **_chosen(field, FIELD)}
    for choice in node.choices:
        facts[f"choice {name}.{choice.name}"] = _chosen(choice, VALUE)
    for encoding in node.encodings:
        own = encoding.name or f"{encoding.get('category')}-{encoding.get('width')}"
        facts[f"encoding {name}.{own}"] = _chosen(encoding, ENCODING)
    return facts


def _chosen(node: Node, names: tuple[str, ...]) -> dict[str, str]:
    """Return the attributes that are there and say something."""
    given = {name: node.get(name) for name in names if name in node.attributes}
    return {name: text for name, text in given.items() if not (name in FLAGS and text == "false")}


def _code(text: str) -> str:
    """Return a descriptor's code as the documentation writes it."""
    try:
        return f"0x{descriptor_code(text):02x}"
    except ValueError:
        return text


def _differences(old: Facts | None, new: Facts | None) -> Iterator[str]:
    if new is None:
        # That a type is gone says the same of all that it held.
        yield f"removed {next(iter(old or {}))}"
        return
    old = old or {}
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        if now is None:
            yield f"removed {name}"
        elif was is None:
            yield f"added {name}: {', '.join(' '.join(fact) for fact in now.items())}"
        elif was != now:
            yield f"changed {name}: {', '.join(_changes(was, now))}"


def _changes(was: dict[str, str], now: dict[str, str]) -> Iterator[str]:
    for name in FACTS:
        if was.get(name) != now.get(name):
            absent = "false" if name in FLAGS else "none"
            yield f"{name} {was.get(name, absent)} -> {now.get(name, absent)}"
