"""The states of connections, sessions and links, and what is legal in each.

Rules of this file:

- Everything that decides whether a frame may come or go in a state stands in one of its three tables.
- A table is nested: state, then what is received or sent, then the state that follows. A missing entry is the error;
  the ``condition`` of the state's rule is what the peer is told then.
- The tables do not know whether this side is the client or the server.
- A state that looks beyond its frame (whose handle, how much credit) does so elsewhere.

The keys are the classes of performatives, and the few classes below for what is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

from amqp_spec import (
    AmqpErrorCondition,
    Attach,
    Begin,
    Close,
    Detach,
    Disposition,
    End,
    Flow,
    Open,
    SessionErrorCondition,
    Transfer,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CONNECTION_RULES",
    "LINK_RULES",
    "SESSION_RULES",
    "ConnectionState",
    "Empty",
    "ErrorClose",
    "ErrorDetach",
    "ErrorEnd",
    "Header",
    "LinkState",
    "Rule",
    "SessionState",
]


class Header:
    """A protocol header (2.2)."""


class Empty:
    """An empty frame (2.4.5)."""


class ErrorClose:
    """A close that names an error; only sending tells it from the other."""


class ErrorEnd:
    """An end that names an error."""


class ErrorDetach:
    """A detach that names an error."""


class ConnectionState(Enum):
    """The states of 2.4.6, and one more for a peer that closes before it was answered."""

    START = "start"
    HDR_RCVD = "header received"
    HDR_SENT = "header sent"
    HDR_EXCH = "headers exchanged"
    OPEN_PIPE = "header and open sent"
    OC_PIPE = "header, open and close sent"
    OPEN_RCVD = "open received"
    OC_RCVD = "open and close received"
    OPEN_SENT = "open sent"
    CLOSE_PIPE = "open and close sent"
    OPENED = "opened"
    CLOSE_RCVD = "close received"
    CLOSE_SENT = "close sent"
    DISCARDING = "close sent with an error"
    END = "end"


class SessionState(Enum):
    """The states of 2.5.5."""

    UNMAPPED = "unmapped"
    BEGIN_SENT = "begin sent"
    BEGIN_RCVD = "begin received"
    MAPPED = "mapped"
    END_SENT = "end sent"
    END_RCVD = "end received"
    DISCARDING = "end sent with an error"


class LinkState(Enum):
    """How far the attach and the detach of a link have come (2.6.3 to 2.6.6)."""

    ATTACH_SENT = "attach sent"
    ATTACH_RCVD = "attach received"
    ATTACHED = "attached"
    REFUSED = "refused by the peer, whose detach is due"
    DETACH_RCVD = "detach received before the attach was answered"
    DETACH_SENT = "detach sent"
    DISCARDING = "detach sent with an error"
    DETACHED = "detached"
    CLOSED = "closed"


_State = TypeVar("_State")


@dataclass(slots=True, frozen=True, eq=False)
class Rule(Generic[_State]):
    """What one state allows."""

    sends: Mapping[type, _State]
    receives: Mapping[type, _State]
    condition: str
    """What the peer is told when it sends something else."""


def _staying(state: _State, *inputs: type) -> dict[type, _State]:
    return dict.fromkeys(inputs, state)


_ON_SESSION = (Begin, Attach, Flow, Transfer, Disposition, Detach, End)
_ON_LINKS = (Attach, Flow, Transfer, Disposition, Detach)
_C = ConnectionState
_S = SessionState
_L = LinkState

CONNECTION_RULES: Mapping[ConnectionState, Rule[ConnectionState]] = {
    # Nothing but a header may begin either stream (2.2).
    _C.START: Rule(
        {Header: _C.HDR_SENT},
        {Header: _C.HDR_RCVD},
        AmqpErrorCondition.NOT_ALLOWED,
    ),
    # This engine answers a header at once, so nothing is read in this state.
    _C.HDR_RCVD: Rule(
        {Header: _C.HDR_EXCH},
        {},
        AmqpErrorCondition.NOT_ALLOWED,
    ),
    _C.HDR_SENT: Rule(
        {Open: _C.OPEN_PIPE},
        {Header: _C.HDR_EXCH},
        AmqpErrorCondition.NOT_ALLOWED,
    ),
    # 2.4.1: open is the first frame in each direction.
    _C.HDR_EXCH: Rule(
        {Open: _C.OPEN_SENT},
        {Open: _C.OPEN_RCVD},
        AmqpErrorCondition.NOT_ALLOWED,
    ),
    _C.OPEN_PIPE: Rule(
        {Close: _C.OC_PIPE, ErrorClose: _C.OC_PIPE} | _staying(_C.OPEN_PIPE, *_ON_SESSION),
        {Header: _C.OPEN_SENT},
        AmqpErrorCondition.NOT_ALLOWED,
    ),
    _C.OC_PIPE: Rule(
        {},
        {Header: _C.CLOSE_PIPE},
        AmqpErrorCondition.NOT_ALLOWED,
    ),
    # 2.4.2: a peer may pipeline all it likes behind its open, its close included.
    _C.OPEN_RCVD: Rule(
        {Open: _C.OPENED},
        {Close: _C.OC_RCVD} | _staying(_C.OPEN_RCVD, Empty, *_ON_SESSION),
        AmqpErrorCondition.ILLEGAL_STATE,
    ),
    _C.OC_RCVD: Rule(
        {Open: _C.CLOSE_RCVD},
        {},
        AmqpErrorCondition.ILLEGAL_STATE,
    ),
    _C.OPEN_SENT: Rule(
        {Close: _C.CLOSE_PIPE, ErrorClose: _C.CLOSE_PIPE} | _staying(_C.OPEN_SENT, *_ON_SESSION),
        {Open: _C.OPENED},
        AmqpErrorCondition.NOT_ALLOWED,
    ),
    _C.CLOSE_PIPE: Rule(
        {},
        {Open: _C.CLOSE_SENT},
        AmqpErrorCondition.NOT_ALLOWED,
    ),
    _C.OPENED: Rule(
        {Close: _C.CLOSE_SENT, ErrorClose: _C.DISCARDING} | _staying(_C.OPENED, Empty, *_ON_SESSION),
        {Close: _C.CLOSE_RCVD} | _staying(_C.OPENED, Empty, *_ON_SESSION),
        AmqpErrorCondition.ILLEGAL_STATE,
    ),
    # 2.4.3: nothing comes behind a close, and what still comes is not acted upon.
    _C.CLOSE_RCVD: Rule(
        {Close: _C.END, ErrorClose: _C.END},
        {},
        AmqpErrorCondition.ILLEGAL_STATE,
    ),
    _C.CLOSE_SENT: Rule(
        {},
        {Close: _C.END} | _staying(_C.CLOSE_SENT, Empty, Open, *_ON_SESSION),
        AmqpErrorCondition.ILLEGAL_STATE,
    ),
    _C.DISCARDING: Rule(
        {},
        {Close: _C.END} | _staying(_C.DISCARDING, Empty, Open, *_ON_SESSION),
        AmqpErrorCondition.ILLEGAL_STATE,
    ),
    _C.END: Rule({}, {}, AmqpErrorCondition.ILLEGAL_STATE),
}

SESSION_RULES: Mapping[SessionState, Rule[SessionState]] = {
    _S.UNMAPPED: Rule(
        {Begin: _S.BEGIN_SENT},
        {Begin: _S.BEGIN_RCVD},
        AmqpErrorCondition.ILLEGAL_STATE,
    ),
    _S.BEGIN_SENT: Rule(
        {End: _S.END_SENT, ErrorEnd: _S.DISCARDING} | _staying(_S.BEGIN_SENT, *_ON_LINKS),
        {Begin: _S.MAPPED},
        AmqpErrorCondition.ILLEGAL_STATE,
    ),
    # What was pipelined behind a begin that the application has not answered yet.
    _S.BEGIN_RCVD: Rule(
        {Begin: _S.MAPPED},
        {End: _S.END_RCVD} | _staying(_S.BEGIN_RCVD, *_ON_LINKS),
        AmqpErrorCondition.ILLEGAL_STATE,
    ),
    _S.MAPPED: Rule(
        {End: _S.END_SENT, ErrorEnd: _S.DISCARDING} | _staying(_S.MAPPED, *_ON_LINKS),
        {End: _S.END_RCVD} | _staying(_S.MAPPED, *_ON_LINKS),
        AmqpErrorCondition.ILLEGAL_STATE,
    ),
    # Reached without our begin when the peer ends what was not answered; then both are still to be sent.
    _S.END_RCVD: Rule(
        {Begin: _S.END_RCVD, End: _S.UNMAPPED, ErrorEnd: _S.UNMAPPED},
        {},
        AmqpErrorCondition.ILLEGAL_STATE,
    ),
    # 2.5.4: what crossed our end is dropped; a begin among it is the late answer to ours.
    _S.END_SENT: Rule(
        {},
        {End: _S.UNMAPPED} | _staying(_S.END_SENT, Begin, *_ON_LINKS),
        AmqpErrorCondition.ILLEGAL_STATE,
    ),
    _S.DISCARDING: Rule(
        {},
        {End: _S.UNMAPPED} | _staying(_S.DISCARDING, Begin, *_ON_LINKS),
        AmqpErrorCondition.ILLEGAL_STATE,
    ),
}

LINK_RULES: Mapping[LinkState, Rule[LinkState]] = {
    _L.ATTACH_SENT: Rule(
        {Detach: _L.DETACH_SENT, ErrorDetach: _L.DISCARDING},
        {Attach: _L.ATTACHED},
        SessionErrorCondition.UNATTACHED_HANDLE,
    ),
    # A flow pipelined behind the attach is kept and applied (2.6.7).
    _L.ATTACH_RCVD: Rule(
        {Attach: _L.ATTACHED},
        {Detach: _L.DETACH_RCVD} | _staying(_L.ATTACH_RCVD, Flow, Transfer),
        SessionErrorCondition.UNATTACHED_HANDLE,
    ),
    _L.DETACH_RCVD: Rule(
        {Attach: _L.DETACH_RCVD, Detach: _L.CLOSED, ErrorDetach: _L.CLOSED},
        {},
        SessionErrorCondition.UNATTACHED_HANDLE,
    ),
    _L.ATTACHED: Rule(
        {Detach: _L.DETACH_SENT, ErrorDetach: _L.DISCARDING} | _staying(_L.ATTACHED, Flow, Transfer),
        {Detach: _L.CLOSED} | _staying(_L.ATTACHED, Flow, Transfer),
        SessionErrorCondition.UNATTACHED_HANDLE,
    ),
    # 2.6.3: an attach without the peer's terminus, whose detach follows.
    _L.REFUSED: Rule(
        {Detach: _L.DETACH_SENT, ErrorDetach: _L.DISCARDING},
        {Detach: _L.CLOSED} | _staying(_L.REFUSED, Flow, Transfer),
        SessionErrorCondition.UNATTACHED_HANDLE,
    ),
    # What crossed our detach is dropped; an attach among it is the late answer to ours.
    _L.DETACH_SENT: Rule(
        {},
        {Detach: _L.CLOSED} | _staying(_L.DETACH_SENT, Attach, Flow, Transfer),
        SessionErrorCondition.UNATTACHED_HANDLE,
    ),
    _L.DISCARDING: Rule(
        {},
        {Detach: _L.CLOSED} | _staying(_L.DISCARDING, Attach, Flow, Transfer),
        SessionErrorCondition.ERRANT_LINK,
    ),
    _L.DETACHED: Rule({}, {}, SessionErrorCondition.UNATTACHED_HANDLE),
    _L.CLOSED: Rule({}, {}, SessionErrorCondition.UNATTACHED_HANDLE),
}
