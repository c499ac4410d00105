"""The outcomes (3.4), the ones that are told often ready-made, and the errors that they become for a sender."""

from __future__ import annotations

from typing import Final

from amqp.errors import DeliveryNotAccepted, MessageModified, MessageRejected, MessageReleased
from amqp_spec import Accepted, Modified, Rejected, Released

Told = Accepted | Rejected | Released | Modified
"""An outcome that a receiver can decide on without a transaction."""

OUTCOMES: Final = (Accepted, Rejected, Released, Modified)

ACCEPTED: Final = Accepted()
RELEASED: Final = Released()

UNDECODABLE: Final = Modified(delivery_failed=True, undeliverable_here=True)
"""What becomes of a message that cannot be read, where nobody else decides (F29)."""


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
