"""The room of a queue: how much is in it, and how much is kept for messages that were granted credit and are to come.

Who was granted credit (2.6.7) may send, whatever came meanwhile: so credit is granted only for room that is kept. At
three quarters of a bound nothing more is kept; the last quarter is for the messages that nobody kept room for.
"""

from __future__ import annotations

from typing import Protocol

UNKNOWN_SIZE = 64 * 1024
"""Octets that a message of a producer may have that has sent none."""
BACKLOG = 4
"""Windows of messages at a queue from which on its consumers count as behind."""
PACED = 8
"""What windows are divided by while the consumers are behind, so that a fast producer does not crowd them out."""


class Feed(Protocol):
    """Where the messages of a queue come from: one receiving link."""

    def relieved(self) -> None:
        """Hear that there is room again for one that :meth:`Room.keep` had none for."""
        ...

    def cut_off(self) -> None:
        """Hear that the queue was deleted."""
        ...


class Share:
    """The part of one feed in the room of a queue."""

    __slots__ = ("feed", "kept", "kept_octets", "largest", "lent", "message_size")

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.kept = 0
        """Messages to come that there is room for."""
        self.kept_octets = 0
        """Octets that these messages probably have."""
        self.lent = False
        """Whether it may send one that no room is kept for."""
        self.message_size = 0
        """The octets of its larger messages of late; 0: it has sent none."""
        self.largest = 0
        """The octets of its largest message since :meth:`Room.recount`."""


class Room:
    """What is in one queue, and what is kept for its feeds.

    A feed may have a message on its way that no room is kept for: else producers that have credit and send nothing
    could shut the others out. So the bound of messages may be exceeded by one for each feed.
    """

    def __init__(self, max_depth: int, max_octets: int, window: int) -> None:
        self.consumers = 0
        """Who takes messages out."""
        self.depth = 0
        self.octets = 0
        self.max_octets = max_octets
        self.shares: dict[Share, None] = {}
        self._max_depth = max_depth
        self._window = min(window, max(1, max_depth // 4))
        # So much has to be free before room is kept again: credit is not granted message by message.
        self._least = max(1, self._window // 2)
        self._kept = 0
        self._kept_octets = 0
        self._waiting: dict[Share, None] = {}
        self._stopped: dict[Share, None] = {}  # those of the waiting that have nothing on its way

    def join(self, feed: Feed) -> Share:
        """Return the share of a new feed."""
        share = Share(feed)
        self.shares[share] = None
        return share

    def leave(self, share: Share) -> None:
        """Give up what is kept for a feed that goes."""
        if share in self.shares:
            del self.shares[share]
            self._waiting.pop(share, None)
            self._stopped.pop(share, None)
            self._keep(share, 0)
            self._relieve()

    def take(self, size: int, share: Share | None) -> bool:
        """Count a message in, on the room that is kept for it if there is any; False when it does not fit."""
        if self.octets + size > self.max_octets:
            return False
        if share is None:
            if self.depth + self._kept >= self._max_depth:
                return False
        else:
            if share.kept:
                share.kept -= 1
                self._kept -= 1
            elif share.lent:
                share.lent = False
            elif self.depth + self._kept >= self._max_depth:
                return False
            if size > share.largest:
                share.largest = size
        self.depth += 1
        self.octets += size
        return True

    def free(self, size: int) -> None:
        """Count a message out."""
        self.depth -= 1
        self.octets -= size
        if self._waiting:
            self._relieve()

    def keep(self, share: Share, on_their_way: int) -> int:
        """Keep room for more messages of a feed, as far as it goes, and return for how many.

        0 while half of its window is still on its way, or when there is no room: then the feed is told once there is.
        *on_their_way* are the messages that it may still send; if there are none, it may get one for which no room is
        kept.
        """
        window = self._window_of(share)
        if on_their_way * 2 > window:
            return 0
        wanted = window - on_their_way
        room = self._room
        if room >= min(self._least, wanted):
            count = min(wanted, room)
            self._keep(share, share.kept + count)
            return count
        self._waiting[share] = None
        if on_their_way:
            return 0
        if self._lends:
            share.lent = True
            return 1
        self._stopped[share] = None
        return 0

    def recount(self, share: Share, credit: int) -> None:
        """Note that a feed may send no more than *credit* messages now, and how large its messages are."""
        if share.largest:
            share.message_size = max(share.largest, share.message_size - share.message_size // 8)
            share.largest = 0
        self._keep(share, min(share.kept, credit))
        share.lent = share.lent and credit > share.kept

    def clear(self) -> None:
        """Forget everything: the queue is deleted."""
        self.depth = self.octets = self._kept = self._kept_octets = 0
        self.shares.clear()
        self._waiting.clear()
        self._stopped.clear()

    @property
    def _room(self) -> int:
        """How many more messages room may be kept for."""
        if (self.octets + self._kept_octets) * 4 >= self.max_octets * 3:
            return 0
        return self._max_depth * 3 // 4 - self.depth - self._kept

    @property
    def _lends(self) -> bool:
        """Whether a feed that has nothing on its way may send one message, though no room can be kept for it."""
        return (
            self.depth * 4 < self._max_depth * 3
            and self.octets * 4 < self.max_octets * 3
            and self.depth + self._kept < self._max_depth
        )

    def _window_of(self, share: Share) -> int:
        """Return how many messages a feed may have on their way, given their size and how far behind consumers are."""
        window = self._window
        if self.consumers and self.depth > window * BACKLOG:
            window = max(1, window // PACED)
        by_octets = self.max_octets // 4 // (share.message_size or UNKNOWN_SIZE)
        return min(window, max(1, by_octets))

    def _keep(self, share: Share, count: int) -> None:
        octets = count * share.message_size
        self._kept += count - share.kept
        self._kept_octets += octets - share.kept_octets
        share.kept = count
        share.kept_octets = octets

    def _relieve(self) -> None:
        """Tell those that wait, the first first, as far as the room goes."""
        while self._waiting and self._room >= self._least:
            share = next(iter(self._waiting))
            del self._waiting[share]
            self._stopped.pop(share, None)
            share.feed.relieved()
        while self._stopped and self._lends:
            share = next(iter(self._stopped))
            del self._stopped[share]
            share.feed.relieved()
