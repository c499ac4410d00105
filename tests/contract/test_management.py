"""The two dialects of management, on the wire and as they are told, on both front ends."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.testing import BlockingPeer, Composite
from tests.contract.answering import answer
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.front import Front

QUEUE = {
    "name": "orders",
    "vhost": "/",
    "type": "quorum",
    "durable": True,
    "exclusive": False,
    "auto_delete": False,
    "arguments": {"x-queue-type": "quorum"},
    "message_count": amqp.ULong(7),
    "consumer_count": amqp.UInt(1),
    "leader": "rabbit@one",
    "replicas": amqp.Array(str, ["rabbit@one", "rabbit@two"]),
}


@pytest.fixture
def script() -> Iterator[BlockingPeer]:
    with BlockingPeer(timeout=SOON) as peer:
        yield peer


@contextmanager
def management(front: Front, peer: BlockingPeer, **options: Any) -> Iterator[Any]:
    """Service Bus, with its management open."""
    peer.handshake()
    peer.accept_session()
    names: list[Any] = []
    peer.expect_attach(
        role="receiver", source="$management", target=lambda target: bool(target["address"])
    ).then(names.append).respond()
    peer.expect_attach(role="sender", target="$management").then(names.append).respond()
    peer.expect_flow(link_credit=100)
    peer.grant(10)
    with front.connect(peer.url) as connection:
        opened = connection.open_management(**options)
        # Each way has a terminus of this end's, and requests name it for their replies.
        assert names[0]["target"]["address"] == names[1]["source"]["address"] == opened.reply_to
        yield opened
        peer.expect_close().respond()


@contextmanager
def rabbitmq(front: Front, peer: BlockingPeer) -> Iterator[Any]:
    """RabbitMQ, with its management open."""
    peer.handshake(offered_capabilities=["LINK_PAIR_V1_0", "ANONYMOUS-RELAY"])
    peer.accept_session()
    attaches: list[Any] = []
    for role in ("receiver", "sender"):
        peer.expect_attach(
            role=role,
            snd_settle_mode="settled",
            rcv_settle_mode="first",
            source="/management",
            target="/management",
            properties={"paired": True},
        ).then(attaches.append).respond()
    peer.expect_flow(link_credit=100)
    peer.grant(8)
    with front.connect(peer.url) as connection:
        opened = connection.open_rabbitmq_management()
        assert attaches[0]["name"] == attaches[1]["name"]
        yield opened
        peer.expect_close().respond()


# -- $management


def test_what_the_peer_says_of_the_links(front: Front, script: BlockingPeer) -> None:
    script.handshake()
    script.accept_session()
    script.expect_attach(role="receiver").respond()
    told = {"properties": {"max": 5}, "offered_capabilities": ["X"], "desired_capabilities": ["Y"]}
    script.expect_attach(role="sender").respond(**told)
    script.ignore("flow")
    script.expect_close().respond()
    with front.connect(script.url) as connection:
        node = connection.open_management()
        assert node.remote_properties == {"max": 5}
        assert (node.remote_offered_capabilities, node.remote_desired_capabilities) == (("X",), ("Y",))


@pytest.mark.parametrize("keys", [("statusCode", "statusDescription"), ("status-code", "status-description")])
def test_an_operation(front: Front, script: BlockingPeer, keys: tuple[str, str]) -> None:
    with management(front, script) as node:
        status, description = keys
        asked = answer(
            script, {"partition_count": 4}, settled=False, properties={status: 200, description: "OK"}
        )
        reply = node.call("READ", name="hub", type="com.microsoft:eventhub", timeout=SOON)
        assert (reply.status, reply.description, reply.body) == (200, "OK", {"partition_count": 4})
        assert reply.properties[status] == 200
        assert reply.message.body == reply.body
        assert asked.message.application_properties == {
            "operation": "READ",
            "name": "hub",
            "type": "com.microsoft:eventhub",
        }
        assert asked.message.body is None
        assert asked.message.properties.reply_to == node.reply_to
        asked = answer(script, None, settled=False, properties={status: 204})
        more = {"com.microsoft:server-timeout": amqp.UInt(500)}
        body = {"from-sequence-number": amqp.Long(1), "message-count": 5}
        reply = node.call("com.microsoft:peek-message", body, **more)
        assert (reply.status, reply.body) == (204, None)
        assert amqp.identical(
            asked.message.application_properties["com.microsoft:server-timeout"], amqp.UInt(500)
        )
        assert asked.message.body == body


@pytest.mark.parametrize("key", ["errorCondition", "error-condition"])
def test_an_operation_that_fails(front: Front, script: BlockingPeer, key: str) -> None:
    with management(front, script) as node:
        failed = {
            "statusCode": 410,
            "statusDescription": "lost",
            key: amqp.Symbol("com.microsoft:message-lock-lost"),
        }
        answer(script, None, settled=False, properties=failed)
        with pytest.raises(amqp.ManagementError, match="410 lost") as caught:
            node.call("com.microsoft:renew-lock", {})
        error = caught.value
        assert (error.status, error.description, error.condition) == (
            410,
            "lost",
            "com.microsoft:message-lock-lost",
        )
        answer(script, None, settled=False, properties={"status-code": 404})
        with pytest.raises(amqp.ManagementError, match="says no more"):
            node.call("READ")
        answer(script, "who are you?", settled=False)
        with pytest.raises(amqp.ManagementError, match="no status-code") as caught:
            node.call("READ")
        assert caught.value.status == 0
        assert node.is_open


def test_a_node_for_the_answers(front: Front, script: BlockingPeer) -> None:
    script.handshake()
    script.accept_session()
    script.expect_attach(role="receiver", source=Composite("source", dynamic=True)).respond(
        source=Composite("source", address="temp", dynamic=True)
    )
    script.expect_attach(role="sender", target="$management").respond()
    script.expect_flow(link_credit=100)
    script.grant(10)
    with front.connect(script.url) as connection:
        node = connection.open_management(dynamic=True)
        asked = answer(script, [], settled=False, properties={"statusCode": amqp.Long(200)})
        assert node.call("GET-TYPES", timeout=SOON).body == []
        assert asked.message.properties.reply_to == "temp"
        script.expect_close().respond()


def test_a_server_without_management(front: Front, script: BlockingPeer) -> None:
    script.handshake()
    script.accept_session()
    script.expect_attach(role="receiver").refuse("amqp:not-found")
    script.expect_attach(role="sender").optional()
    script.expect_flow().optional()
    script.expect_detach()
    script.expect_end().respond()
    with front.connect(script.url) as connection:
        with pytest.raises(amqp.AttachRefused) as caught:
            connection.open_management()
        assert caught.value.condition == "amqp:not-found"
        script.expect_close().respond()


# -- RabbitMQ


def test_a_server_that_is_not_rabbitmq(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        with pytest.raises(amqp.AttachRefused, match="LINK_PAIR_V1_0") as caught:
            connection.open_rabbitmq_management()
        assert caught.value.condition == "amqp:not-implemented"


def http(asked: Any) -> tuple[str, str, object]:
    """What was asked for."""
    properties = asked.message.properties
    assert properties.reply_to == "$me"
    assert isinstance(properties.message_id, str)
    (section,) = asked.message.sections[-1:]
    assert isinstance(section, amqp.AmqpValue)
    return properties.subject, properties.to, asked.message.body


def test_queues(front: Front, script: BlockingPeer) -> None:
    response = {"http:response": "1.1"}
    with rabbitmq(front, script) as node:
        asked = answer(script, QUEUE, subject="201", properties=response)
        queue = node.declare_queue("orders", arguments={"x-queue-type": "quorum"}, timeout=SOON)
        assert queue == amqp.QueueInfo(
            name="orders",
            vhost="/",
            type="quorum",
            durable=True,
            exclusive=False,
            auto_delete=False,
            arguments={"x-queue-type": "quorum"},
            message_count=7,
            consumer_count=1,
            leader="rabbit@one",
            replicas=("rabbit@one", "rabbit@two"),
        )
        method, path, body = http(asked)
        assert (method, path) == ("PUT", "/queues/orders")
        expected = {"durable": True, "exclusive": False, "auto_delete": False}
        assert body == {**expected, "arguments": {"x-queue-type": "quorum"}}
        assert all(type(key) is str for key in asked.message.body)

        told = {key: value for key, value in QUEUE.items() if key not in ("leader", "replicas")}
        asked = answer(script, told, subject="200", properties=response)
        queue = node.get_queue("a queue/ü 中;€")
        assert (queue.leader, queue.replicas) == (None, ())
        assert http(asked) == ("GET", "/queues/a%20queue%2F%C3%BC%20%E4%B8%AD%3B%E2%82%AC", None)

        asked = answer(script, {"message_count": amqp.ULong(3)}, subject="200", properties=response)
        assert node.purge_queue("orders") == 3
        assert http(asked) == ("DELETE", "/queues/orders/messages", None)

        asked = answer(script, {"message_count": amqp.ULong(0)}, subject="200", properties=response)
        assert node.delete_queue("orders") == 0
        assert http(asked) == ("DELETE", "/queues/orders", None)


def test_exchanges_and_tokens(front: Front, script: BlockingPeer) -> None:
    with rabbitmq(front, script) as node:
        asked = answer(script, None, subject="204")
        node.declare_exchange("events", kind="topic", durable=False, arguments={"alternate-exchange": "rest"})
        body = {"type": "topic", "durable": False, "auto_delete": False, "internal": False}
        arguments = {"alternate-exchange": "rest"}
        assert http(asked) == ("PUT", "/exchanges/events", {**body, "arguments": arguments})
        asked = answer(script, None, subject="204")
        node.delete_exchange("events")
        assert http(asked) == ("DELETE", "/exchanges/events", None)
        asked = answer(script, None, subject="204")
        node.refresh_token("a.token")
        assert http(asked) == ("PUT", "/auth/tokens", b"a.token")


def test_bindings(front: Front, script: BlockingPeer) -> None:
    found = {"source": "events", "binding_key": "k/1", "destination_queue": "orders"}
    plain = {**found, "arguments": {}, "location": "/bindings/plain"}
    hashed = {
        **found,
        "arguments": {"x-match": "all", "a": 1},
        "location": "/bindings/src=events;args=o9cLCw",
    }
    with rabbitmq(front, script) as node:
        asked = answer(script, None, subject="204")
        node.bind("events", queue="orders", key="k/1", arguments={"a": 1})
        assert http(asked) == (
            "POST",
            "/bindings",
            {"source": "events", "destination_queue": "orders", "binding_key": "k/1", "arguments": {"a": 1}},
        )
        asked = answer(script, None, subject="204")
        node.bind("events", exchange="others")
        assert http(asked)[2] == {
            "source": "events",
            "destination_exchange": "others",
            "binding_key": "",
            "arguments": {},
        }
        asked = answer(script, [plain, hashed], subject="200")
        bindings = node.list_bindings("events", queue="orders", key="k/1")
        assert http(asked) == ("GET", "/bindings?src=events&dstq=orders&key=k%2F1", None)
        assert bindings[0] == amqp.BindingInfo(
            source="events",
            queue="orders",
            exchange=None,
            key="k/1",
            arguments={},
            location="/bindings/plain",
        )
        asked = answer(script, None, subject="204")
        node.unbind("events", exchange="others", key="k/1")
        assert http(asked) == ("DELETE", "/bindings/src=events;dste=others;key=k%2F1;args=", None)
        deleted: list[Any] = []
        answer(
            script,
            [plain, hashed],
            subject="200",
            following=lambda: deleted.append(answer(script, None, subject="204")),
        )
        node.unbind("events", queue="orders", key="k/1", arguments={"a": 1, "x-match": "all"})
        assert http(deleted[0]) == ("DELETE", "/bindings/src=events;args=o9cLCw", None)
        answer(script, [plain], subject="200")
        node.unbind("events", queue="orders", key="k/1", arguments={"other": 1})
        for wrong in ({}, {"queue": "q", "exchange": "e"}):
            with pytest.raises(amqp.LocalError, match="queue= or exchange="):
                node.bind("events", **wrong)


def test_what_rabbitmq_does_not_do(front: Front, script: BlockingPeer) -> None:
    with rabbitmq(front, script) as node:
        answer(script, "queue 'q' in vhost '/' not found", subject="404")
        with pytest.raises(amqp.ManagementError, match="404 queue 'q'") as caught:
            node.get_queue("q")
        assert (caught.value.status, caught.value.condition) == (404, None)
        answer(script, None, subject="503")
        with pytest.raises(amqp.ManagementError, match="503 RabbitMQ says no more"):
            node.delete_exchange("x")
        answer(script, None)
        with pytest.raises(amqp.ManagementError, match="no status"):
            node.delete_exchange("x")
        for strange, said in (
            ({"name": "q"}, "KeyError"),
            ({**QUEUE, "message_count": "many"}, "ValueError"),
            ([], "other than a map"),
        ):
            answer(script, strange, subject="200")
            with pytest.raises(amqp.DecodeError, match=said):
                node.get_queue("q")
        answer(script, {"message_count": None}, subject="200")
        with pytest.raises(amqp.DecodeError, match="without a message_count"):
            node.purge_queue("q")
        answer(script, {}, subject="200")
        with pytest.raises(amqp.DecodeError, match="list of bindings"):
            node.list_bindings("x", queue="q")
        assert node.is_open
