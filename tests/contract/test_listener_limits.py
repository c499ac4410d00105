"""Services and clients that leave handlers behind: how many may be at work; on both front ends."""

from __future__ import annotations

import queue
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

import amqp
import amqp.sync
from amqp.testing import BlockingPeer
from tests.contract.front import SOON

if TYPE_CHECKING:
    from tests.contract.front import Front

ANYWHERE = "amqp://127.0.0.1:0"


def take(request: Any) -> None:
    """Accept a link that a client sends on, and every message."""
    with request.accept() as receiver:
        for delivery in receiver:
            delivery.accept()


def test_handlers_of_sessions_that_are_gone_are_counted(front: Front) -> None:
    called: queue.Queue[None] = queue.Queue()
    go_on = threading.Event()

    def on_session(_: Any) -> None:
        called.put(None)
        go_on.wait(SOON)

    with front.listen(ANYWHERE, take, on_session=on_session, channel_max=1) as listener:
        with BlockingPeer("client", port=listener.port) as peer, peer.scripting():
            peer.remote_header()
            peer.remote_open(container_id="fast")
            peer.expect_header()
            peer.expect_open()
            for _ in range(3):
                peer.remote_begin(channel=0, next_outgoing_id=0, incoming_window=100, outgoing_window=100)
                peer.remote_end(channel=0)
            peer.expect_begin(remote_channel=0)
            peer.expect_end(error={"condition": "amqp:resource-limit-exceeded"})
            peer.closing()
        go_on.set()
        listener.close()
    assert called.qsize() == 2


def test_a_connection_keeps_its_place_until_its_handler_is_done(front: Front) -> None:
    called: queue.Queue[None] = queue.Queue()
    go_on = threading.Event()

    def on_connection(_: Any) -> None:
        called.put(None)
        go_on.wait(SOON)

    with front.listen(ANYWHERE, take, on_connection=on_connection, max_connections=1) as listener:
        with socket.create_connection(("127.0.0.1", listener.port)) as dialled:
            dialled.sendall(bytes.fromhex("414d515000010000 0000001002000000 005310c003 01a100"))
            called.get(timeout=SOON)
        for _ in range(3):
            with pytest.raises(amqp.ConnectionLost):
                amqp.sync.connect(listener.url)
        go_on.set()
        for _ in range(100):
            try:
                with amqp.sync.connect(listener.url) as connection:
                    connection.open_sender("a").send(amqp.Message(b""))
                return
            except amqp.ConnectionLost:
                continue
        pytest.fail("its place is not given back")
