"""Step 2, amend: later files change what earlier ones define, where they say so with `e:change`.

Files apply in the order in which they were read. What is marked wrongly is noted and left as it was, so that validation
reports it together with everything else; a name used twice without a mark is left to the rules of names.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from codegen.faults import Fault
from codegen.marks import CHANGES, change_of, unmarked
from codegen.model import Document, Removal, TypeNode
from codegen.rules_schema import children, hint

if TYPE_CHECKING:
    from collections.abc import Callable

    from codegen.model import Node, Part

N = TypeVar("N", bound="Node")


def amend(document: Document) -> Document:
    """Return the document with the marks of every file applied to the files before it."""
    amended = Document()
    for part in document.parts:
        _Amendment(amended, part).apply()
    return amended


class _Amendment:
    """One file, applied to those before it."""

    def __init__(self, document: Document, part: Part) -> None:
        self._document = document
        self._part = part
        self._amends: dict[str, None] = {}

    def apply(self) -> None:
        for node in self._part.types:
            if change_of(node):
                self._change_type(node)
        for definition in self._part.definitions:
            if change_of(definition):
                self._change_definition(definition)
        self._add(
            tuple(self._plain(node) for node in self._part.types if not change_of(node)),
            tuple(node for node in self._part.definitions if not change_of(node)),
        )

    def _add(self, types: tuple[TypeNode, ...], definitions: tuple[Node, ...]) -> None:
        """Add what is new: to the part of that name in an earlier folder, or as a part of its own."""
        parts = self._document.parts
        for at, home in enumerate(parts):
            if home.name == self._part.name and home.folder < self._part.folder:
                self._amends[home.name] = None
                types = tuple(replace(node, part=home.name) for node in types)
                parts[at] = replace(
                    home, types=home.types + types, definitions=home.definitions + definitions
                )
                types, definitions = (), ()
                break
        rest = replace(self._part, types=types, definitions=definitions, amends=tuple(self._amends))
        if self._amends and not types and not definitions:
            self._document.amendments.append(rest)
        else:
            parts.append(rest)

    def _change_type(self, node: TypeNode) -> None:
        node = node if change_of(node) == "merge" else self._plain(node)
        for at, home in enumerate(self._document.parts):
            if any(old.name == node.name for old in home.types):
                self._amends[home.name] = None
                types = self._changed(home.types, node, "", self._merge_type)
                types = tuple(replace(each, part=home.name) for each in types)
                self._document.parts[at] = replace(home, types=types)
                return
        names = [old.name for old in self._document.types()]
        self._nothing_to_change(node, names, "")

    def _change_definition(self, node: Node) -> None:
        for at, home in enumerate(self._document.parts):
            if any(old.name == node.name for old in home.definitions):
                self._amends[home.name] = None
                definitions = self._changed(home.definitions, node, "", _merge)
                self._document.parts[at] = replace(home, definitions=definitions)
                return
        names = [old.name for old in self._document.definitions()]
        self._nothing_to_change(node, names, "")

    def _changed(
        self, nodes: tuple[N, ...], node: N, owner: str, merge: Callable[[N, N], N]
    ) -> tuple[N, ...]:
        """Return the nodes with one change made to them."""
        at = _place(nodes, node)
        if at is None:
            self._nothing_to_change(node, [old.name for old in nodes if old.name], owner)
            return nodes
        change = change_of(node)
        if change == "replace":
            return (*nodes[:at], unmarked(node), *nodes[at + 1 :])
        if change == "merge":
            return (*nodes[:at], merge(nodes[at], unmarked(node)), *nodes[at + 1 :])
        if change == "remove":
            self._document.removals.append(Removal(node.where, nodes[at], owner))
            return (*nodes[:at], *nodes[at + 1 :])
        self._fault(
            node, f"e:change is {change!r}", hint(change, CHANGES, f"it is one of {', '.join(CHANGES)}")
        )
        return nodes

    def _merge_type(self, old: TypeNode, new: TypeNode) -> TypeNode:
        merged = _merge(old, new)
        return replace(
            merged,
            encodings=self._merge_children(old.encodings, new.encodings, old.name),
            descriptors=self._merge_children(old.descriptors, new.descriptors, old.name),
            fields=self._merge_children(old.fields, new.fields, old.name),
            choices=self._merge_children(old.choices, new.choices, old.name),
        )

    def _merge_children(self, old: tuple[Node, ...], new: tuple[Node, ...], owner: str) -> tuple[Node, ...]:
        """Return the children of a type with the changes made and what is new at the end."""
        for node in new:
            if change_of(node):
                old = self._changed(old, node, owner, _merge)
        return (*old, *(node for node in new if not change_of(node)))

    def _plain(self, node: TypeNode) -> TypeNode:
        """Return a type that is not merged; marks inside have nothing that they could change."""
        for child in children(node):
            if change_of(node) == "remove":
                what = f"<{child.tag}> in the removal of {node.name!r}"
                self._fault(child, what, 'mark the type e:change="merge", or leave out what it holds')
            elif change_of(child):
                what = f"e:change on a <{child.tag}> of {node.name!r}, which is not merged"
                self._fault(child, what, 'mark the type e:change="merge", or take the mark out')
        return replace(
            node,
            encodings=tuple(map(unmarked, node.encodings)),
            descriptors=tuple(map(unmarked, node.descriptors)),
            fields=tuple(map(unmarked, node.fields)),
            choices=tuple(map(unmarked, node.choices)),
        )

    def _nothing_to_change(self, node: Node, names: list[str], owner: str) -> None:
        of = f" of {owner!r}" if owner else ""
        named = f" {node.name!r}" if node.name else ""
        what = f"there is no {node.tag}{named}{of} to {change_of(node)}"
        self._fault(node, what, hint(node.name, names, "take the mark out, or name what an earlier file has"))

    def _fault(self, node: Node, what: str, mend: str) -> None:
        self._document.faults.append(Fault(node.where, what, mend))


def _place(nodes: tuple[N, ...], node: N) -> int | None:
    """Return where that is which a node changes: by its name; an encoding also by its code, a descriptor alone."""
    for at, old in enumerate(nodes):
        if node.tag == "descriptor" or (node.name and old.name == node.name):
            return at
    for at, old in enumerate(nodes):
        if node.tag == "encoding" and _code(node) and _code(old) == _code(node):
            return at
    return None


def _code(node: Node) -> str:
    return node.get("code").lower()


def _merge(old: N, new: N) -> N:
    """Return the old node with the attributes and the doc that the new one has."""
    return replace(
        old, where=new.where, attributes={**old.attributes, **new.attributes}, doc=new.doc or old.doc
    )
