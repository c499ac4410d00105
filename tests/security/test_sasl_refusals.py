"""Servers, and those on the way, that want more than they should get: credentials in the clear, weaker proof, no proof."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.broker import Broker, BrokerOptions
from amqp.engine import Authenticated
from amqp.sasl import (
    AnonymousServer,
    Challenge,
    PlainServer,
    SaslServer,
    ScramSecret,
    ScramServer,
    Success,
)
from amqp_spec import SaslChallenge, SaslCode, SaslMechanisms, SaslOutcome
from tests.aio.peer import raw_peer, saying
from tests.contract.tunnel import http_proxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.conftest import MakePeer, Serve
    from tests.contract.front import Front

    Refused = Callable[..., Any]

AMQP = b"AMQP\x00\x01\x00\x00"
SASL = b"AMQP\x03\x01\x00\x00"
NONE_AT_ALL = b"\x00\x00\x00\x12\x02\x01\x00\x00\x00\x53\x40\xc0\x05\x01\xe0\x02\x00\xa3"
ELSEWHERE = "amqp://198.51.100.1"  # nobody is asked: what is refused is refused before


def sasl(performative: Any) -> bytes:
    body = performative.encode()
    return (8 + len(body)).to_bytes(4, "big") + b"\x02\x01\x00\x00" + bytes(body)


def offering(*names: str) -> bytes:
    return SASL + sasl(SaslMechanisms(sasl_server_mechanisms=names))


def plain() -> PlainServer:
    return PlainServer(lambda user, password: (user, password) == ("guest", "guest"))


def user(url: str) -> str:
    """The URL with a user."""
    return url.replace("//", "//guest:guest@")


class Scripted:
    """A mechanism of a server that says what it was told to say, whatever it hears."""

    def __init__(self, *verdicts: Any) -> None:
        self._verdicts = list(verdicts)

    def step(self, response: bytes | None) -> Any:
        verdict = self._verdicts.pop(0) if len(self._verdicts) > 1 else self._verdicts[0]
        return verdict(response) if callable(verdict) else verdict


def nonce(response: bytes | None) -> bytes:
    return (response or b"").rpartition(b"r=")[2]


def first(iterations: int) -> Callable[[bytes | None], Challenge]:
    """The first message of a server that knows nothing."""
    return lambda response: Challenge(b"r=" + nonce(response) + b"more,s=c2FsdHNhbHRzYWx0,i=%d" % iterations)


# -- what is never sent where others can read it


@pytest.mark.fault("E1")
@pytest.mark.parametrize(
    ("what", "mechanism"),
    [
        ("A password", amqp.Plain("guest", "guest")),
        ("A token (OAUTHBEARER)", amqp.OAuthBearer("geheim")),
        ("A token (XOAUTH2)", amqp.XOAuth2("guest", "geheim")),
    ],
)
def test_secrets_in_clear_text(
    front: Front, serve: Serve, broker: str, refused: Refused, what: str, mechanism: Any
) -> None:
    """{what} would go out in clear text, to an address that is not loopback."""
    requests: list[str] = []
    proxy = f"http://127.0.0.1:{serve(lambda: http_proxy(requests))}"
    with refused(amqp.AuthenticationFailed, "use amqps://, or say allow_cleartext=True"):
        front.connect(broker, sasl=mechanism, proxy=proxy)


@pytest.mark.fault("E1")
def test_a_password_of_a_url_in_clear_text(
    front: Front, serve: Serve, start_peer: MakePeer, refused: Refused
) -> None:
    """The password of a URL would go out in clear text, for the server offers PLAIN alone."""
    requests: list[str] = []
    proxy = f"http://127.0.0.1:{serve(lambda: http_proxy(requests))}"
    peer = start_peer(sasl=SaslServer({"PLAIN": plain}))
    with refused(amqp.AuthenticationFailed, "use amqps://, or say allow_cleartext=True"):
        front.connect(user(peer.url), proxy=proxy)


# -- what is never given up


@pytest.mark.fault("E1")
def test_credentials_for_anonymous(front: Front, start_peer: MakePeer, refused: Refused) -> None:
    """Credentials are given, and the server offers ANONYMOUS alone."""
    peer = start_peer(sasl=SaslServer({"ANONYMOUS": AnonymousServer}))
    with refused(amqp.AuthenticationFailed, "offers ANONYMOUS; allowed here: .*PLAIN"):
        front.connect(user(peer.url))


@pytest.mark.fault("E1")
def test_a_list_that_was_stripped(front: Front, start_peer: MakePeer, refused: Refused) -> None:
    """The list of mechanisms was stripped down to one below sasl_floor."""
    peer = start_peer(sasl=SaslServer({"PLAIN": plain}))
    with refused(amqp.AuthenticationFailed, "offers PLAIN; allowed here: SCRAM-SHA-512, SCRAM-SHA-256"):
        front.connect(user(peer.url), sasl_floor="SCRAM-SHA-256")


@pytest.mark.fault("E1")
def test_a_floor_without_credentials(front: Front, refused: Refused) -> None:
    """sasl_floor is above all that was given."""
    with refused(amqp.LocalError, "give stronger credentials by sasl=, or a lower floor"):
        front.connect(ELSEWHERE, sasl_floor="PLAIN")


@pytest.mark.fault("E1")
def test_no_sasl_layer_below_a_floor(front: Front, refused: Refused) -> None:
    """sasl_floor is given, and sasl=() leaves the layer out."""
    with refused(amqp.LocalError, "give stronger credentials by sasl="):
        front.connect(ELSEWHERE, sasl_floor="SCRAM-SHA-1", sasl=())


@pytest.mark.fault("E1")
def test_anonymous_beside_credentials(front: Front, refused: Refused) -> None:
    """ANONYMOUS is given beside credentials."""
    with refused(amqp.LocalError, "leave one of them out"):
        front.connect(ELSEWHERE, sasl=[amqp.Plain("u", "p"), amqp.Anonymous()])


@pytest.mark.fault("E1")
def test_two_that_say_who_is_connecting(front: Front, refused: Refused) -> None:
    """The URL has a user, and sasl= has another."""
    with refused(amqp.LocalError, "leave one of them out"):
        front.connect(user(ELSEWHERE), sasl=amqp.Plain("u", "p"))


@pytest.mark.fault("E2")
def test_a_server_that_skips_the_layer(front: Front, serve: Serve, refused: Refused) -> None:
    """The server leaves SASL out and answers with the header of AMQP."""
    url = serve(lambda: raw_peer(saying(AMQP)))
    with refused(amqp.AuthenticationFailed, "asked for SASL.*the server answered AMQP"):
        front.connect(user(url))


# -- servers that have to prove themselves


@pytest.mark.fault("E3")
@pytest.mark.parametrize(
    ("what", "verdicts", "says"),
    [
        (
            "with a wrong signature",
            [first(4096), Success("guest", b"v=d3Jvbmc=")],
            "did not prove that it knows the password",
        ),
        ("without a signature", [first(4096), Success("guest")], "did not prove who it is"),
        ("at once", [Success("guest")], "did not prove who it is"),
        ("of another nonce", [Challenge(b"r=other,s=c2FsdHNhbHRzYWx0,i=4096")], "SCRAM-SHA-256"),
        ("for 10^9 iterations", [first(1_000_000_000)], "max_iterations"),
        ("of nonsense", [Challenge(b"\xff")], "SCRAM"),
    ],
)
def test_a_server_that_does_not_prove_itself(
    front: Front, start_peer: MakePeer, refused: Refused, what: str, verdicts: list[Any], says: str
) -> None:
    """The server answers SCRAM {what}."""
    peer = start_peer(sasl=SaslServer({"SCRAM-SHA-256": lambda: Scripted(*verdicts)}))
    with refused(amqp.AuthenticationFailed, says):
        front.connect(peer.url, sasl=amqp.Scram("guest", "guest"))


def test_scram_that_is_good(front: Front, start_peer: MakePeer) -> None:
    secret = ScramSecret.of("guest", "SHA-512")
    users = {"guest": secret}.get
    peer = start_peer(
        sasl=SaslServer({"PLAIN": plain, "SCRAM-SHA-512": lambda: ScramServer(users, "SHA-512")})
    )
    with front.connect(user(peer.url)) as connection:
        assert connection.is_open
        assert peer.peer.told(Authenticated)[0].mechanism == "SCRAM-SHA-512"


@pytest.mark.fault("E2")
@pytest.mark.parametrize(
    ("what", "answers", "says"),
    [
        (
            "offers no mechanism at all",
            [SASL + NONE_AT_ALL],
            "at least one symbol",
        ),
        ("offers a thousand mechanisms", [offering(*(f"M{n}" for n in range(1_000)))], "more than 64|8192"),
        (
            "goes on behind its refusal",
            [offering("ANONYMOUS"), sasl(SaslOutcome(code=SaslCode.AUTH)) + AMQP],
            "did not accept the credentials",
        ),
        (
            "sends a frame of 4 GiB before it is known",
            [SASL + b"\xff\xff\xff\xff\x02\x01\x00\x00"],
            "4294967295",
        ),
        ("sends a frame smaller than its header", [SASL + b"\x00\x00\x00\x07\x02\x01\x00\x00"], "7"),
        (
            "sends octets that are no SASL",
            [SASL + b"\x00\x00\x00\x0c\x02\x01\x00\x00\x00\x53\x99\x45"],
            "makes no sense",
        ),
        (
            "sends an open in the SASL layer",
            [SASL + b"\x00\x00\x00\x0c\x02\x00\x00\x00\x00\x53\x10\x45"],
            "frame of type 0",
        ),
    ],
)
def test_a_server_that_makes_no_sense(
    front: Front, serve: Serve, refused: Refused, what: str, answers: list[bytes], says: str
) -> None:
    """The server {what}."""
    url = serve(lambda: raw_peer(saying(*answers)))
    with refused(amqp.AuthenticationFailed, says):
        front.connect(url)


@pytest.mark.fault("E2")
def test_challenges_without_end(front: Front, serve: Serve, refused: Refused) -> None:
    """The server asks for ever."""

    class Patient(amqp.Anonymous):
        name = "PATIENT"

        def step(self, challenge: bytes) -> bytes:
            return challenge

    more = sasl(SaslChallenge(challenge=b"more"))
    url = serve(lambda: raw_peer(saying(offering("PATIENT"), *[more] * 20)))
    with refused(amqp.AuthenticationFailed, "more than 16 challenges"):
        front.connect(url, sasl=Patient())


def test_a_wrong_password(front: Front, broker: str, refused: Refused) -> None:
    """The password is wrong."""
    with refused(amqp.AuthenticationFailed, "did not accept the credentials given with PLAIN"):
        front.connect(broker.replace("//", "//guest:wrong@"))


def test_a_token_that_fits_no_frame(front: Front, broker: str, refused: Refused) -> None:
    """A token needs a larger frame than every server takes."""
    with refused(amqp.AuthenticationFailed, "raise max_frame_size of the mechanism"):
        front.connect(broker, sasl=amqp.Plain("guest", "x" * 600))


# -- those on the way, and other hosts


def test_a_proxy_that_wants_to_know_who(front: Front, serve: Serve, refused: Refused) -> None:
    """The proxy wants a user and a password."""
    requests: list[str] = []
    port = serve(lambda: http_proxy(requests, b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"))
    with refused(amqp.ConnectionLost, "give user and password in the URL of proxy="):
        front.connect(ELSEWHERE, proxy=f"http://127.0.0.1:{port}")


@pytest.mark.fault("E7")
def test_a_redirect(front: Front, start_peer: MakePeer, refused: Refused) -> None:
    """The server sends the client to another host: nobody goes there with the credentials."""
    elsewhere = start_peer()
    peer = start_peer(silent=("open",))
    info = {
        amqp.Symbol("network-host"): "127.0.0.1",
        amqp.Symbol("port"): elsewhere.peer.port,
    }
    error = amqp.Error(condition="amqp:connection:redirect", info=info)

    def redirect(each: Any) -> None:
        each.driver.engine.open()
        each.driver.engine.close(error)

    def later() -> None:
        peer.until(lambda each: each.drivers and each.driver.engine.remote_open is not None)
        peer.do(redirect)

    thread = Thread(target=later)
    thread.start()
    with refused(amqp.RemoteClosed, "amqp:connection:redirect") as caught:
        front.connect(user(peer.url)).open_sender("q")
    thread.join()
    assert caught.value.info["port"] == elsewhere.peer.port
    assert elsewhere.peer.drivers == []


# -- what the embedded broker refuses


def test_a_broker_for_everybody(serve: Serve, refused: Refused) -> None:
    """The embedded broker is to listen beyond loopback without users."""
    broker = serve(lambda: Broker(BrokerOptions()))
    with refused(amqp.LocalError, "users"):
        broker.listen("0.0.0.0")
    with refused(amqp.LocalError, "users"):
        broker.listen("0.0.0.0", websocket=True)


@pytest.mark.fault("E2")
def test_a_client_that_skips_the_layer(
    front: Front, start_broker: Callable[..., str], refused: Refused
) -> None:
    """A client leaves SASL out, and the embedded broker has users."""
    url = start_broker(users={"ann": "geheim"})
    with refused(amqp.AuthenticationFailed, "asked for AMQP.*the server answered SASL"):
        front.connect(url, sasl=())
