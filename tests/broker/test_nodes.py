"""Which queue an address means, and how many there may be."""

from __future__ import annotations

import pytest

from amqp.broker import BrokerOptions
from amqp.broker.nodes import Nodes, Refused
from amqp.broker.stored import StoredMessage
from amqp.errors import LocalError


def nodes(max_queues: int = 3) -> Nodes:
    return Nodes(BrokerOptions(max_queues=max_queues))


def test_a_queue_is_made_on_use_and_found_again() -> None:
    them = nodes()
    assert them.find("a") is None
    queue = them.open("a")
    assert them.open("a") is queue
    assert them.find("a") is queue


@pytest.mark.parametrize(
    ("address", "condition"), [("", "amqp:invalid-field"), ("x" * 1025, "amqp:invalid-field")]
)
def test_what_is_no_address_is_refused(address: str, condition: str) -> None:
    with pytest.raises(Refused) as refusal:
        nodes().open(address)
    assert refusal.value.error.condition == condition


def test_a_temporary_queue_is_not_made_by_name() -> None:
    them = nodes()
    queue = them.make_temporary()
    assert queue.temporary
    assert them.open(queue.name) is queue
    them.delete(queue)
    with pytest.raises(Refused) as refusal:
        them.open(queue.name)
    assert refusal.value.error.condition == "amqp:not-found"


def test_idle_queues_make_room_and_used_ones_stay() -> None:
    them = nodes(max_queues=2)
    them.open("idle")
    used = them.open("used")
    used.publish(StoredMessage(b"x", 1, 0.0), 0.0)
    them.open("new").publish(StoredMessage(b"x", 1, 0.0), 0.0)
    assert sorted(them.queues) == ["new", "used"]
    with pytest.raises(Refused) as refusal:
        them.open("more")
    assert refusal.value.error.condition == "amqp:resource-limit-exceeded"
    with pytest.raises(Refused, match="limit"):
        them.make_temporary()


def test_deleting_twice_does_not_hurt_a_namesake() -> None:
    them = nodes()
    old = them.open("a")
    them.delete(old)
    new = them.open("a")
    them.delete(old)
    assert them.find("a") is new


@pytest.mark.parametrize(
    "options",
    [
        {"max_depth": 0},
        {"credit": 0},
        {"max_queues": -1},
        {"handshake_timeout": 0.0},
        {"max_depth": "x"},
        {"credit": 1.5},
        {"max_frame_size": 100},
        {"channel_max": 70_000},
        {"close_timeout": "5"},
        {"idle_timeout": "60"},
        {"users": "joe:pw"},
        {"users": {"joe": 1}},
        {"allow_anonymous": "yes"},
        {"container_id": None},
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, object]) -> None:
    (name,) = options
    with pytest.raises(LocalError, match=name):
        BrokerOptions(**options)  # type: ignore[arg-type]  # the names vary
