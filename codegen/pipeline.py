"""The way from XML to Python: the steps, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen.base import rest_on
from codegen.errata import amend
from codegen.format import format_files
from codegen.load import load
from codegen.plan import plan
from codegen.render import render
from codegen.report import report
from codegen.resolve import resolve
from codegen.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

# Each takes what the one before returns: folders, document, document, document, specification, plan, texts, texts.
STEPS: tuple[Callable[[Any], Any], ...] = (load, amend, validate, resolve, plan, render, format_files)


def generate(specs: list[Path], base: str = "") -> dict[str, str]:
    """Return the files of the package by name; with a base, which has the first folder, of the others alone.

    Raises Faults when the input cannot be used.
    """
    made: Any = specs
    for step in STEPS:
        made = step(made)
        if step is resolve and base:
            made = rest_on(base)(made)
    files: dict[str, str] = made
    return files


def changes(specs: list[Path]) -> list[str]:
    """Return what all folders together change for users of the first one. Raises Faults as `generate` does."""
    return report(amend(load(specs[:1])), validate(amend(load(specs))))
