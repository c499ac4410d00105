"""Step 4, resolve: names become what they stand for.

Alias chains are followed to their primitive, `provides` is gathered into archetypes, and defaults that are names of
choices become the choices' values. The document has been validated: nothing here can fail for a fault of the input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codegen.model import Document, Node, Part, TypeNode


@dataclass(frozen=True, slots=True)
class Encoding:
    """One way to write a primitive (1.2)."""

    name: str
    code: int
    category: str
    width: int
    doc: str


@dataclass(frozen=True, slots=True)
class Primitive:
    """A primitive type and its encodings, in document order."""

    name: str
    encodings: tuple[Encoding, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class Descriptor:
    """The symbolic and the numeric name of a described type; an extension may have the symbol alone."""

    symbol: str
    code: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a restricted type."""

    name: str
    value: str
    doc: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a composite; `default` is a literal of the primitive, or the name of a choice."""

    name: str
    type: str
    requires: tuple[str, ...]
    mandatory: bool
    multiple: bool
    default: str | None
    doc: str


@dataclass(frozen=True, slots=True)
class Composite:
    """A described list with named fields."""

    name: str
    part: str
    descriptor: Descriptor
    provides: tuple[str, ...]
    fields: tuple[Field, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class Restricted:
    """A primitive under another name; `chain` leads from its source to the primitive (or to `*`)."""

    name: str
    part: str
    chain: tuple[str, ...]
    provides: tuple[str, ...]
    choices: tuple[Choice, ...]
    descriptor: Descriptor | None
    doc: str

    @property
    def primitive(self) -> str:
        """The primitive at the end of the chain, or `*`."""
        return self.chain[-1]


@dataclass(frozen=True, slots=True)
class Specification:
    """Everything that the parts define, resolved."""

    parts: tuple[Part, ...]
    # Files that define nothing of their own and change parts.
    amendments: tuple[Part, ...]
    primitives: dict[str, Primitive]
    composites: dict[str, Composite]
    restricted: dict[str, Restricted]
    # Archetype -> the names of the types that provide it, in document order.
    archetypes: dict[str, tuple[str, ...]]
    # The package that has the parts of the first folder already; empty when all is made.
    base: str = ""

    @property
    def own_parts(self) -> tuple[Part, ...]:
        """The parts that are made."""
        return tuple(part for part in self.parts if part.folder or not self.base)

    def is_own(self, name: str) -> bool:
        """Say whether a type is made here, and not the base's."""
        return not self.base or any(node.name == name for part in self.own_parts for node in part.types)

    def base_archetypes(self) -> set[str]:
        """Return the archetypes that fields of the base require and types of the base provide."""
        theirs = [part for part in self.parts if self.base and not part.folder]
        provided = {word for part in theirs for node in part.types for word in node.words("provides")}
        fields = [field for part in theirs for node in part.types for field in node.fields]
        return provided & {field.words("requires")[0] for field in fields if field.words("requires")}


def resolve(document: Document) -> Specification:
    """Return what the document means."""
    table = document.by_name()
    archetypes: dict[str, list[str]] = {}
    for node in document.types():
        for archetype in node.words("provides"):
            archetypes.setdefault(archetype, []).append(node.name)
        for field in node.fields:
            for archetype in field.words("requires"):
                archetypes.setdefault(archetype, [])
    return Specification(
        parts=tuple(document.parts),
        amendments=tuple(document.amendments),
        primitives={n.name: _primitive(n) for n in document.types() if n.get("class") == "primitive"},
        composites={n.name: _composite(n) for n in document.types() if n.get("class") == "composite"},
        restricted={
            n.name: _restricted(n, table) for n in document.types() if n.get("class") == "restricted"
        },
        archetypes={name: tuple(providers) for name, providers in archetypes.items()},
    )


def _primitive(node: TypeNode) -> Primitive:
    encodings = tuple(
        Encoding(
            name=e.name or node.name,
            code=int(e.get("code"), 16),
            category=e.get("category"),
            width=int(e.get("width")),
            doc=e.doc,
        )
        for e in node.encodings
    )
    return Primitive(node.name, encodings, node.doc)


def descriptor_code(text: str) -> int:
    """Return the number of a code written as `0x<domain>:0x<id>` (1.3.3)."""
    high, _, low = text.partition(":")
    return int(high, 16) << 32 | int(low, 16)


def _descriptor(node: TypeNode) -> Descriptor | None:
    for descriptor in node.descriptors:
        text = descriptor.get("code")
        return Descriptor(descriptor.name, descriptor_code(text) if text else None)
    return None


def _composite(node: TypeNode) -> Composite:
    descriptor = _descriptor(node)
    assert descriptor is not None, "validation lets no composite without a descriptor pass"
    return Composite(
        name=node.name,
        part=node.part,
        descriptor=descriptor,
        provides=node.words("provides"),
        fields=tuple(_field(f) for f in node.fields),
        doc=node.doc,
    )


def _field(node: Node) -> Field:
    return Field(
        name=node.name,
        type=node.get("type"),
        requires=node.words("requires"),
        mandatory=node.get("mandatory") == "true",
        multiple=node.get("multiple") == "true",
        default=node.attributes.get("default"),
        doc=node.doc,
    )


def chain_of(name: str, table: dict[str, TypeNode]) -> tuple[str, ...]:
    """Return the names from a type to the primitive, composite or `*` at the end of its sources."""
    chain = [name]
    while chain[-1] in table and table[chain[-1]].get("class") == "restricted":
        chain.append(table[chain[-1]].get("source"))
    return tuple(chain)


def _restricted(node: TypeNode, table: dict[str, TypeNode]) -> Restricted:
    return Restricted(
        name=node.name,
        part=node.part,
        chain=chain_of(node.name, table)[1:],
        provides=node.words("provides"),
        choices=tuple(Choice(c.name, c.get("value"), c.doc) for c in node.choices),
        descriptor=_descriptor(node),
        doc=node.doc,
    )
