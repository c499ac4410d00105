"""Step 2, validate."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codegen.model import Document


def validate(document: Document) -> Document:
    """Return the document when every rule holds; Faults otherwise."""
    return document
