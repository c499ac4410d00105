"""The work for one frame does not grow with what else there is."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from amqp.engine import (
    ConnectionFailed,
    DeliveryReceived,
    LinkFailed,
    LinkRequested,
    SessionFailed,
    SessionRequested,
)
from amqp.engine.numbers import NumberPool
from amqp.engine.serial import distance
from amqp.options import ConnectionOptions, SessionOptions
from amqp_spec import Accepted, Detach, Disposition, End
from tests.engine.wire import (
    accept_receiver,
    accept_sender,
    accept_session,
    begin,
    flow,
    frame,
    opened_server,
    sender_attach,
    transfer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

FEW = 10
MANY = 10_000


def calls(work: Callable[[], object]) -> int:
    """Count the calls, Python's and C's, that *work* makes."""
    count = 0

    def profile(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    gc.disable()  # what it finalizes calls too, and belongs to whoever ran before
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def crowded(*, links: int = FEW, sessions: int = FEW, unsettled: int = FEW) -> list[Callable[[], object]]:
    """Return what a server does that has so many links, sessions, and unsettled deliveries each way."""
    rig = opened_server(options=ConnectionOptions(channel_max=2 * MANY))
    accept_session(rig, SessionOptions(incoming_window=100_000), incoming_window=100_000)
    for channel in range(1, sessions):
        accept_session(rig, channel=channel)
    accept_receiver(rig, name="in", handle=0, credit=100_000)
    outgoing = accept_sender(rig, name="out", handle=1)
    rig.receive(flow(handle=1, delivery_count=0, link_credit=100_000, incoming_window=100_000))
    rig.forget()
    for number in range(2, links):
        accept_sender(rig, name=f"other-{number}", handle=number)
    for number in range(unsettled):
        rig.receive(transfer(number))
        outgoing.send(b"x")
        rig.engine.data_to_send(0.0)
    deliveries = [event.delivery for event in rig.events() if isinstance(event, DeliveryReceived)]
    rig.forget()
    assert len(rig.engine.sessions) == sessions
    assert len(outgoing.session.links) == links
    assert len(outgoing.unsettled) == len(deliveries) == unsettled
    counts: dict[str, Any] = {"next_incoming_id": unsettled, "next_outgoing_id": unsettled}

    def take(performative: Any, channel: int = 0) -> Callable[[], object]:
        octets = frame(performative, channel=channel)

        def handle() -> None:
            rig.engine.receive_data(octets, 0.0)
            for event in rig.engine.events():
                if isinstance(event, SessionRequested):
                    event.session.accept()
                elif isinstance(event, LinkRequested):
                    event.link.accept()
                assert not isinstance(event, ConnectionFailed | SessionFailed | LinkFailed)
            rig.engine.data_to_send(0.0)

        return handle

    def settle() -> None:
        deliveries[-1].settle(Accepted())
        rig.engine.data_to_send(0.0)

    def send() -> None:
        outgoing.send(b"y")
        rig.engine.data_to_send(0.0)

    return [
        take(flow(handle=1, delivery_count=unsettled, link_credit=50, **counts)),
        take(flow(echo=True, **counts)),
        take(transfer(unsettled)),
        take(Disposition(role=True, first=unsettled - 1, settled=True, state=Accepted())),
        settle,
        send,
        take(sender_attach("new", links)),
        take(Detach(handle=links, closed=True)),
        take(begin(), sessions),
        take(sender_attach("far", 0), sessions),
        take(End(), sessions),
        take(Detach(handle=links - 1, closed=True)),
    ]


@pytest.mark.fault("C10")
@pytest.mark.fault("F24")
@pytest.mark.measures
@pytest.mark.parametrize("crowd", ["links", "sessions", "unsettled"])
def test_the_work_for_a_frame_is_the_same_in_a_crowd(crowd: str) -> None:
    """Ten of each, or ten thousand of one of them."""
    for work in crowded():
        work()  # what is done once, at the first frame of its kind
    few = [calls(work) for work in crowded()]
    many = [calls(work) for work in crowded(**{crowd: MANY})]
    assert few == pytest.approx(many, abs=2)


def each_takes(add: Callable[[int], object]) -> float:
    """Return the octets that one more takes, over a thousand."""
    for number in range(20):
        add(number)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(20, 1020):
            add(number)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / 1000
    finally:
        tracemalloc.stop()


@pytest.mark.fault("F24")
@pytest.mark.measures
def test_idle_links_and_sessions_are_small() -> None:
    rig = opened_server(options=ConnectionOptions(channel_max=2_000))
    assert each_takes(lambda number: accept_session(rig, channel=number)) < 6 * 1024
    assert each_takes(lambda number: accept_sender(rig, name=f"a{number}", handle=number)) < 4 * 1024
    assert (
        each_takes(lambda number: accept_receiver(rig, name=f"b{number}", handle=number, channel=1))
        < 4 * 1024
    )
    assert len(rig.engine.sessions) == 1020


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
