"""XOAUTH2: a user name and a bearer token, readable by everybody on the way. Use it inside TLS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amqp.checks import check_int, check_text
from amqp.errors import AuthenticationFailed, LocalError
from amqp.sasl.mechanism import Challenge, Failure, Success
from amqp_spec import MIN_MAX_FRAME_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["XOAuth2", "XOAuth2Server"]

_SHOWN = 200
_MESSAGE = re.compile(r"user=([^\x00-\x1f]+)\x01auth=[Bb]earer ([^\x00-\x1f]+)\x01\x01")


class XOAuth2:
    """The client half. The token shows in no repr.

    Args:
        username: who is connecting.
        token: the bearer token.
        max_frame_size: the largest frame, in octets, that may carry the token. Every peer takes 512 (5.3.1), and many
            tokens are longer; a server that is known to take more is the reason to raise it.

    Raises:
        LocalError: a value is of another type, empty, or holds a control character or surrogates.
    """

    name = "XOAUTH2"
    secure = False

    def __init__(self, username: str, token: str, *, max_frame_size: int = MIN_MAX_FRAME_SIZE) -> None:
        for option, value in (("username", username), ("token", token)):
            check_text(option, value)
            if not value or any(character < " " for character in value):
                raise LocalError(f"XOAUTH2 needs a {option}, and it may not hold control characters")
        check_int("max_frame_size", max_frame_size, MIN_MAX_FRAME_SIZE, 0xFFFF_FFFF)
        self.username = username
        self.max_frame_size = max_frame_size
        self._token = token

    def start(self) -> bytes:
        """Return user and token in the form of the mechanism."""
        return f"user={self.username}\x01auth=Bearer {self._token}\x01\x01".encode()

    def step(self, challenge: bytes) -> bytes:
        """Raise what the server says of the token: it sends a challenge for nothing else."""
        # A server may repeat what it got.
        shown = challenge.decode(errors="replace").replace(self._token, "***")[:_SHOWN]
        raise AuthenticationFailed(f"the server does not take the token: {shown}")

    def finish(self, additional_data: bytes | None) -> None:
        """Accept: there is nothing to check."""

    def __repr__(self) -> str:
        return f"XOAuth2({self.username!r})"


class XOAuth2Server:
    """The server half: *verify* is called with user name and token and tells whether they fit."""

    def __init__(self, verify: Callable[[str, str], bool]) -> None:
        self._verify = verify
        self._refused = False

    def step(self, response: bytes | None) -> Challenge | Success | Failure:
        """Judge the message; a refusal is told by a challenge first, whose answer does not count."""
        if self._refused:
            return Failure()
        if response is None:
            return Challenge(b"")
        found = _MESSAGE.fullmatch(response.decode(errors="replace"))
        if found is not None and self._verify(found[1], found[2]):
            return Success(found[1])
        self._refused = True
        return Challenge(b'{"status":"401","schemes":"bearer"}')
