"""The errors that the broker sends: short enough for every client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.errors import DecodeError, LocalError
from amqp_spec import AmqpErrorCondition, Error

if TYPE_CHECKING:
    from amqp.errors import AmqpError

DESCRIPTION_OCTETS = 256
"""With so much of a description the frame of an error has less than the 512 octets that each client takes (2.7.1)."""


def brief(condition: str, description: str) -> Error:
    """Return an error whose description is cut to what every client takes."""
    octets = description.encode(errors="replace")
    if len(octets) > DESCRIPTION_OCTETS:
        description = octets[: DESCRIPTION_OCTETS - 3].decode(errors="ignore") + "..."
    return Error(condition=condition, description=description)


def error_of(fault: AmqpError) -> Error:
    """Return what a client is told of a step that could not be done."""
    if isinstance(fault, LocalError):
        # What the client has asked for goes beyond what it takes itself: frames, channels or handles (2.7.1, 2.7.2).
        return brief(AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED, str(fault))
    if isinstance(fault, DecodeError):
        return brief(AmqpErrorCondition.DECODE_ERROR, str(fault))
    return brief(AmqpErrorCondition.INTERNAL_ERROR, str(fault))
