"""The options of a connection, a session and a link: one place, used by the engine and every front end.

Times are seconds. ``None`` where a wire field is meant leaves the field out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from amqp.checks import (
    check_bool,
    check_instance,
    check_int,
    check_map,
    check_number,
    check_str,
    check_strs,
    wrong_type,
)
from amqp.errors import LocalError
from amqp_spec import (
    DEFAULT_LIMITS,
    DEFAULT_REGISTRY,
    MIN_MAX_FRAME_SIZE,
    AnySource,
    AnyTarget,
    Limits,
    ReceiverSettleMode,
    Registry,
    SenderSettleMode,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UINT_MAX = 0xFFFFFFFF
USHORT_MAX = 0xFFFF

PRE_OPEN_MAX_FRAME_SIZE = 8_192
"""Octets of a frame that are taken from a peer that has not opened yet."""

MAX_BUFFERED = 64 * 1024 * 1024
"""Octets of unfinished deliveries that a connection holds."""


def new_container_id() -> str:
    """Return a container-id that no other container has."""
    return f"amqp10-{uuid4()}"


def _check_name(option: str, value: object) -> None:
    if not isinstance(value, str):
        raise wrong_type(option, value, "a str")


def _check_extras(options: ConnectionOptions | SessionOptions | LinkOptions) -> None:
    check_map("properties", options.properties)
    check_strs("offered_capabilities", options.offered_capabilities)
    check_strs("desired_capabilities", options.desired_capabilities)


@dataclass(slots=True, kw_only=True)
class ConnectionOptions:
    """What this side says in its open (2.7.1), and the bounds it keeps.

    Raises:
        LocalError: a value is of another type or out of its range; the message names the option and the range.
    """

    container_id: str = field(default_factory=new_container_id)
    """The name of this container; the peer knows links by it (2.6.1)."""
    hostname: str | None = None
    """The host, or virtual host, that is asked for; None lets the peer choose."""
    max_frame_size: int = 65_536
    """The largest frame this side takes, 512 to 2^32-1 octets."""
    channel_max: int = 1_023
    """The highest channel this side takes, so one less than the number of sessions; 0 to 65535."""
    idle_timeout: float | None = 60.0
    """The connection is lost when no frame came for so many seconds; half of it is advertised (2.4.5). None: wait for ever."""
    outgoing_locales: Sequence[str] | None = None
    """The locales for texts that this side may send, best first; None is en-US."""
    incoming_locales: Sequence[str] | None = None
    """The locales that this side would like texts in, best first; None is en-US."""
    offered_capabilities: Sequence[str] | None = None
    """Extensions that this side supports."""
    desired_capabilities: Sequence[str] | None = None
    """Extensions that this side may use if the peer supports them."""
    properties: Mapping[str, Any] | None = None
    """Connection properties to send."""
    pre_open_max_frame_size: int = PRE_OPEN_MAX_FRAME_SIZE
    """The largest frame taken before the peer's open was read, at least 512 octets; long SASL tokens need more."""
    pre_open_send_limit: int = MIN_MAX_FRAME_SIZE
    """The largest frame sent before the peer's open was read; the standard allows 512 octets (2.4.1, 5.3.1), long SASL
    tokens and a long open need more and a peer that takes it."""
    max_buffered: int = MAX_BUFFERED
    """Octets of unfinished deliveries that the whole connection may hold, at least 1."""
    limits: Limits = DEFAULT_LIMITS
    """What a performative or a message of the peer may hold: levels of values inside values, values in one map of a
    performative, sections of a message."""
    registry: Registry = DEFAULT_REGISTRY
    """Which described types become classes in what the peer sends, performatives and messages (1.3.3)."""

    def __post_init__(self) -> None:
        _check_extras(self)
        _check_name("container_id", self.container_id)
        check_str("hostname", self.hostname)
        check_instance("limits", self.limits, Limits, "a Limits")
        check_instance("registry", self.registry, Registry, "a Registry")
        check_int("max_frame_size", self.max_frame_size, MIN_MAX_FRAME_SIZE, UINT_MAX)
        check_int("channel_max", self.channel_max, 0, USHORT_MAX)
        check_int("pre_open_max_frame_size", self.pre_open_max_frame_size, MIN_MAX_FRAME_SIZE, UINT_MAX)
        check_int("pre_open_send_limit", self.pre_open_send_limit, MIN_MAX_FRAME_SIZE, UINT_MAX)
        check_int("max_buffered", self.max_buffered, 1, 0xFFFF_FFFF_FFFF_FFFF)
        if self.idle_timeout is not None:
            check_number("idle_timeout", self.idle_timeout, "seconds as an int or a float, or None")
        if self.idle_timeout is not None and not 0.002 <= self.idle_timeout <= UINT_MAX / 500:
            raise LocalError(
                f"idle_timeout={self.idle_timeout} is out of range: give seconds from 0.002, or None for no limit"
            )


@dataclass(slots=True, kw_only=True)
class SessionOptions:
    """What this side says in its begin (2.7.2).

    Raises:
        LocalError: a value is of another type or out of its range.
    """

    incoming_window: int = 2_048
    """Transfer frames that the peer may send ahead; topped up as they arrive. 1 to 2^31-1."""
    outgoing_window: int = 0x7FFF_FFFF
    """Transfer frames that this side is ready to send; informational. 0 to 2^32-1."""
    handle_max: int = 65_535
    """The highest link handle this side takes; 0 to 2^32-1."""
    next_outgoing_id: int = 0
    """The transfer-id of the first transfer frame sent; 0 to 2^32-1, wraps."""
    offered_capabilities: Sequence[str] | None = None
    """Extensions that this side supports."""
    desired_capabilities: Sequence[str] | None = None
    """Extensions that this side may use if the peer supports them."""
    properties: Mapping[str, Any] | None = None
    """Session properties to send."""

    def __post_init__(self) -> None:
        _check_extras(self)
        check_int("incoming_window", self.incoming_window, 1, 0x7FFF_FFFF)
        check_int("outgoing_window", self.outgoing_window, 0, UINT_MAX)
        check_int("handle_max", self.handle_max, 0, UINT_MAX)
        check_int("next_outgoing_id", self.next_outgoing_id, 0, UINT_MAX)


@dataclass(slots=True, kw_only=True)
class LinkOptions:
    """What this side says in its attach (2.7.3).

    Raises:
        LocalError: a value is of another type or out of its range.
    """

    name: str = field(default_factory=lambda: str(uuid4()))
    """The name of the link, unique per direction between the two containers."""
    source: AnySource | None = None
    """Where messages come from (3.5.3)."""
    target: AnyTarget | None = None
    """Where messages go (3.5.4)."""
    snd_settle_mode: SenderSettleMode = SenderSettleMode.MIXED
    """How the sender settles (2.8.2)."""
    rcv_settle_mode: ReceiverSettleMode = ReceiverSettleMode.FIRST
    """How the receiver settles (2.8.3)."""
    initial_delivery_count: int = 0
    """Where a sender's delivery-count starts; 0 to 2^32-1, wraps. Not used by a receiver."""
    max_message_size: int | None = None
    """The largest message, in octets, that this side takes; None or 0: no limit is announced."""
    streaming: bool = False
    """A receiver is told of a delivery at its first transfer and reads it while it comes (2.6.14), so that the memory it
    takes does not grow with it. Not used by a sender. What is unread holds the incoming-window of the session, which all
    of its links share: give such a link a session of its own, with a small window."""
    recoverable: bool = False
    """A sender keeps the octets of each delivery until it is settled, so that the link can be resumed (2.6.13). Not used by
    a receiver, which always can."""
    offered_capabilities: Sequence[str] | None = None
    """Extensions that this side supports."""
    desired_capabilities: Sequence[str] | None = None
    """Extensions that this side may use if the peer supports them."""
    properties: Mapping[str, Any] | None = None
    """Link properties to send."""

    def __post_init__(self) -> None:
        _check_extras(self)
        _check_name("name", self.name)
        check_bool("streaming", self.streaming)
        check_bool("recoverable", self.recoverable)
        check_int("initial_delivery_count", self.initial_delivery_count, 0, UINT_MAX)
        if self.max_message_size is not None:
            check_int("max_message_size", self.max_message_size, 0, 0xFFFF_FFFF_FFFF_FFFF)
