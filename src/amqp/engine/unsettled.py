"""What a link remembers of its deliveries while it is not attached, and the unsettled map that tells it (2.6.3, 2.6.13)."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from amqp.engine.faults import ConnectionFault, SessionFault
from amqp.errors import LocalError
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    DecodeError,
    Limits,
    Modified,
    Received,
    Rejected,
    Released,
    SessionErrorCondition,
    decode_frame,
    decode_section,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from amqp.engine.link import Link
    from amqp.engine.wire import Wire
    from amqp.options import LinkOptions
    from amqp_spec import Attach, DeliveryState, Frame, Registry

__all__ = [
    "Broken",
    "SuspendedDelivery",
    "SuspendedLink",
    "encode_attach",
    "is_outcome",
    "position",
    "read_again",
    "sections",
]

_OUTCOMES = (Accepted, Rejected, Released, Modified)
_REMEMBERED = 256


@dataclass(slots=True, kw_only=True)
class SuspendedDelivery:
    """A delivery that one end of a link holds unsettled while the link is not attached."""

    tag: bytes
    state: DeliveryState | None = None
    """The outcome that this end knows of; None where there is none. A sender's ``Received`` is how far it can go back."""
    payload: bytes | memoryview | None = None
    """The message's octets, all of them; a sender needs them to send the message again."""
    message_format: int = 0
    fresh: bool = False
    """The peer has never seen it: it is not in the unsettled map, and is sent as if it were new."""
    told: bool = False
    """``DeliveryUpdated`` told the outcome already; what is left is to settle it at the peer."""
    context: object = None
    """What stood in ``delivery.context``."""


@dataclass(slots=True, kw_only=True)
class SuspendedLink:
    """One end of a link that is not attached: what it takes to resume it, on any session or connection (2.6.13).

    How long it is kept, and whether on a disk, is the owner's to decide: the engine keeps no copy. To give a delivery up,
    take it out of ``deliveries``.
    """

    name: str
    role: bool
    """``Role.SENDER`` or ``Role.RECEIVER``: what this end is."""
    options: LinkOptions
    """The options that the link was attached with; serve to attach it again."""
    deliveries: dict[bytes, SuspendedDelivery] = field(default_factory=dict[bytes, SuspendedDelivery])
    next_tag: int = 0
    """Where a sender's own tags go on. Keep it: the peer may hold a delivery that this end has settled, by its tag."""


def is_outcome(state: DeliveryState | None) -> bool:
    """Whether *state* is terminal (3.4)."""
    return isinstance(state, _OUTCOMES)


def encode_attach(
    wire: Wire,
    make: Callable[[Mapping[Any, Any], bool], Attach],
    states: Mapping[bytes, DeliveryState | None],
) -> tuple[Attach, bytes]:
    """Return the attach with as many of *states* as fit the peer's frames, and its octets (2.7.3).

    Raises:
        EncodeError: a value in it has no encoding.
        LocalError: it does not fit with one of them, or without any where there are none.
    """
    attach = make(states, False)
    try:
        return attach, wire.encode(attach)
    except LocalError:
        fitting, beyond = 0, len(states)
        while beyond - fitting > 1:
            middle = (fitting + beyond) // 2
            try:
                wire.encode(make(dict(islice(states.items(), middle)), True))
            except LocalError:
                beyond = middle
            else:
                fitting = middle
        if not fitting:
            raise
    attach = make(dict(islice(states.items(), fitting)), True)
    return attach, wire.encode(attach)


def read_again(
    frame: bytes, at: int, limits: Limits, registry: Registry, error: DecodeError, start: int
) -> tuple[Frame, int]:
    """Decode an attach whose unsettled map has more entries than other maps may have: its frame bounds it.

    *start* is where in the stream the frame begins.

    Raises:
        ConnectionFault: *error* is about something else, or that is not all.
    """
    if error.path == "attach.unsettled":
        try:
            wide = Limits(depth=limits.depth, map_nodes=len(frame))
            return decode_frame(frame, at, wide, registry)
        except DecodeError as other:
            error = other
    offset = None if error.offset is None else start + error.offset
    raise ConnectionFault(AmqpErrorCondition.DECODE_ERROR, str(error), offset) from error


def sections(payload: bytes | memoryview) -> list[int] | None:
    """Return where the sections of a message begin, and where it ends; None when it is no message of sections (3.2)."""
    octets = bytes(payload)
    starts = [0]
    try:
        while starts[-1] < len(octets):
            starts.append(decode_section(octets, starts[-1], len(octets))[1])
    except DecodeError:
        return None
    return starts


def position(payload: bytes | memoryview, state: DeliveryState | None) -> int:
    """Return where in *payload* a receiver that tells *state* wants it from (3.4.1); 0 where that cannot be told."""
    if not isinstance(state, Received) or (state.section_number, state.section_offset) == (0, 0):
        return 0
    starts = sections(payload)
    if starts is None or state.section_number >= len(starts):
        return 0
    at = starts[state.section_number] + state.section_offset
    return at if at <= len(payload) else 0


class Broken:
    """Links of a session that ended by an error: who attaches one again has to resume it (2.6.5)."""

    __slots__ = ("_here", "_there")

    def __init__(self) -> None:
        self._here: dict[tuple[str, bool], None] = {}
        self._there: dict[tuple[str, bool], None] = {}

    def by_us(self, link: Link) -> None:
        """Our error detach of *link* crossed a detach of the peer that was no answer to it."""
        if len(self._here) < _REMEMBERED:
            self._here[link.name, link.role] = None

    def by_peer(self, link: Link) -> None:
        """The peer detached *link* with an error."""
        if len(self._there) < _REMEMBERED:
            self._there[link.name, link.role] = None

    def must_resume(self, link: Link) -> bool:
        """Whether our attach of *link* has to carry an unsettled map, be it empty; it is asked once."""
        return self._there.pop((link.name, link.role), False) is None

    def check(self, attach: Attach) -> None:
        """Check an attach of the peer.

        Raises:
            SessionFault: it was written before its sender knew of the error.
        """
        key = (attach.name, not attach.role)
        if key not in self._here:
            return
        if attach.unsettled is None:
            raise SessionFault(
                SessionErrorCondition.ERRANT_LINK,
                f"link {attach.name:.40}, detached with an error, was attached without an unsettled map",
            )
        del self._here[key]
