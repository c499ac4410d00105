# Generated from codegen/support/display.py
#   sha256 0aced27084c0bb0ad0e3c8653932aaeb7d80aabf76625162a53a6f8a19fcf350
# Do not edit: change the source and run `python -m codegen`.

"""Text of nested values for people: bounded in depth, and safe for a value that contains itself."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_DEPTH = 64
"""Containers nested deeper than this are shown as ``...``; the codec's default limit is the same."""


class Shown:
    """A container whose ``repr`` shows its content with `show`."""

    __slots__ = ()

    @abstractmethod
    def show_with(self, show: Callable[[object], str]) -> str:
        """The text of the container, where ``show`` gives the text of an item."""

    def __repr__(self) -> str:
        return show(self)


def show(value: object, path: tuple[int, ...] = ()) -> str:
    """The ``repr`` of a value; ``path`` holds the ids of the containers around it."""
    kind = type(value)
    if kind is not list and kind is not tuple and kind is not dict and not isinstance(value, Shown):
        return repr(value)
    if len(path) >= MAX_DEPTH or id(value) in path:
        return "..."
    path = (*path, id(value))

    def inner(item: object) -> str:
        return show(item, path)

    if isinstance(value, Shown):
        return value.show_with(inner)
    if kind is dict:
        return show_pairs(cast("dict[object, object]", value).items(), inner)
    items = ", ".join(map(inner, cast("list[object] | tuple[object, ...]", value)))
    if kind is list:
        return f"[{items}]"
    return f"({items},)" if len(cast("tuple[object, ...]", value)) == 1 else f"({items})"


def show_pairs(pairs: Iterable[tuple[object, object]], inner: Callable[[object], str]) -> str:
    """The text of ``(key, value)`` pairs as a dict shows them."""
    return "{" + ", ".join(f"{inner(key)}: {inner(value)}" for key, value in pairs) + "}"
