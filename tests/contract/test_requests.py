"""Requests and replies on both front ends: with the embedded broker, and with a peer that does not answer as it should."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

import amqp
import amqp.sync
from amqp.testing import ABSENT, ANY, PRESENT, BlockingPeer, Composite
from tests.contract.front import SOON, Raising

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.contract.front import Front


@pytest.fixture
def service(broker: str) -> Iterator[str]:
    """A broker where somebody answers what comes to "prices"; two at a time, the later one first."""

    def answer(connection: amqp.sync.Connection) -> None:
        with connection.open_sender(None) as sender, connection.open_receiver("prices") as receiver:
            while True:
                requests = receiver.receive_many(2)
                for delivery in reversed(requests):
                    asked = delivery.message
                    assert asked.properties is not None
                    if asked.body == "stop":
                        return
                    properties = amqp.Properties(
                        to=asked.properties.reply_to,
                        correlation_id=asked.properties.correlation_id or asked.properties.message_id,
                    )
                    sender.send(amqp.Message(["price of", asked.body], properties=properties))
                    delivery.accept()

    with amqp.sync.connect(broker) as connection:
        thread = Thread(target=answer, args=(connection,))
        thread.start()
        yield broker
        with connection.open_sender("prices") as sender:
            sender.send(amqp.Message("stop", properties=amqp.Properties(message_id=0)))
        thread.join(SOON)


def test_a_request_has_a_reply(front: Front, service: str) -> None:
    with front.connect(service) as connection, connection.open_requester("prices") as prices:
        assert (prices.address, prices.waiting, prices.is_open, prices.error) == ("prices", 0, True, None)
        assert prices.reply_to
        assert repr(prices) == "<Requester to 'prices', open, requests waiting: 0>"
        reply = prices.request(amqp.Message("gold"), timeout=SOON)
        assert reply.body == ["price of", "gold"]
        properties = amqp.Properties(message_id=7, subject="mine")
        reply = prices.request(amqp.Message("tin", properties=properties), timeout=SOON)
        assert reply.properties.correlation_id == 7
        properties = amqp.Properties(message_id=8, correlation_id=b"its own")
        reply = prices.request(amqp.Message("tin", properties=properties), timeout=SOON)
        assert reply.properties.correlation_id == b"its own"
        octets: Any = bytearray(b"id")
        properties = amqp.Properties(message_id=octets)
        reply = prices.request(amqp.Message("tin", properties=properties), timeout=SOON)
        assert reply.properties.correlation_id == b"id"
        wrong: Any = [7]
        with pytest.raises(amqp.EncodeError, match="message-id: expected message-id, got list"):
            prices.request(amqp.Message("tin", properties=amqp.Properties(message_id=wrong)))
    assert not prices.is_open
    assert prices.error is None


def test_many_requests_are_under_way(front: Front, service: str) -> None:
    with front.connect(service) as connection, connection.open_requester("prices") as prices:
        with ThreadPoolExecutor(20) as pool:
            replies = list(pool.map(lambda n: prices.request(amqp.Message(n), timeout=SOON).body, range(200)))
        assert replies == [["price of", number] for number in range(200)]
        assert prices.waiting == 0


def test_replies_from_an_address(front: Front, service: str) -> None:
    with front.connect(service) as connection:
        with connection.open_requester("prices", replies="mine", session=connection.open_session()) as prices:
            assert prices.reply_to == "mine"
            assert prices.request(amqp.Message("gold"), timeout=SOON).body == ["price of", "gold"]
        with connection.open_requester(None, replies=amqp.Source(address="mine")) as anything:
            assert anything.address is None
            message = amqp.Message("tin", properties=amqp.Properties(to="prices"))
            assert anything.request(message, timeout=SOON).body == ["price of", "tin"]


def test_a_request_that_nobody_takes(front: Front, broker: str) -> None:
    with front.connect(broker) as connection, connection.open_requester(None) as requester:
        with pytest.raises(amqp.MessageRejected):
            requester.request(amqp.Message("", properties=amqp.Properties(to="missing")), timeout=SOON)
        with connection.open_sender("nobody"), pytest.raises(amqp.OperationTimeout, match="reply"):
            requester.request(amqp.Message("", properties=amqp.Properties(to="nobody")), timeout=0.05)
        assert (requester.waiting, requester.is_open) == (0, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"credit": 0}, "no reply come"),
        ({"replies": "q", "capabilities": ["x"]}, "capabilities="),
        ({"replies": 5}, "replies takes"),
        ({"settled": 1}, "settled takes"),
    ],
)
def test_wrong_options(front: Front, broker: str, options: Any, said: str) -> None:
    with front.connect(broker) as connection, pytest.raises(amqp.LocalError, match=said):
        connection.open_requester("q", **options)


def test_wrong_requests(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        with pytest.raises(TypeError, match="no option 'dynamic'"):
            connection.open_requester("q", dynamic=True)
        requester = connection.open_requester("q")
        with pytest.raises(amqp.LocalError, match="request takes a Message"):
            requester.request("gold")
        requester.close()
        with pytest.raises(amqp.NotSent):
            requester.request(amqp.Message("gold"))


# -- with a scripted peer


@pytest.fixture
def script() -> Iterator[BlockingPeer]:
    with BlockingPeer(timeout=SOON) as peer:
        peer.handshake()
        peer.accept_session()
        yield peer


def accept_requester(peer: BlockingPeer, credit: int = 10) -> None:
    """Have both links come up, with a node for the replies."""
    peer.expect_attach(role="receiver", source=Composite("source", dynamic=True)).respond(
        source=Composite("source", address="reply-1", dynamic=True)
    )
    peer.expect_attach(role="sender", target="q").respond()
    peer.expect_flow(link_credit=100)
    if credit:
        peer.grant(credit)


@contextmanager
def closing(peer: BlockingPeer, connection: Any) -> Iterator[None]:
    with connection:
        yield
        peer.expect_close().respond()


def reply(peer: BlockingPeer, correlation_id: object, body: object = "reply", **options: Any) -> None:
    properties = amqp.Properties(correlation_id=correlation_id)  # type: ignore[arg-type]  # whichever it is
    payload = amqp.Message(body, properties=properties).encode()
    peer.remote_transfer(payload=payload, delivery_tag=b"r", delivery_id=0, link="in", **options)


def asked(message_id: str) -> amqp.Message:
    return amqp.Message("question", properties=amqp.Properties(message_id=message_id))


def test_what_is_on_the_wire(front: Front, script: BlockingPeer) -> None:
    source = Composite(
        "source",
        address=ABSENT,
        dynamic=True,
        durable=0,
        expiry_policy="link-detach",
        capabilities=["rabbitmq:volatile-queue"],
        dynamic_node_properties={"lifetime-policy": Composite("delete-on-close")},
    )
    script.expect_attach(role="receiver", snd_settle_mode="settled", name="in", source=source).respond(
        source=Composite("source", address="/queues/amq.rabbitmq.reply-to.x", dynamic=True)
    )
    script.expect_attach(role="sender", target="q", name="in", source=PRESENT).respond()
    script.expect_flow(link_credit=5)
    script.grant(10)
    seen: list[Any] = []
    script.expect_delivery().then(seen.append).settle("accepted")
    payload = amqp.Message("reply", properties=amqp.Properties(correlation_id="id")).encode()
    script.remote_delivery(payload=payload, settled=True, handle=0)
    connection = front.connect(script.url)
    with closing(script, connection):
        options = {"capabilities": ["rabbitmq:volatile-queue"], "replies_settled": True, "credit": 5}
        requester = connection.open_requester("q", name="in", **options)
        given = amqp.Properties(message_id="id", subject="any")
        assert requester.request(amqp.Message("question", properties=given), timeout=SOON).body == "reply"
        sent = amqp.Message.decode(seen[0].payload)
        assert sent.properties == replace(given, reply_to="/queues/amq.rabbitmq.reply-to.x")


def test_no_node_for_the_replies(front: Front, script: BlockingPeer) -> None:
    script.expect_attach(role="receiver").refuse("amqp:not-implemented")
    script.expect_attach(role="sender").optional()
    script.expect_flow().optional()
    script.expect_detach()
    script.expect_end().respond()
    connection = front.connect(script.url)
    with closing(script, connection):
        with pytest.raises(amqp.AttachRefused, match="give replies=") as caught:
            connection.open_requester("q")
        assert caught.value.condition == "amqp:not-implemented"


def test_the_node_that_is_asked_is_refused(front: Front, script: BlockingPeer) -> None:
    script.expect_attach(role="receiver").respond(source=Composite("source", address="replies"))
    script.expect_attach(role="sender").refuse("amqp:not-found")
    script.expect_flow().optional()
    script.expect_detach()
    script.expect_end().respond()
    connection = front.connect(script.url)
    with closing(script, connection):
        with pytest.raises(amqp.AttachRefused) as caught:
            connection.open_requester("q")
        assert caught.value.condition == "amqp:not-found"
        assert "replies" not in str(caught.value)


def test_no_node_told_by_the_end_of_the_session(front: Front, script: BlockingPeer) -> None:
    script.expect_attach(role="receiver")
    script.expect_attach(role="sender")
    script.remote_end("amqp:not-implemented")
    script.expect_end()
    connection = front.connect(script.url)
    with closing(script, connection):
        with pytest.raises(amqp.SessionEnded, match="give replies=") as caught:
            connection.open_requester("q")
        assert caught.value.condition == "amqp:not-implemented"
        assert connection.is_open


def test_no_address_for_the_replies(front: Front, script: BlockingPeer) -> None:
    script.expect_attach(role="receiver").respond(source=Composite("source"))
    script.expect_attach(role="sender").respond()
    script.expect_flow(link_credit=100)
    script.expect_end().respond()
    connection = front.connect(script.url)
    with closing(script, connection), pytest.raises(amqp.AttachRefused, match="give replies="):
        connection.open_requester("q")


def test_one_link_comes_up_late(front: Front, script: BlockingPeer) -> None:
    script.expect_attach(role="receiver").respond(source=Composite("source", address="r", dynamic=True))
    script.expect_attach(role="sender")
    script.expect_flow(link_credit=100).optional()
    script.expect_end().respond()
    connection = front.connect(script.url)
    with closing(script, connection), pytest.raises(amqp.OperationTimeout):
        connection.open_requester("q", timeout=0.05)


def test_a_request_without_credit_is_not_sent(front: Front, script: BlockingPeer) -> None:
    accept_requester(script, credit=0)
    connection = front.connect(script.url)
    with closing(script, connection):
        requester = connection.open_requester("q")
        with pytest.raises(amqp.NotSent) as caught:
            requester.request(amqp.Message("x"), timeout=0.05)
        assert isinstance(caught.value.__cause__, amqp.OperationTimeout)


def lose_the_reply_link(peer: BlockingPeer) -> None:
    peer.remote_detach("amqp:resource-deleted", handle=0)
    peer.expect_detach()
    peer.expect_end().respond()


@pytest.mark.parametrize(
    ("loss", "cause"), [(lose_the_reply_link, amqp.LinkDetached), (BlockingPeer.drop, amqp.ConnectionLost)]
)
def test_a_lost_link_leaves_requests_in_doubt(
    front: Front, script: BlockingPeer, loss: Callable[[BlockingPeer], None], cause: type[Exception]
) -> None:
    accept_requester(script, credit=1)
    script.expect_delivery().settle("accepted")
    gate = script.gate()
    loss(script)
    with front.connect(script.url) as connection:
        requester = connection.open_requester("q")
        sent = Raising(lambda: requester.request(asked("sent"), timeout=SOON))
        while requester.waiting < 1:
            pass
        unsent = Raising(lambda: requester.request(asked("unsent"), timeout=SOON))
        while requester.waiting < 2:
            pass
        with pytest.raises(amqp.LocalError, match="under way"):
            requester.request(asked("sent"))
        gate.open()
        doubt, not_sent = sent.error(), unsent.error()
        assert isinstance(doubt, amqp.InDoubt)
        assert isinstance(doubt.__cause__, cause)
        assert isinstance(not_sent, amqp.NotSent)
        assert not requester.is_open
        assert isinstance(requester.error, cause)
        if cause is amqp.LinkDetached:
            script.expect_close().respond()


def test_in_a_session_of_others_its_links_alone_are_lost(front: Front, script: BlockingPeer) -> None:
    script.expect_attach(role="receiver").refuse("amqp:not-implemented")
    script.expect_attach(role="sender").respond()
    script.expect_flow().optional()
    script.expect_detach()
    script.expect_detach().respond()
    connection = front.connect(script.url)
    with closing(script, connection):
        session = connection.open_session()
        with pytest.raises(amqp.AttachRefused):
            connection.open_requester("q", session=session)
        assert session.is_open


def test_late_and_strange_replies_are_discarded(front: Front, script: BlockingPeer) -> None:
    accept_requester(script)
    script.expect_delivery(body="question").settle("accepted")
    gate = script.gate()
    for number, payload in enumerate(
        (
            amqp.Message("late", properties=amqp.Properties(correlation_id="first")).encode(),
            amqp.Message("nobody's").encode(),
            b"no message",
        )
    ):
        script.remote_delivery(payload=payload, handle=0, delivery_id=number)
    outcomes: list[Any] = []
    told = Event()
    script.expect_disposition(role="receiver", state=ANY, settled=True).then(outcomes.append)
    script.expect_disposition(role="receiver", settled=True).then(outcomes.append).then(lambda _: told.set())
    script.expect_delivery(body="question").settle("accepted")
    good = amqp.Message("good", properties=amqp.Properties(correlation_id="second")).encode()
    script.remote_delivery(payload=good, settled=True, handle=0, delivery_id=3)
    connection = front.connect(script.url)
    with closing(script, connection):
        requester = connection.open_requester("q")
        with pytest.raises(amqp.OperationTimeout):
            requester.request(asked("first"), timeout=0.05)
        gate.open()
        assert told.wait(SOON)
        assert requester.request(asked("second"), timeout=SOON).body == "good"
        assert [frame["state"].name for frame in outcomes] == ["accepted", "modified"]
        assert (outcomes[0]["first"], outcomes[0]["last"]) == (0, 1)


def test_closing_leaves_requests_in_doubt(front: Front, script: BlockingPeer) -> None:
    accept_requester(script)
    came = Event()
    script.expect_delivery().then(lambda _: came.set())
    script.expect_detach().respond()
    script.expect_detach().respond()
    script.expect_end().respond()
    connection = front.connect(script.url)
    with closing(script, connection):
        requester = connection.open_requester("q")
        asking = Raising(lambda: requester.request(asked("x"), timeout=SOON))
        assert came.wait(SOON)
        requester.close()
        assert isinstance(asking.error(), amqp.InDoubt)
        requester.close()
