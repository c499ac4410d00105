"""The mechanisms, each half for itself."""

from __future__ import annotations

import pytest

from amqp.errors import AuthenticationFailed, LocalError
from amqp.sasl import (
    Anonymous,
    AnonymousServer,
    Challenge,
    ClientMechanism,
    Failure,
    Plain,
    PlainServer,
    SaslClient,
    SaslServer,
    Success,
)
from amqp_spec import SaslCode


def test_plain() -> None:
    plain = Plain("üser", "pässword", authorize_as="other")
    assert plain.start() == "other\0üser\0pässword".encode()
    assert (plain.name, plain.secure) == ("PLAIN", False)
    with pytest.raises(AuthenticationFailed):
        plain.step(b"?")
    plain.finish(None)


def test_anonymous() -> None:
    anonymous = Anonymous("me@example")
    assert anonymous.start() == b"me@example"
    assert (anonymous.name, anonymous.secure) == ("ANONYMOUS", True)
    with pytest.raises(AuthenticationFailed):
        anonymous.step(b"?")
    anonymous.finish(b"x")
    assert AnonymousServer().step(None) == Success(None)
    assert AnonymousServer().step(b"anybody") == Success(None)


@pytest.mark.fault("E6")
def test_no_secret_in_a_repr() -> None:
    mechanisms: list[ClientMechanism] = [Plain("guest", "hidden"), Anonymous("trace")]
    assert repr(mechanisms) == "[Plain('guest'), Anonymous()]"
    assert "hidden" not in repr(SaslClient(mechanisms))


@pytest.mark.parametrize(("user", "password"), [("", "x"), ("a\0b", "x"), ("a", "x\0y")])
def test_credentials_that_plain_cannot_carry(user: str, password: str) -> None:
    with pytest.raises(LocalError, match="NUL") as caught:
        Plain(user, password)
    assert password not in str(caught.value)


def judged(response: bytes | None) -> object:
    seen: list[tuple[str, str]] = []

    def verify(user: str, password: str) -> bool:
        seen.append((user, password))
        return password == "right"

    result = PlainServer(verify).step(response)
    assert len(seen) <= 1
    return result


def test_a_plain_server() -> None:
    assert judged(b"\0user\0right") == Success("user")
    assert judged(b"user\0user\0right") == Success("user")
    assert judged("\0üser\0right".encode()) == Success("üser")
    assert judged(None) == Challenge(b"")


@pytest.mark.parametrize(
    "response",
    [b"", b"\0", b"\0\0", b"\0user\0wrong", b"\0\0right", b"x\0user\0right", b"\0a\0b\0c", b"\0\xff\0right"],
)
def test_a_plain_server_refuses(response: bytes) -> None:
    assert judged(response) == Failure(SaslCode.AUTH)


def test_a_client_chooses() -> None:
    plain, anonymous = Plain("a", "b"), Anonymous()
    sasl = SaslClient([plain, anonymous], "host")
    assert sasl.choose(["ANONYMOUS", "PLAIN"]) is plain
    assert sasl.choose(["X", "ANONYMOUS"]) is anonymous
    assert sasl.choose(["X"]) is None
    assert sasl.choose([]) is None
    assert sasl.hostname == "host"


@pytest.mark.requirement("security-5.3.3.1-01")
def test_lists_are_not_empty() -> None:
    with pytest.raises(LocalError, match="at least one"):
        SaslClient([])
    with pytest.raises(LocalError, match="at least one"):
        SaslServer({})
    assert repr(SaslServer({"PLAIN": AnonymousServer}, optional=True)) == "SaslServer(PLAIN, optional)"
    assert repr(SaslServer({"PLAIN": AnonymousServer})) == "SaslServer(PLAIN)"
