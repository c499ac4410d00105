"""Fixtures for pytest: a scripted peer and a broker, each in a thread, so that tests of any kind can use them.

Name it in a ``conftest.py``::

    pytest_plugins = ["amqp.testing.pytest_plugin"]

It is no entry point on purpose: pytest would rewrite the asserts of the whole library for every test run that has it
installed. Nothing but pytest is imported before a fixture is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amqp.testing.network import BlockingPeer
    from amqp.testing.threaded_broker import ThreadedBroker

__all__ = ["amqp_broker", "amqp_peer"]


@pytest.fixture
def amqp_peer() -> Iterator[BlockingPeer]:
    """A scripted server on loopback: ``amqp_peer.url``. Its whole script must have run when the test is over."""
    from amqp.testing.network import BlockingPeer

    with BlockingPeer() as peer:
        yield peer


@pytest.fixture
def amqp_broker() -> Iterator[ThreadedBroker]:
    """An embedded broker on loopback with queues in memory: ``amqp_broker.url``."""
    from amqp.testing.threaded_broker import ThreadedBroker

    with ThreadedBroker() as broker:
        yield broker
