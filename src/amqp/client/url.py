"""Where to connect to, from a URL: ``amqp://user:password@host:port``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import SplitResult, quote, unquote, urlsplit

from amqp.checks import check_instance, wrong_type
from amqp.errors import LocalError
from amqp_spec import PORT, SECURE_PORT

Kind = Literal["tcp", "websocket", "unix"]
"""What carries the octets."""

_UNIX: Final = "amqp+unix"
# What carries the octets, whether there is TLS, and the port where none is said.
_SCHEMES: Final[dict[str, tuple[Kind, bool, int]]] = {
    "amqp": ("tcp", False, PORT),
    "amqps": ("tcp", True, SECURE_PORT),
    "ws": ("websocket", False, 80),
    "wss": ("websocket", True, 443),
    _UNIX: ("unix", False, 0),
}

_UNPARSED: Final = (
    "the URL does not parse: write amqp://user:password@host:port, with '/', '@', ':' and '#' in the user and the "
    "password percent-encoded, or leave both out and give sasl=amqp.Plain(user, password)"
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address to connect to. Neither ``str`` nor ``repr`` shows the password, or the query of a WebSocket (E6)."""

    host: str
    """A host name or an address; an IPv6 address without its brackets. Empty for a Unix socket."""
    port: int
    tls: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    kind: Kind = "tcp"
    path: str = field(default="", repr=False)
    """Of a WebSocket: path and query. Of a Unix socket: the file."""
    port_given: bool = field(default=True, repr=False, compare=False)
    """Whether the URL said the port."""

    def __str__(self) -> str:
        if self.kind == "unix":
            return f"{_UNIX}://{quote(self.path)}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.kind == "websocket":
            return f"{'wss' if self.tls else 'ws'}://{host}:{self.port}{self.path.partition('?')[0]}"
        return f"{'amqps' if self.tls else 'amqp'}://{host}:{self.port}"


def parse_url(url: str) -> Endpoint:
    """Read a URL; user and password are percent-decoded.

    ``amqp://[user[:password]@]host[:port]`` and ``amqps://``: without a port 5672, with TLS 5671.
    ``ws://[user[:password]@]host[:port][/path][?query]`` and ``wss://``: without a port 80, with TLS 443.
    ``amqp+unix://[user[:password]@]/path/of/the/socket``, the path percent-decoded.

    Raises:
        LocalError: *url* is not of that form. The message never repeats the password.
    """
    check_instance("connect", url, str, "a URL as a str, such as amqp://localhost")
    return _parse(url, lowest_port=1)


def parse_listening_url(url: object) -> Endpoint:
    """Read where to listen: ``amqp://host[:port]``, ``ws://host[:port][/path]``, each with TLS too, or ``amqp+unix:///path``.

    Port 0: one that is free.

    Raises:
        LocalError: *url* is not of that form.
    """
    if not isinstance(url, str):
        raise wrong_type("listen", url, "a URL as a str, such as amqp://127.0.0.1:0, or a bound socket")
    endpoint = _parse(url, lowest_port=0)
    if endpoint.username is not None:
        raise LocalError(f"{endpoint}: a user in a URL is for connect; who may come in is said by sasl=")
    if endpoint.kind == "websocket" and "?" in endpoint.path:
        raise LocalError(
            f"{endpoint}: a query in a URL is for connect; listen takes clients whatever theirs says"
        )
    return endpoint


def _parse(url: str, *, lowest_port: int) -> Endpoint:
    parts = _split(url)
    if parts is None:
        raise LocalError(_UNPARSED)
    if parts.scheme not in _SCHEMES:
        raise LocalError(
            "a URL begins with amqp:// or amqps:// (or ws://, wss://, amqp+unix://), not with "
            f"{_scheme_of(parts)}"
        )
    if parts.scheme == _UNIX:
        return _unix(parts)
    kind, tls, default_port = _SCHEMES[parts.scheme]
    host = unquote(parts.hostname or "")
    if not host:
        raise LocalError(f"the URL names no host: write {parts.scheme}://host or {parts.scheme}://host:port")
    if not _is_host(host):
        raise LocalError(f"{host!r} is no name of a host and no address")
    if "@" in parts.path + parts.query + parts.fragment:
        # What was read as host and port is a piece of the user and the password.
        raise LocalError(_UNPARSED)
    path = _websocket_path(parts, host) if kind == "websocket" else _no_path(parts, host)
    port = _port(parts, host, lowest_port)
    return Endpoint(
        host=host,
        port=default_port if port is None else port,
        tls=tls,
        username=_decoded(parts.username),
        password=_decoded(parts.password),
        kind=kind,
        path=path,
        port_given=port is not None,
    )


def _split(url: str) -> SplitResult | None:
    # urllib's message may hold a piece of the password, where that has an unescaped '/' or '#': so it hangs on no error.
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _unix(parts: SplitResult) -> Endpoint:
    path = unquote(parts.path)
    if (
        parts.hostname
        or path in ("", "/")
        or "\0" in path
        or parts.query
        or parts.fragment
        or "@" in parts.path
    ):
        raise LocalError(
            f"the URL of a Unix socket is {_UNIX}:///path/of/the/socket or {_UNIX}://user:password@/path, with "
            "'?', '#' and '@' percent-encoded"
        )
    return Endpoint(
        host="",
        port=0,
        tls=False,
        username=_decoded(parts.username),
        password=_decoded(parts.password),
        kind="unix",
        path=path,
    )


def _websocket_path(parts: SplitResult, host: str) -> str:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.fragment or not path.isascii() or not path.isprintable() or " " in path:
        raise LocalError(f"the path of the WebSocket at {host} is percent-encoded ASCII, without a fragment")
    return path


def _no_path(parts: SplitResult, host: str) -> str:
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise LocalError(
            f"the URL of {host} goes on after the host: nothing may follow; a virtual host is given by "
            "hostname=, an address when a link is opened"
        )
    return ""


def _port(parts: SplitResult, host: str, lowest: int) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = -1
    if port is not None and port < lowest:
        found = parts.netloc.rpartition(":")[2]
        # Who leaves the host out has the password there.
        shown = f"port {found:.20}" if found.isascii() and found.isdigit() else "no number for a port"
        raise LocalError(f"the URL of {host} has {shown}: give a number from {lowest} to 65535")
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
