"""Requests to a management node and its answers (AMQP Management): application-properties in, application-properties out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from amqp.client.termini import RequesterPlan, plan_requester
from amqp.errors import ManagementError
from amqp.message import Message
from amqp_spec import AmqpValue

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ManagementReply", "management_plan", "management_reply", "management_request"]

# The draft has the first of each; CBS and some nodes have the others.
_STATUS: Final = ("statusCode", "status-code")
_DESCRIPTION: Final = ("statusDescription", "status-description")
_CONDITION: Final = ("errorCondition", "error-condition")


@dataclass(slots=True, frozen=True)
class ManagementReply:
    """What a management node answered."""

    status: int
    """Of the numbers of HTTP: 200 to 299; 204 says that there is nothing in the body."""
    description: str
    """What the node said about it, perhaps nothing."""
    body: Any
    """What was asked for, mostly a map."""
    properties: Mapping[str, Any]
    """All application-properties of the answer."""
    message: Message
    """The whole answer."""


def management_plan(node: str, *, dynamic: bool, properties: Mapping[str, Any] | None) -> RequesterPlan:
    """Return how to open the links of a management node.

    Raises:
        LocalError: an argument is of another type.
    """
    if dynamic:
        return plan_requester(node, properties=properties)
    return plan_requester(node, replies=node, reply_to=f"{node}-{uuid4().hex}", properties=properties)


def management_request(operation: str, body: object, properties: Mapping[str, Any]) -> Message:
    """Return the message that asks for *operation*.

    Raises:
        EncodeError: a value has no encoding.
    """
    return Message(
        AmqpValue(None) if body is None else body,
        application_properties={"operation": operation, **properties},
    )


def management_reply(message: Message) -> ManagementReply:
    """Read an answer.

    Raises:
        ManagementError: the node did not do what it was asked for.
        DecodeError: the answer cannot be read.
    """
    properties = message.application_properties or {}
    status = _first(properties, _STATUS)
    description = str(_first(properties, _DESCRIPTION) or "")
    if not isinstance(status, int):
        raise ManagementError(f"the answer has no status-code: {message!r:.200}", status=0)
    if not 200 <= status < 300:
        condition = _first(properties, _CONDITION)
        raise ManagementError(
            description or "the node says no more",
            status=int(status),
            condition=None if condition is None else str(condition),
        )
    return ManagementReply(int(status), description, message.body, properties, message)


def _first(properties: Mapping[str, Any], names: Iterable[str]) -> object:
    for name in names:
        if name in properties:
            found: object = properties[name]
            return found
    return None
