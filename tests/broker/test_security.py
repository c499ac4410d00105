"""Who is let in: guest and everybody on loopback, and elsewhere only whom the options name."""

from __future__ import annotations

import pytest

from amqp.broker import Broker, BrokerOptions
from amqp.broker.security import sasl_server
from amqp.errors import LocalError
from amqp.sasl import Failure, SaslServer, Success
from amqp.transport.privacy import is_loopback


def judge(server: SaslServer, user: str, password: str) -> bool:
    verdict = server.mechanisms["PLAIN"]().step(f"\0{user}\0{password}".encode())
    assert isinstance(verdict, Success | Failure)
    return isinstance(verdict, Success)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("broker.example", False),
        ("", False),
    ],
)
def test_what_only_this_machine_can_reach(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_on_loopback_guest_and_everybody_come_in() -> None:
    server = sasl_server(BrokerOptions(), loopback=True)
    assert sorted(server.mechanisms) == ["ANONYMOUS", "PLAIN"]
    assert server.optional
    assert judge(server, "guest", "guest")
    assert not judge(server, "guest", "other")
    assert not judge(server, "other", "guest")


def test_users_close_the_door_to_everybody_else() -> None:
    server = sasl_server(BrokerOptions(users={"ann": "secret", "böb": "pässwort"}), loopback=True)
    assert list(server.mechanisms) == ["PLAIN"]
    assert not server.optional
    assert judge(server, "ann", "secret")
    assert judge(server, "böb", "pässwort")
    assert not judge(server, "guest", "guest")
    assert not judge(server, "ann", "")


def test_elsewhere_somebody_has_to_be_named() -> None:
    with pytest.raises(LocalError, match="allow_anonymous"):
        sasl_server(BrokerOptions(), loopback=False)
    with pytest.raises(LocalError, match="users"):
        Broker().listen("0.0.0.0")
    with pytest.raises(LocalError, match="users"):
        sasl_server(BrokerOptions(users={}, allow_anonymous=False), loopback=True)
    assert list(sasl_server(BrokerOptions(allow_anonymous=True), loopback=False).mechanisms) == ["ANONYMOUS"]
    assert list(sasl_server(BrokerOptions(users={"a": "b"}), loopback=False).mechanisms) == ["PLAIN"]


def test_passwords_do_not_show() -> None:
    assert "secret" not in repr(BrokerOptions(users={"ann": "secret"}))
