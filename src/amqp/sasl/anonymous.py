"""ANONYMOUS (RFC 4505): the client names nobody."""

from __future__ import annotations

from amqp.checks import check_text
from amqp.errors import AuthenticationFailed
from amqp.sasl.mechanism import Challenge, Failure, Success

__all__ = ["Anonymous", "AnonymousServer"]


class Anonymous:
    """The client half; *trace* is a hint for the server's log, such as an e-mail address.

    Raises:
        LocalError: *trace* is no str, or holds surrogates.
    """

    name = "ANONYMOUS"
    secure = True

    def __init__(self, trace: str = "") -> None:
        check_text("trace", trace)
        self.trace = trace

    def start(self) -> bytes:
        """Return the trace."""
        return self.trace.encode()

    def step(self, challenge: bytes) -> bytes:
        """Refuse: the mechanism has no challenge."""
        raise AuthenticationFailed("the server sent a challenge, and ANONYMOUS has none")

    def finish(self, additional_data: bytes | None) -> None:
        """Accept: there is nothing to check."""

    def __repr__(self) -> str:
        return "Anonymous()"


class AnonymousServer:
    """The server half: lets everybody in, as nobody in particular."""

    def step(self, response: bytes | None) -> Challenge | Success | Failure:
        """Let the client in, whatever it traced."""
        return Success(None)
