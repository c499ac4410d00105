"""Many messages at a time, sends taken back, outcomes in batches, ends that are noticed: on both front ends."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from tests.contract.front import SOON, Raising

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.aio.peer import Peer
    from tests.contract.conftest import MakePeer, ThreadedPeer
    from tests.contract.front import Front

HELLO = amqp.Message(b"hello")
GONE = amqp.Error(condition="amqp:resource-deleted", description="gone for the test")


def settle_all(peer: Peer) -> None:
    while peer.deliveries:
        peer.deliveries.popleft().settle(amqp.Accepted())


def test_many_messages_there_and_back(front: Front, broker: str) -> None:
    with front.connect(broker) as connection, connection.open_sender("q") as sender:
        messages = (amqp.Message(number) for number in range(200))
        fates = [pending.result(0) for pending in sender.send_many(messages, in_flight=7)]
        assert fates == [amqp.Accepted()] * 200
        with connection.open_receiver("q", credit=50, batch=20) as receiver:
            numbers: list[object] = []
            while len(numbers) < 200:
                deliveries = receiver.receive_many(30, timeout=SOON)
                assert 1 <= len(deliveries) <= 30
                numbers += [delivery.message.body for delivery in deliveries]
                for delivery in deliveries:
                    delivery.accept()
            receiver.flush()
            assert numbers == list(range(200))
            assert receiver.receive_many(5, timeout=0.01) == []
            with pytest.raises(amqp.LocalError, match="most"):
                receiver.receive_many(0)


def test_no_more_messages_are_taken_than_may_be_under_way(front: Front, start_peer: MakePeer) -> None:
    peer = start_peer(silent=("outcome",))
    taken: list[int] = []

    def messages() -> Iterator[amqp.Message]:
        for number in range(1_000):
            taken.append(number)
            yield amqp.Message(number)

    with front.connect(peer.url) as connection, connection.open_sender("q") as sender:
        fates = sender.send_many(messages(), in_flight=3, timeout=0.05)
        assert isinstance(next(fates).exception(), amqp.InDoubt)
        assert len(taken) == 3
        fates.close()
        peer.do(settle_all)
        with pytest.raises(amqp.LocalError, match="iterable of Message"):
            next(sender.send_many(1))


def test_a_send_is_taken_back(front: Front, start_peer: MakePeer) -> None:
    peer = start_peer(credit=1, silent=("outcome",))
    with front.connect(peer.url) as connection, connection.open_sender("q") as sender:
        first: Any = sender.submit(HELLO)
        waiting = Raising(lambda: sender.send(HELLO, timeout=SOON))
        peer.until(lambda peer: peer.deliveries)
        assert first.state is None
        assert not first.abort()
        peer.do(settle_all)
        assert first.result(timeout=SOON) == amqp.Accepted()
        assert str(first.state) == "Accepted()"
        assert not first.abort()
        peer.do(lambda peer: peer.silent.clear())
        peer.do(lambda peer: peer.receiver().flow(5))
        assert waiting.error() is None


def test_progress_is_told(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection, connection.open_receiver("q") as receiver:
        peer.send("long")
        delivery = receiver.receive(timeout=SOON)
        sent = peer.do(lambda peer: next(iter(peer.sender().unsettled.values())))
        delivery.received(section_number=0, section_offset=3)
        peer.until(lambda _: sent.remote_state is not None)
        assert sent.remote_state.section_offset == 3
        delivery.accept()
        with pytest.raises(amqp.LocalError, match="settled before"):
            delivery.received(section_number=0, section_offset=4)


def test_batched_outcomes_are_told_in_time(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection:
        receiver = connection.open_receiver("q", batch=10, batch_max_age=0.05)
        peer.send("one")
        receiver.receive(timeout=SOON).accept()
        # Nobody waits for the connection meanwhile.
        peer.until(lambda peer: not peer.sender().unsettled)


@pytest.mark.parametrize("which", ["connection", "session", "link"])
def test_ends_are_noticed(front: Front, peer: ThreadedPeer, which: str) -> None:
    with front.connect(peer.url) as connection:
        session = connection.open_session()
        receiver = session.open_receiver("q")
        watched: Any = {"connection": connection, "session": session, "link": receiver}[which]
        called = threading.Event()
        told: list[Any] = []

        def noting(gone: Any) -> None:
            told.append(gone)
            called.set()

        watched.add_close_callback(noting)
        with pytest.raises(amqp.OperationTimeout, match="the end of"):
            watched.wait_closed(timeout=0.01)
        assert repr(watched.error) == "None"
        waiting = Raising(lambda: told.append(watched.wait_closed()))
        ends = {
            "connection": lambda peer: peer.driver.engine.close(GONE),
            "session": lambda peer: peer.session().end(GONE),
            "link": lambda peer: peer.sender().detach(error=GONE),
        }
        peer.do(ends[which])
        assert waiting.error() is None
        assert called.wait(SOON)
        assert watched.error.condition == "amqp:resource-deleted"
        assert {type(one).__name__ for one in told} > {type(watched.error).__name__}
        called.clear()
        watched.add_close_callback(noting)
        assert called.is_set()


def test_what_is_closed_here_ends_without_an_error(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection:
        sender = connection.open_sender("q")
        sender.close()
        assert sender.wait_closed(timeout=SOON) is None
    assert connection.wait_closed(timeout=SOON) is None
    assert connection.error is None
