"""SASL (5.3): the mechanisms, client and server half, without I/O."""

from __future__ import annotations

from amqp.sasl.anonymous import Anonymous, AnonymousServer
from amqp.sasl.external import External, ExternalServer, common_name
from amqp.sasl.gssapi import Gssapi, GssapiServer
from amqp.sasl.mechanism import (
    Challenge,
    ClientMechanism,
    Failure,
    SaslClient,
    SaslServer,
    ServerMechanism,
    Success,
)
from amqp.sasl.oauthbearer import OAuthBearer, OAuthBearerServer
from amqp.sasl.plain import Plain, PlainServer
from amqp.sasl.scram import Scram, ScramIfOffered, ScramSecret, ScramServer, scram_is_installed
from amqp.sasl.strength import STRENGTHS, strength
from amqp.sasl.xoauth2 import XOAuth2, XOAuth2Server

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
    "External",
    "ExternalServer",
    "common_name",
    "Scram",
    "ScramIfOffered",
    "ScramSecret",
    "ScramServer",
    "scram_is_installed",
    "Gssapi",
    "GssapiServer",
    "OAuthBearer",
    "OAuthBearerServer",
    "XOAuth2",
    "XOAuth2Server",
    "STRENGTHS",
    "strength",
]
