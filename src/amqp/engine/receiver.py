"""The receiving end of a link: credit is granted, deliveries arrive (2.6.7, 2.6.12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from amqp.engine.link import Link

if TYPE_CHECKING:
    from amqp.engine.delivery import IncomingDelivery
    from amqp.options import LinkOptions
    from amqp_spec import AnySource, AnyTarget, ReceiverSettleMode

__all__ = ["ReceiverLink"]


class ReceiverLink(Link):
    """The receiving end of a link. Nothing arrives before ``flow`` grants credit."""

    available: int
    """Deliveries that the sender said to have waiting; never below 0 (2.6.7)."""

    @property
    def credit(self) -> int:
        """Deliveries that were granted and have not begun to arrive; a grant counts from the call of ``flow``."""
        raise NotImplementedError

    @property
    def drain(self) -> bool:
        """Whether a drain was asked for and ``Drained`` has not come."""
        raise NotImplementedError

    @property
    def delivery_count(self) -> int:
        """The delivery-count (2.6.7), a serial number."""
        raise NotImplementedError

    @property
    def unsettled(self) -> Mapping[bytes, IncomingDelivery]:
        """The complete deliveries that this side holds unsettled, by tag, in the order received."""
        raise NotImplementedError

    def accept(
        self,
        options: LinkOptions | None = None,
        *,
        source: AnySource | None = None,
        target: AnyTarget | None = None,
        rcv_settle_mode: ReceiverSettleMode | None = None,
        max_message_size: int | None = None,
        offered_capabilities: Sequence[str] | None = None,
        properties: Mapping[str, Any] | None = None,
        credit: int = 0,
    ) -> None:
        """Answer a ``LinkRequested`` with yes (2.6.3), and grant *credit*. What is not given is taken from the peer's attach.

        *options* says all at once (its name is not used); the keywords serve without it.

        Raises:
            LocalError: the link was answered before, or this side asked for it.
            EncodeError: an argument has no encoding.
        """
        raise NotImplementedError

    def flow(
        self,
        credit: int | None = None,
        *,
        drain: bool = False,
        echo: bool = False,
        properties: Mapping[str, Any] | None = None,
    ) -> None:
        """Grant *credit* deliveries from now on, in place of what was granted before (2.6.7); None leaves it.

        With *drain* the sender uses the credit up or gives it back: ``Drained`` follows. With *echo* it tells its state.
        Before the peer has answered the attach the grant is kept, and sent when the link is up. Several calls before
        ``data_to_send`` leave as one frame.

        Raises:
            LocalError: *credit* is not in 0 to 2^32-1.
        """
        raise NotImplementedError
