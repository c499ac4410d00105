# Generated from codegen/support/described.py
#   sha256 56aaf9fd6aa3164091e7bea16878c6ba8711eb76ef3c1243a31e93b3b9ef2591
# Do not edit: change the source and run `python -m codegen`.

"""1.2 described values: a value with a descriptor that says what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .display import Shown

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True, repr=False)
class Described(Shown):
    """1.2: a value and the descriptor that gives it a meaning; mostly a `Symbol` or a `ULong`."""

    descriptor: Any
    value: Any

    def show_with(self, show: Callable[[object], str]) -> str:
        """The text of both."""
        return f"{type(self).__name__}({show(self.descriptor)}, {show(self.value)})"
