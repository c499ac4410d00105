"""Each public call is interrupted at its k-th wait, for all k, or runs out of time; then the connection still works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import amqp
import amqp.sync
from tests.contract.front import SOON
from tests.sync.interrupts import Interrupts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.conftest import MakePeer, ThreadedPeer

    Operation = Callable[["Ground"], object]


class Ground:
    """What an operation may need, on one connection."""

    def __init__(self, peer: ThreadedPeer, connection: amqp.sync.Connection) -> None:
        self.peer = peer
        self.connection = connection
        self.sender = connection.open_sender("q")
        self.receiver = connection.open_receiver("q")
        self.timeout = SOON

    def session(self) -> None:
        self.connection.open_session(timeout=self.timeout).close(timeout=self.timeout)

    def open_sender(self) -> None:
        self.connection.open_sender("new", timeout=self.timeout).close(timeout=self.timeout)

    def open_own(self) -> None:
        self.connection.open_receiver("new", session="own", timeout=self.timeout).close(timeout=self.timeout)

    def send(self) -> None:
        self.sender.send(amqp.Message("interrupted"), timeout=self.timeout)

    def submit(self) -> None:
        self.sender.submit(amqp.Message("interrupted"), timeout=self.timeout).result(self.timeout)

    def send_many(self) -> None:
        for pending in self.sender.send_many([amqp.Message("interrupted")] * 3, timeout=self.timeout):
            pending.exception()

    def flush(self) -> None:
        self.sender.submit(amqp.Message("interrupted"), timeout=self.timeout)
        self.sender.flush(timeout=self.timeout)

    def receive(self) -> None:
        self.peer.send("one")
        self.receiver.receive(timeout=self.timeout).accept()

    def drain(self) -> None:
        # The peer has nothing, and does not say so.
        self.receiver.drain(timeout=min(self.timeout, 0.05))

    def second(self) -> None:
        mode = amqp.ReceiverSettleMode.SECOND
        with self.connection.open_receiver("s", rcv_settle_mode=mode, timeout=self.timeout) as receiver:
            receiver.receive(timeout=min(self.timeout, 0.05))


OPERATIONS = [
    Ground.session,
    Ground.open_sender,
    Ground.open_own,
    Ground.send,
    Ground.submit,
    Ground.send_many,
    Ground.flush,
    Ground.receive,
    Ground.drain,
    Ground.second,
]


def works(ground: Ground) -> None:
    assert ground.sender.send(amqp.Message("after"), timeout=SOON) == amqp.Accepted()
    assert ground.sender.is_open
    assert ground.receiver.is_open


@pytest.mark.fault("F14")
@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_interrupted_at_any_wait_the_connection_goes_on(
    operation: Operation, behind: bool, peer: ThreadedPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupts = Interrupts(monkeypatch)
    interrupts.behind = behind
    with amqp.sync.connect(peer.url) as connection:
        ground = Ground(peer, connection)
        finished, waits = False, 0
        while not finished:
            finished = interrupts.at(waits, lambda: operation(ground))
            works(ground)
            waits += 1
            assert waits < 60
        assert waits > 1, "it was never interrupted"
        other = connection.open_sender("other", timeout=SOON)
        assert other.send(amqp.Message("after"), timeout=SOON) == amqp.Accepted()
        # Nothing is left behind: every message that left is settled at both ends.
        peer.until(lambda peer: not peer.receiver().unsettled)


@pytest.mark.fault("F13")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_out_of_time_the_connection_goes_on(operation: Operation, peer: ThreadedPeer) -> None:
    with amqp.sync.connect(peer.url) as connection:
        ground = Ground(peer, connection)
        for timeout in (0.0, 0.0005, 0.002, 0.005, SOON):
            ground.timeout = timeout
            try:
                operation(ground)
            except (amqp.OperationTimeout, amqp.SendError, ExceptionGroup):
                pass
            works(ground)
        peer.until(lambda peer: not peer.receiver().unsettled)


@pytest.mark.fault("F14")
def test_no_delivery_is_lost_to_interrupted_receivers(
    peer: ThreadedPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupts = Interrupts(monkeypatch)
    bodies: list[object] = []
    with amqp.sync.connect(peer.url) as connection:
        receiver = connection.open_receiver("q", credit=5)

        def receive() -> None:
            delivery = receiver.receive(timeout=SOON)
            bodies.append(delivery.message.body)
            delivery.accept()

        for number in range(12):
            peer.send(number)
            interrupts.behind = bool(number % 2)
            interrupts.at(number % 3, receive)
        while len(bodies) < 12:
            receive()
    assert bodies == list(range(12))


@pytest.mark.fault("F14")
@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
def test_connecting_and_closing_may_be_interrupted_at_any_wait(
    behind: bool, peer: ThreadedPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupts = Interrupts(monkeypatch)
    interrupts.behind = behind

    def connect_and_close() -> None:
        with amqp.sync.connect(peer.url) as connection:
            connection.open_sender("q").submit(amqp.Message("x"))

    waits = 0
    while not interrupts.at(waits, connect_and_close):
        waits += 1
        assert waits < 60
    peer.until(lambda peer: all(driver.transport is None for driver in peer.drivers))
    with amqp.sync.connect(peer.url) as connection:
        assert connection.is_open


@pytest.mark.fault("F14")
def test_a_close_that_is_interrupted_is_told_as_one_of_this_side(
    start_peer: MakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = start_peer(silent=("outcome",))
    connection = amqp.sync.connect(peer.url)
    pending = connection.open_sender("q").submit(amqp.Message("x"))
    peer.until(lambda peer: peer.deliveries)
    assert not Interrupts(monkeypatch).at(0, connection.close)
    assert connection.wait_closed(timeout=SOON) is None
    with pytest.raises(amqp.InDoubt) as caught:
        pending.result(timeout=SOON)
    assert isinstance(caught.value.__cause__, amqp.ConnectionClosed)
    assert caught.value.__cause__.blame is amqp.Blame.LOCAL
