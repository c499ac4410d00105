"""Rules of the schema: which elements and attributes there are, and how their values are written."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from codegen.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codegen.model import Document, Node, TypeNode

# Tag -> attributes that it must have, and those that it may have.
ATTRIBUTES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "amqp": (frozenset({"name"}), frozenset({"label"})),
    "type": (frozenset({"name", "class"}), frozenset({"source", "provides", "label"})),
    "encoding": (frozenset({"code", "category", "width"}), frozenset({"name", "label"})),
    # 1.3.3: without a code, the symbol alone describes the type; rules_types says which types may be so.
    "descriptor": (frozenset({"name"}), frozenset({"code", "label"})),
    "field": (
        frozenset({"name", "type"}),
        frozenset({"requires", "default", "mandatory", "multiple", "label"}),
    ),
    "choice": (frozenset({"name", "value"}), frozenset({"label"})),
    "definition": (frozenset({"name", "value"}), frozenset({"label"})),
}
ELEMENTS = ("section", "type", "definition", "encoding", "descriptor", "field", "choice", "doc")

# Class of a type -> the kinds of children that it may have.
CHILDREN: dict[str, frozenset[str]] = {
    "primitive": frozenset({"encoding"}),
    "composite": frozenset({"descriptor", "field"}),
    "restricted": frozenset({"descriptor", "choice"}),
}
# Printable ASCII but for the space, quotes and the backslash: it becomes a literal.
SYMBOL = re.compile(r"[!#-&(-\[\]-~]+\Z")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_.][A-Za-z0-9]+)*\Z")


def hint(wrong: str, right: Iterable[str], otherwise: str) -> str:
    """Return advice: the name that was probably meant, else what there is."""
    close = get_close_matches(wrong, list(right), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else otherwise


def nodes(document: Document) -> Iterator[Node]:
    """Yield every element that has attributes of the schema."""
    for part in document.files():
        yield part.node
        for node in part.types:
            yield node
            yield from children(node)
        yield from part.definitions


def children(node: TypeNode) -> Iterator[Node]:
    """Yield the elements inside a type."""
    yield from node.encodings
    yield from node.descriptors
    yield from node.fields
    yield from node.choices


def known_elements(document: Document) -> Iterator[Fault]:
    """An element stands where the schema has it."""
    for part in document.files():
        for parent, node in part.strangers:
            right = [tag for tag in ELEMENTS if tag != node.tag]
            yield Fault(
                node.where,
                f"<{node.tag}> in <{parent}>",
                hint(node.tag, right, "the schema has no such element there"),
            )


def known_attributes(document: Document) -> Iterator[Fault]:
    """Attributes are those of the schema; attributes of other namespaces are not looked at."""
    for node in nodes(document):
        needed, possible = ATTRIBUTES[node.tag]
        known = needed | possible
        for name in node.attributes:
            if name not in known and not name.startswith("{"):
                advice = hint(name, sorted(known), f"<{node.tag}> takes {', '.join(sorted(known))}")
                yield Fault(node.where, f"unknown attribute {name!r} of <{node.tag}>", advice)
        for name in sorted(needed):
            # Of a name that is empty another rule speaks, and an empty text is a value.
            if name not in node.attributes or (name not in ("name", "value") and not node.get(name)):
                yield Fault(node.where, f"<{node.tag}> has no {name}", f'write {name}="..."')


def well_formed_names(document: Document) -> Iterator[Fault]:
    """A name, of an archetype too, is made of words of letters and digits, joined by - _ or a dot."""
    for node in nodes(document):
        for archetype in (*node.words("provides"), *node.words("requires")):
            if not NAME.match(archetype):
                what = f"archetype {archetype!r}"
                yield Fault(node.where, what, "use letters, digits and hyphens, a letter first")
        if node.tag == "descriptor":
            if "name" in node.attributes and not SYMBOL.match(node.name):
                what = f"descriptor name {node.name!r}"
                yield Fault(node.where, what, "a symbol here is of ASCII letters, digits and signs")
        elif "name" in node.attributes and not NAME.match(node.name):
            yield Fault(node.where, f"name {node.name!r}", "use letters, digits and hyphens, a letter first")


def known_classes(document: Document) -> Iterator[Fault]:
    """A type is primitive, composite or restricted, and has the children of its class."""
    for node in document.types():
        kind = node.get("class")
        allowed = CHILDREN.get(kind)
        if allowed is None:
            if "class" in node.attributes:
                yield Fault(
                    node.where,
                    f"type {node.name!r} has the class {kind!r}",
                    hint(kind, CHILDREN, "it is one of primitive, composite, restricted"),
                )
            continue
        for child in children(node):
            if child.tag not in allowed:
                what = f"<{child.tag}> in the {kind} type {node.name!r}"
                yield Fault(child.where, what, f"a {kind} type takes {' and '.join(sorted(allowed))}")


def sources(document: Document) -> Iterator[Fault]:
    """A composite is a list; a restricted type has a source; a primitive has none."""
    for node in document.types():
        kind, source = node.get("class"), node.get("source")
        if kind == "composite" and source != "list":
            yield Fault(
                node.where, f"composite {node.name!r} has the source {source!r}", 'write source="list"'
            )
        if kind == "restricted" and not source:
            yield Fault(node.where, f"restricted type {node.name!r} has no source", 'write source="..."')
        if kind == "primitive" and source:
            yield Fault(node.where, f"primitive {node.name!r} has a source", "take it out")


def flags(document: Document) -> Iterator[Fault]:
    """Mandatory and multiple are true or false, and a mandatory field has no default."""
    for node in document.types():
        for field in node.fields:
            for name in ("mandatory", "multiple"):
                if field.get(name, "false") not in ("true", "false"):
                    yield Fault(field.where, f"{name} is {field.get(name)!r}", 'write "true" or "false"')
            if field.get("mandatory") == "true" and "default" in field.attributes:
                what = f"field {field.name!r} is mandatory and has a default"
                yield Fault(field.where, what, "take one of the two out")


SCHEMA_RULES = (known_elements, known_attributes, well_formed_names, known_classes, sources, flags)
