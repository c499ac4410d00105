"""Streams that do not block: connecting in time, reading and writing what there is room for."""

from __future__ import annotations

import math
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from amqp.transport import stream
from amqp.transport.stream import SocketStream

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def listening() -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Have every name mean these addresses."""

    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def nobody() -> tuple[str, int]:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        name: tuple[str, int] = server.getsockname()
    return name


def test_the_addresses_of_a_name_are_tried_in_turn(
    listening: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, nobody(), listening)
    connected = stream.connect("some.test", 1, timeout=math.inf)
    assert connected.private
    assert not connected.unwritten
    connected.close()
    resolving(monkeypatch, nobody(), nobody())
    with pytest.raises(OSError, match=r"refused.*; .*refused") as caught:
        stream.connect("some.test", 1, timeout=5)
    assert isinstance(caught.value.__cause__, ExceptionGroup)


def test_a_look_up_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answer = threading.Event(), threading.Event()

    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        asked.set()
        answer.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    before = time.monotonic()
    with pytest.raises(TimeoutError, match="look-up"):
        stream.connect("some.test", 1, timeout=0.05)
    assert time.monotonic() - before < 10
    assert asked.is_set()
    answer.set()


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), UnicodeError("too long")])
def test_a_name_that_is_none(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(OSError, match=r"unknown|no name of a host"):
        stream.connect("some.test", 1, timeout=5)


def test_no_time_at_all(listening: tuple[str, int]) -> None:
    with pytest.raises(TimeoutError):
        stream.connect(*listening, timeout=0)


def test_reading_and_writing_never_wait() -> None:
    one, other = socket.socketpair()
    near, far = SocketStream(one), SocketStream(other)
    assert near.private
    assert near.read() is None
    assert near.write(memoryview(b"")) == 0
    written, data = 0, memoryview(bytes(1 << 20))
    while sent := near.write(data):
        written += sent
    came = 0
    while (piece := far.read()) is not None:
        came += len(piece)
    assert came == written
    near.close()
    assert far.read() == b""
    far.close()
