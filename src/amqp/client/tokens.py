"""Tokens that are put over a connection that is up, and put anew before they expire: CBS, and RabbitMQ's refresh."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol
from uuid import uuid4

from amqp.checks import check_instance, wrong_type
from amqp.errors import Blame, LocalError, TokenRefused
from amqp.message import Message
from amqp_spec import AmqpValue, Properties, Timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from amqp.client.termini import RequesterArguments

__all__ = ["Token", "TokenKeeper", "TokenMethod", "TokenProvider"]

LOGGER: Final = logging.getLogger("amqp.security")

TokenMethod = Literal["cbs", "rabbitmq"]
"""How tokens are put: to ``$cbs``, as with Azure, or by RabbitMQ's management link pair."""

RENEW_AT: Final = 0.9
"""The part of a token's life after which it is renewed."""
_RETRY_AT: Final = 0.25
_SHORTEST: Final = 0.01
_LATEST: Final = 1e15
_OK: Final = range(200, 300)


@dataclass(slots=True, frozen=True)
class Token:
    """A token. It shows in no repr."""

    value: str = field(repr=False)
    expires_at: float | None
    """When it ends, in seconds since 1970 as ``time.time`` has them, less than 10^15; None is never, and it is not renewed."""
    kind: str = "jwt"
    """What CBS is told that it is: ``jwt``, or ``servicebus.windows.net:sastoken``."""

    def __post_init__(self) -> None:
        check_instance("value", self.value, str, "a str")
        check_instance("kind", self.kind, str, "a str")
        check_instance("expires_at", self.expires_at, (int, float, type(None)), "seconds since 1970 or None")
        if self.expires_at is not None and not abs(self.expires_at) < _LATEST:
            raise LocalError(
                f"expires_at={self.expires_at} is no moment: give seconds since 1970, None for a token that does not end"
            )


class TokenProvider(Protocol):
    """Where tokens come from: called with the audience, each time that one is needed.

    In the asyncio front end it may be a coroutine function. In the blocking one renewals call it in a thread of their own.
    """

    def __call__(self, audience: str, /) -> Token | Awaitable[Token]:
        """Return a token for *audience* with some of its life left."""
        ...


class TokenKeeper:
    """Which tokens are due when, what is asked of the peer for one, and what its answer means. It does no I/O.

    Raises:
        LocalError: an argument is of another type, or *method* is none that there is.
    """

    def __init__(
        self,
        provider: TokenProvider,
        audiences: str | Sequence[str],
        method: TokenMethod,
        clock: Callable[[], float] = time.time,
    ) -> None:
        given = (audiences,) if isinstance(audiences, str) else tuple(audiences)
        if not callable(provider):
            raise wrong_type("provider", provider, "a function of the audience that returns a Token")
        for audience in given or (None,):
            check_instance("audience", audience, str, "a str, such as amqps://namespace/queue, or several")
        if method not in ("cbs", "rabbitmq"):
            raise LocalError("method takes 'cbs' or 'rabbitmq'")
        self.provider = provider
        self.audiences = given
        self.method: TokenMethod = method
        self.error: Exception | None = None
        """Why the last renewal failed; None where it did not."""
        self.renewals = 0
        """How often all tokens were put anew."""
        self._clock = clock
        self._expires: dict[str, float] = {}
        self._due = math.inf

    @property
    def address(self) -> str:
        """The node that takes tokens."""
        return "$cbs" if self.method == "cbs" else "/management"

    @property
    def links(self) -> RequesterArguments:
        """The options of the links to it."""
        if self.method == "cbs":
            return {"replies": self.address, "reply_to": self.address}
        # Both links have one name, and everything on them is settled.
        return {
            "replies": self.address,
            "reply_to": "$me",
            "name": f"tokens-{uuid4()}",
            "properties": {"paired": True},
            "settled": True,
            "replies_settled": True,
        }

    @property
    def expires_at(self) -> float | None:
        """When the first of the tokens ends that were taken; None is never."""
        first = min(self._expires.values(), default=math.inf)
        return None if math.isinf(first) else first

    def check(self, audience: str, given: object) -> Token:
        """Return what the provider gave for *audience*.

        Raises:
            LocalError: it is no Token, or has expired.
        """
        if not isinstance(given, Token):
            raise wrong_type("the provider of tokens", given, "care to return a Token")
        if given.expires_at is not None and given.expires_at <= self._clock():
            raise LocalError(
                f"the provider's token for {audience!r} has expired already: let it make a new one"
            )
        return given

    def request(self, audience: str, token: Token) -> Message:
        """Return the message that puts *token*."""
        if self.method == "rabbitmq":
            properties = Properties(to="/auth/tokens", subject="PUT")
            return Message(AmqpValue(token.value.encode()), properties=properties)
        told: dict[str, Any] = {"operation": "put-token", "type": token.kind, "name": audience}
        if token.expires_at is not None:
            told["expiration"] = Timestamp(round(token.expires_at * 1_000))
        return Message(AmqpValue(token.value), application_properties=told)

    def taken(self, audience: str, token: Token, reply: Message) -> None:
        """Read the answer, and note how long *token* lives.

        Raises:
            TokenRefused: the peer did not take it.
        """
        status, description, condition = _cbs(reply) if self.method == "cbs" else _rabbitmq(reply)
        if status not in _OK:
            # A peer may repeat what it got.
            said = description.replace(token.value, "***")[:200]
            raise TokenRefused(
                f"the peer did not take the token for {audience!r}: {status} {said}".rstrip(),
                blame=Blame.REMOTE,
                condition=condition,
                status=status,
            )
        now = self._clock()
        self._expires[audience] = math.inf if token.expires_at is None else token.expires_at
        left = (self.expires_at or math.inf) - now
        self._due = now + left * RENEW_AT

    def wait(self) -> float:
        """Return the seconds until something is due; ``math.inf`` is never."""
        return max(0.0, self._due - self._clock())

    def left(self) -> float:
        """Return the seconds until the first token expires, negative behind that; ``math.inf`` is never."""
        return (self.expires_at or math.inf) - self._clock()

    def renewed(self) -> None:
        """Note that every token was put anew."""
        self.error = None
        self.renewals += 1

    def failed(self, error: Exception) -> bool:
        """Note that a renewal failed; tell whether there is time to try again.

        It is logged by its class alone where it is not of this library: the text may hold a token.
        """
        self.error = error
        left = self.left()
        said = str(error) if isinstance(error, TokenRefused) else type(error).__name__
        LOGGER.warning(
            "a token for %s was not renewed, %d s before it expires: %s",
            ", ".join(self.audiences),
            left,
            said,
        )
        self._due = self._clock() + max(_SHORTEST, left * _RETRY_AT)
        return left > 0

    def describe(self, *, is_open: bool) -> str:
        """Return a line about it, for a repr."""
        state = "open" if is_open else "closed"
        return f"<Authorization for {', '.join(self.audiences)}, {state}, renewed {self.renewals} times>"


def _cbs(reply: Message) -> tuple[int, str, str | None]:
    # CBS answers with kebab-case names, management nodes with the others; some do both.
    told = reply.application_properties or {}

    def get(*names: str) -> Any:
        return next((told[name] for name in names if name in told), None)

    status = get("status-code", "statusCode")
    condition = get("error-condition", "errorCondition")
    return (
        status if isinstance(status, int) else 0,
        str(get("status-description", "statusDescription") or ""),
        None if condition is None else str(condition),
    )


def _rabbitmq(reply: Message) -> tuple[int, str, str | None]:
    subject = "" if reply.properties is None else reply.properties.subject or ""
    status = int(subject) if subject.isascii() and subject.isdigit() and len(subject) == 3 else 0
    body = "" if reply.body is None else str(reply.body)
    return status, body, None
