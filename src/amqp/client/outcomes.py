"""The outcomes (3.4), the ones that are told often ready-made, and the errors that they become for a sender."""

from __future__ import annotations

from typing import Final

from amqp.errors import (
    DeliveryNotAccepted,
    MessageModified,
    MessageRejected,
    MessageReleased,
    SettledByPeer,
)
from amqp_spec import Accepted, Modified, Received, Rejected, Released, TransactionalState

Told = Accepted | Rejected | Released | Modified
"""An outcome that a receiver can decide on without a transaction."""

OUTCOMES: Final = (Accepted, Rejected, Released, Modified)

ACCEPTED: Final = Accepted()
RELEASED: Final = Released()

UNDECODABLE: Final = Modified(delivery_failed=True, undeliverable_here=True)
"""What becomes of a message that cannot be read, where nobody else decides (F29)."""


def contradiction(told: object, answered: object) -> Told | None:
    """Return what the sender of a delivery *answered*, where that says that our outcome does not count.

    Args:
        told: the state that this side told, an outcome or not; None for none.
        answered: the state with which the sender has settled.

    A sender that only forgets the delivery, or takes it for accepted, leaves the message here. What is retired in a
    transaction is told by that.
    """
    if isinstance(told, TransactionalState):
        return None
    if isinstance(answered, Rejected):
        # Service Bus: the lock of the message was lost; to the dead letters it goes by a rejected of ours.
        same = isinstance(told, Rejected) and _condition(told) == _condition(answered)
        return None if same else answered
    if isinstance(answered, Released | Modified):
        return answered if told is None or isinstance(told, Accepted | Received) else None
    return None


def bare(outcome: Told) -> Told:
    """Return *outcome* without what the sender said beside it, to settle by it: its own words could be too many for it."""
    if isinstance(outcome, Modified):
        return Modified(
            delivery_failed=outcome.delivery_failed, undeliverable_here=outcome.undeliverable_here
        )
    return type(outcome)()


def settled_by_peer(outcome: Told) -> SettledByPeer:
    """Return the error for a delivery that its sender has settled by *outcome*, and has again."""
    error = outcome.error if isinstance(outcome, Rejected) else None
    said = "" if error is None or not error.description else f": {error.description}"
    return SettledByPeer(
        f"the sender has decided on the delivery itself, as {outcome.NAME}, and has the message again{said}",
        outcome=outcome,
        condition=None if error is None else error.condition,
        info=None if error is None else error.info,
    )


def _condition(outcome: Rejected) -> str | None:
    return None if outcome.error is None else outcome.error.condition


def not_accepted(outcome: Told) -> DeliveryNotAccepted:
    """Return the error for an outcome other than accepted."""
    if isinstance(outcome, Rejected):
        error = outcome.error
        if error is None:
            return MessageRejected("the peer rejected the message", outcome=outcome)
        text = f"the peer rejected the message: {error.description or 'no description'}"
        return MessageRejected(text, outcome=outcome, condition=error.condition, info=error.info)
    if isinstance(outcome, Released):
        return MessageReleased(
            "the peer released the message: it did not and will not act on it", outcome=outcome
        )
    return MessageModified("the peer handed the message back, modified", outcome=outcome)
