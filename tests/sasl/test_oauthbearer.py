"""OAUTHBEARER: the message octet by octet, and a refusal with its reason."""

from __future__ import annotations

import pytest

from amqp.errors import AuthenticationFailed, LocalError
from amqp.sasl import OAuthBearer

TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="


def test_the_message() -> None:
    mechanism = OAuthBearer(TOKEN, username="user@example.com", host="server.example.com", port=5671)
    assert mechanism.start() == (
        b"n,a=user@example.com,\x01host=server.example.com\x01port=5671\x01auth=Bearer "
        + TOKEN.encode()
        + b"\x01\x01"
    )
    assert (mechanism.name, mechanism.secure) == ("OAUTHBEARER", False)


def test_the_least_of_it() -> None:
    assert OAuthBearer(TOKEN).start() == b"n,,\x01auth=Bearer " + TOKEN.encode() + b"\x01\x01"


def test_a_name_is_escaped() -> None:
    assert OAuthBearer(TOKEN, username="a=b,c").start().startswith(b"n,a=a=3Db=2Cc,\x01")


@pytest.mark.fault("E6")
def test_no_secret_in_a_repr() -> None:
    assert TOKEN not in repr(OAuthBearer(TOKEN))


@pytest.mark.parametrize("token", ["", "two words", "a\x01b", "Bearer x", "=a", "é"])
def test_what_is_no_token(token: str) -> None:
    with pytest.raises(LocalError, match="RFC 6750") as caught:
        OAuthBearer(token)
    assert not token or token not in str(caught.value)


def test_control_characters_cannot_be_smuggled_in() -> None:
    with pytest.raises(LocalError, match="username"):
        OAuthBearer(TOKEN, username="a\x01auth=b")
    with pytest.raises(LocalError, match="host"):
        OAuthBearer(TOKEN, host="a\x01b")


def test_a_refusal_is_acknowledged_and_its_reason_told() -> None:
    mechanism = OAuthBearer(TOKEN)
    mechanism.start()
    assert mechanism.step(b'{"status":"invalid_token"}') == b"\x01"
    with pytest.raises(AuthenticationFailed, match="invalid_token"):
        mechanism.step(b"more")
    with pytest.raises(AuthenticationFailed, match="invalid_token"):
        mechanism.finish(None)
    mechanism.start()
    mechanism.finish(None)


def test_the_reason_is_bounded() -> None:
    mechanism = OAuthBearer(TOKEN)
    mechanism.start()
    mechanism.step(b"\xff" * 100_000)
    with pytest.raises(AuthenticationFailed) as caught:
        mechanism.finish(None)
    assert len(str(caught.value)) < 400
