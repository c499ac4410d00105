"""The states of connections, sessions and links, and what is legal in each."""

from __future__ import annotations

from enum import Enum

__all__ = ["ConnectionState", "LinkState", "SessionState"]


class ConnectionState(Enum):
    """The states of 2.4.6, and one more: a server that has read open and close and sent neither."""

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
    """How far the attach and detach of a link have come (2.6.3 to 2.6.6)."""

    ATTACH_SENT = "attach sent"
    ATTACH_RCVD = "attach received"
    ATTACHED = "attached"
    REFUSED = "refused, the peer's detach is due"
    DETACH_SENT = "detach sent"
    DISCARDING = "detach sent with an error"
    DETACHED = "detached"
    CLOSED = "closed"
