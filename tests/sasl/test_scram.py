"""SCRAM: against a server and a client written here from RFC 5802, and both halves together."""

from __future__ import annotations

import base64
import hashlib
import hmac
import sys
from typing import TYPE_CHECKING

import pytest

from amqp.engine import Authenticated, ConnectionFailed, Engine
from amqp.errors import AuthenticationFailed, LocalError
from amqp.sasl import (
    Challenge,
    Failure,
    Plain,
    SaslClient,
    SaslServer,
    Scram,
    ScramSecret,
    ScramServer,
    Success,
)

if TYPE_CHECKING:
    from amqp.sasl.scram import ScramDigest

SALT = b"sixteen octets.."
HASHES: tuple[ScramDigest, ...] = ("SHA-1", "SHA-256", "SHA-512")


def nobody(user: str) -> ScramSecret | None:
    """A server without users."""
    return None


def fields(message: bytes) -> dict[str, str]:
    """The attributes of a message."""
    return dict(part.split("=", 1) for part in message.decode().split(",") if "=" in part)


class ByHand:
    """The server's side of one exchange, by the formulas of RFC 5802, section 3."""

    def __init__(self, password: str, digest: ScramDigest, iterations: int = 4096) -> None:
        self.algorithm = digest.replace("-", "").lower()
        self.iterations = iterations
        self.salted = hashlib.pbkdf2_hmac(self.algorithm, password.encode(), SALT, iterations)
        self.auth_message = b""

    def hmac(self, key: bytes, text: bytes) -> bytes:
        return hmac.digest(key, text, self.algorithm)

    def first(self, client_first: bytes) -> bytes:
        assert client_first.startswith(b"n,,n=")
        bare = client_first[3:]
        self.nonce = fields(bare)["r"] + "server"
        answer = f"r={self.nonce},s={base64.b64encode(SALT).decode()},i={self.iterations}".encode()
        self.auth_message = bare + b"," + answer
        return answer

    def final(self, client_final: bytes) -> tuple[bool, bytes]:
        without_proof, _, proof = client_final.rpartition(b",p=")
        given = fields(without_proof)
        assert given == {"c": "biws", "r": self.nonce}
        self.auth_message += b"," + without_proof
        client_key = self.hmac(self.salted, b"Client Key")
        stored = hashlib.new(self.algorithm, client_key).digest()
        signature = self.hmac(stored, self.auth_message)
        expected = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        server_signature = self.hmac(self.hmac(self.salted, b"Server Key"), self.auth_message)
        return base64.b64decode(proof) == expected, b"v=" + base64.b64encode(server_signature)


@pytest.mark.parametrize("digest", HASHES)
def test_the_proof_is_that_of_the_rfc(digest: ScramDigest) -> None:
    client = Scram("user", "pencil", digest)
    assert (client.name, client.secure) == (f"SCRAM-{digest}", True)
    server = ByHand("pencil", digest)
    good, final = server.final(client.step(server.first(client.start())))
    assert good
    client.finish(final)


def test_the_servers_proof_may_come_as_a_challenge() -> None:
    client = Scram("user", "pencil")
    server = ByHand("pencil", "SHA-256")
    _, final = server.final(client.step(server.first(client.start())))
    assert client.step(final) == b""
    client.finish(None)


@pytest.mark.fault("E3")
def test_a_server_that_does_not_know_the_password_is_not_believed() -> None:
    client = Scram("user", "pencil")
    server = ByHand("other", "SHA-256")
    good, final = server.final(client.step(server.first(client.start())))
    assert not good
    with pytest.raises(AuthenticationFailed):
        client.finish(final)


@pytest.mark.fault("E3")
@pytest.mark.parametrize("proof", [None, b"", b"v=", b"v=AAAA", b"e=other-error", b"\xff"])
def test_ok_without_a_proof(proof: bytes | None) -> None:
    client = Scram("user", "pencil")
    client.step(ByHand("pencil", "SHA-256").first(client.start()))
    with pytest.raises(AuthenticationFailed):
        client.finish(proof)


@pytest.mark.fault("E3")
def test_ok_before_the_exchange() -> None:
    client = Scram("user", "pencil")
    client.start()
    with pytest.raises(AuthenticationFailed, match="did not prove"):
        client.finish(b"v=AAAA")


@pytest.mark.fault("E3")
def test_a_proof_counts_for_its_own_exchange_alone() -> None:
    client = Scram("user", "pencil")
    server = ByHand("pencil", "SHA-256")
    _, final = server.final(client.step(server.first(client.start())))
    client.finish(final)
    client.start()
    with pytest.raises(AuthenticationFailed):
        client.finish(final)


@pytest.mark.fault("E3")
def test_another_nonce_than_the_clients() -> None:
    client = Scram("user", "pencil")
    client.start()
    with pytest.raises(AuthenticationFailed):
        client.step(b"r=anothernonce,s=" + base64.b64encode(SALT) + b",i=4096")


@pytest.mark.fault("E3")
@pytest.mark.parametrize(
    ("asked", "allowed"), [(1_000_001, 1_000_000), (10**9, 1_000_000), (10**19, 10_000_000), (5001, 5000)]
)
def test_work_without_end_is_refused(asked: int, allowed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashlib, "pbkdf2_hmac", None)  # so much as to begin with it would raise another error
    client = Scram("user", "pencil", max_iterations=allowed)
    nonce = fields(client.start()[3:])["r"]
    with pytest.raises(AuthenticationFailed, match="max_iterations"):
        client.step(f"r={nonce}x,s={base64.b64encode(SALT).decode()},i={asked}".encode())


@pytest.mark.parametrize(
    "challenge", [b"", b"x", b"r=,s=,i=", b"i=4096", b"\xff\xfe", b"m=ext,r=x,s=y,i=4096"]
)
def test_a_first_message_that_makes_no_sense(challenge: bytes) -> None:
    client = Scram("user", "pencil")
    client.start()
    with pytest.raises(AuthenticationFailed):
        client.step(challenge)


@pytest.mark.parametrize("digest", HASHES)
def test_both_halves(digest: ScramDigest) -> None:
    secret = ScramSecret.of("pencil", digest)
    server = ScramServer({"user": secret}.get, digest)
    client = Scram("user", "pencil", digest)
    first = server.step(client.start())
    assert isinstance(first, Challenge)
    verdict = server.step(client.step(first.data))
    assert isinstance(verdict, Success)
    assert verdict.identity == "user"
    client.finish(verdict.additional_data)


def test_a_server_asks_for_the_first_message() -> None:
    server = ScramServer(nobody)
    assert server.step(None) == Challenge(b"")
    assert isinstance(server.step(Scram("user", "pencil").start()), Challenge)


def judged(server: ScramServer, client: Scram) -> tuple[int, object]:
    """The iterations that the server asks for, and its verdict."""
    first = server.step(client.start())
    assert isinstance(first, Challenge)
    return int(fields(first.data)["i"]), server.step(client.step(first.data))


@pytest.mark.fault("E3")
def test_an_unknown_user_cannot_be_told_from_a_wrong_password() -> None:
    users = {"user": ScramSecret.of("pencil")}
    known = judged(ScramServer(users.get, pepper=b"p"), Scram("user", "wrong"))
    unknown = judged(ScramServer(users.get, pepper=b"p"), Scram("nobody", "wrong"))
    assert known == unknown == (10_000, Failure())


@pytest.mark.fault("E3")
def test_the_made_up_salt_is_the_same_each_time() -> None:
    def salt() -> str:
        first = ScramServer(nobody, pepper=b"p").step(Scram("nobody", "wrong").start())
        assert isinstance(first, Challenge)
        return fields(first.data)["s"]

    assert salt() == salt()


@pytest.mark.parametrize(
    "message", [b"", b"n,,", b"\xff", b"n,,n=user", b"p=tls-unique,,n=user,r=x", b"y" * 5000]
)
def test_a_client_that_makes_no_sense_is_refused(message: bytes) -> None:
    assert ScramServer(nobody).step(message) == Failure()


def test_a_final_message_that_makes_no_sense_is_refused() -> None:
    server = ScramServer({"user": ScramSecret.of("pencil")}.get)
    server.step(Scram("user", "pencil").start())
    assert server.step(b"c=biws,r=other,p=AAAA") == Failure()
    assert server.step(b"anything") == Failure()


@pytest.mark.fault("E6")
def test_no_secret_in_a_repr_or_an_error() -> None:
    assert repr(Scram("user", "pencil")) == "Scram('user', SCRAM-SHA-256)"
    assert "stored" not in repr(ScramSecret.of("pencil"))
    with pytest.raises(LocalError) as caught:
        Scram("user", "pen\u0007cil")
    assert "pen" not in str(caught.value)


def test_what_cannot_be() -> None:
    with pytest.raises(LocalError, match="SHA-512"):
        Scram("user", "pencil", "MD5")  # type: ignore[arg-type]  # what a program without types may pass
    with pytest.raises(LocalError, match="max_iterations"):
        Scram("user", "pencil", max_iterations=1)
    with pytest.raises(LocalError, match="iterations"):
        ScramSecret.of("pencil", iterations=1)


def test_without_scramp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scramp", None)
    with pytest.raises(LocalError, match=r"amqp10\[scram\]"):
        Scram("user", "pencil")


def connected(client: SaslClient, server: SaslServer) -> tuple[list[object], list[object]]:
    """What two engines tell of their SASL exchange."""
    near = Engine(sasl=client)
    far = Engine(role="server", sasl=server)
    near.open()
    while near.wants_write or far.wants_write:
        for one, other in ((near, far), (far, near)):
            octets = b"".join(one.data_to_send(0.0))
            if octets:
                other.receive_data(octets, 0.0)
    return list(near.events()), list(far.events())


def test_through_the_engine() -> None:
    secret = ScramSecret.of("pencil")
    server = SaslServer({"SCRAM-SHA-256": lambda: ScramServer({"user": secret}.get)})
    near, far = connected(SaslClient([Scram("user", "pencil"), Plain("user", "pencil")]), server)
    assert near[0] == Authenticated(None, "SCRAM-SHA-256")
    assert far[0] == Authenticated("user", "SCRAM-SHA-256")


def test_a_wrong_password_through_the_engine() -> None:
    secret = ScramSecret.of("pencil")
    server = SaslServer({"SCRAM-SHA-256": lambda: ScramServer({"user": secret}.get)})
    near, far = connected(SaslClient([Scram("user", "pen")]), server)
    assert isinstance(near[0], ConnectionFailed)
    assert near[0].authentication
    assert isinstance(far[0], ConnectionFailed)
