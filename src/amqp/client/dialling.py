"""How to get to a server, from the arguments of ``connect``: TLS, a proxy, a Unix socket, a WebSocket."""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypedDict
from urllib.parse import SplitResult, unquote, urlsplit

from amqp.checks import check_bool, check_instance, check_number, check_str, check_text
from amqp.errors import LocalError
from amqp.transport.route import Proxy, Route

if TYPE_CHECKING:
    from amqp.client.url import Endpoint

__all__ = ["DialArguments", "Dialling", "dial_settings"]

LOGGER: Final = logging.getLogger("amqp.security")


class DialArguments(TypedDict, total=False):
    """What ``connect`` takes by name and ``open_over`` does not."""

    verify_tls: bool
    """Whether the server's certificate and name are checked. False switches that off, and is logged."""
    tls_in_band: bool
    """With ``amqps``: ask for TLS inside the stream, by its header (5.2.1), on the port for both: 5672."""
    proxy: str | None
    """An HTTP proxy to go through, ``http://user:password@host:port``."""
    tcp_nodelay: bool
    """Whether small writes leave at once."""
    tcp_keepalive: float | None
    """Seconds of silence after which the system asks whether the other end is there; None: it does not."""


@dataclass(slots=True, frozen=True)
class Dialling:
    """The arguments, read."""

    ssl_context: ssl.SSLContext | None
    verify_tls: bool
    tls_in_band: bool
    proxy: Proxy | None
    tcp_nodelay: bool
    tcp_keepalive: float | None
    own_transport: bool
    """Whether the caller brings what makes the connection."""

    def check(self, endpoint: Endpoint) -> None:
        """Refuse what does not fit *endpoint*.

        Raises:
            LocalError: an option asks for what there is not with it.
        """
        if self.tls_in_band and not endpoint.tls:
            raise LocalError(f"{endpoint}: tls_in_band= is for amqps://, and this would not use TLS")
        if self.tls_in_band and endpoint.kind != "tcp":
            raise LocalError(f"{endpoint}: tls_in_band= is for amqps://: a WebSocket has TLS below it")
        if self.proxy is not None and endpoint.kind == "unix":
            raise LocalError(f"{endpoint}: proxy= is for hosts, and this is a socket of this machine")
        if self.own_transport and (endpoint.kind != "tcp" or self.proxy is not None or self.tls_in_band):
            raise LocalError(
                f"{endpoint}: transport= makes the connection, so leave proxy= and tls_in_band= out, and give a URL "
                "with amqp:// or amqps://"
            )

    def route(self, endpoint: Endpoint) -> Route:
        """Return the way to *endpoint*."""
        return Route(
            proxy=self.proxy,
            unix_path=endpoint.path if endpoint.kind == "unix" else None,
            websocket_path=endpoint.path if endpoint.kind == "websocket" else None,
            tls_in_band=self.tls_in_band,
            nodelay=self.tcp_nodelay,
            keepalive=self.tcp_keepalive,
        )

    def tls_context(self, endpoint: Endpoint) -> ssl.SSLContext | None:
        """Return the TLS context for *endpoint*: the one given, or one that checks certificate and name (E5)."""
        if not endpoint.tls:
            return None
        if not self.verify_tls:
            LOGGER.warning(
                "%s: verify_tls=False: anybody on the way can pretend to be this server and read everything",
                endpoint,
            )
        if self.ssl_context is not None:
            return self.ssl_context
        context = ssl.create_default_context()
        if not self.verify_tls:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def is_private(self, endpoint: Endpoint, *, connected: bool) -> bool:
        """Tell whether nobody on the way can read along; *connected* says so of the address connected to (E1)."""
        # The address of a proxy says nothing of the way behind it.
        return connected and (self.proxy is None or endpoint.tls)


def dial_settings(
    ssl_context: object = None,
    *,
    own_transport: bool = False,
    verify_tls: bool = True,
    tls_in_band: bool = False,
    proxy: str | None = None,
    tcp_nodelay: bool = True,
    tcp_keepalive: float | None = None,
) -> Dialling:
    """Read the arguments of ``connect`` that say how to get to the server.

    Raises:
        LocalError: one of them is of another type or out of its range, or *ssl_context* does not check what it is
            there to check.
    """
    for name, value in (
        ("verify_tls", verify_tls),
        ("tls_in_band", tls_in_band),
        ("tcp_nodelay", tcp_nodelay),
    ):
        check_bool(name, value)
    if (
        tcp_keepalive is not None
        and not 1 <= check_number("tcp_keepalive", tcp_keepalive, "seconds") <= 32_767
    ):
        raise LocalError(
            f"tcp_keepalive={tcp_keepalive} is out of range: give seconds from 1 to 32767, or None"
        )
    return Dialling(
        _context(ssl_context, verify_tls),
        verify_tls,
        tls_in_band,
        _proxy(proxy),
        tcp_nodelay,
        tcp_keepalive,
        own_transport,
    )


def _context(given: object, verify: bool) -> ssl.SSLContext | None:
    if given is None:
        return None
    check_instance("ssl_context", given, ssl.SSLContext, "an ssl.SSLContext or None")
    assert isinstance(given, ssl.SSLContext)
    checks = given.check_hostname and given.verify_mode is ssl.CERT_REQUIRED
    if verify and not checks:
        raise LocalError(
            "ssl_context does not check the server: make it with ssl.create_default_context(), or leave check_hostname "
            "and verify_mode as it has them; verify_tls=False says that this is meant"
        )
    if checks and not verify:
        raise LocalError(
            "ssl_context checks the server and verify_tls=False says not to: leave one of them out"
        )
    return given


def _proxy(url: object) -> Proxy | None:
    check_str("proxy", url)
    if url is None:
        return None
    parts, port = _split(str(url))
    extra = parts is not None and (parts.path not in ("", "/") or parts.query or parts.fragment)
    if parts is None or parts.scheme != "http" or not parts.hostname or extra:
        raise LocalError(
            "proxy takes http://host:port or http://user:password@host:port, percent-encoded, or None"
        )
    names = [None if given is None else unquote(given) for given in (parts.username, parts.password)]
    for name in names:
        check_text("the user or the password of proxy", name or "")
    return Proxy(unquote(parts.hostname), port, *names)


def _split(url: str) -> tuple[SplitResult | None, int]:
    # The error of urllib may hold a piece of the password, so that it must not hang on ours.
    try:
        parts = urlsplit(url)
        return parts, parts.port or 80
    except ValueError:
        return None, 0
