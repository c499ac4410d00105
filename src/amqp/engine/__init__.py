"""AMQP 1.0 parts 2 and 5 without I/O: octets and the time go in, octets and typed events come out.

A driver owns the socket and the clock::

    engine.receive_data(octets, now)      # b"" is the end of the stream; never raises for what a peer sent
    for event in engine.events(): ...     # one dataclass per thing that happened, in order
    for buffer in engine.data_to_send(now): ...
    engine.next_timeout(now); engine.handle_timeout(now)

Both roles are this engine; a server answers requests that come as events. Threads: one at a time.
"""

from __future__ import annotations

from amqp.engine.delivery import IncomingDelivery, OutgoingDelivery
from amqp.engine.engine import Buffer, Direction, Engine, FrameHook
from amqp.engine.events import (
    Authenticated,
    ConnectionEnded,
    ConnectionFailed,
    ConnectionOpened,
    CreditChanged,
    DeliveryAborted,
    DeliveryReadable,
    DeliveryReceived,
    DeliveryStarted,
    DeliveryUpdated,
    Drained,
    Event,
    FlowReceived,
    LinkEnded,
    LinkFailed,
    LinkOpened,
    LinkRequested,
    SessionEnded,
    SessionFailed,
    SessionOpened,
    SessionRequested,
    TlsNegotiated,
)
from amqp.engine.handshake import TlsUse
from amqp.engine.link import Link
from amqp.engine.receiver import ReceiverLink
from amqp.engine.resuming import Action, RecoveredDelivery, ResumedDelivery, decide
from amqp.engine.sender import SenderLink
from amqp.engine.session import Session
from amqp.engine.states import ConnectionState, LinkState, SessionState
from amqp.engine.streaming import IncomingStream, OutgoingStream
from amqp.engine.unsettled import SuspendedDelivery, SuspendedLink

__all__ = [
    "Action",
    "RecoveredDelivery",
    "ResumedDelivery",
    "SuspendedDelivery",
    "SuspendedLink",
    "decide",
    "Engine",
    "Session",
    "Link",
    "SenderLink",
    "ReceiverLink",
    "OutgoingDelivery",
    "OutgoingStream",
    "IncomingDelivery",
    "IncomingStream",
    "ConnectionState",
    "SessionState",
    "LinkState",
    "Buffer",
    "Direction",
    "FrameHook",
    "Event",
    "Authenticated",
    "ConnectionEnded",
    "ConnectionFailed",
    "ConnectionOpened",
    "CreditChanged",
    "DeliveryAborted",
    "DeliveryReadable",
    "DeliveryReceived",
    "DeliveryStarted",
    "DeliveryUpdated",
    "Drained",
    "FlowReceived",
    "LinkEnded",
    "LinkFailed",
    "LinkOpened",
    "LinkRequested",
    "SessionEnded",
    "SessionFailed",
    "SessionOpened",
    "SessionRequested",
    "TlsNegotiated",
    "TlsUse",
]
