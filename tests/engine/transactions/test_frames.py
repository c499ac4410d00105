"""What the links themselves know of transactions: the frames of one delivery, and the properties of a flow."""

from __future__ import annotations

import pytest

from amqp.engine import CreditChanged, DeliveryReceived, LinkFailed, ReceiverLink
from amqp.engine.postings import Postings
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Detach,
    Open,
    Received,
    Symbol,
    TransactionalState,
    Transfer,
)
from tests.engine.wire import (
    Rig,
    accept_receiver,
    accept_sender,
    accept_session,
    attach_sender,
    begin_session,
    flow,
    grant,
    opened_client,
    opened_server,
    transfer,
)

A = TransactionalState(txn_id=b"a")
B = TransactionalState(txn_id=b"b")


def receiving() -> tuple[Rig, ReceiverLink]:
    rig = opened_server()
    accept_session(rig)
    return rig, accept_receiver(rig)


# -- sending


@pytest.mark.requirement("transactions-4.4.1-02")
def test_every_frame_of_a_posting_names_the_transaction() -> None:
    rig = opened_client(Open(container_id="peer", max_frame_size=512))
    link = attach_sender(rig, begin_session(rig), credit=3)
    link.send(bytes(1_200), state=A)
    link.send(bytes(1_200), state=B)
    link.send(bytes(1_200), state=Accepted())
    assert [(each.state, each.more) for each in rig.sent()] == [
        *((A, True), (A, True), (A, False)),
        *((B, True), (B, True), (B, False)),
        # Any other state belongs to the delivery, and is said once.
        *((Accepted(), True), (None, True), (None, False)),
    ]


@pytest.mark.requirement("transactions-4.4.1-02")
def test_the_frame_that_aborts_a_posting_names_the_transaction() -> None:
    rig = opened_client(Open(container_id="peer", max_frame_size=512))
    link = attach_sender(rig, begin_session(rig))
    grant(rig, link, 2, incoming_window=1)
    delivery = link.send(bytes(600), state=A)
    rig.forget()
    delivery.abort()
    rig.receive(flow(next_incoming_id=1, next_outgoing_id=0))
    assert [(each.aborted, each.state) for each in rig.sent()] == [(True, A)]


# -- receiving


@pytest.mark.requirement("transactions-4.4.1-02")
@pytest.mark.parametrize("later", [A, None])
def test_the_frames_of_a_posting_that_agree_make_one_delivery(later: TransactionalState | None) -> None:
    rig, link = receiving()
    rig.receive(transfer(0, more=True, state=A), payload=b"x")
    assert link.posting(b"a")
    assert not link.posting(b"b")
    rig.receive(Transfer(handle=0, state=later), payload=b"y")
    delivery = rig.event(DeliveryReceived).delivery
    assert delivery.payload == b"xy"
    assert delivery.state == A
    assert not link.posting(b"a")


@pytest.mark.requirement("transactions-4.4.1-02")
@pytest.mark.parametrize(
    ("first", "words"), [(A, "transaction b'b' came amid a delivery of b'a'"), (None, "a delivery of none")]
)
def test_a_frame_of_another_transaction_detaches_the_link(
    first: TransactionalState | None, words: str
) -> None:
    rig, link = receiving()
    rig.receive(transfer(0, more=True, state=first), Transfer(handle=0, state=B, more=True))
    detach = rig.one(Detach)
    assert detach.error is not None
    assert detach.error.condition == AmqpErrorCondition.NOT_ALLOWED
    assert words in str(detach.error.description)
    assert rig.event(LinkFailed).link is link
    assert not link.posting(b"a")


def test_a_state_that_is_no_transactions_may_come_at_any_frame() -> None:
    rig, _ = receiving()
    state = Received(section_number=0, section_offset=0)
    rig.receive(transfer(0, more=True), Transfer(handle=0, state=state))
    rig.event(DeliveryReceived)


def test_an_aborted_posting_is_counted_out() -> None:
    rig, link = receiving()
    rig.receive(transfer(0, more=True, state=A))
    rig.receive(Transfer(handle=0, aborted=True))
    assert not link.posting(b"a")


def test_a_posting_that_went_with_its_session_is_counted_out() -> None:
    rig, link = receiving()
    other = accept_receiver(rig, name="other", handle=1)
    rig.receive(transfer(0, more=True, state=A), transfer(1, handle=1, more=True, state=A))
    other.detach()
    assert link.posting(b"a")
    link.session.end()
    assert not link.posting(b"a")


def test_postings_are_counted() -> None:
    postings = Postings()
    postings.enter(b"a")
    postings.enter(b"a")
    postings.leave(b"a")
    assert b"a" in postings
    postings.leave(b"a")
    assert b"a" not in postings


def test_the_properties_of_a_flow_are_told() -> None:
    rig = opened_server()
    accept_session(rig)
    link = accept_sender(rig)
    rig.receive(flow(handle=0, delivery_count=0, link_credit=1, properties={Symbol("txn-id"): b"a"}))
    event = rig.event(CreditChanged)
    assert event.link is link
    assert event.properties == {"txn-id": b"a"}
    rig.receive(flow(handle=0, delivery_count=0, link_credit=2))
    assert rig.event(CreditChanged).properties is None
