"""The XML as it was read: text of attributes with the place of every node, nothing interpreted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codegen.faults import Fault, Where


@dataclass(frozen=True, slots=True)
class Node:
    """One element: its tag, its attributes as written and what its doc says."""

    where: Where
    tag: str
    attributes: dict[str, str]
    doc: str = ""

    def get(self, name: str, default: str = "") -> str:
        """Return an attribute, or the default."""
        return self.attributes.get(name, default)

    @property
    def name(self) -> str:
        """The name attribute."""
        return self.attributes.get("name", "")

    def words(self, name: str) -> tuple[str, ...]:
        """Return the items of a comma-separated attribute (1.3.2: provides and requires are such)."""
        return tuple(word for part in self.get(name).split(",") if (word := part.strip()))


@dataclass(frozen=True, slots=True)
class TypeNode(Node):
    """A type element with its children by kind."""

    encodings: tuple[Node, ...] = ()
    descriptors: tuple[Node, ...] = ()
    fields: tuple[Node, ...] = ()
    choices: tuple[Node, ...] = ()
    part: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One amqp document: a part of the specification."""

    name: str
    node: Node
    file: str
    sha256: str
    types: tuple[TypeNode, ...] = ()
    definitions: tuple[Node, ...] = ()
    # Elements where the schema has none; kept so that validation can say so with their place.
    strangers: tuple[tuple[str, Node], ...] = ()
    sections: tuple[Node, ...] = ()
    folder: int = 0  # which of the folders that were named it is from
    amends: tuple[str, ...] = ()  # the parts that its file changed


@dataclass(frozen=True, slots=True)
class Removal:
    """What an erratum took out; `owner` is the type that it was in, empty for a type or definition."""

    where: Where
    gone: Node
    owner: str = ""


@dataclass(slots=True)
class Document:
    """Every part that was loaded, in the order of the files."""

    parts: list[Part] = field(default_factory=list[Part])
    # Files that only change other parts, and what they took out and got wrong.
    amendments: list[Part] = field(default_factory=list[Part])
    removals: list[Removal] = field(default_factory=list[Removal])
    faults: list[Fault] = field(default_factory=list["Fault"])

    def files(self) -> list[Part]:
        """Return the parts and the files that only change parts."""
        return [*self.parts, *self.amendments]

    def types(self) -> list[TypeNode]:
        """Return all types, in document order."""
        return [node for part in self.parts for node in part.types]

    def definitions(self) -> list[Node]:
        """Return all definitions, in document order."""
        return [node for part in self.parts for node in part.definitions]

    def by_name(self) -> dict[str, TypeNode]:
        """Return the types by name; of two with one name, the first."""
        table: dict[str, TypeNode] = {}
        for node in self.types():
            table.setdefault(node.name, node)
        return table

    def was_removed(self, name: str) -> bool:
        """Say whether an erratum took a type out, and none put it back."""
        gone = any(each.gone.tag == "type" and each.gone.name == name for each in self.removals)
        return gone and all(node.name != name for node in self.types())
