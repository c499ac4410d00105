"""Sending, receiving and settling, on both front ends."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp_spec import Transfer
from tests.contract.front import SOON

if TYPE_CHECKING:
    from tests.contract.conftest import MakePeer, ThreadedPeer
    from tests.contract.front import Front

HELLO = amqp.Message(b"hello")


def test_there_and_back(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        sender = connection.open_sender("q")
        assert sender.send(HELLO) == amqp.Accepted()
        receiver = connection.open_receiver("q", credit=10)
        delivery = receiver.receive(timeout=SOON)
        assert delivery.message.body == b"hello"
        assert not delivery.settled
        delivery.accept()
        assert delivery.settled
        assert delivery.outcome == amqp.Accepted()
        with pytest.raises(amqp.LocalError, match="settled once"):
            delivery.accept()
        receiver.close()
        assert not receiver.is_open


def test_submitted_messages_keep_their_order(front: Front, broker: str) -> None:
    with front.connect(broker) as connection, connection.open_sender("q") as sender:
        pendings = [sender.submit(amqp.Message(number)) for number in range(300)]
        assert pendings[-1].result(timeout=SOON) == amqp.Accepted()
        sender.flush()
        assert all(pending.done() for pending in pendings)
        assert all(pending.outcome == amqp.Accepted() for pending in pendings)
        assert pendings[0].exception() is None
        assert pendings[0].tag != pendings[1].tag
        with connection.open_receiver("q", credit=20, auto_accept=True) as receiver:
            numbers = []
            for delivery in receiver:
                numbers.append(delivery.message.body)
                if len(numbers) == 300:
                    break
        assert numbers == list(range(300))


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (amqp.Rejected(error=amqp.Error(condition="x:y", description="no")), amqp.MessageRejected),
        (amqp.Released(), amqp.MessageReleased),
        (amqp.Modified(delivery_failed=True), amqp.MessageModified),
    ],
    ids=["rejected", "released", "modified"],
)
def test_what_the_peer_decided_otherwise_is_raised(
    front: Front, start_peer: MakePeer, outcome: Any, error: type[amqp.DeliveryNotAccepted]
) -> None:
    peer = start_peer(silent=("outcome",))
    with front.connect(peer.url) as connection, connection.open_sender("q") as sender:
        pending = sender.submit(HELLO)
        peer.until(lambda peer: peer.deliveries)
        assert not pending.done()
        peer.do(lambda peer: peer.deliveries.popleft().settle(outcome))
        with pytest.raises(error) as caught:
            pending.result(timeout=SOON)
        assert caught.value.outcome == outcome
        assert pending.outcome == outcome
        assert isinstance(pending.exception(), error)


def test_a_result_that_does_not_come_in_time(front: Front, start_peer: MakePeer) -> None:
    peer = start_peer(silent=("outcome",))
    with front.connect(peer.url) as connection, connection.open_sender("q") as sender:
        pending = sender.submit(HELLO)
        for timeout in (0, 0.01):
            with pytest.raises(amqp.OperationTimeout, match="fate"):
                pending.result(timeout=timeout)
        with pytest.raises(amqp.OperationTimeout, match="outcomes of"):
            sender.flush(timeout=0.01)
        peer.until(lambda peer: peer.deliveries)
        peer.do(lambda peer: peer.deliveries.popleft().settle(amqp.Accepted()))
        assert pending.result(timeout=SOON) == amqp.Accepted()


@pytest.mark.fault("F12")
def test_without_credit_a_message_is_not_sent(front: Front, start_peer: MakePeer) -> None:
    peer = start_peer(credit=0)
    with front.connect(peer.url) as connection, connection.open_sender("q") as sender:
        with pytest.raises(amqp.NotSent) as caught:
            sender.send(HELLO, timeout=0.01)
        assert isinstance(caught.value.__cause__, amqp.OperationTimeout)
        with pytest.raises(amqp.NotSent, match="credit"):
            sender.submit(HELLO, timeout=0.01)
        peer.do(lambda peer: peer.receiver().flow(5))
        assert sender.send(HELLO, timeout=SOON) == amqp.Accepted()


@pytest.mark.fault("F30")
def test_without_an_outcome_a_message_is_in_doubt(front: Front, start_peer: MakePeer) -> None:
    peer = start_peer(silent=("outcome",))
    with front.connect(peer.url) as connection, connection.open_sender("q") as sender:
        with pytest.raises(amqp.InDoubt):
            sender.send(HELLO, timeout=0.05)
        peer.do(lambda peer: peer.deliveries.popleft().settle(amqp.Released()))
        peer.do(lambda peer: peer.silent.clear())
        assert sender.send(HELLO, timeout=SOON) == amqp.Accepted()


def test_settled_messages_have_no_outcome(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        sender = connection.open_sender("q", snd_settle_mode=amqp.SenderSettleMode.SETTLED)
        assert sender.send(HELLO) is None
        mixed = connection.open_sender("q")
        assert mixed.send(HELLO, settled=True) is None
        assert mixed.submit(HELLO, settled=True).result(timeout=SOON) is None
        receiver = connection.open_receiver("q", snd_settle_mode=amqp.SenderSettleMode.SETTLED)
        for _ in range(3):
            delivery = receiver.receive(timeout=SOON)
            assert delivery.settled
            delivery.accept()
            assert delivery.outcome is None


def test_arguments_are_checked(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        sender = connection.open_sender("q")
        for wrong in ("text", None):
            with pytest.raises(amqp.LocalError, match="takes a Message"):
                sender.send(wrong)
        with pytest.raises(amqp.EncodeError):
            sender.send(amqp.Message())
        with pytest.raises(amqp.LocalError, match="delivery-tag"):
            sender.submit(HELLO, tag=b"x" * 33)
        with pytest.raises(amqp.LocalError, match="timeout"):
            sender.send(HELLO, timeout=-1)
        with pytest.raises(TypeError, match="has no option"):
            connection.open_sender("q", nonsense=1)
        assert sender.send(HELLO) == amqp.Accepted()


def test_every_outcome_can_be_told(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection, connection.open_receiver("q") as receiver:
        peer.send(*range(5))
        deliveries = [receiver.receive(timeout=SOON) for _ in range(5)]
        sent = peer.do(lambda peer: list(peer.sender().unsettled.values()))
        deliveries[0].accept()
        deliveries[1].reject(amqp.Error(condition="x:y"))
        deliveries[2].release()
        deliveries[3].modify(undeliverable_here=True, message_annotations={"x-opt-a": 1})
        with pytest.raises(ZeroDivisionError), deliveries[4]:
            _ = 1 / 0
        peer.until(lambda peer: not peer.sender().unsettled)
        states = [delivery.remote_state for delivery in sent]
        assert states[:3] == [
            amqp.Accepted(),
            amqp.Rejected(error=amqp.Error(condition="x:y")),
            amqp.Released(),
        ]
        assert isinstance(states[3], amqp.Modified)
        assert states[3].undeliverable_here
        assert dict(states[3].message_annotations or {}) == {"x-opt-a": 1}
        assert isinstance(states[4], amqp.Modified)
        assert states[4].delivery_failed


def test_mode_second_waits_for_the_sender(front: Front, peer: ThreadedPeer) -> None:
    second = amqp.ReceiverSettleMode.SECOND
    with front.connect(peer.url) as connection:
        receiver = connection.open_receiver("q", rcv_settle_mode=second)
        peer.send("a")
        delivery = receiver.receive(timeout=SOON)
        with pytest.raises(amqp.OperationTimeout, match="settlement"):
            delivery.accept(timeout=0.01)
        peer.until(lambda peer: [d for d in peer.sender().unsettled.values() if d.remote_state is not None])
        peer.do(lambda peer: next(iter(peer.sender().unsettled.values())).settle())
        receiver.close()


def test_receiving_in_time_or_not_at_all(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection, connection.open_receiver("q") as receiver:
        for timeout in (0, 0.01):
            with pytest.raises(amqp.OperationTimeout, match="no message came"):
                receiver.receive(timeout=timeout)
        peer.send(1, 2)
        assert receiver.receive(timeout=SOON).message.body == 1
        assert receiver.receive(timeout=SOON).message.body == 2


def test_credit_by_hand(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        sender = connection.open_sender("q")
        for number in range(5):
            sender.send(amqp.Message(number))
        receiver = connection.open_receiver("q", credit=0)
        with pytest.raises(amqp.OperationTimeout):
            receiver.receive(timeout=0.01)
        receiver.issue_credit(2)
        assert [receiver.receive(timeout=SOON).message.body for _ in range(2)] == [0, 1]
        receiver.issue_credit(10)
        receiver.drain()
        assert receiver.credit == 0
        assert receiver.unread == 3
        windowed = connection.open_receiver("other")
        with pytest.raises(amqp.LocalError, match="credit=0"):
            windowed.issue_credit(1)


def test_the_window_is_renewed_as_messages_are_taken(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        sender = connection.open_sender("q")
        for number in range(50):
            sender.submit(amqp.Message(number))
        sender.flush()
        with connection.open_receiver("q", credit=3) as receiver:
            for number in range(50):
                delivery = receiver.receive(timeout=SOON)
                assert delivery.message.body == number
                delivery.accept()


def test_unread_messages_go_back_on_close(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        sender = connection.open_sender("q")
        for number in range(5):
            sender.send(amqp.Message(number))
        with connection.open_receiver("q", credit=10) as receiver:
            assert receiver.receive(timeout=SOON).message.body == 0
        with connection.open_receiver("q", credit=10) as receiver:
            assert [receiver.receive(timeout=SOON).message.body for _ in range(5)] == list(range(5))


def test_a_loop_ends_when_the_receiver_is_closed_here(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection:
        receiver = connection.open_receiver("q")
        bodies = []
        seen = threading.Event()

        def reading() -> None:
            for delivery in receiver:
                bodies.append(delivery.message.body)
                seen.set()

        reader = threading.Thread(target=reading)
        reader.start()
        peer.send(1)
        assert seen.wait(SOON)
        receiver.close()
        reader.join(SOON)
        assert not reader.is_alive()
        assert bodies == [1]


def test_undecodable_messages_are_delivered(front: Front, peer: ThreadedPeer) -> None:
    with front.connect(peer.url) as connection, connection.open_receiver("q") as receiver:
        peer.thread.run(peer.peer.send_octets(b"nonsense"))
        delivery = receiver.receive(timeout=SOON)
        with pytest.raises(amqp.DecodeError):
            _ = delivery.message
        assert delivery.raw == b"nonsense"
        delivery.reject()
        peer.send("fine")
        assert receiver.receive(timeout=SOON).message.body == "fine"


@pytest.mark.fault("F20")
def test_who_looks_at_frames_may_raise(front: Front, broker: str, caplog: pytest.LogCaptureFixture) -> None:
    def on_frame(_direction: str, _channel: int, performative: object, _size: int) -> None:
        if isinstance(performative, Transfer):
            raise ValueError("of the test")

    with front.connect(broker, on_frame=on_frame) as connection, connection.open_sender("q") as sender:
        assert sender.send(HELLO) == amqp.Accepted()
        with connection.open_receiver("q") as receiver:
            receiver.receive(timeout=SOON).accept()
    said = [record.getMessage() for record in caplog.records if record.name == "amqp.client"]
    assert len(said) == 2
    assert all("on_frame of the connection with amqp://127.0.0.1" in line for line in said)


@pytest.mark.fault("F20")
def test_callbacks_are_called_and_may_raise(
    front: Front, start_peer: MakePeer, caplog: pytest.LogCaptureFixture
) -> None:
    peer = start_peer(silent=("outcome",))
    with front.connect(peer.url) as connection, connection.open_sender("q") as sender:
        called = threading.Event()
        outcomes: list[object] = []

        def raising(_: Any) -> None:
            raise ValueError("of the test")

        def noting(pending: Any) -> None:
            outcomes.append(pending)
            called.set()

        pending = sender.submit(HELLO)
        pending.add_done_callback(raising)
        pending.add_done_callback(noting)
        peer.until(lambda peer: peer.deliveries)
        peer.do(lambda peer: peer.deliveries.popleft().settle(amqp.Accepted()))
        # Nobody waits for the connection meanwhile.
        assert called.wait(SOON)
        called.clear()
        pending.add_done_callback(noting)
        assert called.is_set()
        assert len(outcomes) == 2
        assert pending.outcome == amqp.Accepted()
    assert "of the test" in caplog.text
    caplog.clear()
