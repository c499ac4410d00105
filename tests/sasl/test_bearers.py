"""The server halves of XOAUTH2 and OAUTHBEARER, with the client halves and with nonsense."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.engine import Authenticated, ConnectionFailed
from amqp.errors import AuthenticationFailed
from amqp.sasl import (
    Challenge,
    Failure,
    OAuthBearer,
    OAuthBearerServer,
    SaslClient,
    SaslServer,
    Success,
    XOAuth2,
    XOAuth2Server,
)
from tests.sasl.test_scram import connected

TOKEN = "abc.def-1=="


def xoauth2() -> XOAuth2Server:
    return XOAuth2Server(lambda user, token: (user, token) == ("me", TOKEN))


def bearer() -> OAuthBearerServer:
    return OAuthBearerServer(lambda token, name: (name or "nobody") if token == TOKEN else None)


def test_xoauth2() -> None:
    assert xoauth2().step(XOAuth2("me", TOKEN).start()) == Success("me")
    assert xoauth2().step(None) == Challenge(b"")


@pytest.mark.parametrize("name", ["", "me", "a,b=c"])
def test_oauthbearer(name: str) -> None:
    mechanism = OAuthBearer(TOKEN, username=name, host="h", port=5671)
    assert bearer().step(mechanism.start()) == Success(name or "nobody")
    assert bearer().step(OAuthBearer(TOKEN, username=name).start()) == Success(name or "nobody")
    assert bearer().step(None) == Challenge(b"")


@pytest.mark.parametrize(
    ("make", "mechanism"), [(xoauth2, XOAuth2("me", "wrong")), (bearer, OAuthBearer("wrong"))], ids=["x", "o"]
)
def test_a_token_that_is_refused(make: Any, mechanism: Any) -> None:
    server = make()
    assert isinstance(server.step(mechanism.start()), Challenge)
    assert server.step(b"\x01") == Failure()
    # Nothing that comes behind it counts.
    assert server.step(mechanism.start()) == Failure()
    near, far = connected(SaslClient([mechanism]), SaslServer({mechanism.name: make}))
    assert isinstance(near[0], ConnectionFailed)
    assert near[0].authentication
    # A client of XOAUTH2 goes at the challenge; that the stream ends is for a transport to tell.
    assert [event for event in far if isinstance(event, Authenticated)] == []


@pytest.mark.parametrize(
    ("make", "mechanism"), [(xoauth2, XOAuth2("me", TOKEN)), (bearer, OAuthBearer(TOKEN, username="me"))]
)
def test_a_token_that_is_good(make: Any, mechanism: Any) -> None:
    near, far = connected(SaslClient([mechanism]), SaslServer({mechanism.name: make}))
    assert near[0] == Authenticated(None, mechanism.name)
    assert far[0] == Authenticated("me", mechanism.name)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"\xff",
        b"user=me",
        b"user=me\x01auth=Bearer abc.def-1==\x01",
        b"user=\x01auth=Bearer abc.def-1==\x01\x01",
        b"n,,\x01auth=Basic abc.def-1==\x01\x01",
        b"n,,auth=Bearer abc.def-1==\x01\x01",
        b"p,,\x01auth=Bearer abc.def-1==\x01\x01",
        b"n,,\x01auth=Bearer abc.def-1==\x01",
    ],
)
def test_messages_that_make_no_sense(nonsense: bytes) -> None:
    for server in (xoauth2(), bearer()):
        assert isinstance(server.step(nonsense), Challenge)
        assert server.step(b"") == Failure()


def test_the_clients_reason() -> None:
    with pytest.raises(AuthenticationFailed, match="401"):
        XOAuth2("me", "wrong").step(b'{"status":"401","schemes":"bearer"}')
