"""Encoded values as trees (1.2), so that a mutation can change one part and still leave the sizes right, or make one lie.

Written from the standard's layout alone, apart from the codec that it tries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

NARROW_ROOM = 0xFF

Number = Callable[[int], int]
"""What to write where a size or count is due: the number itself, or a lie."""


def truth(number: int) -> int:
    """Return the number itself."""
    return number


@dataclass(slots=True)
class Node:
    """A value: its constructor, and its content or its items.

    The items of an array share the constructor and the descriptor of the first one.
    """

    code: int
    content: bytes = b""
    items: list[Node] = field(default_factory=list["Node"])
    descriptor: Node | None = None

    @property
    def is_compound(self) -> bool:
        """Whether it is a list, map or array with a size."""
        return self.code >= 0xC0

    @property
    def is_array(self) -> bool:
        """Whether its items share one constructor."""
        return self.code >= 0xE0


def octets(node: Node, number: Number = truth) -> bytes:
    """Return the encoding of a tree."""
    return _constructor(node, number) + _body(node, number)


def _constructor(node: Node, number: Number) -> bytes:
    head = b"" if node.descriptor is None else b"\0" + octets(node.descriptor, number)
    return head + bytes((node.code,))


def _body(node: Node, number: Number) -> bytes:
    group = node.code >> 4
    if group < 0xA:
        return node.content
    if not node.is_compound:
        return _sized(group, node.content, None, number)
    if not node.is_array:
        items = b"".join([octets(item, number) for item in node.items])
    else:
        first = _constructor(node.items[0], number) if node.items else b"\x40"
        items = first + b"".join([_body(item, number) for item in node.items])
    return _sized(group, items, len(node.items), number)


def _sized(group: int, content: bytes, count: int | None, number: Number) -> bytes:
    width = 1 if group % 2 == 0 else 4
    counted = b"" if count is None else _number(number(count), width)
    return _number(number(len(content) + len(counted)), width) + counted + content


def _number(value: int, width: int) -> bytes:
    return (value & ((1 << 8 * width) - 1)).to_bytes(width, "big")


def widen(node: Node) -> None:
    """Take the wide constructor wherever the narrow one has no room."""
    for item in node.items:
        widen(item)
    if node.code >= 0xA0 and (node.code >> 4) % 2 == 0 and len(_body(node, truth)) > NARROW_ROOM + 1:
        node.code += 0x10


def parse(data: bytes, at: int = 0) -> tuple[Node, int]:
    """Return the tree of the legal value at an offset, and where it ends.

    Raises ValueError, IndexError or RecursionError for one that is not legal, or whose count is beyond its octets.
    """
    descriptor = None
    if data[at] == 0:
        descriptor, at = parse(data, at + 1)
    node, at = _content(data, at + 1, data[at])
    node.descriptor = descriptor
    return node, at


def _content(data: bytes, at: int, code: int) -> tuple[Node, int]:
    group = code >> 4
    if group < 0xA:
        end = at + (0, 1, 2, 4, 8, 16)[group - 4]
        return Node(code, data[at:end]), end
    width = 1 if group % 2 == 0 else 4
    end = at + width + int.from_bytes(data[at : at + width], "big")
    at += width
    if code < 0xC0:
        return Node(code, data[at:end]), end
    count = int.from_bytes(data[at : at + width], "big")
    return Node(code, items=_items(data, at + width, count, is_array=code >= 0xE0)), end


def _items(data: bytes, at: int, count: int, *, is_array: bool) -> list[Node]:
    if count > len(data):
        # A frame that was changed before may have an array of billions of elements without content.
        raise ValueError(f"{count} items in {len(data)} octets")
    items: list[Node] = []
    if not is_array:
        for _ in range(count):
            item, at = parse(data, at)
            items.append(item)
        return items
    descriptor = None
    if data[at] == 0:
        descriptor, at = parse(data, at + 1)
    code = data[at]
    at += 1
    for _ in range(count):
        item, at = _content(data, at, code)
        item.descriptor = descriptor
        items.append(item)
    return items
