"""The fixtures, and the broker that stands behind one of them."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

import amqp
from amqp.broker import BrokerOptions
from amqp.testing import ThreadedBroker

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN_ALONE = """
import sys

def test_nothing_is_imported_before_a_fixture_is_used():
    loaded = {name for name in sys.modules if name.partition(".")[0].startswith("amqp")}
    assert loaded == {"amqp", "amqp.testing", "amqp.testing.pytest_plugin"}
"""
TESTS = """
import asyncio, socket
import amqp
from amqp.testing.script import header_octets

def test_peer(amqp_peer):
    amqp_peer.expect_header().respond()
    with socket.create_connection((amqp_peer.host, amqp_peer.port)) as connected:
        connected.sendall(header_octets())
        assert connected.recv(8) == header_octets()

async def talk(url):
    async with amqp.connect(url) as connection:
        sender = await connection.open_sender("q")
        await sender.send(amqp.Message("hello"))

def test_broker(amqp_broker):
    asyncio.run(talk(amqp_broker.url))
    assert amqp_broker.broker.queues["q"].depth == 1

def test_whose_script_does_not_run(amqp_peer):
    amqp_peer.timeout = 0.01
    amqp_peer.expect_header()

def test_that_fails(amqp_peer):
    amqp_peer.remote_header()
    amqp_peer.expect_open()
    assert 1 == 2

def test_that_is_told_no_more_than_that_the_connection_is_lost(amqp_peer):
    amqp_peer.handshake(expect={"container_id": "orders"})
    asyncio.run(talk(amqp_peer.url))
"""


def run_pytest(folder: Path, tests: str) -> str:
    (folder / "test_it.py").write_text(tests, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "amqp.testing.pytest_plugin"]
    done = subprocess.run(
        [*command, "-o", "addopts=", "--rootdir", str(folder), str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        timeout=50,
    )
    return done.stdout + done.stderr


def test_the_plugin_imports_nothing(tmp_path: Path) -> None:
    assert "1 passed" in run_pytest(tmp_path, PLUGIN_ALONE)


def test_the_fixtures(tmp_path: Path) -> None:
    told = run_pytest(tmp_path, TESTS)
    assert "2 failed, 3 passed, 1 error" in told, told
    assert "scripted peer: container_id: expected 'orders', got" in told, told
    assert re.search(r"-+ scripted peer -+\n   1 -> header AMQP 1\.0\.0\n", told), told
    assert "not come to: header AMQP 1.0.0" in told


async def talk(url: str) -> object:
    async with amqp.connect(url) as connection:
        sender = await connection.open_sender("q")
        await sender.send(amqp.Message("hello"))
        receiver = await connection.open_receiver("q")
        return (await receiver.receive()).message.body


def test_a_broker_in_a_thread() -> None:
    with ThreadedBroker() as broker:
        assert broker.url.endswith(f":{broker.port}")
        assert asyncio.run(talk(broker.url)) == "hello"
    assert not any(thread.name == "broker" for thread in threading.enumerate())
    with pytest.raises(amqp.LocalError):
        _ = broker.port


def test_a_broker_that_cannot_listen_leaves_no_thread() -> None:
    # 203.0.113.0/24 is for documentation: no machine has such an address (RFC 5737).
    broker = ThreadedBroker(BrokerOptions(allow_anonymous=True), "203.0.113.1")
    with pytest.raises(OSError, match="address"):
        broker.__enter__()
    assert not any(thread.name == "broker" for thread in threading.enumerate())
