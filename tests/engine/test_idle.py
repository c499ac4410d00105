"""2.4.5: the idle time-out of each direction."""

from __future__ import annotations

import pytest

from amqp.engine import ConnectionFailed, ConnectionOpened
from amqp.engine.idle import IdleTimers
from amqp.errors import Blame
from amqp.options import ConnectionOptions
from amqp_spec import AmqpErrorCondition, Close, ConnectionErrorCondition
from tests.engine.wire import (
    AMQP,
    EMPTY,
    Open,
    Rig,
    accept_sender,
    accept_session,
    begin,
    client,
    frame,
    opened_client,
    opened_server,
)

NEVER = ConnectionOptions(container_id="c", idle_timeout=None)


def beating(idle_time_out: int | None) -> Rig:
    return opened_client(Open(container_id="peer", idle_time_out=idle_time_out), NEVER)


def wait(rig: Rig, seconds: float) -> None:
    rig.now += seconds
    rig.engine.handle_timeout(rig.now)


@pytest.mark.requirement("transport-2.4.5-02")
@pytest.mark.requirement("transport-2.4.5-07")
def test_an_empty_frame_leaves_at_half_the_time() -> None:
    rig = beating(1000)
    assert rig.engine.next_timeout(rig.now) == 0.5
    wait(rig, 0.49)
    rig.quiet()
    assert rig.engine.next_timeout(rig.now) == pytest.approx(0.01)
    wait(rig, 0.01)
    (beat,) = rig.frames()
    assert beat.performative is None
    assert beat.channel == 0
    assert rig.engine.next_timeout(rig.now) == 0.5


@pytest.mark.requirement("transport-2.4.5-02")
def test_the_gap_between_frames_is_below_the_time_out() -> None:
    rig = beating(1000)
    last = 0.0
    for _ in range(1000):
        step = rig.engine.next_timeout(rig.now)
        assert step is not None
        wait(rig, step)
        if rig.frames():
            assert rig.now - last < 1.0
            last = rig.now
    assert last > 100


def test_what_is_written_anyway_counts() -> None:
    rig = beating(1000)
    rig.now = 0.4
    rig.engine.begin()
    assert len(rig.frames()) == 1
    assert rig.engine.next_timeout(rig.now) == pytest.approx(0.5)
    wait(rig, 0.3)
    rig.quiet()


def test_what_waits_to_be_written_serves_as_well() -> None:
    rig = beating(1000)
    rig.engine.begin()
    wait(rig, 0.5)
    assert [each.performative is None for each in rig.frames()] == [False]


def test_a_driver_that_does_not_write_gets_one_empty_frame() -> None:
    rig = beating(1000)
    for _ in range(5):
        rig.now += 0.5
        rig.engine.handle_timeout(rig.now)
    assert rig.engine.data_to_send(rig.now) == [EMPTY]


@pytest.mark.requirement("transport-2.4.5-09")
@pytest.mark.parametrize("idle_time_out", [0, None])
def test_no_time_out_asked_for(idle_time_out: int | None) -> None:
    rig = beating(idle_time_out)
    assert rig.engine.next_timeout(rig.now) is None
    wait(rig, 1e6)
    rig.quiet()


@pytest.mark.fault("D3")
@pytest.mark.requirement("transport-2.4.5-04")
def test_an_absurd_time_out_causes_no_busy_loop() -> None:
    rig = beating(1)
    step = rig.engine.next_timeout(rig.now)
    assert step is not None
    assert step >= 0.01
    wait(rig, step)
    assert rig.sent() == [None]


@pytest.mark.requirement("transport-2.4.5-03")
@pytest.mark.parametrize(("seconds", "told"), [(60.0, 30_000), (0.5, 250), (None, None), (0.002, 1)])
def test_half_of_our_own_time_is_told(seconds: float | None, told: int | None) -> None:
    rig = client(ConnectionOptions(container_id="c", idle_timeout=seconds))
    rig.engine.open()
    assert rig.sent()[1].idle_time_out == told


@pytest.mark.requirement("transport-2.4.5-01")
@pytest.mark.fault("D2")
@pytest.mark.parametrize("make", [opened_client, opened_server])
def test_a_silent_peer(make: type) -> None:
    rig = make(options=ConnectionOptions(container_id="c", idle_timeout=10.0))
    assert rig.engine.next_timeout(rig.now) == 10.0
    wait(rig, 9.9)
    rig.quiet()
    wait(rig, 0.1)
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED
    failed = rig.event(ConnectionFailed)
    assert failed.fault.blame is Blame.NETWORK
    assert "10.0 s" in failed.fault.description
    assert rig.engine.output_closed
    assert rig.engine.next_timeout(rig.now) is None
    wait(rig, 100)
    rig.quiet()


@pytest.mark.requirement("transport-2.4.5-05")
def test_empty_frames_keep_the_connection() -> None:
    rig = opened_server(options=ConnectionOptions(idle_timeout=10.0))
    for _ in range(50):
        wait(rig, 6)
        rig.raw(EMPTY)
    rig.quiet()


@pytest.mark.requirement("transport-2.4.5-05")
def test_octets_of_an_unfinished_frame_do_not() -> None:
    rig = opened_server(options=ConnectionOptions(idle_timeout=10.0))
    octets = frame(begin())
    for octet in octets[:-1]:
        wait(rig, 1)
        rig.raw(bytes((octet,)))
    assert rig.event(ConnectionFailed).fault.blame is Blame.NETWORK


@pytest.mark.requirement("transport-2.4.5-06")
def test_empty_frames_on_any_channel() -> None:
    rig = opened_server(options=ConnectionOptions(channel_max=9))
    for channel in (0, 1, 9):
        rig.raw(frame(channel=channel))
    rig.quiet()


@pytest.mark.requirement("transport-2.7.1-04")
def test_an_empty_frame_on_a_channel_above_ours() -> None:
    rig = opened_server(options=ConnectionOptions(channel_max=9))
    rig.raw(frame(channel=10))
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == ConnectionErrorCondition.FRAMING_ERROR


@pytest.mark.requirement("transport-2.4.5-08")
def test_no_empty_frame_before_the_open_or_behind_the_close() -> None:
    rig = client(NEVER)
    assert rig.engine.next_timeout(rig.now) is None
    rig.engine.open()
    wait(rig, 100)
    assert len(rig.sent()) == 2
    rig.raw(AMQP + frame(Open(container_id="peer", idle_time_out=1000)))
    rig.event(ConnectionOpened)
    rig.engine.close()
    rig.forget()
    wait(rig, 100)
    rig.quiet()
    assert rig.engine.next_timeout(rig.now) is None


@pytest.mark.requirement("transport-2.4.5-10")
def test_each_direction_has_its_own() -> None:
    rig = opened_client(
        Open(container_id="peer", idle_time_out=1000), ConnectionOptions(container_id="c", idle_timeout=60.0)
    )
    beats = 0
    for _ in range(99):
        wait(rig, 0.6)
        beats += len(rig.frames())
    assert beats == 99
    assert rig.events() == []


@pytest.mark.fault("D4")
def test_an_empty_frame_is_not_stuck_behind_bulk() -> None:
    rig = opened_server(Open(container_id="peer", idle_time_out=1000), ConnectionOptions(idle_timeout=None))
    accept_session(rig, incoming_window=100_000)
    link = accept_sender(rig, credit=10)
    for _ in range(10):
        link.send(bytes(1024 * 1024))
    # One call gives a bounded batch, so the driver comes back; each batch counts as a sign of life.
    taken = sum(map(len, rig.engine.data_to_send(0.0)))
    assert 1024 * 1024 <= taken < 3 * 1024 * 1024
    assert rig.engine.wants_write
    assert rig.engine.next_timeout(0.0) == 0.5


def test_timers_that_were_not_started() -> None:
    timers = IdleTimers(1.0)
    assert timers.next_timeout(5.0) is None
    assert not timers.silent_too_long(5.0)
    assert not timers.beat_due(5.0)
