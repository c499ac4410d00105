"""What a peer may send is bounded by options of a connection, on both front ends and at both ends."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.testing import BlockingPeer
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.conftest import MakePeer
    from tests.contract.front import Front

LONG = {"product": "x" * 600}
DEEP = [[[[1]]]]


@pytest.mark.fault("A7")
@pytest.mark.fault("A11")
@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streaming"])
def test_the_content_of_messages(front: Front, broker: str, streaming: bool) -> None:
    limits = amqp.Limits(depth=3, sections=7)
    wide = amqp.Message([amqp.Data(b"x")] * 8)
    deep = amqp.Message(b"deep", message_annotations={"x-deep": DEEP})
    with front.connect(broker, limits=limits) as connection:
        sender = connection.open_sender("q")
        for message in (wide, deep, amqp.Message(b"fits", message_annotations={"x-flat": [1]})):
            sender.send(message)
        receiver = connection.open_receiver("q", streaming=streaming)
        if not streaming:
            with (
                receiver.receive(timeout=SOON) as delivery,
                pytest.raises(amqp.DecodeError, match="sections"),
            ):
                _ = delivery.message
            assert isinstance(delivery.outcome, amqp.Modified)
        else:
            # Pieces of a body are no sections to be held.
            with receiver.receive(timeout=SOON) as delivery:
                assert b"".join(delivery.chunks()) == b"x" * 8
        with receiver.receive(timeout=SOON) as delivery, pytest.raises(amqp.DecodeError, match="nested"):
            _ = delivery.head().message_annotations
        delivery = receiver.receive(timeout=SOON)
        assert delivery.head().message_annotations == {"x-flat": [1]}
        delivery.accept()


@pytest.mark.fault("A7")
def test_what_a_server_says(front: Front) -> None:
    with BlockingPeer(timeout=SOON) as peer:
        peer.handshake(properties={"deep": DEEP})
        peer.expect_close(error={"condition": "amqp:decode-error"})
        with pytest.raises(amqp.ConnectionLost, match="nested"):
            front.connect(peer.url, limits=amqp.Limits(depth=3))


@pytest.mark.fault("C3")
def test_deliveries_that_have_come_in_part(front: Front, broker: str) -> None:
    with front.connect(broker, max_buffered=4_096, max_frame_size=512) as connection:
        sender = connection.open_sender("q")
        sender.send(amqp.Message(b"x" * 100_000))
        receiver = connection.open_receiver("q")
        with pytest.raises(amqp.LinkDetached, match="max_buffered") as caught:
            receiver.receive(timeout=SOON)
        assert caught.value.condition == "amqp:resource-limit-exceeded"
        sender.send(amqp.Message(b"the connection lives"))


def test_a_long_open_to_a_server(front: Front, broker: str) -> None:
    with pytest.raises(amqp.LocalError, match="raise pre_open_send_limit"):
        front.connect(broker, properties=LONG)
    with front.connect(broker, properties=LONG, pre_open_send_limit=1_024) as connection:
        assert connection.is_open


@pytest.fixture
def talkative() -> Iterator[BlockingPeer]:
    """A server whose open is longer than usual."""
    with BlockingPeer(timeout=SOON) as peer:
        peer.handshake(properties={"x": "x" * 9_000})
        yield peer


@pytest.mark.fault("C2")
def test_a_long_open_of_a_server(front: Front, talkative: BlockingPeer) -> None:
    talkative.expect_close(error={"condition": "amqp:connection:framing-error"})
    with pytest.raises(amqp.ConnectionLost, match="frame of 90"):
        front.connect(talkative.url)


def test_a_long_open_of_a_server_that_is_allowed(front: Front, talkative: BlockingPeer) -> None:
    talkative.expect_close().respond()
    with front.connect(talkative.url, pre_open_max_frame_size=16_384) as connection:
        assert len(connection.remote_properties["x"]) == 9_000


@pytest.mark.fault("A11")
def test_a_service_bounds_its_clients(front: Front) -> None:
    faults: list[Any] = []

    def take(request: Any) -> None:
        with request.accept() as receiver:
            for delivery in receiver:
                faults.append(delivery.fault)
                delivery.accept()

    options: Any = {
        "limits": amqp.Limits(sections=7),
        "pre_open_max_frame_size": 16_384,
        "max_buffered": 4_096,
    }
    with (
        front.listen("amqp://127.0.0.1:0", take, **options) as listener,
        amqp.sync.connect(
            listener.url, properties={"x": "x" * 9_000}, pre_open_send_limit=16_384, max_frame_size=512
        ) as connection,
    ):
        sender = connection.open_sender("a")
        sender.send(amqp.Message([amqp.Data(b"x")] * 7), timeout=SOON)
        sender.send(amqp.Message([amqp.Data(b"x")] * 8), timeout=SOON)
        with pytest.raises(amqp.InDoubt, match="max_buffered"):
            sender.send(amqp.Message(b"x" * 1_000_000), timeout=SOON)
    assert faults[0] is None
    assert "more than 7 sections" in str(faults[1])


@pytest.mark.fault("C6")
def test_messages_without_an_outcome(front: Front, start_peer: MakePeer) -> None:
    peer = start_peer(silent=("outcome",))
    with front.connect(peer.url) as connection:
        for wrong in (0, 1 << 32, "1"):
            with pytest.raises(amqp.LocalError, match="max_unsettled"):
                connection.open_sender("q", max_unsettled=wrong)
        sender = connection.open_sender("q", max_unsettled=2)
        first, second = sender.submit(amqp.Message(1)), sender.submit(amqp.Message(2))
        with pytest.raises(amqp.NotSent, match="credit"):
            sender.submit(amqp.Message(3), timeout=0.01)
        peer.until(lambda peer: len(peer.deliveries) == 2)
        peer.do(lambda peer: peer.deliveries.popleft().settle(amqp.Accepted()))
        assert first.result(timeout=SOON) == amqp.Accepted()
        third = sender.submit(amqp.Message(3), timeout=SOON)
        peer.until(lambda peer: len(peer.deliveries) == 2)
        for _ in range(2):
            peer.do(lambda peer: peer.deliveries.popleft().settle(amqp.Accepted()))
        assert [each.result(timeout=SOON) for each in (second, third)] == [amqp.Accepted()] * 2


@pytest.mark.fault("C6")
def test_messages_of_a_service_without_an_outcome(front: Front) -> None:
    said: queue.Queue[Any] = queue.Queue()

    def give(request: Any) -> None:
        with request.accept(max_unsettled=1) as sender:
            sender.submit(amqp.Message(1))
            with pytest.raises(amqp.NotSent) as caught:
                sender.submit(amqp.Message(2), timeout=0.01)
            said.put(caught.value)
            sender.wait_closed()

    with (
        front.listen("amqp://127.0.0.1:0", give) as listener,
        amqp.sync.connect(listener.url) as connection,
    ):
        receiver = connection.open_receiver("a", credit=10)
        delivery = receiver.receive(timeout=SOON)
        assert isinstance(said.get(timeout=SOON), amqp.NotSent)
        delivery.accept()
        receiver.close()


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ({"limits": 64}, "limits takes a Limits"),
        ({"max_buffered": 0}, "max_buffered=0 is out of range"),
        ({"pre_open_max_frame_size": 511}, "pre_open_max_frame_size=511 is out of range"),
        ({"pre_open_send_limit": "1"}, "pre_open_send_limit takes an int"),
    ],
)
def test_wrong_limits(front: Front, option: Any, says: str) -> None:
    with pytest.raises(amqp.LocalError, match=says):
        front.connect("amqp://localhost", **option)
