# Generated from codegen/support/classes.py
#   sha256 6bc3f7ea704d4dd2df072fae54be95a8f9b10708eabc3e5861da6de77b986808
# Do not edit: change the source and run `python -m codegen`.

"""How the generated classes are made."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")

# Decoders fill the slots of a bare object: several times faster than a call with keywords.
new: Any = object.__new__


def _repr(self: Any) -> str:
    """Show the fields that differ from their defaults."""
    shown = (
        f"{field.name}={value!r}"
        for field in fields(self)
        if (value := getattr(self, field.name)) is not field.default and value != field.default
    )
    return f"{type(self).__name__}({', '.join(shown)})"


@dataclass_transform(kw_only_default=True, frozen_default=True)
def performative(cls: type[T]) -> type[T]:
    """Make a composite: a dataclass with slots and keyword fields.

    It is frozen for type checkers only: at run time that would cost a call per field.
    """
    cls.__repr__ = _repr  # type: ignore[method-assign]  # of the class that the caller is defining
    return dataclass(slots=True, kw_only=True, repr=False)(cls)


@dataclass_transform(frozen_default=True)
def section(cls: type[T]) -> type[T]:
    """Make a described value: a dataclass with slots and one field, `value`."""
    return dataclass(slots=True)(cls)
