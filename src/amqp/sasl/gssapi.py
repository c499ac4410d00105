"""GSSAPI (RFC 4752): Kerberos, by the package gssapi. No password is sent, and the server proves itself by its ticket."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from amqp.checks import check_int, check_text
from amqp.errors import AuthenticationFailed, LocalError
from amqp.sasl.mechanism import Challenge, Failure, Success
from amqp_spec import MIN_MAX_FRAME_SIZE

__all__ = ["Gssapi", "GssapiServer"]

_NO_LAYER: Final = 1
_LARGEST_TICKET: Final = 8_192


class Gssapi:
    """The client half, with the ticket that the user has. It asks for mutual authentication and no security layer.

    Args:
        host: the host that the server's ticket is for, with its full name.
        service: the service that it is for.
        authorize_as: the user to act as; empty is the one of the ticket.
        credentials: a ``gssapi.Credentials`` to use in place of the user's default.
        max_frame_size: the largest frame, in octets, that may carry a ticket, from 512. The standard allows 512 (5.3.1),
            and no ticket fits there: 8,192.

    Raises:
        LocalError: *host* is empty, *authorize_as* holds NUL, *max_frame_size* is out of range; gssapi is not installed.
    """

    name = "GSSAPI"
    secure = True

    def __init__(
        self,
        host: str,
        *,
        service: str = "amqp",
        authorize_as: str = "",
        credentials: object | None = None,
        max_frame_size: int = _LARGEST_TICKET,
    ) -> None:
        for option, value in (("host", host), ("service", service), ("authorize_as", authorize_as)):
            check_text(option, value)
        if not host or not service or "\0" in authorize_as:
            raise LocalError(
                "GSSAPI needs the host and the service of the server, and authorize_as holds no NUL"
            )
        check_int("max_frame_size", max_frame_size, MIN_MAX_FRAME_SIZE, 0xFFFF_FFFF)
        self.host = host
        self.service = service
        self.authorize_as = authorize_as
        self.max_frame_size = max_frame_size
        self._credentials = credentials
        self._gssapi = _gssapi()
        self._context: Any = None
        self._done = False

    def start(self) -> bytes:
        """Return the first token.

        Raises:
            AuthenticationFailed: there is no ticket, or none can be had for the server.
        """
        gssapi = self._gssapi
        self._done = False
        try:
            server = gssapi.Name(f"{self.service}@{self.host}", gssapi.NameType.hostbased_service)
            self._context = gssapi.SecurityContext(
                name=server,
                creds=self._credentials,
                flags=[
                    gssapi.RequirementFlag.mutual_authentication,
                    gssapi.RequirementFlag.integrity,
                    gssapi.RequirementFlag.out_of_sequence_detection,
                ],
                usage="initiate",
            )
            return bytes(self._context.step() or b"")
        except gssapi.exceptions.GSSError as error:
            raise AuthenticationFailed(
                f"GSSAPI: no ticket for {self.service}@{self.host} (kinit gets one, host= names the server): {error}"
            ) from error

    def step(self, challenge: bytes) -> bytes:
        """Answer a token, then the offer of security layers, which is declined.

        Raises:
            AuthenticationFailed: the server did not prove itself, insists on a security layer, or makes no sense.
        """
        try:
            if not self._context.complete:
                return bytes(self._context.step(challenge) or b"")
            return self._decline(challenge)
        except self._gssapi.exceptions.GSSError as error:
            raise AuthenticationFailed(f"GSSAPI: the server did not prove itself: {error}") from error

    def finish(self, additional_data: bytes | None) -> None:
        """Check that the exchange went to its end.

        Raises:
            AuthenticationFailed: the server said ok before it had proved itself.
        """
        if not self._done:
            raise AuthenticationFailed("GSSAPI: the server said ok and did not prove who it is")

    def _decline(self, challenge: bytes) -> bytes:
        # RFC 4752, 3.1: one octet of layers, three of the largest message; both protected.
        if self._done:
            raise AuthenticationFailed("GSSAPI: the server sent a challenge after the last one")
        if self._gssapi.RequirementFlag.mutual_authentication not in self._context.actual_flags:
            raise AuthenticationFailed("GSSAPI: the server did not prove itself: no mutual authentication")
        offer = bytes(self._context.unwrap(challenge).message)
        if len(offer) != 4 or not offer[0] & _NO_LAYER:
            raise AuthenticationFailed("GSSAPI: the server insists on a security layer: use TLS in its place")
        self._done = True
        answer = bytes([_NO_LAYER, 0, 0, 0]) + self.authorize_as.encode()
        return bytes(self._context.wrap(answer, False).message)

    def __repr__(self) -> str:
        return f"Gssapi({self.service}@{self.host})"


class GssapiServer:
    """The server half, with the key of the service from the system's keytab or by *credentials*. It offers no security layer.

    A client that asks to act as another than the one of its ticket is refused. Tickets need frames larger than the 512
    octets of the standard: ``pre_open_max_frame_size`` of a server's ``ConnectionOptions`` takes 8,192.

    Raises:
        LocalError: gssapi is not installed.
    """

    def __init__(self, credentials: object | None = None) -> None:
        self._gssapi = _gssapi()
        self._credentials = credentials
        self._context: Any = None
        self._offered = False

    def step(self, response: bytes | None) -> Challenge | Success | Failure:
        """Take a token; once the context stands offer no layer, then see who the client is."""
        if response is None:
            return Challenge(b"")
        try:
            if self._offered:
                return self._judge(response)
            return Challenge(self._answer(response))
        except self._gssapi.exceptions.GSSError:
            return Failure()

    def _answer(self, response: bytes) -> bytes:
        if self._context is None:
            self._context = self._gssapi.SecurityContext(creds=self._credentials, usage="accept")
        context = self._context
        if not context.complete:
            token = context.step(response)
            if token:
                return bytes(token)
        self._offered = True
        return bytes(context.wrap(bytes([_NO_LAYER, 0, 0, 0]), False).message)

    def _judge(self, response: bytes) -> Success | Failure:
        answer = bytes(self._context.unwrap(response).message)
        identity = str(self._context.initiator_name)
        if answer[:1] != bytes([_NO_LAYER]) or answer[4:] not in (b"", identity.encode()):
            return Failure()
        return Success(identity)


def _gssapi() -> Any:
    try:
        return import_module("gssapi")
    except ImportError as error:
        # Without the system's Kerberos library the package is there and cannot be imported.
        raise LocalError(
            "GSSAPI needs gssapi: pip install 'amqp10[gssapi]', and Kerberos of the system"
        ) from error
