"""What an engine tells its driver: one typed dataclass per thing that happened, in the order in which it happened.

A driver feeds octets and the time into an :class:`~amqp.engine.Engine`, then takes the events with ``events()`` and
matches on their class. Only the largest scope that was lost is told: after a :class:`SessionFailed` no event comes for
its links, after a :class:`ConnectionFailed` none at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amqp.engine.delivery import IncomingDelivery, OutgoingDelivery
    from amqp.engine.link import Link
    from amqp.engine.receiver import ReceiverLink
    from amqp.engine.sender import SenderLink
    from amqp.engine.session import Session
    from amqp.engine.streaming import IncomingStream
    from amqp.errors import Fault
    from amqp_spec import DeliveryState, Open, SaslCode

__all__ = [
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
    "Event",
    "FlowReceived",
    "LinkEnded",
    "LinkFailed",
    "LinkOpened",
    "LinkRequested",
    "SessionFailed",
    "SessionEnded",
    "SessionOpened",
    "SessionRequested",
    "TlsNegotiated",
]


@dataclass(slots=True)
class TlsNegotiated:
    """Both sides asked for TLS on this stream (5.2).

    The driver writes what the engine has for it, does the TLS handshake, with ``received`` as its first input, and
    calls ``engine.tls_established()``. Until then the engine takes no octets.
    """

    received: bytes
    """What came behind the peer's header: it belongs to TLS, and nothing of it may be read as AMQP."""


@dataclass(slots=True)
class Authenticated:
    """The SASL exchange succeeded (5.3); in a server, ``identity`` is who the client proved to be."""

    identity: str | None
    mechanism: str


@dataclass(slots=True)
class ConnectionOpened:
    """The peer's open was read (2.4.1). A server now answers with ``engine.open()`` or ``engine.close(error)``."""

    remote: Open


@dataclass(slots=True)
class ConnectionEnded:
    """Both closes were exchanged and neither named an error (2.4.3); nothing more will come."""


@dataclass(slots=True)
class ConnectionFailed:
    """The connection is lost or was closed with an error; nothing more will come."""

    fault: Fault
    remote_close: bool = False
    """True when the peer sent a close; else the connection broke or this side closed it for a fault."""
    authentication: bool = False
    """True when the SASL exchange is what failed."""
    sasl_code: SaslCode | None = None
    """The code of the SASL outcome (5.3.3.6), where the exchange came to one; SYS_TEMP is worth another try."""


@dataclass(slots=True)
class SessionRequested:
    """The peer began a session (2.5.1): answer with ``session.accept()`` or ``session.end(error)``."""

    session: Session


@dataclass(slots=True)
class SessionOpened:
    """The peer answered our begin."""

    session: Session


@dataclass(slots=True)
class SessionFailed:
    """The session ended with an error, the peer's or one found here; its links are gone with it (2.5.4)."""

    session: Session
    fault: Fault


@dataclass(slots=True)
class SessionEnded:
    """Both ends were exchanged without an error (2.5.2); links that were still attached are gone with it."""

    session: Session
    by_peer: bool
    """True when the peer began the ending."""


@dataclass(slots=True)
class LinkRequested:
    """The peer attached a link (2.6.3): answer with ``link.accept(...)`` or ``link.refuse(error)``.

    A client refuses it, too: besides a peer that opens links of its own, one comes when our closing detach crossed the
    peer's that is not, for the peer then attaches again to close (2.6.6).
    """

    link: Link


@dataclass(slots=True)
class LinkOpened:
    """The peer answered our attach with a terminus: the link is up."""

    link: Link


@dataclass(slots=True)
class LinkFailed:
    """The link was detached with an error, or refused; its session lives (2.6.5)."""

    link: Link
    fault: Fault
    refused: bool = False
    """True when the link never came up: the peer answered without a terminus and detached (2.6.3)."""


@dataclass(slots=True)
class LinkEnded:
    """Both detaches were exchanged without an error (2.6.4, 2.6.6)."""

    link: Link
    closed: bool
    """True when the terminus is gone too."""
    by_peer: bool
    """True when the peer began the ending."""


@dataclass(slots=True)
class CreditChanged:
    """A flow of the receiver was applied to our sending link: see ``link.credit`` and ``link.drain`` (2.6.7)."""

    link: SenderLink
    properties: Mapping[str, Any] | None = None
    """The properties of that flow (2.7.4), such as the txn-id of 4.4.3."""


@dataclass(slots=True)
class Drained:
    """The sender used up or gave back all credit of a drain that was asked for (2.6.7)."""

    link: ReceiverLink


@dataclass(slots=True)
class FlowReceived:
    """A flow of the sender to our receiving link named properties (2.7.4), such as RabbitMQ's ``rabbitmq:active``."""

    link: ReceiverLink
    properties: Mapping[str, Any]


@dataclass(slots=True)
class DeliveryReceived:
    """A delivery is complete: ``delivery.payload`` holds the message's octets, or a stream's ``read()`` the last."""

    delivery: IncomingDelivery


@dataclass(slots=True)
class DeliveryStarted:
    """The first transfer of a delivery came on a link with ``streaming``; some of it may be there to ``read()`` (2.6.14).

    ``DeliveryReceived`` or ``DeliveryAborted`` follows when it ends, unless the link is lost before.
    """

    delivery: IncomingStream


@dataclass(slots=True)
class DeliveryReadable:
    """Octets of a delivery came on a link with ``streaming``, and none were unread before."""

    delivery: IncomingStream


@dataclass(slots=True)
class DeliveryAborted:
    """The sender took back a delivery of which the first part had come (2.6.14); it counts as settled.

    Its credit is used: who keeps a window of credit open grants anew.
    """

    delivery: IncomingDelivery


@dataclass(slots=True)
class DeliveryUpdated:
    """The peer changed the state of a delivery, or settled it (2.7.6); the same state once more is no news."""

    delivery: OutgoingDelivery | IncomingDelivery
    state: DeliveryState | None
    """The state as told now; None where the disposition named none."""
    settled: bool
    """True when the peer has forgotten the delivery."""


Event = (
    TlsNegotiated
    | Authenticated
    | ConnectionOpened
    | ConnectionEnded
    | ConnectionFailed
    | SessionRequested
    | SessionOpened
    | SessionFailed
    | SessionEnded
    | LinkRequested
    | LinkOpened
    | LinkFailed
    | LinkEnded
    | CreditChanged
    | Drained
    | FlowReceived
    | DeliveryReceived
    | DeliveryStarted
    | DeliveryReadable
    | DeliveryAborted
    | DeliveryUpdated
)
