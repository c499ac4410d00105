"""Where to connect to, from a URL: ``amqp://user:password@host:port``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from amqp.checks import check_instance
from amqp.errors import LocalError
from amqp_spec import PORT, SECURE_PORT

_SCHEMES: Final = {"amqp": (False, PORT), "amqps": (True, SECURE_PORT)}


_UNPARSED: Final = (
    "the URL does not parse: write amqp://user:password@host:port, with '/', '@', ':' and '#' in the user and the "
    "password percent-encoded"
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address to connect to. Neither ``str`` nor ``repr`` shows the password (E6)."""

    host: str
    """A host name or an address; an IPv6 address without its brackets."""
    port: int
    tls: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'amqps' if self.tls else 'amqp'}://{host}:{self.port}"


def parse_url(url: str) -> Endpoint:
    """Read ``amqp://[user[:password]@]host[:port]`` or ``amqps://...``; user and password are percent-decoded.

    Without a port: 5672, or 5671 with TLS.

    Raises:
        LocalError: *url* is not of that form. The message never repeats the password.
    """
    check_instance("connect", url, str, "an URL as a str, such as amqp://localhost")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        # urllib's message may hold a piece of the password, where that has an unescaped '/' or '#'.
        raise LocalError(_UNPARSED) from (None if "@" in url else error)
    if parts.scheme not in _SCHEMES:
        raise LocalError(f"a URL begins with amqp:// or amqps://, not with {_scheme_of(parts)}")
    tls, default_port = _SCHEMES[parts.scheme]
    host = unquote(parts.hostname or "")
    if not host:
        raise LocalError(f"the URL names no host: write {parts.scheme}://host or {parts.scheme}://host:port")
    if not _is_host(host):
        raise LocalError(f"{host!r} is no name of a host and no address")
    if "@" in parts.path + parts.query + parts.fragment:
        # What was read as host and port is a piece of the user and the password.
        raise LocalError(_UNPARSED)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise LocalError(
            f"the URL of {host} goes on after the host: nothing may follow; a virtual host is given by "
            "hostname=, an address when a link is opened"
        )
    port = _port(parts, host)
    return Endpoint(
        host=host,
        port=default_port if port is None else port,
        tls=tls,
        username=_decoded(parts.username),
        password=_decoded(parts.password),
    )


def _port(parts: SplitResult, host: str) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        found = parts.netloc.rpartition(":")[2]
        raise LocalError(f"the URL of {host} has port {found:.20}: give a number from 1 to 65535")
    return port


def _is_host(host: str) -> bool:
    # What the resolver would refuse with an error that is none of the operating system's.
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return host.isprintable() and " " not in host


def _decoded(part: str | None) -> str | None:
    return None if part is None else unquote(part)


def _scheme_of(parts: SplitResult) -> str:
    return f"{parts.scheme}://" if parts.scheme and parts.netloc else "something else"
