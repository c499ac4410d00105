"""What both kinds of link share: the handles, the attach and the detach (2.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from amqp.engine.states import LinkState

if TYPE_CHECKING:
    from amqp.engine.session import Session
    from amqp.options import LinkOptions
    from amqp_spec import AnySource, AnyTarget, Attach, Error, ReceiverSettleMode, SenderSettleMode

__all__ = ["Link"]


class Link:
    """One end of a link: a :class:`SenderLink` or a :class:`ReceiverLink`.

    Where the peer took the link, its session or the connection away, calls that would only tell it something do
    nothing; ``SenderLink.send`` raises.
    """

    session: Session
    name: str
    role: bool
    """``Role.SENDER`` or ``Role.RECEIVER``: what this end is."""
    handle: int | None
    """The handle in frames that this side sends; None before our attach."""
    remote_handle: int | None
    """The handle in frames that the peer sends; None before its attach."""
    state: LinkState
    options: LinkOptions
    remote_attach: Attach | None
    source: AnySource | None
    """The source, as the sending end says it is (2.6.3)."""
    target: AnyTarget | None
    """The target, as the receiving end says it is (2.6.3)."""
    snd_settle_mode: SenderSettleMode
    """How the sender settles, as the sending end says (2.7.3)."""
    rcv_settle_mode: ReceiverSettleMode
    """How the receiver settles, as the receiving end says (2.7.3)."""
    max_message_size: int | None
    """The largest message that the peer takes; None: no limit."""
    context: object
    """A free slot for the driver's own object."""

    @property
    def attached(self) -> bool:
        """Whether the link is up: both attaches were exchanged and no detach."""
        return self.state is LinkState.ATTACHED

    def refuse(self, error: Error) -> None:
        """Answer a ``LinkRequested`` with no: an attach without a terminus, then a detach with *error* (2.6.3).

        Raises:
            LocalError: the link was answered before, or this side asked for it.
        """
        raise NotImplementedError

    def detach(self, *, closed: bool = True, error: Error | None = None) -> None:
        """Detach the link, with *closed* for good (2.6.4 to 2.6.6); does nothing when it is detached already.

        Without an error, deliveries that wait leave first where credit and window allow; the rest is not sent.
        ``LinkEnded`` comes when the peer has answered.

        Raises:
            LocalError: the peer's request was not answered yet: use ``accept()`` or ``refuse()``.
        """
        raise NotImplementedError


def accept_arguments(
    source: AnySource | None,
    target: AnyTarget | None,
    offered_capabilities: Sequence[str] | None,
    properties: Mapping[str, Any] | None,
) -> None:
    """Hold the place of the shared part of accept."""
