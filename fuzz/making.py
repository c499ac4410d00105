"""Random values as trees: every constructor of 1.6, boundary contents, and now and then something illegal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzz.trees import Node, widen

if TYPE_CHECKING:
    from random import Random

EMPTY = (0x40, 0x41, 0x42, 0x43, 0x44, 0x45)
FIXED = (
    *(0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56),
    *(0x60, 0x61),
    *(0x70, 0x71, 0x72, 0x73, 0x74),
    *(0x80, 0x81, 0x82, 0x83, 0x84),
    *(0x94, 0x98),
)
VARIABLE = (0xA0, 0xA1, 0xA3, 0xB0, 0xB1, 0xB3)
COMPOUND = (0xC0, 0xC1, 0xD0, 0xD1, 0xE0, 0xF0)
_BOOLEAN = 0x56
_MAPS = (0xC1, 0xD1)
_TEXTS = (b"", b"a", b"x-opt-key", "hé\U0001f600".encode(), b"amqp:open:list", b"\0", b"k" * 255, b"v" * 300)
_WIDTHS = {4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16}


def value(rng: Random, depth: int) -> Node:
    """Return a value of any type, with values inside it down to a depth."""
    chosen = rng.random()
    if depth > 0 and chosen < 0.35:
        node = compound(rng, depth)
    elif chosen < 0.5:
        node = Node(rng.choice(EMPTY))
    elif chosen < 0.8:
        node = fixed(rng, rng.choice(FIXED))
    else:
        node = Node(rng.choice(VARIABLE), text(rng))
    if rng.random() < 0.08:
        node.descriptor = value(rng, depth - 1) if rng.random() < 0.2 else descriptor(rng)
    widen(node)
    return node


def descriptor(rng: Random) -> Node:
    """Return a ulong, mostly of a type of the standard, or a symbol."""
    if rng.random() < 0.7:
        return Node(0x53, bytes((rng.choice((*range(0x10, 0x80), 0, 255)),)))
    return Node(
        0xA3, rng.choice((b"amqp:accepted:list", b"amqp:data:binary", b"x:y", b"amqp:open:list@", b""))
    )


def fixed(rng: Random, code: int) -> Node:
    """Return a value of a constructor of fixed width."""
    if code == _BOOLEAN:
        return Node(code, bytes((rng.randrange(2),)))
    width = _WIDTHS[code >> 4]
    chosen = rng.randrange(4)
    if chosen == 0:
        return Node(code, rng.randbytes(width))
    if chosen == 1:
        return Node(code, rng.choice((b"\0", b"\xff")) * width)
    # Small numbers and characters are where equal and almost equal keys meet.
    return Node(code, rng.randrange(128).to_bytes(width, "big"))


def text(rng: Random) -> bytes:
    """Return the content of a binary, string or symbol: mostly ASCII, sometimes not even UTF-8."""
    if rng.random() < 0.05:
        return rng.randbytes(rng.randrange(1, 6))
    return rng.choice(_TEXTS[:5]) if rng.random() < 0.9 else rng.choice(_TEXTS)


def compound(rng: Random, depth: int) -> Node:
    """Return a list, map or array."""
    code = rng.choice(COMPOUND)
    if code >= 0xE0:
        return array(rng, code, depth)
    count = rng.randrange(5)
    if code in _MAPS and rng.random() < 0.95:
        count += count % 2
    return Node(code, items=[value(rng, depth - 1) for _ in range(count)])


def array(rng: Random, code: int, depth: int) -> Node:
    """Return an array: all of its items have the constructor of the first."""
    first = value(rng, depth - 1)
    items = [first, *(_alike(rng, first, depth) for _ in range(rng.randrange(4)))]
    return Node(code, items=items)


def _alike(rng: Random, first: Node, depth: int) -> Node:
    if first.is_compound:
        # Items of an array of compounds have no constructor of their own, so they are the same again.
        return first
    if first.code >= 0xA0:
        other = Node(first.code, text(rng)[:255])
    else:
        other = Node(first.code) if first.code in EMPTY else fixed(rng, first.code)
    other.descriptor = first.descriptor
    return other
