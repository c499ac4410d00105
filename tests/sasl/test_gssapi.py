"""GSSAPI with a stand-in for the package, since Kerberos needs servers: who is asked for, what is answered, what is refused."""

from __future__ import annotations

import enum
import sys
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest

from amqp.client.settings import connection_settings, sasl_client
from amqp.client.url import parse_url
from amqp.errors import AuthenticationFailed, LocalError
from amqp.sasl import Challenge, Failure, Gssapi, GssapiServer, Success


class Flag(enum.Enum):
    mutual_authentication = 1
    integrity = 2
    out_of_sequence_detection = 3


class GSSError(Exception):
    pass


class Context:
    """Takes two tokens; wraps by a prefix."""

    made: ClassVar[list[dict[str, Any]]]
    fails_at_once = False

    def __init__(self, **arguments: Any) -> None:
        self.made.append(arguments)
        self.tokens: list[bytes | None] = []
        self.complete = False
        self.actual_flags = {Flag.mutual_authentication, Flag.integrity}

    def step(self, token: bytes | None = None) -> bytes | None:
        if self.fails_at_once:
            raise GSSError("No Kerberos credentials available")
        if token == b"wrong":
            raise GSSError("Wrong principal")
        self.tokens.append(token)
        self.complete = len(self.tokens) == 2
        return None if self.complete else b"ticket"

    def wrap(self, octets: bytes, encrypt: bool) -> Any:
        assert not encrypt
        return SimpleNamespace(message=b"wrapped:" + octets)

    initiator_name = "ann@TEST"

    def unwrap(self, octets: bytes) -> Any:
        if not octets.startswith(b"wrapped:"):
            raise GSSError("A token had an invalid signature")
        return SimpleNamespace(message=octets.removeprefix(b"wrapped:"))


@pytest.fixture(autouse=True)
def package(monkeypatch: pytest.MonkeyPatch) -> type[Context]:
    """The package as far as it is used, and its contexts."""

    class Fresh(Context):
        made: ClassVar[list[dict[str, Any]]] = []

    module = ModuleType("gssapi")
    parts = {
        "Name": lambda name, kind: (name, kind),
        "NameType": SimpleNamespace(hostbased_service="hostbased"),
        "RequirementFlag": Flag,
        "SecurityContext": Fresh,
        "exceptions": SimpleNamespace(GSSError=GSSError),
    }
    for name, part in parts.items():
        setattr(module, name, part)
    monkeypatch.setitem(sys.modules, "gssapi", module)
    return Fresh


def test_the_whole_exchange(package: type[Context]) -> None:
    mechanism = Gssapi("broker.test", authorize_as="ann", credentials="mine")
    for _ in range(2):  # each connection begins a new one
        assert mechanism.start() == b"ticket"
        assert mechanism.step(b"the server's") == b""
        assert mechanism.step(b"wrapped:\x07\x00\x10\x00") == b"wrapped:\x01\x00\x00\x00ann"
        mechanism.finish(None)
    assert len(package.made) == 2
    asked = package.made[0]
    assert asked["name"] == ("amqp@broker.test", "hostbased")
    assert asked["usage"] == "initiate"
    assert asked["creds"] == "mine"
    assert Flag.mutual_authentication in asked["flags"]


def test_without_a_ticket(package: type[Context]) -> None:
    package.fails_at_once = True
    with pytest.raises(AuthenticationFailed, match=r"no ticket for amqp@h \(kinit gets one.*credentials"):
        Gssapi("h").start()


@pytest.mark.fault("E3")
def test_a_server_that_is_not_the_one(package: type[Context]) -> None:
    mechanism = Gssapi("h")
    mechanism.start()
    with pytest.raises(AuthenticationFailed, match="did not prove itself: Wrong principal"):
        mechanism.step(b"wrong")


@pytest.mark.fault("E3")
@pytest.mark.parametrize(
    ("offer", "says"),
    [
        (b"\x07\x00\x10\x00", "invalid signature"),
        (b"wrapped:\x06\x00\x10\x00", "insists on a security layer"),
        (b"wrapped:\x01", "insists on a security layer"),
    ],
)
def test_an_offer_that_will_not_do(offer: bytes, says: str) -> None:
    mechanism = Gssapi("h")
    mechanism.start()
    mechanism.step(b"the server's")
    with pytest.raises(AuthenticationFailed, match=says):
        mechanism.step(offer)
    with pytest.raises(AuthenticationFailed, match="did not prove who it is"):
        mechanism.finish(None)


@pytest.mark.fault("E3")
def test_a_server_that_did_not_prove_itself() -> None:
    mechanism = Gssapi("h")
    mechanism.start()
    with pytest.raises(AuthenticationFailed, match="did not prove who it is"):
        mechanism.finish(None)
    mechanism.step(b"the server's")
    mechanism._context.actual_flags.clear()
    with pytest.raises(AuthenticationFailed, match="no mutual authentication"):
        mechanism.step(b"wrapped:\x01\x00\x00\x00")


def test_a_challenge_too_many() -> None:
    mechanism = Gssapi("h")
    mechanism.start()
    mechanism.step(b"the server's")
    mechanism.step(b"wrapped:\x01\x00\x00\x00")
    with pytest.raises(AuthenticationFailed, match="after the last one"):
        mechanism.step(b"wrapped:\x01\x00\x00\x00")


def test_a_ticket_needs_a_large_frame() -> None:
    client = sasl_client(connection_settings(sasl=Gssapi("h")), parse_url("amqp://h"), None)
    assert client is not None
    assert client.max_frame_size == 8_192
    assert repr(Gssapi("h", service="broker")) == "Gssapi(broker@h)"
    assert Gssapi.secure


@pytest.mark.parametrize(
    "wrong", [{"host": ""}, {"service": ""}, {"authorize_as": "a\0"}, {"host": 1}, {"max_frame_size": 1}]
)
def test_arguments_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(LocalError):
        Gssapi(**{"host": "h", **wrong})


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gssapi", None)
    with pytest.raises(LocalError, match=r"amqp10\[gssapi\]"):
        Gssapi("h")


class Accepting(Context):
    """The other half: answers the ticket by a token."""

    def step(self, token: bytes | None = None) -> bytes | None:
        if token != b"ticket":
            raise GSSError("Wrong principal")
        self.complete = True
        return b"the server's"


def served(monkeypatch: pytest.MonkeyPatch) -> GssapiServer:
    """A server half, with contexts of its own."""

    class Fresh(Accepting):
        made: ClassVar[list[dict[str, Any]]] = []

    monkeypatch.setattr(sys.modules["gssapi"], "SecurityContext", Fresh)
    server = GssapiServer("key")
    assert server.step(None) == Challenge(b"")
    return server


@pytest.mark.parametrize(("named", "good"), [(b"", True), (b"ann@TEST", True), (b"bob@TEST", False)])
def test_a_server(monkeypatch: pytest.MonkeyPatch, named: bytes, good: bool) -> None:
    server = served(monkeypatch)
    assert server.step(b"ticket") == Challenge(b"the server's")
    assert server.step(b"") == Challenge(b"wrapped:\x01\x00\x00\x00")
    verdict = server.step(b"wrapped:\x01\x00\x00\x00" + named)
    assert verdict == (Success("ann@TEST") if good else Failure())


@pytest.mark.parametrize(
    "said", [[b"another"], [b"ticket", b"", b"plain"], [b"ticket", b"", b"wrapped:\x02\x00\x00\x00"]]
)
def test_a_client_that_proves_nothing(monkeypatch: pytest.MonkeyPatch, said: list[bytes]) -> None:
    server = served(monkeypatch)
    assert [server.step(each) for each in said][-1] == Failure()
