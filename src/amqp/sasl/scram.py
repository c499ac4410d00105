"""SCRAM (RFC 5802, RFC 7677): a password that is never sent, and a server that proves that it knows it. By scramp."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Literal

from amqp.checks import check_int, check_text
from amqp.errors import AuthenticationFailed, LocalError
from amqp.sasl.mechanism import Challenge, Failure, Success

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MAX_ITERATIONS",
    "Scram",
    "ScramDigest",
    "ScramIfOffered",
    "ScramServer",
    "ScramSecret",
    "scram_is_installed",
]

ScramDigest = Literal["SHA-1", "SHA-256", "SHA-512"]

MAX_ITERATIONS = 1_000_000
"""Iterations that a server may ask for, unless the client says otherwise: a second or two of work (E3)."""
_MIN_ITERATIONS = 4_096
_ITERATIONS = re.compile(r"(?:^|,)i=(\d{1,20})(?:,|$)")


class Scram:
    """The client half. The password shows in no repr, and the server is not believed before it proved itself.

    Args:
        username: the user.
        password: its password; it is never sent.
        digest: the hash function, as in the mechanism's name.
        max_iterations: the most rounds of hashing that the server may ask for, 4,096 to 10,000,000.

    Raises:
        LocalError: a name or password that SCRAM cannot carry; scramp is not installed.
    """

    secure = True

    def __init__(
        self,
        username: str,
        password: str,
        digest: ScramDigest = "SHA-256",
        *,
        max_iterations: int = MAX_ITERATIONS,
    ) -> None:
        self.name = _mechanism_name(digest)
        check_int("max_iterations", max_iterations, _MIN_ITERATIONS, 10_000_000)
        check_text("username", username)
        check_text("password", password)
        self.username = username
        self._password = password
        self._max_iterations = max_iterations
        self._answered = self._proved = False
        self._prepare()

    def _prepare(self) -> None:
        self._scramp = _scramp()
        self._exchange = self._begin()

    def start(self) -> bytes:
        """Return the client's first message."""
        self._exchange = self._begin()
        self._answered = self._proved = False
        return bytes(self._exchange.get_client_first(), "utf-8")

    def step(self, challenge: bytes) -> bytes:
        """Answer the server's first message; check its final one, where it comes as a challenge.

        Raises:
            AuthenticationFailed: a message makes no sense, asks for too much work, or proves nothing.
        """
        exchange = self._exchange
        text = _text(challenge)
        try:
            if not self._answered:
                self._answered = True
                self._check_work(text)
                exchange.set_server_first(text)
                return bytes(exchange.get_client_final(), "utf-8")
        except self._scramp.ScramException as error:
            raise AuthenticationFailed(f"{self.name}: {error}") from error
        try:
            exchange.set_server_final(text)
        except self._scramp.ScramException as error:
            raise AuthenticationFailed(
                f"{self.name}: the server did not prove that it knows the password, so it may be another: {error}"
            ) from error
        self._proved = True
        return b""

    def finish(self, additional_data: bytes | None) -> None:
        """Check the server's final message, which comes with its ok (E3).

        Raises:
            AuthenticationFailed: the server did not prove that it knows the password.
        """
        if self._proved:
            return
        if additional_data is None or not self._answered:
            raise AuthenticationFailed(f"{self.name}: the server said ok and did not prove who it is")
        self.step(additional_data)

    def _begin(self) -> Any:
        try:
            return self._scramp.ScramClient([self.name], self.username, self._password)
        except self._scramp.ScramException as error:
            # The text may quote what it was given.
            raise LocalError(f"{self.name} cannot carry this user name or password") from error

    def _check_work(self, server_first: str) -> None:
        asked = _ITERATIONS.search(server_first)
        if asked is not None and int(asked[1]) > self._max_iterations:
            raise AuthenticationFailed(
                f"{self.name}: the server asks for {asked[1]} iterations, more than the {self._max_iterations} of"
                " max_iterations"
            )

    def __repr__(self) -> str:
        return f"Scram({self.username!r}, {self.name})"


class ScramIfOffered(Scram):
    """The same, made at no cost: only a server that offers it has scramp loaded and the password looked at.

    ``start`` raises what the constructor of :class:`Scram` does.
    """

    def _prepare(self) -> None:
        pass

    def start(self) -> bytes:
        """Return the client's first message."""
        self._scramp = _scramp()
        return super().start()


def scram_is_installed() -> bool:
    """Tell whether the package is there that SCRAM needs."""
    return find_spec("scramp") is not None


@dataclass(slots=True, frozen=True)
class ScramSecret:
    """What a server keeps of a password: enough to check a client, not to be one."""

    salt: bytes
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)
    iterations: int

    @classmethod
    def of(cls, password: str, digest: ScramDigest = "SHA-256", iterations: int = 10_000) -> ScramSecret:
        """Return what to keep of *password*.

        Raises:
            LocalError: the password or the number of iterations (4,096 to 10,000,000) will not do.
        """
        scramp = _scramp()
        try:
            return cls(*scramp.ScramMechanism(_mechanism_name(digest)).make_auth_info(password, iterations))
        except scramp.ScramException as error:
            raise LocalError(
                "no secret can be made of this password and number of iterations (4,096 to 10,000,000)"
            ) from error


class ScramServer:
    """The server half: *look_up* gives what is kept of a user's password, or None for an unknown user.

    An unknown user meets the same exchange as a known one with a wrong password (E3): *pepper*, a secret of the server
    that should live as long as its users, decides on the salt that is made up.
    """

    def __init__(
        self,
        look_up: Callable[[str], ScramSecret | None],
        digest: ScramDigest = "SHA-256",
        *,
        pepper: bytes | None = None,
    ) -> None:
        self._look_up = look_up
        self._pepper = token_bytes(32) if pepper is None else pepper
        self._scramp = _scramp()
        self._exchange = self._scramp.ScramMechanism(_mechanism_name(digest)).make_server(self._secret_of)
        self._user: str | None = None
        self._begun = False

    def step(self, response: bytes | None) -> Challenge | Success | Failure:
        """Judge the client's first and final message."""
        if response is None:
            return Challenge(b"")
        exchange = self._exchange
        try:
            if not self._begun:
                self._begun = True
                exchange.set_client_first(_text(response))
                return Challenge(exchange.get_server_first().encode())
            exchange.set_client_final(_text(response))
            return Success(self._user, exchange.get_server_final().encode())
        except (self._scramp.ScramException, AuthenticationFailed):
            return Failure()

    def _secret_of(self, user: str) -> tuple[bytes, bytes, bytes, int]:
        secret = self._look_up(user)
        if secret is not None:
            self._user = user
            return secret.salt, secret.stored_key, secret.server_key, secret.iterations
        salt = hmac.digest(self._pepper, user.encode(), "sha256")[:16]
        # No proof fits a key that nobody knows.
        return salt, token_bytes(32), token_bytes(32), 10_000


def _scramp() -> Any:
    try:
        return import_module("scramp")
    except ModuleNotFoundError as error:
        raise LocalError("SCRAM needs scramp: pip install 'amqp10[scram]'") from error


def _mechanism_name(digest: str) -> str:
    if digest not in ("SHA-1", "SHA-256", "SHA-512"):
        raise LocalError(f"SCRAM is by SHA-1, SHA-256 or SHA-512, not {digest!r}")
    return f"SCRAM-{digest}"


def _text(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        raise AuthenticationFailed("a SCRAM message is no UTF-8") from error
