"""No password and no token shows anywhere, whatever fails: logs at any level, errors with all that hangs on them, reprs."""

from __future__ import annotations

import logging
import ssl
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.broker import Broker, BrokerOptions
from amqp.client.dialling import dial_settings
from amqp.client.settings import connection_settings, servers
from amqp.client.url import parse_url
from amqp.sasl import AnonymousServer, Failure, PlainServer, SaslServer, ScramSecret, ScramServer
from amqp.transport.websocket import WebSocketConnector
from amqp.transport.websocket_stream import WebSocketStreams
from amqp_spec import SaslChallenge, SaslCode, SaslOutcome
from tests.aio.peer import raw_peer, saying
from tests.contract.tunnel import http_proxy
from tests.security.test_sasl_refusals import Scripted, first, offering, sasl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import trustme

    from tests.contract.conftest import MakePeer, Serve
    from tests.contract.front import Front

pytestmark = pytest.mark.fault("E6")

SECRET = "hunter2-M4RK"
ENCODED = "aHVudGVyMi1NNFJL"
"""The same in base64, where it stands alone."""
PAIR = "bWU6aHVudGVyMi1NNFJL"
"""``me:`` and the secret, as a proxy gets them."""


class Everything(logging.Handler):
    """Keeps what any logger says, in full."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.getMessage()} {record.args!r}")
        if record.exc_info:
            self.said.append("".join(traceback.format_exception(*record.exc_info)))


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Everything]:
    """All loggers at DEBUG, those of frames, asyncio and websockets with them."""
    everything, root = Everything(), logging.getLogger()
    before = root.level
    root.addHandler(everything)
    root.setLevel(logging.DEBUG)
    yield everything
    root.removeHandler(everything)
    root.setLevel(before)


def texts(error: BaseException) -> Iterator[str]:
    """All that an error can show: itself, its causes and contexts, its notes, its attributes."""
    yield "".join(traceback.format_exception(error))
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield f"{each} {each!r} {each.args!r} {vars(each)!r}"
        left += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            left += each.exceptions


def clean(text: str) -> bool:
    return not any(piece in text for piece in (SECRET, ENCODED, PAIR))


@pytest.fixture
def fails(front: Front, logged: Everything) -> Callable[..., None]:
    """Connect, fail, and look at all that there is to see of it."""

    def failing(kind: type[amqp.AmqpError], *arguments: Any, **options: Any) -> None:
        frames: list[str] = []
        with pytest.raises(kind) as caught:
            front.connect(*arguments, on_frame=lambda *frame: frames.append(repr(frame)), **options)
        shown = [*texts(caught.value), *logged.said, *frames]
        assert all(shown)
        assert [text for text in shown if not clean(text)] == []

    return failing


def url(plain: str) -> str:
    return plain.replace("//", f"//me:{SECRET}@")


def test_a_password_that_is_refused(fails: Callable[..., None], broker: str) -> None:
    fails(amqp.AuthenticationFailed, url(broker))
    fails(amqp.AuthenticationFailed, broker, sasl=amqp.Plain("me", SECRET))


def test_a_server_that_breaks_while_it_looks_at_the_password(
    fails: Callable[..., None], start_peer: MakePeer
) -> None:
    def breaking(user: str, password: str) -> bool:
        raise ValueError(f"no such password: {password}")

    peer = start_peer(sasl=SaslServer({"PLAIN": lambda: PlainServer(breaking)}))
    fails(amqp.AuthenticationFailed, url(peer.url))


@pytest.mark.parametrize(
    "mechanism",
    [
        amqp.Plain("me", SECRET),
        amqp.XOAuth2("me", SECRET),
        amqp.OAuthBearer(SECRET, username="me"),
    ],
    ids=repr,
)
def test_a_server_that_repeats_the_secret(fails: Callable[..., None], serve: Serve, mechanism: Any) -> None:
    echo = sasl(SaslChallenge(challenge=f'{{"status": "401", "token": "{SECRET}"}}'.encode()))
    outcome = sasl(SaslOutcome(code=SaslCode.AUTH, additional_data=SECRET.encode()))
    for answers in ([echo, echo, outcome], [outcome]):
        peer = serve(partial(raw_peer, saying(offering(mechanism.name), *answers)))
        fails(amqp.AuthenticationFailed, peer, sasl=mechanism)


@pytest.mark.parametrize("digest", ["SHA-1", "SHA-256", "SHA-512"])
def test_scram_that_fails(fails: Callable[..., None], start_peer: MakePeer, digest: Any) -> None:
    name = f"SCRAM-{digest}"
    users = {"me": ScramSecret.of("another", digest)}.get
    peer = start_peer(sasl=SaslServer({name: lambda: ScramServer(users, digest)}))
    fails(amqp.AuthenticationFailed, url(peer.url))
    liar = start_peer(sasl=SaslServer({name: lambda: Scripted(first(4096), Failure())}))
    fails(amqp.AuthenticationFailed, liar.url, sasl=amqp.Scram("me", SECRET, digest))
    fails(amqp.LocalError, liar.url, sasl=[amqp.Plain("me", SECRET), amqp.Anonymous()])


def test_a_password_that_scram_cannot_carry(fails: Callable[..., None], start_peer: MakePeer) -> None:
    with pytest.raises(amqp.LocalError) as caught:
        amqp.Scram("me", f"{SECRET}\u0007")
    assert all(map(clean, texts(caught.value)))
    peer = start_peer(sasl=SaslServer({"SCRAM-SHA-256": lambda: Scripted(Failure())}))
    fails(amqp.AuthenticationFailed, peer.url.replace("//", f"//me:{SECRET}%07@"))


def test_nobody_there(fails: Callable[..., None]) -> None:
    fails(amqp.ConnectionLost, url("amqp://127.0.0.1:1"))
    fails(
        amqp.ConnectionLost,
        [url("amqp://127.0.0.1:1"), url("ws://127.0.0.1:1/x"), url("amqp+unix:///no/such")],
    )


def test_silence(fails: Callable[..., None], serve: Serve) -> None:
    peer = serve(lambda: raw_peer(saying(offering("PLAIN"))))
    fails(amqp.OperationTimeout, url(peer), connect_timeout=0.1)
    gone = serve(lambda: raw_peer(saying(offering("PLAIN"), b"", then_close=True)))
    fails(amqp.ConnectionLost, url(gone))


def test_tls_that_does_not_come_up(fails: Callable[..., None], serve: Serve, authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    broker = serve(lambda: Broker(BrokerOptions()))
    for websocket in (False, True):
        listener = serve(partial(broker.listen, ssl_context=context, websocket=websocket))
        fails(amqp.TlsFailed, url(listener.url))


def test_clear_text_and_proxies(fails: Callable[..., None], serve: Serve, broker: str) -> None:
    requests: list[str] = []
    proxy = f"http://me:{SECRET}@127.0.0.1:{{}}"
    good = serve(lambda: http_proxy(requests))
    fails(amqp.AuthenticationFailed, url(broker), proxy=proxy.format(good))
    assert PAIR in requests[0]
    bad = serve(lambda: http_proxy(requests, b"HTTP/1.1 407 Who\r\n\r\n"))
    fails(amqp.ConnectionLost, url(broker), proxy=proxy.format(bad))
    fails(amqp.LocalError, broker, proxy=f"http://me:{SECRET}/@127.0.0.1:1")


def test_websockets_that_are_refused(
    fails: Callable[..., None], serve: Serve, broker: str, front: Front
) -> None:
    fails(amqp.ConnectionLost, url(broker.replace("amqp", "ws")) + f"/path?token={SECRET}")
    kind: Any = WebSocketConnector if front.name == "aio" else WebSocketStreams
    transport = kind(f"/?token={SECRET}", headers=[("Authorization", f"Bearer {SECRET}")])
    assert clean(repr(transport))
    fails(amqp.ConnectionLost, url(broker), transport=transport)


def test_a_websocket_to_the_broker(front: Front, serve: Serve, logged: Everything) -> None:
    broker = serve(lambda: Broker(BrokerOptions(users={"me": SECRET})))
    listener = serve(lambda: broker.listen(websocket=True))
    with front.connect(f"{url(listener.url)}/path?token={SECRET}") as connection:
        shown = [repr(connection), repr(broker), repr(listener), repr(broker.options)]
    assert [text for text in [*shown, *logged.said] if not clean(text)] == []
    assert any("Open(" in text for text in logged.said)


@pytest.mark.parametrize(
    "wrong",
    [
        f"amqp://me:{SECRET}@",
        f"amqp://me:{SECRET}@host:port",
        f"amqp://me:{SECRET}/x@host",
        f"amqp://me:{SECRET}#x@host",
        f"amqp://me:{SECRET}@a b",
        f"http://me:{SECRET}@host",
        f"me:{SECRET}@host",
        f"amqp+unix://me:{SECRET}@host/path",
        f"ws://me:{SECRET}@host/#x",
        f"amqp://me:{SECRET}@[::1",
        f"amqp://me:{SECRET}",
        f"amqp://me:{SECRET}\ud800@host",
    ],
)
def test_urls_that_are_wrong(fails: Callable[..., None], wrong: str) -> None:
    fails(amqp.LocalError, wrong)
    fails(amqp.LocalError, ["amqp://localhost", wrong])


@pytest.mark.parametrize(
    "make",
    [
        lambda secret: amqp.Plain("me", secret),
        lambda secret: amqp.XOAuth2("me", secret),
        lambda secret: amqp.OAuthBearer(secret),
        lambda secret: amqp.OAuthBearer("x", username=secret),
        lambda secret: amqp.External(secret),
        lambda secret: amqp.Anonymous(secret),
        lambda secret: amqp.Scram("me", secret),
    ],
)
@pytest.mark.parametrize("wrong", [f"{SECRET}\udcff", SECRET.encode()], ids=["surrogates", "bytes"])
def test_secrets_that_are_no_text(make: Callable[[Any], object], wrong: Any) -> None:
    with pytest.raises(amqp.LocalError) as caught:
        make(wrong)
    assert all(map(clean, texts(caught.value)))


def test_options_that_are_wrong(fails: Callable[..., None]) -> None:
    fails(amqp.LocalError, url("amqp://h"), sasl=amqp.Anonymous())
    fails(amqp.LocalError, url("amqp://h"), sasl_floor=SECRET)
    fails(amqp.LocalError, "amqp://h", sasl=SECRET)
    fails(amqp.LocalError, "amqp://h", sasl=("me", SECRET))
    fails(amqp.LocalError, "amqp://h", proxy=f"http://me:{SECRET}\ud800@h")
    fails(amqp.LocalError, url("amqp://h"), verify_tls=False)
    with pytest.raises(amqp.LocalError) as caught:
        BrokerOptions(users={"me": SECRET.encode()})  # type: ignore[dict-item]  # that is what is wrong
    assert all(map(clean, texts(caught.value)))


def test_reprs() -> None:
    endpoint = parse_url(f"wss://me:{SECRET}@h/?sig={SECRET}")
    settings = connection_settings(sasl=[amqp.Plain("me", SECRET), amqp.Scram("me", SECRET)])
    dialling = dial_settings(proxy=f"http://me:{SECRET}@h")
    route = dialling.route(endpoint)
    told = servers(url("amqp://h"), connection_settings(), dial_settings())
    mechanisms = [
        amqp.Plain("me", SECRET),
        amqp.Scram("me", SECRET),
        amqp.XOAuth2("me", SECRET),
        amqp.OAuthBearer(SECRET),
        ScramSecret.of(SECRET),
    ]
    for each in (endpoint, settings, dialling, route, told, mechanisms, AnonymousServer()):
        assert clean(repr(each)), type(each)
        assert clean(str(each)), type(each)


def test_what_is_looked_for_is_found() -> None:
    error = amqp.LocalError("x")
    error.__cause__ = ValueError(SECRET)
    error.add_note(PAIR)
    assert sum(not clean(text) for text in texts(error)) >= 2
    assert not clean(f"Basic {PAIR}")
