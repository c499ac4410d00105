"""Step 4b, base: the package that new types rest on. Its own types are known and not made again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codegen.faults import Fault, Faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codegen.resolve import Specification

# What takes connections and messages apart knows what provides these, and is not made again.
CLOSED = ("frame", "sasl-frame", "section")


def rest_on(module: str) -> Callable[[Specification], Specification]:
    """Return the step that lets the parts of every folder but the first rest on a package made of the first."""

    def step(specification: Specification) -> Specification:
        resting = replace(specification, base=module)
        faults = [*_changes(resting), *_types(resting)]
        if faults:
            raise Faults(faults)
        return resting

    return step


def _changes(specification: Specification) -> Iterator[Fault]:
    for part in (*specification.own_parts, *specification.amendments):
        if part.amends:
            what = f"changes the part {part.amends[0]!r}, which is {specification.base}'s"
            yield Fault(
                part.node.where, what, "put new types into a part of their own; errata go without --base"
            )


def _types(specification: Specification) -> Iterator[Fault]:
    required = specification.base_archetypes()
    for part in specification.own_parts:
        for node in part.types:
            for archetype in node.words("provides"):
                if archetype in CLOSED or archetype in required:
                    what = f"{node.name!r} provides {archetype!r}, which {specification.base} reads by its own types"
                    yield Fault(node.where, what, "generate the whole package, without --base")
