"""PLAIN (RFC 4616): a user name and a password, readable by everybody on the way. Use it inside TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.checks import check_int, check_text
from amqp.errors import AuthenticationFailed, LocalError
from amqp.sasl.mechanism import Challenge, Failure, Success
from amqp_spec import MIN_MAX_FRAME_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Plain", "PlainServer"]


class Plain:
    """The client half. The password shows in no repr.

    *authorize_as* asks to act as another user than *username*, where the server allows it. *max_frame_size* is the largest
    frame, in octets, that may carry it all: every peer takes 512 (5.3.1), which a token in place of a password often exceeds;
    RabbitMQ takes 8,192.

    Raises:
        LocalError: a name or the password is no str or holds NUL or surrogates, *username* is empty, or *max_frame_size* is out of range.
    """

    name = "PLAIN"
    secure = False

    def __init__(
        self,
        username: str,
        password: str,
        authorize_as: str = "",
        *,
        max_frame_size: int = MIN_MAX_FRAME_SIZE,
    ) -> None:
        for option, value in (("username", username), ("password", password), ("authorize_as", authorize_as)):
            check_text(option, value)
        check_int("max_frame_size", max_frame_size, MIN_MAX_FRAME_SIZE, 0xFFFF_FFFF)
        if not username or "\0" in username + password + authorize_as:
            raise LocalError("PLAIN needs a user name, and neither it nor the password may hold NUL")
        self.username = username
        self.authorize_as = authorize_as
        self.max_frame_size = max_frame_size
        self._password = password

    def start(self) -> bytes:
        """Return the message of RFC 4616."""
        return f"{self.authorize_as}\0{self.username}\0{self._password}".encode()

    def step(self, challenge: bytes) -> bytes:
        """Refuse: the mechanism has no challenge."""
        raise AuthenticationFailed("the server sent a challenge, and PLAIN has none")

    def finish(self, additional_data: bytes | None) -> None:
        """Accept: there is nothing to check."""

    def __repr__(self) -> str:
        return f"Plain({self.username!r})"


class PlainServer:
    """The server half: *verify* is called with user name and password and tells whether they fit.

    It should take the same time for an unknown user as for a wrong password (``hmac.compare_digest``).
    """

    def __init__(self, verify: Callable[[str, str], bool]) -> None:
        self._verify = verify

    def step(self, response: bytes | None) -> Challenge | Success | Failure:
        """Judge the message of RFC 4616; asks for it by an empty challenge where init brought none."""
        if response is None:
            return Challenge(b"")
        try:
            authorize_as, username, password = response.decode().split("\0")
        except ValueError:
            return Failure()
        # Acting for another user is a right that nobody was given here.
        if not username or authorize_as not in ("", username) or not self._verify(username, password):
            return Failure()
        return Success(username)
