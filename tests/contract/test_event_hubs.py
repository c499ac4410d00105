"""Event Hubs as it is on the wire, played by a scripted peer; on both front ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import amqp
from amqp import azure
from amqp.testing import BlockingPeer, Typed
from tests.contract.answering import answers
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.front import Front

SELECTOR = 0x0000_468C_0000_0004
PARTITION = "hub/ConsumerGroups/$Default/Partitions/0"


@pytest.fixture
def service() -> Iterator[BlockingPeer]:
    """Event Hubs: it has answered the open and a begin."""
    with BlockingPeer(timeout=SOON) as peer:
        peer.handshake(idle_time_out=240_000)
        peer.accept_session()
        yield peer


def test_a_partition_from_an_offset_on(front: Front, service: BlockingPeer) -> None:
    annotations = {
        azure.Annotation.OFFSET: "124",
        azure.Annotation.SEQUENCE_NUMBER: amqp.Long(9),
        azure.Annotation.ENQUEUED_TIME: amqp.Timestamp(1_700_000_000_000),
        azure.Annotation.PARTITION_KEY: "k",
    }
    event = amqp.Message(b"event", message_annotations=annotations)
    with service.scripting():
        attach = service.expect_attach(
            source=PARTITION,
            properties={
                "com.microsoft:epoch": Typed("long", 5),
                "com.microsoft:receiver-name": "me",
            },
            desired_capabilities=["com.microsoft:enable-receiver-runtime-metric"],
        ).respond()
        service.expect_flow(link_credit=100)
        service.remote_delivery(payload=event.encode(), settled=False)
        service.expect_disposition(state="accepted", settled=True)
        service.expect_close().respond()
    with front.connect(service.url) as connection:
        receiver = connection.open_receiver(
            azure.partition_address("hub", 0),
            filters=azure.position_filter("123"),
            properties=azure.receiver_properties(epoch=5, name="me"),
            desired_capabilities=[azure.Capability.RECEIVER_RUNTIME_METRIC],
            require_filters=True,
        )
        delivery = receiver.receive(timeout=SOON)
        assert delivery.message.body == b"event"
        assert delivery.message.message_annotations == annotations
        delivery.accept()
    selector = attach.frame["source"].fields["filter"]["apache.org:selector-filter:string"]
    assert (selector.descriptor, selector.value) == (SELECTOR, "amqp.annotation.x-opt-offset > '123'")


def test_a_higher_epoch_takes_the_partition(front: Front, service: BlockingPeer) -> None:
    with service.scripting():
        service.accept_receiver()
        service.remote_detach({"condition": "amqp:link:stolen", "description": "a higher epoch came"})
        service.expect_detach()
        # The one with the lower epoch is not let in again.
        service.expect_attach().refuse("amqp:link:stolen")
        service.expect_detach().optional()
        service.expect_close().respond()
    with front.connect(service.url) as connection:
        properties = azure.receiver_properties(epoch=1)
        receiver = connection.open_receiver(PARTITION, properties=properties)
        with pytest.raises(amqp.LinkStolen, match="a higher epoch came") as stolen:
            receiver.receive(timeout=SOON)
        assert not stolen.value.retryable
        assert azure.retry_after(stolen.value) is None
        with pytest.raises(amqp.AttachRefused) as refused:
            connection.open_receiver(PARTITION, properties=properties)
        assert refused.value.condition == "amqp:link:stolen"


def test_events_are_sent_to_a_partition_by_key(front: Front, service: BlockingPeer) -> None:
    key = {azure.Annotation.PARTITION_KEY: "k"}
    with service.scripting():
        service.expect_attach(role="sender", target="hub/Partitions/1").respond()
        service.grant(10)
        sent = service.expect_delivery(message_format=0x80013700).reject(
            {"condition": "com.microsoft:server-busy", "description": "slow down"}
        )
        service.expect_close().respond()
    with front.connect(service.url) as connection:
        sender = connection.open_sender(azure.partition_address("hub", 1, consumer_group=None))
        events = [
            amqp.Message(b"one", message_annotations=key),
            amqp.Message(b"two", message_annotations=key),
        ]
        with pytest.raises(amqp.MessageRejected, match="slow down") as busy:
            sender.send(azure.batch(events))
        assert azure.retry_after(busy.value) == 4.0
    envelope = amqp.Message.decode(sent.frame.payload, format=0x80013700)
    assert envelope.message_annotations == key


def test_what_a_hub_is(front: Front, service: BlockingPeer) -> None:
    hub = {"name": "hub", "partition_count": 2, "partition_ids": amqp.Array(str, ["0", "1"])}
    with service.scripting():
        service.expect_attach(role="receiver", source="$management").respond()
        service.expect_attach(role="sender", target="$management").respond()
        service.expect_flow(link_credit=100)
        service.grant(10)
        asked = answers(service, (hub, {"status-code": 200, "status-description": "OK"}))
    with front.connect(service.url) as connection:
        management = connection.open_management()
        reply = management.call("READ", name="hub", type="com.microsoft:eventhub", security_token="t")
        assert list(reply.body["partition_ids"]) == ["0", "1"]
    assert asked[0].message.application_properties == {
        "operation": "READ",
        "name": "hub",
        "type": "com.microsoft:eventhub",
        "security_token": "t",
    }
