"""What the broker tells of itself: plain numbers of one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amqp.broker.queue import Queue


@dataclass(slots=True, frozen=True, kw_only=True)
class QueueStats:
    """One queue, as it was when it was asked. Counts are of messages, since the queue was made."""

    name: str
    temporary: bool
    """Made for one link, and gone with it."""
    depth: int
    """Messages there, unsettled ones included."""
    octets: int
    """Octets of these messages, and of those that open transactions will bring."""
    unsettled: int
    """Messages that consumers hold."""
    consumers: int
    producers: int
    published: int
    delivered: int
    """Deliveries begun, repeated ones included."""
    accepted: int
    rejected: int
    """Rejected by a consumer and dropped."""
    returned: int
    """Released or modified by a consumer, or left behind by one that went."""
    expired: int
    refused: int
    """Not taken, but released or rejected: there was no room."""


def queue_stats(queue: Queue) -> QueueStats:
    """Return the numbers of *queue*."""
    counters = queue.counters
    return QueueStats(
        name=queue.name,
        temporary=queue.temporary,
        depth=queue.depth,
        octets=queue.octets,
        unsettled=queue.held,
        consumers=queue.consumers,
        producers=queue.producers,
        published=counters.published,
        delivered=counters.delivered,
        accepted=counters.accepted,
        rejected=counters.rejected,
        returned=counters.returned,
        expired=counters.expired,
        refused=counters.refused,
    )
