"""A session: two windows of transfer frames, and the links that share them (2.5)."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from amqp.engine.link import Link
from amqp.engine.receiver import ReceiverLink
from amqp.engine.sender import SenderLink
from amqp.engine.states import SessionState

if TYPE_CHECKING:
    from amqp.engine.engine import Engine
    from amqp.options import LinkOptions, SessionOptions
    from amqp_spec import Begin, Error

__all__ = ["Session"]


class Session:
    """One end of a session; made by :meth:`Engine.begin` or by the peer's begin (``SessionRequested``)."""

    engine: Engine
    channel: int | None
    """The channel of frames that this side sends; None before our begin."""
    remote_channel: int | None
    """The channel of frames that the peer sends; None before its begin."""
    state: SessionState
    options: SessionOptions
    remote_begin: Begin | None
    context: object
    """A free slot for the driver's own object."""

    @property
    def links(self) -> Collection[Link]:
        """The links of this session that are not detached."""
        raise NotImplementedError

    def accept(self, options: SessionOptions | None = None) -> None:
        """Answer a ``SessionRequested`` with yes (2.5.1). ``end(error)`` says no.

        Raises:
            LocalError: the session was answered before, or this side began it; no channel is free.
            EncodeError: an option has no encoding.
        """
        raise NotImplementedError

    def attach(self, role: bool, options: LinkOptions) -> Link:
        """Attach a link; *role* is what this end will be (``Role.SENDER`` or ``Role.RECEIVER``).

        ``LinkOpened`` or ``LinkFailed(refused=True)`` follows.

        Raises:
            LocalError: the session is ending or gone, no handle is free, or a link of that name and role is attached
                on this connection.
            EncodeError: an option has no encoding.
        """
        raise NotImplementedError

    def attach_sender(self, options: LinkOptions) -> SenderLink:
        """Attach a link that this side sends on; see :meth:`attach`."""
        raise NotImplementedError

    def attach_receiver(self, options: LinkOptions, *, credit: int = 0) -> ReceiverLink:
        """Attach a link that this side receives on; *credit* is granted when the link is up. See :meth:`attach`."""
        raise NotImplementedError

    def end(self, error: Error | None = None) -> None:
        """End the session and with it its links (2.5.2, 2.5.4); refuses it when it was requested. Idempotent.

        ``SessionEnded`` comes when the peer has answered.
        """
        raise NotImplementedError
