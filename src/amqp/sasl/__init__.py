"""SASL (5.3): the mechanisms, client and server half, without I/O."""

from __future__ import annotations

from amqp.sasl.anonymous import Anonymous, AnonymousServer
from amqp.sasl.mechanism import (
    Challenge,
    ClientMechanism,
    Failure,
    SaslClient,
    SaslServer,
    ServerMechanism,
    Success,
)
from amqp.sasl.plain import Plain, PlainServer

__all__ = [
    "SaslClient",
    "SaslServer",
    "ClientMechanism",
    "ServerMechanism",
    "Challenge",
    "Success",
    "Failure",
    "Anonymous",
    "AnonymousServer",
    "Plain",
    "PlainServer",
]
