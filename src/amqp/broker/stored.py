"""A message at a queue: its octets as they came, and the few things that an intermediary may change (3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amqp.broker.sections import decode_annotations, read_head
from amqp_spec import Header, Map, MessageAnnotations

if TYPE_CHECKING:
    from collections.abc import Mapping

UINT_MAX = 0xFFFFFFFF


class StoredMessage:
    """One message of one queue.

    The bare message is passed on octet for octet (3.2). The header is written anew only when something in it has to
    change, and delivery-annotations, which are meant for this hop alone (3.2.2), are left out.
    """

    __slots__ = (
        "_header",
        "_kept_at",
        "_payload",
        "_whole",
        "acquired",
        "delivery_count",
        "excluded",
        "expires_at",
        "gone",
        "held_by",
        "message_format",
        "position",
        "size",
    )

    def __init__(self, payload: bytes, message_format: int, now: float) -> None:
        """Take a message in.

        Raises:
            DecodeError: the message's format is 0 and its sections are not those of 3.2, or its header is damaged.
        """
        self._payload = payload
        self.message_format = message_format
        self.size = len(payload)
        """Octets of the message as it came."""
        self.position = -1
        """Its place in the queue, which it keeps when it is returned."""
        self.excluded = 0
        """The bits of the subscriptions that said undeliverable-here (3.4.5)."""
        self.held_by: int | None = None
        """The subscription that has acquired it (3.3.1)."""
        self.acquired = False
        """Whether a subscription has ever acquired it."""
        self.gone = False
        """True once it has left the queue."""
        self.expires_at: float | None = None
        # 2.8.11: the sections of 3.2 are those of format 0 alone; other octets are opaque.
        head = read_head(payload) if message_format == 0 else None
        if head is None:
            self._header: Header | None = None
            self._kept_at = 0
            self._whole = True
            self.delivery_count = 0
            return
        self._header = head.header
        self._kept_at = head.kept_at
        self._whole = not head.has_delivery_annotations
        self.delivery_count = 0 if head.header is None else head.header.delivery_count
        if head.header is not None and head.header.ttl is not None:
            self.expires_at = now + head.header.ttl / 1000

    def octets(self, now: float) -> bytes:
        """Return the message as it is to be sent now."""
        header = self._header
        if header is None:
            if self.delivery_count == 0 or self.message_format != 0:
                return self._payload if self._whole else self._payload[self._kept_at :]
            header = Header()
        elif (
            self._whole
            and self.expires_at is None
            and header.delivery_count == self.delivery_count
            and not (header.first_acquirer and self.acquired)
        ):
            return self._payload
        rewritten = Header(
            durable=header.durable,
            priority=header.priority,
            # 3.2.1: what is handed on is the time that is left.
            ttl=None if self.expires_at is None else max(0, int((self.expires_at - now) * 1000)),
            first_acquirer=header.first_acquirer and not self.acquired,
            delivery_count=self.delivery_count,
        )
        return rewritten.encode() + self._payload[self._kept_at :]

    def count_failure(self) -> None:
        """Note one more failed delivery (3.4.5)."""
        self.delivery_count = min(self.delivery_count + 1, UINT_MAX)

    def annotate(self, annotations: Mapping[Any, Any]) -> None:
        """Merge *annotations* into the message-annotations, replacing those of the same key (3.4.5).

        Raises:
            DecodeError: the message-annotations that are there are damaged; nothing was changed.
            EncodeError: the result is nothing that may be sent; nothing was changed.
        """
        if self.message_format != 0:
            return
        present, bare_at = decode_annotations(self._payload, self._kept_at)
        # With the keys that they are written with, so that they replace those of the same key.
        given = MessageAnnotations.decode(MessageAnnotations(Map(annotations)).encode()).value
        # A map as a decoder makes it: the publisher's keys stay, even those that nobody should send.
        merged = Map.from_flat([part for pair in (*present.items(), *given.items()) for part in pair])
        self._payload = MessageAnnotations(merged).encode() + self._payload[bare_at:]
        self._kept_at = 0
        self._whole = self._header is None

    def drop(self) -> None:
        """Let go of the octets: the message has left the queue."""
        self.gone = True
        self._payload = b""
