"""Who may come in: the SASL mechanisms that the broker offers (5.3)."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from amqp.errors import LocalError
from amqp.sasl import AnonymousServer, PlainServer, SaslServer, ServerMechanism

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from amqp.broker.options import BrokerOptions

GUEST: Mapping[str, str] = {"guest": "guest"}


def asks_for_nothing(options: BrokerOptions) -> bool:
    """Tell whether nothing says who may come in, so that on loopback everybody may."""
    return options.users is None and options.allow_anonymous is None


def sasl_server(options: BrokerOptions, *, loopback: bool) -> SaslServer:
    """Return what to offer to clients that come over loopback, or from anywhere.

    Raises:
        LocalError: anybody could come in, and the options do not say that this is meant.
    """
    users = options.users
    anonymous = options.allow_anonymous
    if anonymous is None:
        anonymous = loopback and users is None
    if users is None and loopback:
        users = GUEST
    if not users and not anonymous:
        raise LocalError(
            "a broker that others can reach needs users, or allow_anonymous=True to let everybody in"
        )
    mechanisms: dict[str, Callable[[], ServerMechanism]] = {}
    if users:
        verify = _verifier(users)
        mechanisms["PLAIN"] = lambda: PlainServer(verify)
    if anonymous:
        mechanisms["ANONYMOUS"] = AnonymousServer
    # Who may come in as nobody may also come in without the layer that would say so.
    return SaslServer(mechanisms, optional=anonymous)


def _verifier(users: Mapping[str, str]) -> Callable[[str, str], bool]:
    passwords = {name: password.encode() for name, password in users.items()}

    def verify(name: str, password: str) -> bool:
        known = passwords.get(name)
        # An unknown name takes as long as a wrong password.
        same = hmac.compare_digest(known if known is not None else b"\0", password.encode())
        return same and known is not None

    return verify
