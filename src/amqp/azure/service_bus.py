"""What is Service Bus's own: locks, sessions, dead letters, and its management requests.

A message is completed by ``accept()``, abandoned by ``modify()``, deferred by ``modify(undeliverable_here=True)``, and put to the
dead letters by ``reject(dead_letter(...))``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol, cast
from uuid import UUID

from amqp.azure.times import from_ticks
from amqp.checks import check_instance, check_int, check_str
from amqp.errors import AmqpFault, DecodeError, LocalError
from amqp.message import Message
from amqp_spec import (
    DEFAULT_REGISTRY,
    Array,
    AzureErrorCondition,
    AzureLinkProperty,
    Encoded,
    Error,
    Long,
    Registry,
    SessionFilter,
    Symbol,
    Timestamp,
    encode_value,
)

__all__ = [
    "dead_letter",
    "dead_letter_address",
    "expirations",
    "lock_token",
    "locked_until",
    "peek_request",
    "peeked",
    "renew_lock_request",
    "retry_after",
    "session_filter",
    "session_id",
    "subscription_address",
]

_LOCK_TOKEN: Final = 16
"""Octets of a lock token: a GUID."""

_WAITS: Final[Mapping[str, float]] = {
    AzureErrorCondition.SERVER_BUSY: 4.0,
    AzureErrorCondition.CONTAINER_CLOSE: 4.0,
    AzureErrorCondition.TIMEOUT: 2.0,
}


class HasTag(Protocol):
    """A delivery, of either front end."""

    @property
    def tag(self) -> bytes:
        """The delivery-tag."""
        ...


class HasFilters(Protocol):
    """A receiver, of either front end."""

    @property
    def filters(self) -> Mapping[Any, Any]:
        """The filters in force."""
        ...

    @property
    def remote_properties(self) -> Mapping[Any, Any] | None:
        """The link properties of the peer."""
        ...


class HasBody(Protocol):
    """An answer of a management node."""

    @property
    def body(self) -> Any:
        """What it says."""
        ...


# -- locks


def lock_token(delivery: HasTag) -> UUID:
    """Return the token of the lock that this receiver holds on a message: its delivery-tag, as a GUID.

    Raises:
        LocalError: the tag is no GUID: the message is not locked (receive-and-delete), or not from Service Bus.
    """
    tag = delivery.tag
    if len(tag) != _LOCK_TOKEN:
        raise LocalError(f"the delivery-tag has {len(tag)} octets, and a lock token has {_LOCK_TOKEN}")
    return UUID(bytes_le=tag)


def dead_letter(
    reason: str | None = None, description: str | None = None, *, properties: Mapping[str, Any] | None = None
) -> Error:
    """Return what puts a message to the dead letters: ``await delivery.reject(dead_letter("no such customer"))``.

    Args:
        reason: what its ``DeadLetterReason`` is to say.
        description: what its ``DeadLetterErrorDescription`` is to say.
        properties: other properties for it.

    Raises:
        LocalError: an argument is of another type.
    """
    check_str("reason", reason)
    check_str("description", description)
    given = {"DeadLetterReason": reason, "DeadLetterErrorDescription": description}
    info: dict[Any, Any] = {Symbol(name): text for name, text in given.items() if text is not None}
    info.update({Symbol(name): value for name, value in (properties or {}).items()})
    return Error(condition=AzureErrorCondition.DEAD_LETTER, info=info or None)


# -- sessions


def session_filter(session: str | None) -> dict[str, Any]:
    """Return the filters for a receiver of one session: ``open_receiver("orders", filters=session_filter("s-1"))``.

    None asks for the next session that is free; the server may let the attach wait for about a minute, so give
    ``open_receiver`` a *timeout*, and then refuses it with ``com.microsoft:timeout``.

    Raises:
        LocalError: *session* is neither a str nor None.
    """
    check_str("session", session)
    # Service Bus wants it as it is, without the descriptor that 3.5.8 asks for.
    return {SessionFilter.SYMBOL: None if session is None else Encoded(encode_value(session))}


def session_id(receiver: HasFilters) -> str | None:
    """Return the id of the session that a receiver was granted; None where it has none."""
    granted: object = receiver.filters.get(SessionFilter.SYMBOL)
    value = cast("object", getattr(granted, "value", granted))
    return value if isinstance(value, str) else None


def locked_until(receiver: HasFilters) -> datetime | None:
    """Return until when the session is locked for a receiver, as it was when the link came up; None without a session."""
    ticks = (receiver.remote_properties or {}).get(AzureLinkProperty.LOCKED_UNTIL_UTC)
    return from_ticks(int(ticks)) if isinstance(ticks, int) and ticks > 0 else None


# -- management: bodies of requests to ``<entity>/$management``, and what the answers say


def peek_request(*, start: int = 1, count: int = 1, session: str | None = None) -> dict[str, Any]:
    """Return the body for ``management.call("com.microsoft:peek-message", ...)``: look at messages and lock none.

    Args:
        start: the first sequence-number of interest.
        count: how many at most.
        session: of this session only.

    Raises:
        LocalError: an argument is of another type or out of its range.
    """
    check_int("start", start, 0, 2**63 - 1)
    check_int("count", count, 1, 2**31 - 1)
    check_str("session", session)
    body: dict[str, Any] = {"from-sequence-number": Long(start), "message-count": count}
    if session is not None:
        body["session-id"] = session
    return body


def peeked(reply: HasBody, *, registry: Registry = DEFAULT_REGISTRY) -> list[Message]:
    """Return the messages that a peek has found; none where it answered 204.

    Raises:
        DecodeError: the answer is of another form.
    """
    if reply.body is None:
        return []
    found = _of(reply, "messages")
    if not isinstance(found, list):
        raise DecodeError("the answer to a peek has no list of messages")
    messages: list[Message] = []
    for each in cast("list[object]", found):
        octets = cast("Mapping[object, object]", each).get("message") if isinstance(each, Mapping) else None
        if not isinstance(octets, bytes):
            raise DecodeError("the answer to a peek has a message without its octets")
        messages.append(Message.decode(octets, registry=registry))
    return messages


def renew_lock_request(tokens: Iterable[UUID]) -> dict[str, Any]:
    """Return the body for ``management.call("com.microsoft:renew-lock", ...)``: hold on to messages for longer.

    Args:
        tokens: what :func:`lock_token` said of them.

    Raises:
        LocalError: there are none, or one is no UUID.
    """
    several = list(tokens)
    for token in several:
        check_instance("tokens", token, UUID, "UUIDs, as lock_token() returns them")
    if not several:
        raise LocalError("tokens is empty: give one lock token at least")
    return {"lock-tokens": Array("uuid", several)}


def expirations(reply: HasBody) -> list[datetime]:
    """Return until when messages are locked, or one session, from the answer to a renewal.

    Raises:
        DecodeError: the answer is of another form.
    """
    several = _of(reply, "expirations")
    if several is None:
        several = [_of(reply, "expiration")]
    times: list[object] = list(cast("Iterable[object]", several)) if isinstance(several, Iterable) else [None]
    if not all(isinstance(time, int) for time in times):
        raise DecodeError("the answer to a renewal has no times of expiration")
    try:
        # A timestamp is an int, and an array of them has plain ones.
        return [Timestamp(time).to_datetime() for time in cast("list[int]", times)]
    except OverflowError:
        raise DecodeError("the answer to a renewal has a time of expiration beyond the year 9999") from None


# -- addresses and errors


def subscription_address(topic: str, subscription: str) -> str:
    """Return the address of a subscription of a topic."""
    return f"{topic}/Subscriptions/{subscription}"


def dead_letter_address(entity: str, *, transfer: bool = False) -> str:
    """Return where the dead letters of a queue or subscription are; with *transfer* those that could not be forwarded."""
    return f"{entity}/$Transfer/$DeadLetterQueue" if transfer else f"{entity}/$DeadLetterQueue"


def retry_after(error: BaseException) -> float | None:
    """Return the seconds to wait before what failed of *error* is tried again; None where that is of no use.

    4 for a server that is busy or closes, 2 after ``com.microsoft:timeout``, 0 for what else is ``retryable``.
    """
    if not isinstance(error, AmqpFault) or not error.retryable:
        return None
    return _WAITS.get(error.condition or "", 0.0)


def _of(reply: HasBody, name: str) -> object:
    body: object = reply.body
    if not isinstance(body, Mapping):
        raise DecodeError(f"the answer is a {type(body).__name__}, and should be a map")
    return cast("Mapping[object, object]", body).get(name)
