"""What is particular to services with threads: handlers that go on, and a system that has no more to give."""

from __future__ import annotations

import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

import amqp
import amqp.sync

if TYPE_CHECKING:
    from collections.abc import Callable

ANYWHERE = "amqp://127.0.0.1:0"
SOON = 20.0


def take(request: amqp.sync.LinkRequest) -> None:
    if isinstance(request, amqp.sync.ReceiverRequest):
        with request.accept(auto_accept=True) as receiver:
            for _ in receiver:
                pass


def test_a_handler_that_goes_on_is_told_of() -> None:
    go = threading.Event()

    def handler(request: amqp.sync.LinkRequest) -> None:
        request.accept()
        go.wait(SOON)

    listener = amqp.sync.listen(ANYWHERE, handler)
    with amqp.sync.connect(listener.url) as connection:
        connection.open_sender("a")
        with pytest.raises(amqp.OperationTimeout, match=r"^1 handlers of <Listener on .* do not end"):
            listener.close(timeout=0.05)
        go.set()


def test_a_close_as_a_client_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    listener = amqp.sync.listen(ANYWHERE, take)
    taken = threading.Event()

    def accept(listening: socket.socket) -> None:
        connected, _ = listening.accept()
        connected.close()
        taken.set()
        assert listener._closing.wait(SOON)

    class Late:
        """The end that wakes the thread, used when that has ended by itself."""

        def __init__(self, waking: socket.socket) -> None:
            self.waking = waking

        def send(self, octets: bytes) -> int:
            listener._thread.join(SOON)
            assert not listener._thread.is_alive()
            return self.waking.send(octets)

        def close(self) -> None:
            self.waking.close()

    monkeypatch.setattr(listener, "_accept", accept)
    monkeypatch.setattr(listener, "_waking", Late(listener._waking))
    with socket.create_connection(listener.address, timeout=SOON) as client:
        assert taken.wait(SOON)
        listener.close()
        assert client.recv(1) == b""
    assert not listener.is_open


def test_a_handler_that_leaves_its_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    left = threading.Event()

    def handler(request: amqp.sync.LinkRequest) -> None:
        left.set()
        sys.exit("no more of this")

    with amqp.sync.listen(ANYWHERE, handler) as listener, amqp.sync.connect(listener.url) as connection:
        with pytest.raises(amqp.AttachRefused) as refused:
            connection.open_sender("a")
        assert refused.value.condition == "amqp:internal-error"
        assert left.wait(SOON)


class Starting:
    """Threads of a given name cannot be started as long as ``broken``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.broken = True
        start: Callable[[threading.Thread], None] = threading.Thread.start

        def starting(thread: threading.Thread) -> None:
            if self.broken and thread.name == name:
                raise RuntimeError("can't start new thread")
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", starting)


def test_no_thread_for_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    with amqp.sync.listen(ANYWHERE, take) as listener, amqp.sync.connect(listener.url) as connection:
        threads = Starting(monkeypatch, "amqp handler")
        with pytest.raises(amqp.AttachRefused) as refused:
            connection.open_sender("a")
        assert refused.value.condition == "amqp:resource-limit-exceeded"
        threads.broken = False
        connection.open_sender("a").send(amqp.Message(b""))


def test_no_thread_for_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        amqp.sync.listen(ANYWHERE, take, on_session=str) as listener,
        amqp.sync.connect(listener.url) as connection,
    ):
        threads = Starting(monkeypatch, "amqp session")
        with pytest.raises(amqp.SessionEnded) as ended:
            connection.open_sender("a")
        assert ended.value.condition == "amqp:resource-limit-exceeded"
        threads.broken = False
        connection.open_sender("a").send(amqp.Message(b""))


def test_no_thread_for_a_connection(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with amqp.sync.listen(ANYWHERE, take, max_connections=1) as listener:
        threads = Starting(monkeypatch, "amqp connection")
        with pytest.raises(amqp.ConnectionLost):
            amqp.sync.connect(listener.url)
        assert "a client was dropped: can't start new thread" in caplog.text
        threads.broken = False
        with amqp.sync.connect(listener.url) as connection:
            connection.open_sender("a").send(amqp.Message(b""))


def test_no_descriptor_for_a_connection(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("amqp.sync.listening._REST", 0.01)
    errors: list[Exception] = [OSError(24, "Too many open files"), ConnectionAbortedError()]
    accept: Callable[[socket.socket], Any] = socket.socket.accept

    def accepting(listening: socket.socket) -> Any:
        if errors:
            raise errors.pop(0)
        return accept(listening)

    with amqp.sync.listen(ANYWHERE, take) as listener:
        monkeypatch.setattr(socket.socket, "accept", accepting)
        with amqp.sync.connect(listener.url) as connection:
            connection.open_sender("a").send(amqp.Message(b""))
    assert "no client can be accepted: [Errno 24] Too many open files" in caplog.text


def test_no_thread_is_left() -> None:
    before = set(threading.enumerate())
    with amqp.sync.listen(ANYWHERE, take) as listener, amqp.sync.connect(listener.url) as connection:
        connection.open_sender("a").send(amqp.Message(b""))
    for thread in set(threading.enumerate()) - before:
        thread.join(SOON)
        assert not thread.is_alive()
