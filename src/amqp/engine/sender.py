"""The sending end of a link: credit is used, deliveries leave (2.6.7, 2.6.12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from amqp.engine.link import Link

if TYPE_CHECKING:
    from amqp.engine.delivery import OutgoingDelivery
    from amqp.options import LinkOptions
    from amqp_spec import AnySource, AnyTarget, DeliveryState, ReceiverSettleMode, SenderSettleMode

__all__ = ["SenderLink"]


class SenderLink(Link):
    """The sending end of a link. Credit comes with ``CreditChanged``; each ``send`` takes one."""

    available: int | None
    """Deliveries that wait at this end; set it freely, the next flow tells it. None leaves it out."""

    @property
    def credit(self) -> int:
        """Deliveries that may be sent now (2.6.7); never below 0."""
        raise NotImplementedError

    @property
    def drain(self) -> bool:
        """Whether the peer asked for the credit to be used up: send what there is, then call :meth:`drained`."""
        raise NotImplementedError

    @property
    def delivery_count(self) -> int:
        """The delivery-count (2.6.7) as of the last frame taken; a serial number."""
        raise NotImplementedError

    @property
    def unsettled(self) -> Mapping[bytes, OutgoingDelivery]:
        """The deliveries that this side holds unsettled, by tag, in the order sent."""
        raise NotImplementedError

    def accept(
        self,
        options: LinkOptions | None = None,
        *,
        source: AnySource | None = None,
        target: AnyTarget | None = None,
        snd_settle_mode: SenderSettleMode | None = None,
        max_message_size: int | None = None,
        initial_delivery_count: int = 0,
        offered_capabilities: Sequence[str] | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> None:
        """Answer a ``LinkRequested`` with yes (2.6.3). What is not given is taken from the peer's attach.

        *options* says all at once (its name is not used); the keywords serve without it.

        Raises:
            LocalError: the link was answered before, or this side asked for it.
            EncodeError: an argument has no encoding.
        """
        raise NotImplementedError

    def send(
        self,
        payload: bytes | memoryview,
        *,
        tag: bytes | None = None,
        message_format: int = 0,
        settled: bool = False,
        state: DeliveryState | None = None,
        rcv_settle_mode: ReceiverSettleMode | None = None,
        batchable: bool = False,
    ) -> OutgoingDelivery:
        """Queue one message, given as its octets, and take one credit.

        A *tag* is made when none is given. *payload* must not change before the delivery is complete.

        Raises:
            LocalError: the link is not attached, has no credit, the message is larger than the peer takes, the tag is
                longer than 32 octets or held unsettled, or *settled* is not what the settle mode of the link says.
        """
        raise NotImplementedError

    def drained(self) -> None:
        """Say that nothing (more) is there to send now: where the peer asked to drain, all credit is given back.

        The flow that tells so follows the deliveries that still wait (2.6.7). Does nothing when not draining.
        """
        raise NotImplementedError

    def flow(self, *, properties: Mapping[str, Any] | None = None) -> None:
        """Tell the peer the link's state: delivery-count, credit and ``available`` (2.7.4)."""
        raise NotImplementedError
