"""How the generated classes are made."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform

from .display import Shown

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# Decoders fill the slots of a bare object: several times faster than a call with keywords.
new: Any = object.__new__


class Record(Shown):
    """What the generated classes have in common: a repr of the fields that differ from their defaults."""

    __slots__ = ()

    _GENERATED: ClassVar[bool] = True
    """Tells a generated class from one written by hand, also when its package has another Record."""

    _SECRETS: ClassVar[tuple[str, ...]] = ()
    """Fields whose value is not for logs: only their size is shown."""

    def show_with(self: Any, show: Callable[[object], str]) -> str:
        """Return the text, where `show` gives the text of a value."""
        shown: list[str] = []
        for field in fields(self):
            value = getattr(self, field.name)
            # Of one class, so that False is not taken for 0.
            if type(value) is not type(field.default) or value != field.default:
                text = f"<{len(value)} bytes>" if field.name in self._SECRETS else show(value)
                shown.append(f"{field.name}={text}")
        return f"{type(self).__name__}({', '.join(shown)})"


@dataclass_transform(kw_only_default=True, frozen_default=True)
def performative(cls: type[T]) -> type[T]:
    """Make a composite: a dataclass with slots and keyword fields.

    It is frozen for type checkers only: at run time that would cost a call per field.
    """
    return dataclass(slots=True, kw_only=True, repr=False)(cls)


@dataclass_transform(frozen_default=True)
def section(cls: type[T]) -> type[T]:
    """Make a described value: a dataclass with slots and one field, `value`."""
    return dataclass(slots=True, repr=False)(cls)
