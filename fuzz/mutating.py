"""Changes to trees, which leave most of a value legal, and to octets, which need not leave anything legal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzz.making import EMPTY, FIXED, VARIABLE, descriptor, fixed, text, value
from fuzz.trees import Node, Number, octets, widen

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

LIES = (0, 1, 0x7F, 0xFE, 0xFF, 0x100, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFC, 0xFFFF_FFFF)


def liar(rng: Random, rate: float) -> Number:
    """Return what writes sizes and counts, wrong ones at a rate."""

    def number(right: int) -> int:
        if rng.random() >= rate:
            return right
        return right + rng.choice((-1, 1)) if rng.random() < 0.5 else rng.choice(LIES)

    return number


def encoded(rng: Random, node: Node, rate: float = 0.3) -> bytes:
    """Return the octets of a tree; at a rate, with sizes that lie or with octets changed."""
    if rng.random() >= rate:
        return octets(node)
    if rng.random() < 0.5:
        return octets(node, liar(rng, 0.1))
    return mutated_octets(rng, octets(node))


def mutated_tree(rng: Random, root: Node) -> Node:
    """Change one to three parts of a tree, in place, and return it."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        rng.choice(_CHANGES)(rng, rng.choice(_nodes(root)))
    widen(root)
    return root


def _nodes(root: Node) -> list[Node]:
    found = [root]
    # The list grows while it is read: every node once, parents first.
    for node in found:
        found.extend(node.items)
        if node.descriptor is not None:
            found.append(node.descriptor)
    return found


def _replace_item(rng: Random, node: Node) -> None:
    if node.items:
        node.items[rng.randrange(len(node.items))] = value(rng, 2)
    else:
        _become(node, value(rng, 2))


def _become(node: Node, other: Node) -> None:
    node.code, node.content, node.items = other.code, other.content, other.items


def _null_item(rng: Random, node: Node) -> None:
    if node.items:
        node.items[rng.randrange(len(node.items))] = Node(0x40)


def _drop_item(rng: Random, node: Node) -> None:
    if node.items:
        # Fields at the end may be left out, so cutting there is mostly legal (1.4).
        at = rng.randrange(len(node.items))
        del node.items[at : at + rng.choice((1, 2, 99))]


def _repeat_item(rng: Random, node: Node) -> None:
    if node.items:
        at = rng.randrange(len(node.items))
        node.items[at:at] = [node.items[at]] * rng.choice((1, 1, 2, 40))


def _swap_items(rng: Random, node: Node) -> None:
    if len(node.items) > 1:
        one, other = rng.sample(range(len(node.items)), 2)
        node.items[one], node.items[other] = node.items[other], node.items[one]


def _add_item(rng: Random, node: Node) -> None:
    if node.is_compound:
        node.items.insert(rng.randint(0, len(node.items)), value(rng, 1))


def _change_constructor(rng: Random, node: Node) -> None:
    if node.is_compound:
        node.code = rng.choice((0xC0, 0xC1, 0xD0, 0xD1, 0xE0, 0xF0))
    elif node.code >= 0xA0:
        node.code = rng.choice(VARIABLE)
    else:
        _become(node, rng.choice((Node(rng.choice(EMPTY)), fixed(rng, rng.choice(FIXED)))))


def _change_content(rng: Random, node: Node) -> None:
    if node.code >= 0xA0:
        node.content = text(rng)
    elif node.content:
        node.content = mutated_octets(rng, node.content)


def _describe(rng: Random, node: Node) -> None:
    node.descriptor = rng.choice((None, descriptor(rng), value(rng, 1)))


def _wrap(rng: Random, node: Node) -> None:
    # Depths around the limit of 64 levels, and most often one.
    for _ in range(rng.choice((1, 1, 1, 2, 30, 62, 70))):
        inner = Node(node.code, node.content, node.items, node.descriptor)
        node.code, node.content, node.items, node.descriptor = 0xD0, b"", [inner], None


_CHANGES: tuple[Callable[[Random, Node], None], ...] = (
    *(_replace_item, _null_item, _drop_item, _repeat_item, _swap_items, _add_item),
    *(_change_constructor, _change_content, _describe, _wrap),
)


def mutated_octets(rng: Random, data: bytes) -> bytes:
    """Change one to four places: a bit, an octet, a stretch removed, doubled or put in, or the end cut off."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(made) + 1)
        chosen = rng.randrange(6)
        if chosen == 0 and at < len(made):
            made[at] ^= 1 << rng.randrange(8)
        elif chosen == 1 and at < len(made):
            made[at] = rng.choice((0, 1, 0x40, 0x45, 0x7F, 0x80, 0xC0, 0xD0, 0xF0, 0xFF, rng.randrange(256)))
        elif chosen == 2:
            del made[at : at + rng.randrange(1, 9)]
        elif chosen == 3:
            made[at:at] = made[at : at + rng.randrange(1, 17)]
        elif chosen == 4:
            made[at:at] = rng.randbytes(rng.randrange(1, 5))
        else:
            del made[at:]
    return bytes(made)
