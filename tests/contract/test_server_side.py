"""What a server does to a link that is up: properties in flows, deliveries that it takes back; on both front ends."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.testing import BlockingPeer, Composite, message_octets
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.front import Front

ACTIVE = "rabbitmq:active"
LOST = {"condition": "com.microsoft:message-lock-lost", "description": "too late"}


@pytest.fixture
def scripted() -> Iterator[BlockingPeer]:
    """A server to be scripted; it has answered the open and a begin."""
    with BlockingPeer() as peer:
        peer.handshake()
        peer.accept_session()
        yield peer


class Calls:
    """What a callback was called with."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self._news = threading.Condition()

    def note(self, *arguments: Any) -> None:
        with self._news:
            self.seen.append(arguments)
            self._news.notify_all()

    def wait(self, count: int) -> list[Any]:
        with self._news:
            assert self._news.wait_for(lambda: len(self.seen) >= count, SOON)
        return self.seen


# -- flow properties (2.7.4)


def test_properties_of_the_flows_of_a_sender(front: Front, scripted: BlockingPeer) -> None:
    scripted.accept_receiver()
    told = scripted.gate()
    scripted.remote_flow(handle=0, properties={ACTIVE: True})
    more = scripted.gate()
    scripted.remote_flow(handle=0)
    scripted.remote_flow(handle=0, properties={ACTIVE: False})
    scripted.expect_close().respond()
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q")
        assert not receiver.flow_properties
        calls = Calls()
        receiver.add_flow_callback(lambda link, properties: calls.note(link, properties))
        told.open()
        calls.wait(1)
        assert receiver.flow_properties == {ACTIVE: True}
        late = Calls()
        receiver.add_flow_callback(lambda link, properties: late.note(properties))
        late.wait(1)
        more.open()
        (link, _), (_, properties) = calls.wait(2)
        assert (link.name, properties) == (receiver.name, {ACTIVE: False})
        assert late.wait(2) == [({ACTIVE: True},), ({ACTIVE: False},)]


def test_properties_of_the_flows_of_a_receiver(front: Front, scripted: BlockingPeer) -> None:
    scripted.accept_sender(credit=0)
    told = scripted.gate()
    scripted.remote_flow(handle=0, delivery_count=0, link_credit=3, properties={"a": 1})
    scripted.expect_close().respond()
    with front.connect(scripted.url) as connection:
        sender = connection.open_sender("q")
        calls = Calls()
        sender.add_flow_callback(lambda link, properties: calls.note(link.credit, properties))
        told.open()
        assert calls.wait(1) == [(3, {"a": 1})]


def test_a_callback_that_raises_is_logged(
    front: Front, scripted: BlockingPeer, caplog: pytest.LogCaptureFixture
) -> None:
    scripted.accept_receiver()
    told = scripted.gate()
    scripted.remote_flow(handle=0, properties={ACTIVE: True})
    scripted.expect_close().respond()
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q")

        def broken(_link: Any, _properties: Any) -> None:
            raise LookupError("of the test")

        calls = Calls()
        receiver.add_flow_callback(broken)
        receiver.add_flow_callback(lambda link, properties: calls.note(properties))
        told.open()
        calls.wait(1)
        assert receiver.is_open
    assert [record.getMessage() for record in caplog.records] == ["a callback raised"]
    caplog.clear()


def test_flow_properties_of_ones_own(front: Front, scripted: BlockingPeer) -> None:
    scripted.accept_receiver(credit=7)
    scripted.accept_sender()
    scripted.expect_flow(handle=0, link_credit=7, drain=False, properties={"weight": 3})
    scripted.expect_flow(handle=1, properties={"weight": 4})
    scripted.expect_close().respond()
    wrong: Any = "weight"
    with front.connect(scripted.url, max_frame_size=4096) as connection:
        receiver = connection.open_receiver("q", credit=7)
        sender = connection.open_sender("q")
        receiver.set_flow_properties({"weight": 3})
        sender.set_flow_properties({"weight": 4})
        with pytest.raises(amqp.LocalError, match="properties takes a mapping"):
            sender.set_flow_properties(wrong)
        with pytest.raises(amqp.EncodeError):
            sender.set_flow_properties({"weight": object()})
    with pytest.raises((amqp.LinkDetached, amqp.ConnectionClosed)):
        receiver.set_flow_properties({"weight": 3})


def test_flow_properties_that_fit_no_frame(front: Front) -> None:
    with BlockingPeer() as scripted:
        scripted.handshake(max_frame_size=512)
        scripted.accept_session()
        scripted.accept_sender()
        scripted.expect_close().respond()
        with front.connect(scripted.url) as connection:
            sender = connection.open_sender("q")
            with pytest.raises(amqp.LocalError, match="takes frames of 512"):
                sender.set_flow_properties({"long": "x" * 450})


def test_flow_properties_leave_a_drain_alone(front: Front, scripted: BlockingPeer) -> None:
    scripted.accept_receiver(credit=None)
    scripted.expect_flow(link_credit=5, drain=False)
    scripted.expect_flow(link_credit=5, drain=True)
    scripted.expect_flow(link_credit=5, drain=True, properties={"a": 1})
    scripted.expect_close().respond()
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q", credit=5)
        with pytest.raises(amqp.OperationTimeout):
            receiver.drain(timeout=0.01)
        receiver.set_flow_properties({"a": 1})


# -- deliveries that the sender settles


@pytest.mark.parametrize("settled", [True, False])
@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("released", amqp.Released()),
        ({"delivery_failed": True}, amqp.Modified(delivery_failed=True)),
        (
            {"error": LOST},
            amqp.Rejected(error=amqp.Error(condition=LOST["condition"], description="too late")),
        ),
    ],
)
def test_a_delivery_is_taken_back(
    front: Front, scripted: BlockingPeer, state: Any, outcome: Any, settled: bool
) -> None:
    """A consumer time-out, or a lock that ran out; RabbitMQ 4.3 leaves it to the receiver to settle."""
    if isinstance(state, dict):
        state = Composite("modified" if "delivery_failed" in state else "rejected", **state)
    scripted.accept_receiver()
    scripted.remote_delivery(body=b"one")
    back = scripted.gate()
    scripted.remote_disposition(role="sender", first=0, settled=settled, state=state)
    if not settled:
        # No more than what it is: the sender's own words could be too long for its frames.
        told = state if isinstance(state, str) else state.name
        scripted.expect_disposition(role="receiver", first=0, settled=True, state=told)
    scripted.remote_delivery(body=b"two")
    scripted.expect_disposition(first=1, state="accepted", settled=True)
    scripted.expect_close().respond()
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q")
        calls = Calls()
        receiver.add_taken_back_callback(lambda link, delivery: calls.note(link.name, delivery.tag))
        delivery = receiver.receive(timeout=SOON)
        assert not delivery.error
        back.open()
        assert calls.wait(1) == [(receiver.name, delivery.tag)]
        assert delivery.settled
        error = delivery.error
        assert isinstance(error, amqp.SettledByPeer)
        assert (error.outcome, error.blame, error.retryable) == (outcome, amqp.Blame.REMOTE, False)
        assert error.condition == (LOST["condition"] if isinstance(outcome, amqp.Rejected) else None)
        for settle in (delivery.accept, delivery.reject, delivery.release, delivery.modify):
            with pytest.raises(amqp.SettledByPeer, match="has the message again"):
                settle()
        with pytest.raises(amqp.SettledByPeer):
            delivery.received(section_number=0, section_offset=0)
        assert delivery.outcome is None
        with pytest.raises(amqp.SettledByPeer), delivery:
            pass
        with pytest.raises(LookupError), delivery:
            raise LookupError
        receiver.receive(timeout=SOON).accept()


def test_what_nobody_has_taken_is_not_handed_out_once_it_is_taken_back(
    front: Front, scripted: BlockingPeer
) -> None:
    scripted.accept_receiver(credit=2)
    scripted.remote_delivery(body=b"one")
    scripted.remote_delivery(body=b"two")
    scripted.remote_disposition(role="sender", first=0, last=1, settled=True, state="released")
    scripted.remote_flow(handle=0, properties={ACTIVE: True})
    scripted.expect_flow(link_credit=2)
    scripted.remote_delivery(body=b"three")
    scripted.expect_flow(link_credit=2).optional()
    scripted.expect_disposition(first=2, state="accepted", settled=True)
    scripted.expect_close().respond()
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q", credit=2)
        calls = Calls()
        receiver.add_taken_back_callback(lambda link, delivery: calls.note(delivery))
        told = Calls()
        receiver.add_flow_callback(lambda link, properties: told.note())
        told.wait(1)
        delivery = receiver.receive(timeout=SOON)
        assert delivery.message.body == b"three"
        delivery.accept()
        assert calls.seen == []


@pytest.mark.parametrize("state", [None, "accepted"])
def test_a_sender_that_settles_first_may_leave_the_message_here(
    front: Front, scripted: BlockingPeer, state: str | None
) -> None:
    scripted.accept_receiver()
    scripted.remote_delivery(body=b"one")
    scripted.remote_disposition(role="sender", first=0, settled=True, state=state)
    scripted.remote_delivery(body=b"two")
    scripted.expect_disposition(first=1, state="accepted")
    scripted.expect_close().respond()
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q")
        first, second = receiver.receive(timeout=SOON), receiver.receive(timeout=SOON)
        second.accept()
        assert (first.settled, first.error) == (True, None)
        first.accept()


def test_an_outcome_that_the_sender_does_not_take(front: Front, scripted: BlockingPeer) -> None:
    """Service Bus in mode second: the lock was lost before the outcome came."""
    scripted.accept_receiver(rcv_settle_mode="second")
    for number in range(4):
        scripted.remote_delivery(body=b"%d" % number)
    scripted.expect_disposition(first=0, state="accepted", settled=False)
    scripted.remote_disposition(role="sender", first=0, settled=True, state=Composite("rejected", error=LOST))
    scripted.expect_disposition(first=1, state="rejected", settled=False)
    dead = Composite("rejected", error={"condition": "com.microsoft:dead-letter"})
    scripted.remote_disposition(role="sender", first=1, settled=True, state=dead)
    scripted.expect_disposition(first=2, state="modified", settled=False)
    scripted.remote_disposition(role="sender", first=2, settled=True, state="released")
    scripted.expect_disposition(first=3, state="accepted", settled=False)
    scripted.remote_disposition(role="sender", first=3, settled=True, state="released")
    scripted.expect_close().respond()
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q", rcv_settle_mode=amqp.ReceiverSettleMode.SECOND)
        deliveries = [receiver.receive(timeout=SOON) for _ in range(4)]
        with pytest.raises(amqp.SettledByPeer, match="too late") as caught:
            deliveries[0].accept()
        assert caught.value.condition == LOST["condition"]
        deliveries[1].reject(amqp.Error(condition="com.microsoft:dead-letter"))
        deliveries[2].modify(delivery_failed=True)
        with pytest.raises(amqp.SettledByPeer, match="as released"):
            deliveries[3].accept()


def test_an_outcome_that_waits_for_others_is_not_told_of_what_was_taken_back(
    front: Front, scripted: BlockingPeer
) -> None:
    scripted.accept_receiver()
    scripted.remote_delivery(body=b"one")
    scripted.remote_delivery(body=b"two")
    back = scripted.gate()
    scripted.remote_disposition(role="sender", first=0, settled=False, state="released")
    scripted.expect_disposition(first=0, settled=True, state="released")
    scripted.expect_disposition(first=1, settled=True, state="accepted")
    scripted.expect_close().respond()
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q", batch=10)
        calls = Calls()
        receiver.add_taken_back_callback(lambda link, delivery: calls.note(delivery))
        for _ in range(2):
            receiver.receive(timeout=SOON).accept()
        back.open()
        calls.wait(1)
        receiver.flush()


def test_progress_that_the_sender_tells_takes_nothing_back(front: Front, scripted: BlockingPeer) -> None:
    scripted.accept_receiver()
    scripted.remote_delivery(body=b"one")
    scripted.remote_disposition(role="sender", first=0, settled=False, state="accepted")
    scripted.remote_delivery(body=b"two")
    scripted.expect_disposition(first=0, last=1, settled=True, state="accepted")
    scripted.expect_close().respond()
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q", batch=2)
        first, second = receiver.receive(timeout=SOON), receiver.receive(timeout=SOON)
        first.accept()
        second.accept()


@pytest.mark.parametrize("settled", [True, False])
def test_a_message_is_taken_back_while_it_is_read(
    front: Front, scripted: BlockingPeer, settled: bool
) -> None:
    octets = message_octets(body=bytes(1_000))
    scripted.accept_receiver()
    scripted.remote_transfer(delivery_id=0, delivery_tag=b"x", payload=octets[:500], more=True)
    back = scripted.gate()
    scripted.remote_disposition(role="sender", first=0, settled=settled, state="released")
    if not settled:
        scripted.expect_disposition(first=0, settled=True, state="released")
    scripted.expect_flow().any_number()
    scripted.expect_end().optional()
    scripted.expect_close().respond()
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q", streaming=True)
        delivery = receiver.receive(timeout=SOON)
        chunks = delivery.chunks(timeout=SOON)
        assert next(iter(chunks))
        back.open()
        with pytest.raises(amqp.SettledByPeer):
            for _ in chunks:
                pass
        with pytest.raises(amqp.SettledByPeer):
            delivery.accept()
