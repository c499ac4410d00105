"""The way from XML to Python: the steps, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen.format import format_files
from codegen.load import load
from codegen.plan import plan
from codegen.render import render
from codegen.resolve import resolve
from codegen.validate import validate

if TYPE_CHECKING:
    from pathlib import Path


def generate(specs: list[Path]) -> dict[str, str]:
    """Return the files of the package by name. Raises Faults when the input cannot be used."""
    document = validate(load(specs))
    return format_files(render(plan(resolve(document)), document))
