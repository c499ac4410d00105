"""EXTERNAL (RFC 4422, appendix A): the server knows who the client is already, by its certificate for example."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.checks import check_text
from amqp.errors import AuthenticationFailed, LocalError
from amqp.sasl.mechanism import Challenge, Failure, Success

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["External", "ExternalServer", "common_name"]


class External:
    """The client half, for a connection with a client certificate.

    *authorize_as* asks to act as that user; without it the server takes the one it knows.

    Raises:
        LocalError: *authorize_as* is no str, or holds NUL or surrogates.
    """

    name = "EXTERNAL"
    secure = True

    def __init__(self, authorize_as: str = "") -> None:
        check_text("authorize_as", authorize_as)
        if "\0" in authorize_as:
            raise LocalError("authorize_as may not hold NUL")
        self.authorize_as = authorize_as

    def start(self) -> bytes:
        """Return the user to act as; empty is the one that the server knows."""
        return self.authorize_as.encode()

    def step(self, challenge: bytes) -> bytes:
        """Answer the only challenge that there can be: an empty one, from a server that missed the initial response."""
        if challenge:
            raise AuthenticationFailed("the server sent a challenge, and EXTERNAL has none")
        return self.start()

    def finish(self, additional_data: bytes | None) -> None:
        """Accept: there is nothing to check."""

    def __repr__(self) -> str:
        return "External()"


def common_name(certificate: Mapping[str, Any] | None) -> str | None:
    """Return the common name in the subject of a *certificate* as ``ssl.SSLSocket.getpeercert()`` returns it."""
    for names in (certificate or {}).get("subject", ()):
        for kind, value in names:
            if kind == "commonName":
                return str(value)
    return None


class ExternalServer:
    """The server half: *identify* says who the client is, by what only the transport knows; None is nobody.

    A client that asks to act as another user is refused.
    """

    def __init__(self, identify: Callable[[], str | None]) -> None:
        self._identify = identify

    def step(self, response: bytes | None) -> Challenge | Success | Failure:
        """Let in whom the transport vouches for."""
        if response is None:
            return Challenge(b"")
        identity = self._identify()
        if not identity or response not in (b"", identity.encode()):
            return Failure()
        return Success(identity)
