"""The handles of a session's links, each side with numbers of its own (2.6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.engine.faults import ConnectionFault, SessionFault
from amqp.engine.numbers import NumberPool
from amqp.errors import LocalError
from amqp_spec import ConnectionErrorCondition, SessionErrorCondition

if TYPE_CHECKING:
    from amqp.engine.link import Link

__all__ = ["Handles"]

_REMEMBERED = 256
"""How many handles of links that ended by an error are told apart from handles never attached."""


class Handles:
    """Which link a handle means, in each direction."""

    __slots__ = ("_errant", "_incoming", "_outgoing", "highest_incoming", "highest_outgoing")

    def __init__(self, highest_incoming: int, highest_outgoing: int) -> None:
        self.highest_incoming = highest_incoming
        """The handle-max of this side."""
        self.highest_outgoing = highest_outgoing
        """The handle-max of the peer, as far as it is known."""
        self._outgoing = NumberPool()
        self._incoming: dict[int, Link] = {}
        self._errant: dict[int, None] = {}

    def take(self) -> int:
        """Lend the lowest free handle for frames of ours.

        Raises:
            LocalError: the peer takes no more.
        """
        handle = self._outgoing.take(self.highest_outgoing)
        if handle is None:
            raise LocalError(
                f"no handle is free: the peer takes {self.highest_outgoing + 1} links on this session; begin another"
            )
        return handle

    def free(self, handle: int) -> None:
        """Take back a handle of ours."""
        self._outgoing.free(handle)

    def check(self, handle: int) -> None:
        """Check the handle of an attach of the peer.

        Raises:
            ConnectionFault: it is too high, or in use.
        """
        if handle > self.highest_incoming:
            # 2.7.2: told with a close, not an end.
            raise ConnectionFault(
                ConnectionErrorCondition.FRAMING_ERROR,
                f"attach.handle {handle} is above the handle-max of {self.highest_incoming}",
            )
        if handle in self._incoming:
            # 2.7.3: likewise.
            raise ConnectionFault(
                SessionErrorCondition.HANDLE_IN_USE, f"attach.handle {handle} is in use by another link"
            )

    def bind(self, handle: int, link: Link) -> None:
        """Let the peer's *handle* mean *link*."""
        self._errant.pop(handle, None)
        self._incoming[handle] = link

    def unbind(self, handle: int, *, errant: bool) -> None:
        """Let the peer's *handle* mean nothing; *errant* when its link was detached here for an error."""
        del self._incoming[handle]
        if errant and len(self._errant) < _REMEMBERED:
            self._errant[handle] = None

    def get(self, handle: int) -> Link | None:
        """Return the link that the peer's *handle* means."""
        return self._incoming.get(handle)

    def unattached(self, handle: int) -> SessionFault:
        """Return the fault for a frame whose *handle* means no link."""
        if handle in self._errant:
            # 2.6.5
            return SessionFault(
                SessionErrorCondition.ERRANT_LINK,
                f"a frame came for handle {handle}, whose link was detached with an error",
            )
        # 2.7.4, 2.7.7
        return SessionFault(
            SessionErrorCondition.UNATTACHED_HANDLE,
            f"a frame came for handle {handle}, which is not attached",
        )
