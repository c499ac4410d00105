"""Which mechanism is better than which, where a server offers several (E1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from amqp.sasl.mechanism import ClientMechanism

__all__ = ["STRENGTHS", "strength"]

STRENGTHS: Final = {
    "ANONYMOUS": 0,
    # The server gets the secret itself.
    "PLAIN": 1,
    "XOAUTH2": 1,
    "OAUTHBEARER": 1,
    # It gets a proof, and has to give one.
    "SCRAM-SHA-1": 2,
    "SCRAM-SHA-256": 3,
    "SCRAM-SHA-512": 4,
    # No password at all.
    "GSSAPI": 5,
    "EXTERNAL": 5,
}
"""How strong each known mechanism is; more is better."""


def strength(mechanism: ClientMechanism) -> int:
    """Return how strong *mechanism* is. One that is not known here counts as what it says of its secret."""
    known = STRENGTHS.get(mechanism.name)
    if known is not None:
        return known
    return STRENGTHS["SCRAM-SHA-256" if mechanism.secure else "PLAIN"]
