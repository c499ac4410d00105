"""Senders without an address: each message says itself where it goes (the anonymous terminus for message routing)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from amqp.errors import LocalError
from amqp_spec import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amqp.errors import Fault
    from amqp.message import Message
    from amqp_spec import AnyTarget

CAPABILITY: Final = "ANONYMOUS-RELAY"
"""What a server offers on the connection that has such a terminus."""


def is_relay(target: AnyTarget | None) -> bool:
    """Whether a sender that asks for *target* has no address of its own."""
    return isinstance(target, Target) and target.address is None and not target.dynamic


def check_to(message: Message | None) -> None:
    """Refuse a message that says nowhere to go.

    Raises:
        LocalError: ``properties.to`` is missing.
    """
    properties = None if message is None else message.properties
    if properties is None or properties.to is None:
        raise LocalError(
            "the sender has no address, so each message needs one in properties.to: this has none"
        )


def explained(fault: Fault, offered: Sequence[str] | None) -> Fault:
    """Add to a refusal that the server never said that it knows such senders, where that is so."""
    if CAPABILITY in (offered or ()):
        return fault
    hint = f"the peer does not offer {CAPABILITY}: open a sender for each address"
    return replace(fault, description=f"{fault.description}; {hint}")
