"""The arguments of ``connect`` and ``open_over``, read once for every front end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypedDict

from amqp.checks import check_bool, check_seconds, check_str, check_urls, wrong_type
from amqp.client.dialling import DialArguments, Dialling, dial_settings
from amqp.client.trace import frame_hook
from amqp.client.url import parse_url
from amqp.engine import Engine, FrameHook
from amqp.errors import AuthenticationFailed, Blame, LocalError
from amqp.options import MAX_BUFFERED, PRE_OPEN_MAX_FRAME_SIZE, ConnectionOptions, new_container_id
from amqp.sasl import (
    STRENGTHS,
    Anonymous,
    ClientMechanism,
    Gssapi,
    OAuthBearer,
    Plain,
    SaslClient,
    ScramIfOffered,
    XOAuth2,
    scram_is_installed,
    strength,
)
from amqp_spec import DEFAULT_LIMITS, DEFAULT_REGISTRY, MIN_MAX_FRAME_SIZE, PORT, Limits, Registry

if TYPE_CHECKING:
    from amqp.client.url import Endpoint

OPERATION_TIMEOUT: Final = 30.0
"""Seconds that an operation may take where nothing else is said."""

CONNECT_TIMEOUT: Final = 30.0
"""Seconds from the look-up of the name to the peer's open."""

BATCH_MAX_AGE: Final = 5.0
"""Seconds that an outcome waits at most to be told with others, where outcomes are batched."""

MAX_UNSETTLED: Final = 5_000
"""Messages of one sender that wait for their outcome; more wait to be sent as if there were no credit (C6)."""

CLOSE_TIMEOUT: Final = 10.0
"""Seconds that closing something may take."""


class OpenArguments(TypedDict, total=False):
    """What ``connect`` and ``open_over`` both take, by name."""

    container_id: str | None
    """The name of this container (2.7.1); None makes one that nobody else has."""
    hostname: str | None
    """The host, or virtual host, that is asked for in open and, without TLS, in sasl-init; ``connect`` takes the URL's host."""
    sasl: ClientMechanism | Sequence[ClientMechanism] | None
    """A mechanism, or several: the strongest that the server offers. None: SCRAM and PLAIN where the URL has a user, else
    ``Anonymous``. An empty sequence: no SASL layer at all."""
    sasl_floor: str | None
    """The weakest mechanism that may be used, by its name; weaker ones are left out."""
    server_hostname: str | None
    """With ``amqps``: the name that TLS asks for and that the certificate is checked for; None is the URL's host."""
    allow_cleartext: bool
    """Whether a password may be sent where others can read it: without TLS, to an address that is not loopback."""
    max_frame_size: int
    """The largest frame this side takes, 512 to 2^32-1 octets."""
    channel_max: int
    """One less than the number of sessions that this side takes, 0 to 65535."""
    idle_timeout: float | None
    """The connection is lost when nothing came for so many seconds (2.4.5); None waits for ever."""
    connect_timeout: float
    """Seconds for each URL, from the look-up of its name to the peer's open."""
    operation_timeout: float
    """Seconds that any other operation may take which is given no ``timeout``; ``math.inf`` for no limit."""
    properties: Mapping[str, Any] | None
    """Connection properties to send."""
    offered_capabilities: Sequence[str] | None
    """Extensions that this side supports."""
    desired_capabilities: Sequence[str] | None
    """Extensions that this side may use if the peer supports them."""
    registry: Registry
    """Which described types become classes in what the server sends, messages and performatives."""
    limits: Limits
    """What performatives and messages of the server may hold."""
    max_buffered: int
    """Octets of deliveries that have come in part, on the whole connection."""
    pre_open_max_frame_size: int
    """The largest frame this side takes before the server's open, 512 to 2^32-1 octets."""
    pre_open_send_limit: int
    """The largest frame this side sends before the server's open, 512 to 2^32-1 octets."""
    on_frame: FrameHook | None
    """Called for every frame, in and out, with direction, channel, performative and payload size."""


class ConnectArguments(OpenArguments, DialArguments, total=False):
    """What ``connect`` takes by name."""


@dataclass(slots=True, frozen=True)
class Settings:
    """How to bring a connection up."""

    options: ConnectionOptions
    mechanisms: tuple[ClientMechanism, ...] | None
    """None: a user in the URL decides."""
    sasl_floor: str | None
    server_hostname: str | None
    allow_cleartext: bool
    connect_timeout: float
    operation_timeout: float
    on_frame: FrameHook | None


def connection_settings(
    *,
    container_id: str | None = None,
    hostname: str | None = None,
    sasl: ClientMechanism | Sequence[ClientMechanism] | None = None,
    sasl_floor: str | None = None,
    server_hostname: str | None = None,
    allow_cleartext: bool = False,
    max_frame_size: int = 65_536,
    channel_max: int = 1_023,
    idle_timeout: float | None = 60.0,
    connect_timeout: float = CONNECT_TIMEOUT,
    operation_timeout: float = OPERATION_TIMEOUT,
    properties: Mapping[str, Any] | None = None,
    offered_capabilities: Sequence[str] | None = None,
    desired_capabilities: Sequence[str] | None = None,
    registry: Registry = DEFAULT_REGISTRY,
    limits: Limits = DEFAULT_LIMITS,
    max_buffered: int = MAX_BUFFERED,
    pre_open_max_frame_size: int = PRE_OPEN_MAX_FRAME_SIZE,
    pre_open_send_limit: int = MIN_MAX_FRAME_SIZE,
    on_frame: FrameHook | None = None,
) -> Settings:
    """Read the arguments of ``connect`` and ``open_over``.

    Raises:
        LocalError: one of them is of another type or out of its range.
    """
    for name, seconds in (("connect_timeout", connect_timeout), ("operation_timeout", operation_timeout)):
        check_seconds(name, seconds)
    check_str("container_id", container_id)
    check_str("server_hostname", server_hostname)
    check_bool("allow_cleartext", allow_cleartext)
    if sasl_floor is not None and sasl_floor not in STRENGTHS:
        raise LocalError(f"sasl_floor takes one of {', '.join(STRENGTHS)}, or None")
    if on_frame is not None and not callable(on_frame):
        raise wrong_type("on_frame", on_frame, "something that can be called, or None")
    options = ConnectionOptions(
        container_id=container_id or new_container_id(),
        hostname=hostname,
        max_frame_size=max_frame_size,
        channel_max=channel_max,
        idle_timeout=idle_timeout,
        properties=properties,
        offered_capabilities=offered_capabilities,
        desired_capabilities=desired_capabilities,
        registry=registry,
        limits=limits,
        max_buffered=max_buffered,
        pre_open_max_frame_size=pre_open_max_frame_size,
        pre_open_send_limit=pre_open_send_limit,
    )
    return Settings(
        options,
        _mechanisms(sasl),
        sasl_floor,
        server_hostname,
        allow_cleartext,
        connect_timeout,
        operation_timeout,
        on_frame,
    )


def read_arguments(
    ssl_context: object, own_transport: bool, options: ConnectArguments
) -> tuple[Dialling, Settings]:
    """Read the arguments of ``connect``.

    Raises:
        LocalError: one of them is of another type or out of its range.
    """
    named: dict[str, Any] = dict(options)
    dialled = {name: named.pop(name) for name in DialArguments.__annotations__ if name in named}
    dialling = dial_settings(ssl_context, own_transport=own_transport, **dialled)
    return dialling, connection_settings(**named)


def _mechanisms(
    sasl: ClientMechanism | Sequence[ClientMechanism] | None,
) -> tuple[ClientMechanism, ...] | None:
    if sasl is None:
        return None
    mechanisms = tuple(sasl) if isinstance(sasl, Sequence) else (sasl,)
    for mechanism in mechanisms:
        if isinstance(mechanism, type) or not hasattr(mechanism, "start"):
            raise LocalError(
                f"sasl takes Plain(user, password), Anonymous() or several such, not {_shown(mechanism)}"
            )
    names = [mechanism.name for mechanism in mechanisms]
    if len(names) > 1 and Anonymous.name in names:
        # E1: a server, or somebody on the way, that offers nothing else would have the credentials dropped unseen.
        raise LocalError(
            f"sasl has ANONYMOUS beside {', '.join(name for name in names if name != Anonymous.name)}: credentials are "
            "never dropped for it, so leave one of them out"
        )
    return mechanisms


def _shown(value: object) -> str:
    # A class that was not called is named; of any other thing the type: its value may be a secret.
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__


def endpoints(urls: str | Sequence[str]) -> tuple[Endpoint, ...]:
    """Read one URL or several.

    Raises:
        LocalError: there is none, or one of them is no URL of AMQP.
    """
    check_urls("connect", urls)
    found = tuple(parse_url(url) for url in ([urls] if isinstance(urls, str) else urls))
    if not found:
        raise LocalError("connect needs at least one URL, such as amqp://localhost")
    return found


def servers(
    url: str | Sequence[str], settings: Settings, dialling: Dialling
) -> list[tuple[Endpoint, SaslClient | None]]:
    """Return where to connect to, and who to be there.

    Raises:
        LocalError: one of the URLs is wrong, says who is connecting beside ``sasl``, does not go with an option, or none
            of them uses TLS though there are options of it.
    """
    found = endpoints(url)
    if not any(endpoint.tls for endpoint in found):
        for name, given in (
            ("ssl_context", dialling.ssl_context is not None),
            ("verify_tls", not dialling.verify_tls),
        ):
            if given:
                raise LocalError(f"{found[0]}: {name}= is for amqps://, and this would not use TLS")
    if dialling.tls_in_band:
        found = tuple(_in_band(endpoint) for endpoint in found)
    for endpoint in found:
        dialling.check(endpoint)
    return [(at, sasl_client(settings, at, _sasl_hostname(settings, at))) for at in found]


def _sasl_hostname(settings: Settings, endpoint: Endpoint) -> str | None:
    # 5.3.3.2: none, or the one that TLS asked for. What is asked for beyond that, a virtual host, is in the open.
    if endpoint.tls:
        return settings.server_hostname or endpoint.host
    return settings.options.hostname or endpoint.host or None


def _in_band(endpoint: Endpoint) -> Endpoint:
    # 5.2.1: the port is the one for AMQP as it is.
    return endpoint if endpoint.port_given else replace(endpoint, port=PORT)


def sasl_client(settings: Settings, endpoint: Endpoint | None, hostname: str | None) -> SaslClient | None:
    """Return who to be towards *endpoint*; None is no SASL layer.

    Raises:
        LocalError: both the URL and ``sasl`` say who is connecting, or ``sasl_floor`` leaves no mechanism.
    """
    mechanisms = settings.mechanisms
    if endpoint is not None and endpoint.username is not None:
        # E1: credentials that were given are used, or it is an error.
        if mechanisms is not None:
            raise LocalError(f"{endpoint}: the URL has a user and sasl= is given too: leave one of them out")
        mechanisms = _by_password(endpoint.username, endpoint.password or "")
    if mechanisms is None:
        mechanisms = (Anonymous(),)
    mechanisms = _above(settings.sasl_floor, mechanisms)
    if not mechanisms:
        return None
    largest = max(
        (
            mechanism.max_frame_size
            for mechanism in mechanisms
            if isinstance(mechanism, XOAuth2 | OAuthBearer | Plain | Gssapi)
        ),
        default=MIN_MAX_FRAME_SIZE,
    )
    return SaslClient(mechanisms, hostname, largest)


def _by_password(username: str, password: str) -> tuple[ClientMechanism, ...]:
    plain = Plain(username, password)
    if not scram_is_installed():
        return (plain,)
    return (
        ScramIfOffered(username, password, "SHA-512"),
        ScramIfOffered(username, password, "SHA-256"),
        ScramIfOffered(username, password, "SHA-1"),
        plain,
    )


def _above(floor: str | None, mechanisms: tuple[ClientMechanism, ...]) -> tuple[ClientMechanism, ...]:
    if floor is None:
        return mechanisms
    strong = tuple(mechanism for mechanism in mechanisms if strength(mechanism) >= STRENGTHS[floor])
    if not strong:
        names = ", ".join(mechanism.name for mechanism in mechanisms) or "no SASL layer"
        raise LocalError(
            f"sasl_floor={floor} leaves nothing of {names}: give stronger credentials by sasl=, or a lower floor"
        )
    return strong


def client_engine(settings: Settings, sasl: SaslClient | None, hostname: str | None, peer: str) -> Engine:
    """Return the engine of a connection to *peer*, with somebody to see its frames where that is wanted."""
    options = replace(settings.options, hostname=hostname)
    return Engine(options, role="client", sasl=sasl, on_frame=frame_hook(settings.on_frame, peer))


def guard_secrets(sasl: SaslClient | None, settings: Settings, *, private: bool, peer: str) -> None:
    """Take away from *sasl* the mechanisms that would show a secret to whoever reads along (E1).

    Raises:
        AuthenticationFailed: none is left.
    """
    if sasl is None or private or settings.allow_cleartext:
        return
    safe = tuple(mechanism for mechanism in sasl.mechanisms if mechanism.secure)
    if not safe:
        names = ", ".join(mechanism.name for mechanism in sasl.mechanisms)
        raise AuthenticationFailed(
            f"{names} would send a secret to {peer} in clear text: use amqps://, or say allow_cleartext=True",
            blame=Blame.LOCAL,
        )
    sasl.withheld = tuple(mechanism for mechanism in sasl.mechanisms if not mechanism.secure)
    sasl.mechanisms = safe
