"""OAUTHBEARER (RFC 7628): a bearer token, readable by everybody on the way. Use it inside TLS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amqp.checks import check_instance, check_int, check_text
from amqp.errors import AuthenticationFailed, LocalError
from amqp.sasl.mechanism import Challenge, Failure, Success
from amqp_spec import MIN_MAX_FRAME_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OAuthBearer", "OAuthBearerServer"]

# RFC 6750, 2.1: what a token is made of.
_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_SHOWN = 200
# RFC 7628, 3.1: the header of GSS-API with the name to act as, then pairs.
_MESSAGE = re.compile(
    rf"[ny],(?:a=([^,\x00-\x1f]*))?,\x01(?:[a-z]+=[^\x01]*\x01)*?auth=[Bb]earer ({_TOKEN.pattern})\x01(?:[a-z]+=[^\x01]*\x01)*\x01"
)


class OAuthBearer:
    """The client half. The token shows in no repr.

    Args:
        token: the bearer token, without the word Bearer.
        username: the user to act as, where the server does not take it from the token.
        host: the host that the token is for, where the server asks for it.
        port: its port.
        max_frame_size: the largest frame, in octets, that may carry the token. Every peer takes 512 (5.3.1), and many
            tokens are longer; a server that is known to take more is the reason to raise it.

    Raises:
        LocalError: *token* is none, *username* or *host* holds a control character or surrogates, or *max_frame_size* is out of range.
    """

    name = "OAUTHBEARER"
    secure = False

    def __init__(
        self,
        token: str,
        *,
        username: str = "",
        host: str | None = None,
        port: int | None = None,
        max_frame_size: int = MIN_MAX_FRAME_SIZE,
    ) -> None:
        check_instance("token", token, str, "a str")
        if not _TOKEN.fullmatch(token):
            raise LocalError(
                "a bearer token is letters, digits and -._~+/, with = at its end alone (RFC 6750)"
            )
        for name, value in (("username", username), ("host", host or "")):
            check_text(name, value)
            if any(ord(character) < 0x20 for character in value):
                raise LocalError(f"{name} may not hold control characters")
        check_int("max_frame_size", max_frame_size, MIN_MAX_FRAME_SIZE, 0xFFFF_FFFF)
        self.username = username
        self.max_frame_size = max_frame_size
        self._host = host
        self._port = port
        self._token = token
        self._reason: str | None = None

    def start(self) -> bytes:
        """Return the message of RFC 7628, 3.1."""
        self._reason = None
        # RFC 5801: comma and equals sign of a name are escaped.
        name = self.username.replace("=", "=3D").replace(",", "=2C")
        parts = [f"n,{'a=' if name else ''}{name},"]
        if self._host is not None:
            parts.append(f"host={self._host}")
        if self._port is not None:
            parts.append(f"port={self._port}")
        parts.append(f"auth=Bearer {self._token}")
        return "\x01".join([*parts, "", ""]).encode()

    def step(self, challenge: bytes) -> bytes:
        """Take the server's reason to refuse, once, and let it end the exchange (RFC 7628, 3.2.3).

        Raises:
            AuthenticationFailed: it sent a second challenge; the text has the reason of the first.
        """
        if self._reason is not None:
            raise AuthenticationFailed(f"the server refused the token: {self._reason}")
        # A server may repeat what it got.
        self._reason = challenge.decode(errors="replace").replace(self._token, "***")[:_SHOWN]
        return b"\x01"

    def finish(self, additional_data: bytes | None) -> None:
        """Accept, unless the server has said before that it does not.

        Raises:
            AuthenticationFailed: it has.
        """
        if self._reason is not None:
            raise AuthenticationFailed(f"the server refused the token, then let it pass: {self._reason}")

    def __repr__(self) -> str:
        return "OAuthBearer(***)"


class OAuthBearerServer:
    """The server half: *verify* is called with the token and the name to act as, which may be empty.

    It returns who the client is; None refuses it.
    """

    def __init__(self, verify: Callable[[str, str], str | None]) -> None:
        self._verify = verify
        self._refused = False

    def step(self, response: bytes | None) -> Challenge | Success | Failure:
        """Judge the message of RFC 7628; a refusal is told by a challenge first, whose answer does not count (3.2.3)."""
        if self._refused:
            return Failure()
        if response is None:
            return Challenge(b"")
        found = _MESSAGE.fullmatch(response.decode(errors="replace"))
        if found is not None:
            name = (found[1] or "").replace("=2C", ",").replace("=3D", "=")
            identity = self._verify(found[2], name)
            if identity:
                return Success(identity)
        self._refused = True
        return Challenge(b'{"status":"invalid_token"}')
