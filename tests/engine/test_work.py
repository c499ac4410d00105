"""The work for one frame does not grow with what else there is."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from amqp.engine import DeliveryReceived, DeliveryUpdated
from amqp.engine.numbers import NumberPool
from amqp.engine.serial import distance
from amqp.options import SessionOptions
from amqp_spec import Accepted, Disposition
from tests.engine.wire import (
    Rig,
    accept_receiver,
    accept_sender,
    accept_session,
    flow,
    frame,
    opened_server,
    transfer,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def calls(work: Callable[[], object]) -> int:
    """Count the calls, Python's and C's, that *work* makes."""
    count = 0

    def profile(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def crowded(size: int) -> tuple[Rig, list[Callable[[], object]]]:
    """A server with *size* links on each of a few sessions and as many unsettled deliveries, and frames to handle."""
    rig = opened_server()
    for channel in range(1, 4):
        accept_session(rig, channel=channel)
    accept_session(rig, SessionOptions(incoming_window=100_000), incoming_window=100_000)
    incoming = accept_receiver(rig, name="in", handle=0, credit=100_000)
    outgoing = accept_sender(rig, name="out", handle=1)
    rig.receive(flow(handle=1, delivery_count=0, link_credit=100_000, incoming_window=100_000))
    rig.forget()
    for number in range(2, size):
        accept_sender(rig, name=f"other-{number}", handle=number)
    for number in range(size):
        rig.receive(transfer(number))
        outgoing.send(b"x")
        rig.sent()
    deliveries = [event.delivery for event in rig.events() if isinstance(event, DeliveryReceived)]
    rig.forget()
    last = size - 1

    def settle() -> None:
        deliveries[-1].settle(Accepted())
        rig.engine.data_to_send(0.0)

    def send() -> None:
        outgoing.send(b"y")
        rig.engine.data_to_send(0.0)

    frames = [
        frame(transfer(size), payload=b"z"),
        frame(Disposition(role=True, first=last, settled=True, state=Accepted())),
        frame(
            flow(next_incoming_id=size, next_outgoing_id=size, handle=1, delivery_count=size, link_credit=50)
        ),
        frame(flow(next_incoming_id=size, next_outgoing_id=size + 1, echo=True)),
    ]
    handle = [partial(rig.engine.receive_data, octets, 0.0) for octets in frames]
    assert incoming.attached
    return rig, [*handle, settle, send]


@pytest.mark.fault("C10")
def test_the_work_for_a_frame_is_the_same_in_a_crowd() -> None:
    for work in crowded(300)[1]:
        work()  # what is done once, at the first frame of its kind
    few_rig, few = crowded(300)
    many_rig, many = crowded(2_000)
    for one, other in zip(few, many, strict=True):
        assert abs(calls(one) - calls(other)) <= 2
    for rig in (few_rig, many_rig):
        assert all(event.settled for event in rig.events() if isinstance(event, DeliveryUpdated))
        assert len(rig.engine.sessions) == 4


def test_numbers() -> None:
    pool = NumberPool()
    assert [pool.take(2) for _ in range(4)] == [0, 1, 2, None]
    pool.free(2)
    pool.free(0)
    assert [pool.take(2), pool.take(1), pool.take(2)] == [0, None, 2]
    pool.rest(1)
    assert pool.take(0) is None
    assert pool.take(9) == 3
    assert [pool.take(3), pool.take(3)] == [1, None]


@pytest.mark.parametrize(
    ("start", "end", "far"),
    [
        (0, 0, 0),
        (0, 5, 5),
        (5, 0, -5),
        (0xFFFF_FFFF, 0, 1),
        (0, 0xFFFF_FFFF, -1),
        (0, 0x7FFF_FFFF, 0x7FFF_FFFF),
        (0, 0x8000_0000, -0x8000_0000),
    ],
)
def test_distance(start: int, end: int, far: int) -> None:
    assert distance(start, end) == far
