"""Service Bus as it is on the wire, played by a scripted peer; on both front ends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

import amqp
from amqp import azure
from amqp.testing import BlockingPeer, Composite, Typed
from tests.contract.answering import answers
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.front import Front

LOCK = UUID("00112233-4455-6677-8899-aabbccddeeff")
TICKS = amqp.Long(638_000_000_000_000_000)


@pytest.fixture
def service() -> Iterator[BlockingPeer]:
    """Service Bus: it has answered the open and a begin."""
    with BlockingPeer(timeout=SOON) as peer:
        peer.handshake(idle_time_out=60_000, max_frame_size=65_536)
        peer.accept_session()
        yield peer


def deliver(service: BlockingPeer, body: bytes = b"", *, number: int = 0, **fields: Any) -> None:
    """Send a message that is locked for its receiver."""
    tag = UUID(int=LOCK.int + number).bytes_le
    service.remote_delivery(body=body, delivery_tag=tag, **fields)


# -- peek-lock (received unsettled), receive-and-delete (received settled)


@pytest.mark.parametrize(
    ("settle", "outcome"),
    [
        (lambda delivery: delivery.accept(), Composite("accepted")),
        (lambda delivery: delivery.modify(), Composite("modified")),
        (
            lambda delivery: delivery.modify(undeliverable_here=True),
            Composite("modified", undeliverable_here=True),
        ),
        (
            lambda delivery: delivery.reject(azure.dead_letter("late", "by a day")),
            Composite(
                "rejected",
                error=Composite(
                    "error",
                    condition="com.microsoft:dead-letter",
                    info={"DeadLetterReason": "late", "DeadLetterErrorDescription": "by a day"},
                ),
            ),
        ),
    ],
    ids=["complete", "abandon", "defer", "dead-letter"],
)
def test_a_locked_message_is_settled(
    front: Front, service: BlockingPeer, settle: Any, outcome: Composite
) -> None:
    with service.scripting():
        service.expect_attach(
            source="orders", snd_settle_mode="unsettled", rcv_settle_mode="second"
        ).respond()
        service.expect_flow(link_credit=10)
        deliver(service, b"one")
        # Mode second: the service settles first, and settling waits for that.
        service.expect_disposition(role="receiver", settled=False, state=outcome).respond()
        service.expect_disposition(role="receiver", settled=True).optional()
        service.expect_close().respond()
    with front.connect(service.url) as connection:
        receiver = connection.open_receiver(
            "orders",
            credit=10,
            snd_settle_mode=amqp.SenderSettleMode.UNSETTLED,
            rcv_settle_mode=amqp.ReceiverSettleMode.SECOND,
        )
        delivery = receiver.receive(timeout=SOON)
        assert azure.lock_token(getattr(delivery, "_inner", delivery)) == LOCK
        settle(delivery)
        assert delivery.settled


def test_receive_and_delete(front: Front, service: BlockingPeer) -> None:
    with service.scripting():
        service.expect_attach(source="orders", snd_settle_mode="settled").respond()
        service.expect_flow(link_credit=10)
        service.remote_delivery(body=b"one", settled=True)
        service.expect_close().respond()
    with front.connect(service.url) as connection:
        receiver = connection.open_receiver(
            "orders", credit=10, snd_settle_mode=amqp.SenderSettleMode.SETTLED
        )
        delivery = receiver.receive(timeout=SOON)
        assert delivery.settled
        with pytest.raises(amqp.LocalError, match="lock token"):
            azure.lock_token(getattr(delivery, "_inner", delivery))


def test_a_lock_that_was_lost(front: Front, service: BlockingPeer) -> None:
    with service.scripting():
        service.accept_receiver()
        deliver(service)
        service.expect_disposition(settled=True, state="accepted")
        service.remote_detach("com.microsoft:message-lock-lost")
        service.expect_detach()
        service.expect_close().respond()
    with front.connect(service.url) as connection:
        receiver = connection.open_receiver("orders")
        receiver.receive(timeout=SOON).accept()
        error = receiver.wait_closed(timeout=SOON)
        assert error.condition == azure.Condition.MESSAGE_LOCK_LOST
        assert not error.retryable
        assert azure.retry_after(error) is None


# -- sessions


@pytest.mark.parametrize("asked", ["s-1", None])
def test_a_session(front: Front, service: BlockingPeer, asked: str | None) -> None:
    with service.scripting():
        attach = service.expect_attach(
            source=lambda source: source["filter"] == {"com.microsoft:session-filter": asked},
            properties={"com.microsoft:timeout": Typed("uint", 60_000)},
        ).respond(
            # The answer names the session, as the filter that is in force, and until when it is locked.
            source=amqp.Source(address="orders", filter=azure.session_filter("s-1")),
            properties={"com.microsoft:locked-until-utc": TICKS},
        )
        service.expect_flow(link_credit=100)
        service.expect_close().respond()
    with front.connect(service.url) as connection:
        receiver = connection.open_receiver(
            "orders",
            filters=azure.session_filter(asked),
            properties=azure.receiver_properties(timeout=60),
            require_filters=True,
        )
        plain = getattr(receiver, "_inner", receiver)
        assert azure.session_id(plain) == "s-1"
        assert azure.locked_until(plain) == datetime(2022, 9, 28, 22, 13, 20, tzinfo=UTC)
    assert attach.count == 1


@pytest.mark.parametrize(
    ("condition", "wait"),
    [("com.microsoft:timeout", 2.0), ("com.microsoft:session-cannot-be-locked", None)],
)
def test_no_session_is_to_be_had(
    front: Front, service: BlockingPeer, condition: str, wait: float | None
) -> None:
    with service.scripting():
        service.expect_attach().refuse({"condition": condition, "description": "no session"})
        service.expect_detach().optional()
        service.expect_close().respond()
    with front.connect(service.url) as connection:
        with pytest.raises(amqp.AttachRefused, match="no session") as refused:
            connection.open_receiver("orders", filters=azure.session_filter(None), timeout=SOON)
        assert azure.retry_after(refused.value) == wait


# -- sending


def test_a_batch(front: Front, service: BlockingPeer) -> None:
    with service.scripting():
        service.accept_sender(
            max_message_size=262_144, properties={"com.microsoft:max-message-batch-size": amqp.ULong(1_000)}
        )
        sent = service.expect_delivery(message_format=0x80013700, settled=False).settle("accepted")
        service.expect_close().respond()
    with front.connect(service.url) as connection:
        sender = connection.open_sender("orders")
        assert sender.remote_properties[azure.LinkProperty.MAX_MESSAGE_BATCH_SIZE] == 1_000
        sender.send(azure.batch([amqp.Message(b"one"), amqp.Message("two")]))
    envelope = amqp.Message.decode(sent.frame.payload, format=0x80013700)
    # Each data section is a whole message.
    assert [
        amqp.Message.decode(section.value).body
        for section in envelope.sections
        if isinstance(section, amqp.Data)
    ] == [b"one", "two"]


def test_an_idle_link_is_taken_away(front: Front, service: BlockingPeer) -> None:
    with service.scripting():
        service.accept_sender()
        idle = service.gate()
        service.remote_detach({"condition": "amqp:link:detach-forced", "description": "idle for 10 minutes"})
        service.expect_detach()
        service.expect_close().respond()
    with front.connect(service.url) as connection:
        sender = connection.open_sender("orders")
        idle.open()
        error = sender.wait_closed(timeout=SOON)
        assert error.retryable
        assert azure.retry_after(error) == 0.0


# -- $management


def test_management(front: Front, service: BlockingPeer) -> None:
    expiry = amqp.Timestamp(1_700_000_000_000)
    octets = amqp.Message(b"peeked").encode()
    done = {"statusCode": 200, "statusDescription": "OK"}
    with service.scripting():
        service.expect_attach(role="receiver", source="orders/$management").respond()
        service.expect_attach(role="sender", target="orders/$management").respond()
        service.expect_flow(link_credit=100)
        service.grant(10)
        lost = {
            "statusCode": 410,
            "statusDescription": "the lock is lost",
            "errorCondition": amqp.Symbol("com.microsoft:message-lock-lost"),
        }
        asked = answers(
            service,
            ({"messages": [{"message": octets}]}, done),
            (None, {"statusCode": 204}),
            ({"expirations": amqp.Array("timestamp", [expiry])}, done),
            ({"expiration": expiry}, done),
            (None, lost),
        )
    with front.connect(service.url) as connection:
        management = connection.open_management("orders/$management")
        timeout: dict[str, Any] = {"com.microsoft:server-timeout": amqp.UInt(5_000)}
        reply = management.call("com.microsoft:peek-message", azure.peek_request(count=5), **timeout)
        assert [message.body for message in azure.peeked(reply)] == [b"peeked"]
        assert azure.peeked(management.call("com.microsoft:peek-message", azure.peek_request())) == []
        reply = management.call("com.microsoft:renew-lock", azure.renew_lock_request([LOCK]))
        assert azure.expirations(reply) == [expiry.to_datetime()]
        reply = management.call("com.microsoft:renew-session-lock", {"session-id": "s-1"})
        assert azure.expirations(reply) == [expiry.to_datetime()]
        with pytest.raises(amqp.ManagementError, match="the lock is lost") as gone:
            management.call("com.microsoft:renew-lock", azure.renew_lock_request([LOCK]))
        assert gone.value.status == 410
        assert gone.value.condition == azure.Condition.MESSAGE_LOCK_LOST
    peek, empty, renew, session, again = [each.message for each in asked]
    assert amqp.identical(
        peek.application_properties,
        {"operation": "com.microsoft:peek-message", "com.microsoft:server-timeout": amqp.UInt(5_000)},
    )
    assert amqp.identical(peek.body["from-sequence-number"], amqp.Long(1))
    assert empty.body["message-count"] == 1
    assert amqp.identical(renew.body["lock-tokens"], amqp.Array("uuid", [LOCK]))
    assert session.body == {"session-id": "s-1"}
    assert again.application_properties["operation"] == "com.microsoft:renew-lock"
