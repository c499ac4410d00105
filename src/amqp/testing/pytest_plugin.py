"""Fixtures for pytest: a scripted peer and a broker, each in a thread, so that tests of any kind can use them.

Name it in a ``conftest.py``::

    pytest_plugins = ["amqp.testing.pytest_plugin"]

It is no entry point on purpose: pytest would rewrite the asserts of the whole library for every test run that has it
installed. Nothing but pytest is imported before a fixture is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from amqp.testing.network import BlockingPeer
    from amqp.testing.threaded_broker import ThreadedBroker

__all__ = ["amqp_broker", "amqp_peer"]

_FAILED: Final = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the peer of a test that failed has seen."""
    report = yield
    used: dict[str, Any] = getattr(item, "funcargs", {})
    if report.when == "call" and report.failed and "amqp_peer" in used:
        item.stash[_FAILED] = True
        peer = used["amqp_peer"]
        # A mismatch has the trace too. What the program ran into behind it does not say what it was.
        report.sections.append(("scripted peer", peer.trace if peer.failure is None else str(peer.failure)))
    return report


@pytest.fixture
def amqp_peer(request: pytest.FixtureRequest) -> Iterator[BlockingPeer]:
    """A scripted server on loopback: ``amqp_peer.url``. Its whole script must have run when the test has passed."""
    from amqp.testing.network import BlockingPeer

    peer = BlockingPeer().__enter__()
    try:
        yield peer
        failed: bool = request.node.stash.get(_FAILED, False)
        if not failed:
            peer.wait()
    finally:
        peer.close()


@pytest.fixture
def amqp_broker() -> Iterator[ThreadedBroker]:
    """An embedded broker on loopback with queues in memory: ``amqp_broker.url``."""
    from amqp.testing.threaded_broker import ThreadedBroker

    with ThreadedBroker() as broker:
        yield broker
