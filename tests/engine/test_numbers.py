"""2.5.1: which channel a session takes, and which one rests."""

from __future__ import annotations

from amqp.engine import SessionFailed
from amqp.engine.numbers import NumberPool
from amqp_spec import Error
from tests.engine.wire import (
    End,
    begin_session,
    opened_client,
)


def test_the_channel_of_a_session_that_the_peer_failed_rests() -> None:
    # RabbitMQ 4.0 loses a begin that comes on the channel before it has cleared the session away.
    rig = opened_client()
    failed = begin_session(rig, channel=0)
    rig.receive(End(error=Error(condition="amqp:not-found")))
    rig.event(SessionFailed)
    rig.forget()
    assert failed.channel is None
    assert begin_session(rig, channel=1).channel == 1


def test_a_channel_whose_session_ended_well_is_used_again() -> None:
    rig = opened_client()
    begin_session(rig, channel=0)
    rig.receive(End())
    rig.forget()
    assert begin_session(rig, channel=0).channel == 0


def test_a_resting_number_is_lent_when_there_is_no_other() -> None:
    pool = NumberPool()
    assert [pool.take(2) for _ in range(3)] == [0, 1, 2]
    pool.rest(2)
    pool.rest(0)
    pool.free(1)
    assert [pool.take(2) for _ in range(4)] == [1, 2, 0, None]


def test_a_resting_number_above_the_highest_is_not_lent() -> None:
    pool = NumberPool()
    for _ in range(3):
        pool.take(2)
    pool.rest(2)
    assert pool.take(1) is None
    pool.rest(1)
    assert pool.take(1) == 1
