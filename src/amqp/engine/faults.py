"""How the engine says inside itself that the peer broke a rule: an exception per scope, with the wire condition.

They never leave ``receive_data``: each is caught where its scope ends, and becomes a detach, end or close and an event.
"""

from __future__ import annotations

from amqp.errors import Blame, Fault, LocalError, Scope
from amqp_spec import MIN_MAX_FRAME_SIZE, Error

__all__ = [
    "ConnectionFault",
    "FramingFault",
    "LinkFault",
    "PeerFault",
    "SessionFault",
    "fault_of_error",
    "local_fault",
    "local_limit",
    "network_fault",
]

_SHOWN = 100


class PeerFault(Exception):
    """The peer broke a rule of the standard."""

    scope = Scope.CONNECTION

    def __init__(self, condition: str, description: str, offset: int | None = None) -> None:
        super().__init__(description)
        self.condition = str(condition)
        self.description = description
        self.offset = offset

    def error(self) -> Error:
        """Return what to tell the peer; short enough for a frame of 512 octets."""
        return Error(condition=self.condition, description=self.description[:_SHOWN])

    def fault(self, offset: int | None = None) -> Fault:
        """Return what to tell the driver; *offset* is where in the stream the frame at fault begins."""
        return Fault(
            scope=self.scope,
            blame=Blame.REMOTE,
            condition=self.condition,
            description=self.description,
            offset=offset if self.offset is None else self.offset,
        )


class ConnectionFault(PeerFault):
    """Only a close can answer it (2.4.3)."""


class FramingFault(ConnectionFault):
    """The stream cannot be cut into frames any more; nothing behind it can be read."""


class SessionFault(PeerFault):
    """An end answers it (2.5.4)."""

    scope = Scope.SESSION


class LinkFault(PeerFault):
    """A detach answers it (2.6.5)."""

    scope = Scope.LINK


def fault_of_error(scope: Scope, error: Error | None, otherwise: str) -> Fault:
    """Return the fault that the peer's *error* tells of; *otherwise* describes it where the peer gave no words."""
    if error is None:
        return Fault(scope=scope, blame=Blame.REMOTE, description=otherwise)
    return Fault(
        scope=scope,
        blame=Blame.REMOTE,
        condition=str(error.condition),
        description=error.description or otherwise,
        info=error.info,
    )


def local_fault(scope: Scope, error: Error) -> Fault:
    """Return the fault for an *error* that this side's application told the peer."""
    return Fault(
        scope=scope,
        blame=Blame.LOCAL,
        condition=str(error.condition),
        description=error.description or "",
        info=error.info,
    )


def network_fault(description: str, offset: int | None = None, condition: str | None = None) -> Fault:
    """Return the fault of a stream that broke or fell silent; *offset* is how far it had come."""
    return Fault(
        scope=Scope.CONNECTION,
        blame=Blame.NETWORK,
        condition=condition,
        description=description,
        offset=offset,
    )


def local_limit(name: str, size: int, limit: int) -> LocalError:
    """Return the error for a frame of ours that the peer need not take."""
    return LocalError(
        f"the {name} frame has {size} octets and the peer takes {limit}: "
        "say less in it (properties, filters, error texts); before its open a peer need not take more than "
        f"{MIN_MAX_FRAME_SIZE}: if this one does, raise pre_open_send_limit"
    )
