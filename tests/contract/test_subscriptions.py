"""Subscriptions as servers want them named and marked, on the wire, on both front ends; what docs/links.md has of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

import amqp
from amqp.testing import BlockingPeer
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.front import Front


class Subscription(NamedTuple):
    """How a server knows a subscription: by the names of its receivers, and what its source can."""

    names: tuple[str, ...]
    capabilities: tuple[str, ...]
    durable: bool = True

    @property
    def source(self) -> amqp.Source:
        if not self.durable:
            return amqp.Source(address="news", capabilities=self.capabilities)
        return amqp.Source(
            address="news",
            durable=amqp.TerminusDurability.UNSETTLED_STATE,
            expiry_policy=amqp.TerminusExpiryPolicy.NEVER,
            capabilities=self.capabilities,
        )

    @property
    def on_the_wire(self) -> dict[str, object]:
        asked: dict[str, object] = {"address": "news", "capabilities": list(self.capabilities)}
        return asked | ({"durable": "unsettled-state", "expiry_policy": "never"} if self.durable else {})


SUBSCRIPTIONS = {
    "Artemis, a queue": Subscription(("reader",), ("queue",), durable=False),
    "Artemis, durable": Subscription(("reader",), ("topic",)),
    "Artemis, shared and durable": Subscription(("readers|1", "readers|2"), ("topic", "shared")),
    "Artemis, shared by all": Subscription(("readers|1", "readers|2"), ("topic", "shared", "global")),
    "Artemis, shared for a while": Subscription(
        ("readers|1", "readers|2"), ("topic", "shared"), durable=False
    ),
    "ActiveMQ, durable": Subscription(("reader",), ("topic",)),
    "IBM MQ, private": Subscription(("private:news",), ("topic",)),
    "IBM MQ, shared": Subscription(("share:readers:news",), ("topic",)),
}


@pytest.fixture
def script() -> Iterator[BlockingPeer]:
    with BlockingPeer(timeout=SOON) as peer:
        peer.handshake(expect={"container_id": "me"}, offered_capabilities=["SHARED-SUBS"])
        peer.accept_session()
        yield peer


@pytest.mark.parametrize("server", SUBSCRIPTIONS)
def test_a_subscription(front: Front, script: BlockingPeer, server: str) -> None:
    wanted = SUBSCRIPTIONS[server]
    for name in wanted.names:
        script.accept_receiver(name=name, source=wanted.on_the_wire)
    for _ in wanted.names:
        # What is kept is detached, so that it is there the next time.
        script.expect_detach(closed=not wanted.durable).respond()
    if wanted.durable:
        script.accept_receiver(name=wanted.names[0], source=wanted.on_the_wire)
        script.expect_detach(closed=True).respond()
    script.expect_close().respond()
    with front.connect(script.url, container_id="me") as connection:
        assert connection.remote_offered_capabilities == ("SHARED-SUBS",)
        opened = [connection.open_receiver(wanted.source, name=name) for name in wanted.names]
        for receiver, name in zip(opened, wanted.names, strict=True):
            assert receiver.name == name
            assert receiver.source.capabilities == wanted.capabilities
        for receiver in opened:
            with receiver:
                pass
        if wanted.durable:
            connection.open_receiver(wanted.source, name=wanted.names[0]).close()


def test_a_server_that_shares_none(front: Front, script: BlockingPeer) -> None:
    wanted = SUBSCRIPTIONS["Artemis, shared and durable"]
    script.expect_attach(role="receiver", name="readers|1").refuse("amqp:not-implemented")
    script.expect_detach(closed=True)
    script.expect_close().respond()
    with front.connect(script.url, container_id="me") as connection:
        with pytest.raises(amqp.AttachRefused) as caught:
            connection.open_receiver(wanted.source, name="readers|1")
        assert caught.value.condition == "amqp:not-implemented"
        assert connection.is_open
