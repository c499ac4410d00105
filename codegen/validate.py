"""Step 3, validate: every rule over the whole document, every fault collected.

A rule is one function that yields the faults that it finds. Rules do not rely on one another: each passes over what
another rule refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen.faults import Fault, Faults, Where
from codegen.rules_errata import ERRATA_RULES
from codegen.rules_names import NAME_RULES
from codegen.rules_schema import SCHEMA_RULES
from codegen.rules_types import TYPE_RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codegen.model import Document

RULES: tuple[Callable[[Document], Iterator[Fault]], ...] = (
    *SCHEMA_RULES,
    *ERRATA_RULES,
    *TYPE_RULES,
    *NAME_RULES,
)


def validate(document: Document) -> Document:
    """Return the document when every rule holds; raise Faults with all that do not."""
    if document.parts and not any(node.get("class") == "primitive" for node in document.types()):
        raise Faults([*document.faults, _no_types(document)])
    faults = [*document.faults, *(fault for rule in RULES for fault in rule(document))]
    if faults:
        raise Faults(faults)
    return document


def _no_types(document: Document) -> Fault:
    """Return the one fault of XML without the part types; the rules would find it in every line."""
    return Fault(
        Where(document.parts[0].file, 1),
        "no primitive type is defined, here or in another part",
        "the standard's part types is missing: name the folder that has it (types.xml) with --spec in front of this one",
    )
