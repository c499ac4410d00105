"""Who will not have which message (3.4.5), and the messages that wait though somebody will not have them.

Each subscription that has refused a message so has a bit, and a message has the bits of those that refused it. Those
that wait are the leaves of a tree over the positions in the queue, of which a node holds the bits that all leaves under
it have in common: where the bit of a subscription is not among those of the root there is a message for it, and the way
down to the first one is plain. So to find, add or take one costs a step for each level, of which there are as many as
the position has binary digits, however many subscriptions there are and whatever each of them has refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amqp.broker.stored import StoredMessage


class Exclusions:
    """The exclusions of one queue."""

    def __init__(self) -> None:
        # By bit, the messages at the queue that its subscription will not have, by position.
        self._refused: dict[int, dict[int, StoredMessage]] = {}
        self._used = 0
        self._waiting: dict[int, StoredMessage] = {}
        # By level, from the leaves up to the root, and by position without the lowest binary digits.
        self._levels: list[dict[int, int]] = [{}]

    def __bool__(self) -> bool:
        """Whether a message waits here."""
        return bool(self._waiting)

    def exclude(self, message: StoredMessage, bit: int) -> int:
        """Note that a subscription will not have *message*; return its bit, made now where it has none yet (0)."""
        if not bit:
            bit = ~self._used & (self._used + 1)
            self._used |= bit
            self._refused[bit] = {}
        message.excluded |= bit
        self._refused[bit][message.position] = message
        return bit

    def forget(self, bit: int) -> None:
        """Forget a subscription: who is no longer here excludes nobody."""
        self._used &= ~bit
        for message in self._refused.pop(bit, {}).values():
            message.excluded &= ~bit
            if message.position in self._waiting:
                self._set(message.position, message.excluded)

    def remove(self, message: StoredMessage) -> None:
        """Forget a message that leaves the queue."""
        if self._waiting.pop(message.position, None) is not None:
            self._set(message.position, None)
        rest = message.excluded
        while rest:
            bit = rest & -rest
            rest ^= bit
            del self._refused[bit][message.position]

    def clear(self) -> None:
        """Forget everything."""
        self._refused.clear()
        self._used = 0
        self._waiting.clear()
        self._levels = [{}]

    def add(self, message: StoredMessage) -> None:
        """Let *message* wait here."""
        position, levels = message.position, self._levels
        while position >> (len(levels) - 1):
            top = levels[-1]
            levels.append({0: top[0]} if top else {})
        self._waiting[position] = message
        self._set(position, message.excluded)

    def first(self, bit: int) -> StoredMessage | None:
        """Return the first message that the subscription of this bit may have; 0 is one that has refused none."""
        levels = self._levels
        common = levels[-1].get(0)
        if common is None or common & bit:
            return None
        position = 0
        for level in range(len(levels) - 2, -1, -1):
            position <<= 1
            common = levels[level].get(position)
            if common is None or common & bit:
                position += 1
        return self._waiting[position]

    def take(self, message: StoredMessage) -> None:
        """Let *message* wait here no longer."""
        del self._waiting[message.position]
        self._set(message.position, None)

    def _set(self, position: int, bits: int | None) -> None:
        """Set the bits of a leaf, None where it goes, and what follows from them on the way to the root."""
        for nodes in self._levels:
            if nodes.get(position) == bits:
                return
            if bits is None:
                del nodes[position]
            else:
                nodes[position] = bits
            sibling = nodes.get(position ^ 1)
            if sibling is not None:
                bits = sibling if bits is None else bits & sibling
            position >>= 1
