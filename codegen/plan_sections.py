"""Step 4d, plan how the sections of a message are found: the usual form is looked for in one straight line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codegen.names import snake
from codegen.plan_primitives import code_text

if TYPE_CHECKING:
    from codegen.resolve import Primitive, Restricted, Specification

# The sections of a message in its usual form, where each may come once; of the bodies it is data.
BODY = "data"
USUAL = (
    "header",
    "delivery-annotations",
    "message-annotations",
    "properties",
    "application-properties",
    BODY,
    "footer",
)


@dataclass(frozen=True, slots=True)
class UsualSection:
    """A section as it begins in the usual form: 0x00, a descriptor of one octet, a constructor, all as one number."""

    local: str
    narrow: str  # with a size of one octet; -1 where there is no such form, so that no octets are equal to it
    wide: str  # with a size of four, where the section may well be large
    descriptor: str


@dataclass(frozen=True, slots=True)
class SectionsPlan:
    """The sections in the order of the wire."""

    before: tuple[UsualSection, ...]
    body: UsualSection
    after: tuple[UsualSection, ...]


def plan_sections(specification: Specification) -> SectionsPlan:
    """Return the plan of how sections are found."""
    order = specification.archetypes.get("section", ())
    found = {name: _usual(name, specification) for name in USUAL}
    place = {name: order.index(name) if name in order else -1 for name in USUAL}
    return SectionsPlan(
        before=tuple(found[name] for name in USUAL if name != BODY and place[name] <= place[BODY]),
        body=found[BODY],
        after=tuple(found[name] for name in USUAL if place[name] > place[BODY]),
    )


def _usual(name: str, specification: Specification) -> UsualSection:
    primitives = specification.primitives
    composite = specification.composites.get(name)
    restricted = specification.restricted.get(name)
    descriptor = composite.descriptor if composite else restricted.descriptor if restricted else None
    primitive = primitives[restricted.primitive if restricted else "list"]
    small = next((e.code for e in primitives["ulong"].encodings if e.width == 1), None)
    if descriptor is None or descriptor.code is None or descriptor.code > 0xFF or small is None:
        return UsualSection(snake(name), "-1", "-1", "-1")
    octets = (0, small, descriptor.code)
    narrow, wide = (_head(octets, primitive, width) for width in (1, 4))
    return UsualSection(snake(name), narrow, wide, f"0x{descriptor.code:02x}")


def _head(octets: tuple[int, ...], primitive: Primitive, width: int) -> str:
    for encoding in primitive.encodings:
        if encoding.width == width and encoding.category in ("variable", "compound"):
            return f"0x{bytes((*octets, encoding.code)).hex()}"
    return "-1"


def section_pieces(restricted: Restricted, head: str, specification: Specification) -> tuple[str, ...]:
    """Return the lines that return a section of octets in two pieces; none for other sections."""
    if restricted.primitive != "binary" or restricted.name not in specification.archetypes.get("section", ()):
        return ()
    widths = {e.width: e.code for e in specification.primitives["binary"].encodings}
    lines: list[str] = []
    if 1 in widths:
        lines += ["if size <= 0xff:", f"    return {head} + BINARY_HEADS[size], value"]
    if 4 in widths:
        wide = f"{head} + pack_u32({code_text(widths[4])}, size)"
        lines += ["if size <= 0xffffffff:", f"    return {wide}, value"]
    return (*lines, f'raise too_large("binary", size).within("{restricted.name}")')
