"""Clients at a port of something else: the error says what it looks like, and how to mend it; on both front ends."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
import trustme

import amqp
import amqp.sync
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.front import Front

TLS_ALERT = b"\x15\x03\x01\x00\x02\x02\x46"


def nobody(request: Any) -> None:
    """Accept nothing."""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def serving(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@contextmanager
def answering(answer: bytes, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that takes one client, answers what it says first, and closes; gives the port."""

    def serve() -> None:
        client, _ = listening.accept()
        with (
            suppress(OSError),
            client if context is None else context.wrap_socket(client, server_side=True) as over,
        ):
            over.recv(4_096)
            over.sendall(answer)
            over.shutdown(socket.SHUT_WR)
            while over.recv(4_096):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(SOON)


def refused(front: Front, url: str, **options: Any) -> amqp.ConnectionLost:
    """The error of a connection that cannot be."""
    with pytest.raises(amqp.ConnectionLost) as caught:
        front.connect(url, **options)
    return caught.value


@pytest.mark.parametrize(
    ("scheme", "answer", "says"),
    [
        ("amqp", TLS_ALERT, "which is TLS: connect with amqps://"),
        ("amqp", TLS_ALERT + b"more", "which is TLS: connect with amqps://"),
        ("amqp", b"", "before it said anything: the port may begin with TLS (connect with amqps://)"),
        (
            "amqp",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "b'HTTP/1.1', which is HTTP: if that port takes AMQP by WebSocket, connect with ws:// or wss://",
        ),
        (
            "amqp",
            b"SSH-2.0-x\r\n",
            "b'SSH-2.0-', which is no AMQP header: another service may have that port",
        ),
        (
            "amqp",
            b"AMQP\x00\x00\x09\x01",
            "answered AMQP 0-9-1, which is another protocol: RabbitMQ before 4 needs its plug-in rabbitmq_amqp1_0",
        ),
        ("amqps", b"HTTP/1.1 400 Bad Request\r\n\r\n", "which is HTTP: if that port takes AMQP by WebSocket"),
        ("amqps", b"", "before it said anything: the port may be one for another protocol"),
        (
            "ws",
            b"AMQP\x03\x01\x00\x00",
            "the server speaks AMQP without WebSocket: connect with amqp:// or amqps://",
        ),
        (
            "ws",
            TLS_ALERT,
            "the server speaks TLS: connect with wss:// if it takes WebSocket, else with amqps://",
        ),
        ("ws", b"SSH-2.0-x\r\n", "what answers there speaks no HTTP, it says b'SSH-2.0-'"),
        ("ws", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP 404"),
        ("ws", b"HTTP/1.0 200 OK\r\n\r\n", "expected HTTP/1.1: HTTP/1.0 200 OK"),
        ("ws", b"", "before it said anything: the port may begin with TLS, or be none for WebSocket"),
        (
            "wss",
            b"AMQP\x03\x01\x00\x00",
            "the server speaks AMQP without WebSocket: connect with amqp:// or amqps://",
        ),
    ],
)
def test_what_another_protocol_answers(
    front: Front, serving: ssl.SSLContext, trusting: ssl.SSLContext, scheme: str, answer: bytes, says: str
) -> None:
    secure = scheme in ("amqps", "wss")
    with answering(answer, serving if secure else None) as port:
        error = refused(
            front, f"{scheme}://127.0.0.1:{port}", **({"ssl_context": trusting} if secure else {})
        )
    assert says in str(error)
    # Whoever says what it is will be the same the next time; one that was silent, or speaks HTTP for now, may not.
    assert error.retryable is (not answer or (scheme == "ws" and answer.startswith(b"HTTP")))


@pytest.mark.parametrize(
    ("scheme", "listens", "says"),
    [
        ("amqp", "amqps", "amqps://"),
        ("amqp", "wss", "amqps://"),
        ("amqp", "ws", "connect with ws:// or wss://"),
        ("amqps", "amqp", "does not speak TLS: the port may be one for clear text, amqp:// or ws://"),
        ("amqps", "ws", "does not speak TLS: the port may be one for clear text, amqp:// or ws://"),
        ("amqps", "wss", "connect with ws:// or wss://"),
        ("ws", "amqp", "connect with amqp:// or amqps://"),
        ("ws", "amqps", "TLS"),
        ("ws", "wss", "TLS"),
        ("wss", "amqp", "does not speak TLS: the port may be one for clear text, amqp:// or ws://"),
        ("wss", "amqps", "connect with amqp:// or amqps://"),
        ("wss", "ws", "does not speak TLS: the port may be one for clear text, amqp:// or ws://"),
    ],
)
def test_the_wrong_scheme_for_one_of_our_own(
    front: Front, serving: ssl.SSLContext, trusting: ssl.SSLContext, scheme: str, listens: str, says: str
) -> None:
    context = serving if listens in ("amqps", "wss") else None
    options = {"ssl_context": trusting} if scheme in ("amqps", "wss") else {}
    with front.listen(f"{listens}://127.0.0.1:0", nobody, ssl_context=context) as listener:
        assert says in str(refused(front, f"{scheme}://127.0.0.1:{listener.port}", **options))


def test_tls_asked_for_in_band_where_it_begins_at_once(
    front: Front, serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    with front.listen("amqps://127.0.0.1:0", nobody, ssl_context=serving) as listener:
        error = refused(front, listener.url, ssl_context=trusting, tls_in_band=True)
    assert "leave tls_in_band=True out for a port that begins with TLS" in str(error)


def test_a_server_that_waits_for_a_line(front: Front) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"amqp://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(amqp.OperationTimeout) as caught:
            front.connect(url, connect_timeout=0.1)
    assert str(caught.value) == (
        f"the open of {url} did not come within 0.1 s, nor anything else: the port may begin with TLS (connect with "
        "amqps://), or be one for another protocol"
    )


def test_a_server_that_begins_and_goes_no_further(front: Front) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def begin() -> None:
            client, _ = listening.accept()
            with client:
                client.sendall(b"AMQP\x03\x01\x00\x00")
                while client.recv(4_096):
                    pass

        thread = threading.Thread(target=begin)
        thread.start()
        url = f"amqp://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(amqp.OperationTimeout) as caught:
            front.connect(url, connect_timeout=0.5)
        thread.join(SOON)
    assert str(caught.value) == f"the open of {url} did not come within 0.5 s"
