"""Resuming deliveries: what becomes of each by what both ends remember of it (2.6.13, 3.4.6)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from amqp.engine.delivery import IncomingDelivery
from amqp.engine.streaming import OutgoingStream
from amqp.engine.unsettled import SuspendedDelivery, is_outcome, position, sections
from amqp.errors import LocalError
from amqp_spec import Received

if TYPE_CHECKING:
    from amqp.engine.receiver import ReceiverLink
    from amqp.engine.sender import SenderLink
    from amqp_spec import DeliveryState, ReceiverSettleMode

__all__ = ["Action", "RecoveredDelivery", "ResumedDelivery", "decide"]

UNBOUND = -1
"""The delivery-id of an incoming delivery that its sender has not resumed."""


class Action(Enum):
    """What a sender does about a delivery that it holds unsettled (3.4.6)."""

    RESEND = "send it anew: the receiver has no record of it"
    RESUME = "go on where the receiver wants it from"
    ABORT = "abort it: it cannot go on from there"
    SETTLE = "settle it: the outcome is known"
    RESTATE = "tell the sender's outcome, which is the one that holds"
    FORGET = "settle it here: the receiver has no record of it, and needs none"


def decide(local: DeliveryState | None, held: bool, remote: DeliveryState | None) -> Action:
    """Return what a sender does about a delivery.

    *local* is its own state, *held* whether the receiver's map has the delivery, *remote* the state there; None is a null
    state, which says as much as the beginning of the message.
    """
    if is_outcome(local):
        if not held:
            return Action.FORGET
        if not is_outcome(remote):
            return Action.ABORT
        return Action.SETTLE if local == remote else Action.RESTATE
    if not held:
        return Action.RESEND
    if is_outcome(remote):
        return Action.SETTLE
    return Action.ABORT if _point(local) > _point(remote) else Action.RESUME


def _point(state: DeliveryState | None) -> tuple[int, int]:
    return (state.section_number, state.section_offset) if isinstance(state, Received) else (0, 0)


class ResumedDelivery(OutgoingStream):
    """A delivery of an earlier attachment; in ``link.unsettled`` as soon as the link is to be resumed."""

    __slots__ = ("fresh", "queued", "told")

    def __init__(self, link: SenderLink, memory: SuspendedDelivery) -> None:
        super().__init__(link, memory.tag, memory.message_format, False, memory.state, None, False)
        self.context = memory.context
        self.kept = memory.payload
        self.finished = True
        self.fresh = memory.fresh
        """The peer has never seen it."""
        self.told = memory.told
        """``DeliveryUpdated`` told its outcome."""
        self.queued = False
        """It was decided what is sent of it."""
        if memory.payload is None and not is_outcome(memory.state):
            raise LocalError(
                f"delivery {memory.tag!r} cannot be resumed without its octets: attach with recoverable=True, or take "
                "it out of the deliveries"
            )

    def act(self, action: Action, remote: DeliveryState | None) -> None:
        """Prepare what is sent for *action*, which is not ``FORGET``."""
        self.queued = True
        self.resume = action is not Action.RESEND
        payload: bytes | memoryview = b""
        if action is Action.RESEND:
            assert self.kept is not None
            payload = self.kept
            self.state = None
        elif action is Action.RESUME:
            assert self.kept is not None
            at = position(self.kept, remote)
            payload = memoryview(self.kept)[at:]
            # 3.4.1: where the sender goes on; a null state at the receiver is the beginning.
            self.state = remote if at and isinstance(remote, Received) else _BEGINNING
        elif action is Action.ABORT:
            self.aborted = self.settled = True
            self.state = None
        elif action is Action.SETTLE:
            self.settled = True
            self.state = self.state if is_outcome(self.state) else remote
            self.remote_state = self.state
        self.fill(payload)

    def withdraw(self) -> None:
        """As :meth:`OutgoingDelivery.withdraw`, for one that is sent as if it were new.

        Raises:
            LocalError: the peer may hold it: ``settle()`` ends it; or something has left.
        """
        if self.resume or not self.queued:
            raise LocalError("the peer may hold this delivery: settle() it")
        super().withdraw()

    def settle(self, state: DeliveryState | None = None) -> None:
        """As :meth:`OutgoingDelivery.settle`; where nothing of it has left, the transfer that resumes it says so."""
        if self.settled or self.started:
            super().settle(state)
        elif not self.queued:
            # When the link is resumed once more, the peer is told that this end holds it no longer.
            self.link.drop(self)
        elif self.resume:
            self.fill(b"")
            self.state = state if is_outcome(state) else None
            self.link.drop(self)
        else:
            self.withdraw()

    def suspend(self) -> SuspendedDelivery:
        """As :meth:`OutgoingDelivery.suspend`."""
        return SuspendedDelivery(
            tag=self.tag,
            state=self.outcome(),
            payload=self.kept,
            message_format=self.message_format,
            fresh=self.fresh and not self.started,
            told=self.told,
            context=self.context,
        )


class RecoveredDelivery(IncomingDelivery):
    """A whole message of an earlier attachment; in ``link.unsettled`` as soon as the link is to be resumed.

    What is told of it before its sender has resumed it (``id`` is -1 until then) is kept, and sent then.
    """

    __slots__ = ("_settles", "_told")

    def __init__(self, link: ReceiverLink, memory: SuspendedDelivery, mode: ReceiverSettleMode) -> None:
        payload = bytes(memory.payload or b"")
        super().__init__(link, UNBOUND, memory.tag, memory.message_format, False, None, mode, payload)
        self.context = memory.context
        self.local_state = memory.state
        self._told = False
        self._settles = False

    @property
    def bound(self) -> bool:
        """Whether its sender has resumed it."""
        return self.id != UNBOUND

    def bind(self, id: int, settled: bool, state: DeliveryState | None) -> None:  # noqa: A002  the standard's name
        """Take what the transfer that resumes it says."""
        self.id = id
        self.remote_settled = settled
        self.state = state
        self.link.session.ledger.received[id] = self

    def catch_up(self) -> None:
        """Tell what was to be told before."""
        if self._told and not self.settled:
            super()._tell(self.local_state, self._settles)

    def echo(self) -> None:
        """Settle with the sender's outcome, which is the one that holds (3.4.6)."""
        super()._tell(self.state, True)

    def _tell(self, state: DeliveryState | None, settled: bool) -> None:
        if self.bound or self.settled:
            super()._tell(state, settled)
            return
        self._told = True
        self._settles = self._settles or settled
        self.local_state = self.local_state if state is None else state

    def map_state(self) -> DeliveryState | None:
        """Return what the unsettled map says of it."""
        return self.local_state if self.local_state is not None else whole(self.payload)


def whole(payload: bytes) -> DeliveryState | None:
    """Return the state that says all of *payload* is there; None, and it comes again, where it has no sections."""
    starts = sections(payload)
    return None if starts is None else Received(section_number=len(starts) - 1, section_offset=0)


_BEGINNING = Received(section_number=0, section_offset=0)
