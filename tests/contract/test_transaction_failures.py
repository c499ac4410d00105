"""Transactions that do not go as they should: what the client is told, and what it sends; on both front ends."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.testing import ABSENT, BlockingPeer, Composite
from tests.contract.front import SOON, Raising

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.contract.front import Front

ALL = ["amqp:local-transactions", "amqp:multi-txns-per-ssn", "amqp:multi-ssns-per-txn"]
COMMITTED = amqp.TransactionStatus.COMMITTED
ROLLED_BACK = amqp.TransactionStatus.ROLLED_BACK
FAILED = amqp.TransactionStatus.FAILED


@pytest.fixture
def script() -> Iterator[BlockingPeer]:
    """A peer that opens the connection and a session."""
    with BlockingPeer(timeout=SOON) as peer:
        peer.handshake()
        peer.accept_session()
        yield peer


def accept_control(peer: BlockingPeer, credit: int = 10, capabilities: Any = ALL) -> None:
    """Have the control link come up."""
    attach = peer.expect_attach(role="sender", target=Composite("coordinator"), snd_settle_mode="unsettled")
    attach.respond(target=Composite("coordinator", capabilities=capabilities))
    if credit:
        peer.grant(credit)


def declare(peer: BlockingPeer, txn_id: bytes = b"1") -> None:
    """Have a transaction opened."""
    peer.expect_delivery(body=Composite("declare")).settle(Composite("declared", txn_id=txn_id))


def expect_discharge(peer: BlockingPeer, txn_id: bytes = b"1", *, fail: bool = False) -> Any:
    return peer.expect_delivery(body=Composite("discharge", txn_id=txn_id, fail=fail), settled=False)


def state(txn_id: bytes, outcome: str | None = None) -> Composite:
    if outcome is None:
        return Composite("transactional-state", txn_id=txn_id, outcome=ABSENT)
    return Composite("transactional-state", txn_id=txn_id, outcome=Composite(outcome))


def seen(expectation: Any) -> Event:
    """An event that is set when what is expected has come."""
    event = Event()
    expectation.then(lambda _: event.set())
    return event


def until(condition: Callable[[], object]) -> None:
    """Wait until *condition* holds, which is another thread's to do."""
    end = monotonic() + SOON
    while not condition():
        assert monotonic() < end


@contextmanager
def closing(peer: BlockingPeer, connection: Any) -> Iterator[None]:
    """Have the connection closed in order at the end."""
    with connection:
        yield
        peer.expect_close().respond()


# -- what does not begin


def test_a_refused_coordinator_leaves_the_session(front: Front, script: BlockingPeer) -> None:
    script.expect_attach(target=Composite("coordinator", capabilities=ALL)).refuse("amqp:not-implemented")
    script.expect_detach()
    connection = front.connect(script.url)
    with closing(script, connection):
        session = connection.open_session()
        with pytest.raises(amqp.TransactionRefused, match="opened no transaction") as caught:
            session.transaction()
        assert caught.value.condition == "amqp:not-implemented"
        assert isinstance(caught.value.__cause__, amqp.AttachRefused)
        assert session.is_open


def test_a_coordinator_refused_by_the_end_of_the_session(front: Front, script: BlockingPeer) -> None:
    # As RabbitMQ does.
    script.expect_attach(target=Composite("coordinator"))
    script.remote_end("amqp:not-implemented")
    script.expect_end()
    connection = front.connect(script.url)
    with closing(script, connection):
        session = connection.open_session()
        with pytest.raises(amqp.TransactionRefused) as caught:
            session.transaction()
        assert caught.value.condition == "amqp:not-implemented"
        assert isinstance(caught.value.__cause__, amqp.SessionEnded)
        assert connection.is_open


@pytest.mark.parametrize(
    "target", [Composite("coordinator", capabilities=["amqp:promotable-transactions"]), "queue"]
)
def test_something_else_than_a_coordinator(front: Front, script: BlockingPeer, target: Any) -> None:
    script.expect_attach(target=Composite("coordinator")).respond(target=target)
    script.expect_detach(closed=True).respond()
    connection = front.connect(script.url)
    with closing(script, connection), pytest.raises(amqp.TransactionRefused, match="coordinator"):
        connection.open_session().transaction()


def test_a_rejected_declare(front: Front, script: BlockingPeer) -> None:
    accept_control(script)
    script.expect_delivery(body=Composite("declare")).reject("amqp:transaction:rollback")
    declare(script)
    connection = front.connect(script.url)
    with closing(script, connection):
        session = connection.open_session()
        with pytest.raises(amqp.TransactionRefused) as caught:
            session.transaction()
        assert caught.value.condition == "amqp:transaction:rollback"
        assert session.transaction().is_open


def test_the_connection_is_lost_while_it_is_declared(front: Front, script: BlockingPeer) -> None:
    accept_control(script)
    script.expect_delivery(body=Composite("declare"))
    script.drop()
    with front.connect(script.url) as connection, pytest.raises(amqp.ConnectionLost):
        connection.open_session().transaction()


def test_a_transaction_that_comes_late_is_rolled_back(front: Front, script: BlockingPeer) -> None:
    accept_control(script)
    script.expect_delivery(body=Composite("declare"))
    gate = script.gate()
    script.remote_disposition(
        role="receiver", first=0, settled=True, state=Composite("declared", txn_id=b"1")
    )
    came = seen(expect_discharge(script, fail=True).settle("accepted"))
    declare(script, b"2")
    connection = front.connect(script.url)
    with closing(script, connection):
        session = connection.open_session()
        with pytest.raises(amqp.OperationTimeout):
            session.transaction(timeout=1)
        gate.open()
        assert came.wait(SOON)
        assert session.transaction().id == b"2"


def test_a_declare_that_waits_for_credit_is_taken_back(front: Front, script: BlockingPeer) -> None:
    accept_control(script, credit=0)
    connection = front.connect(script.url)
    with closing(script, connection):
        session = connection.open_session()
        with pytest.raises(amqp.OperationTimeout):
            session.transaction(timeout=0.05)
        script.grant(1)
        declare(script, b"2")
        script.grant(1)
        assert session.transaction().id == b"2"


def test_one_transaction_at_a_time(front: Front, script: BlockingPeer) -> None:
    accept_control(script, capabilities=ALL[:1])
    declare(script)
    expect_discharge(script).settle("accepted")
    declare(script, b"2")
    connection = front.connect(script.url)
    with closing(script, connection):
        session = connection.open_session()
        first = session.transaction()
        with pytest.raises(amqp.LocalError, match="one transaction at a time"):
            session.transaction()
        first.commit()
        assert session.transaction().id == b"2"


def test_a_transaction_of_one_session(front: Front, script: BlockingPeer) -> None:
    accept_control(script, capabilities=ALL[:1])
    declare(script)
    script.accept_session()
    script.accept_sender()
    connection = front.connect(script.url)
    with closing(script, connection):
        transaction = connection.open_session().transaction()
        sender = connection.open_sender("q")
        with pytest.raises(amqp.LocalError, match="within one session"):
            sender.send(amqp.Message(1), transaction=transaction)


# -- what does not end as it should


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("amqp:transaction:rollback", amqp.TransactionRollback),
        ("amqp:transaction:timeout", amqp.TransactionTimeout),
        ("amqp:transaction:unknown-id", amqp.TransactionUnknownId),
        ("amqp:internal-error", amqp.TransactionRollback),
    ],
)
def test_a_rejected_commit(
    front: Front, script: BlockingPeer, condition: str, kind: type[amqp.TransactionError]
) -> None:
    accept_control(script)
    declare(script)
    expect_discharge(script).reject(condition)
    connection = front.connect(script.url)
    with closing(script, connection):
        with pytest.raises(kind) as caught, connection.open_session().transaction() as transaction:
            pass
        assert (type(caught.value), caught.value.condition) == (kind, condition)
        assert transaction.status is FAILED
        assert isinstance(transaction.error, kind)
        transaction.rollback()


def test_a_rejected_rollback(front: Front, script: BlockingPeer) -> None:
    accept_control(script)
    for number in (b"1", b"2"):
        declare(script, number)
        expect_discharge(script, number, fail=True).reject("amqp:transaction:unknown-id")
    connection = front.connect(script.url)
    with closing(script, connection):
        session = connection.open_session()
        with pytest.raises(amqp.TransactionUnknownId):
            session.transaction().rollback()
        # The error of the block is the one to tell.
        with pytest.raises(KeyError), session.transaction():
            raise KeyError


def test_the_connection_is_lost_behind_the_commit(front: Front, script: BlockingPeer) -> None:
    accept_control(script)
    declare(script)
    expect_discharge(script)
    script.drop()
    with front.connect(script.url) as connection:
        with (
            pytest.raises(amqp.TransactionInDoubt) as caught,
            connection.open_session().transaction() as transaction,
        ):
            pass
        assert isinstance(caught.value.__cause__, amqp.ConnectionLost)
        assert transaction.status is FAILED
        with pytest.raises(amqp.LocalError, match="has left"):
            transaction.rollback()


def test_the_connection_is_lost_before_the_commit(front: Front, script: BlockingPeer) -> None:
    accept_control(script)
    declare(script)
    script.drop()
    with front.connect(script.url) as connection:
        session = connection.open_session()
        with pytest.raises(amqp.TransactionRollback) as caught, session.transaction():
            connection.wait_closed(timeout=SOON)
        assert isinstance(caught.value.__cause__, amqp.ConnectionLost)


def test_a_lost_control_link_rolls_back_and_is_attached_anew(front: Front, script: BlockingPeer) -> None:
    accept_control(script)
    declare(script)
    gate = script.gate()
    script.remote_detach("amqp:transaction:timeout")
    answered = seen(script.expect_detach())
    accept_control(script)
    declare(script, b"2")
    expect_discharge(script, b"2").settle("accepted")
    connection = front.connect(script.url)
    with closing(script, connection):
        session = connection.open_session()
        transaction = session.transaction()
        gate.open()
        assert answered.wait(SOON)
        with pytest.raises(amqp.TransactionRollback, match="control link") as caught:
            transaction.commit()
        assert caught.value.condition == "amqp:transaction:timeout"
        transaction.rollback()
        with session.transaction():
            pass


def test_a_commit_that_is_not_answered_in_time_is_in_doubt(front: Front, script: BlockingPeer) -> None:
    accept_control(script)
    declare(script)
    expect_discharge(script)
    gate = script.gate()
    script.remote_disposition(role="receiver", first=1, settled=True, state="accepted")
    declare(script, b"2")
    connection = front.connect(script.url)
    with closing(script, connection):
        session = connection.open_session()
        transaction = session.transaction()
        with pytest.raises(amqp.TransactionInDoubt) as caught:
            transaction.commit(timeout=0.05)
        assert isinstance(caught.value.__cause__, amqp.OperationTimeout)
        assert transaction.status is amqp.TransactionStatus.DISCHARGING
        gate.open()
        session.transaction()
        assert (transaction.status, transaction.error) == (COMMITTED, None)


def test_a_rollback_that_is_not_answered_in_time(front: Front, script: BlockingPeer) -> None:
    accept_control(script)
    declare(script)
    expect_discharge(script, fail=True)
    connection = front.connect(script.url)
    with closing(script, connection):
        transaction = connection.open_session().transaction()
        with pytest.raises(amqp.OperationTimeout):
            transaction.rollback(timeout=0.05)
        with pytest.raises(amqp.LocalError, match="discharging"):
            transaction.commit()


def test_a_commit_that_cannot_leave_becomes_a_rollback(front: Front, script: BlockingPeer) -> None:
    accept_control(script, credit=1)
    declare(script)
    connection = front.connect(script.url)
    with closing(script, connection):
        session = connection.open_session()
        transaction = session.transaction()
        with pytest.raises(amqp.TransactionRollback, match="could not leave"):
            transaction.commit(timeout=0.05)
        script.grant(2)
        expect_discharge(script, fail=True).settle("accepted")
        declare(script, b"2")
        session.transaction()
        assert transaction.status is ROLLED_BACK


def test_a_commit_waits_for_the_fate_of_what_was_posted(front: Front, script: BlockingPeer) -> None:
    script.accept_sender()
    accept_control(script)
    declare(script)
    script.expect_delivery(state=state(b"1"))
    expect_discharge(script, fail=True).settle("accepted")
    connection = front.connect(script.url)
    with closing(script, connection):
        sender = connection.open_sender("q")
        transaction = sender.session.transaction()
        pending = sender.submit(amqp.Message(1), transaction=transaction)
        with pytest.raises(amqp.TransactionRollback, match="did not come in time"):
            transaction.commit(timeout=0.05)
        # Its outcome is not waited for any more once the answer to the rollback is there.
        with pytest.raises(amqp.InDoubt):
            pending.result(timeout=SOON)


def test_a_message_that_is_lost_with_its_link_prevents_the_commit(front: Front, script: BlockingPeer) -> None:
    script.accept_sender()
    accept_control(script)
    declare(script)
    script.expect_delivery(state=state(b"1"))
    script.remote_detach("amqp:resource-deleted", handle=0)
    answered = seen(script.expect_detach())
    expect_discharge(script, fail=True).settle("accepted")
    connection = front.connect(script.url)
    with closing(script, connection):
        sender = connection.open_sender("q")
        transaction = sender.session.transaction()
        pending = sender.submit(amqp.Message(1), transaction=transaction)
        assert answered.wait(SOON)
        with pytest.raises(amqp.TransactionRollback) as caught:
            transaction.commit()
        assert isinstance(caught.value.__cause__, amqp.InDoubt)
        assert caught.value.condition == "amqp:resource-deleted"
        with pytest.raises(amqp.InDoubt):
            pending.result(timeout=SOON)


def test_a_session_takes_its_transactions_along(front: Front, broker: str) -> None:
    with front.connect(broker) as connection, connection.open_sender("q") as sender:
        with connection.open_session() as session:
            transaction = session.transaction()
            sender.send(amqp.Message(1), transaction=transaction)
        assert transaction.status is FAILED
        with pytest.raises(amqp.TransactionRollback, match="control link"):
            transaction.commit()
        with pytest.raises(amqp.SessionEnded):
            session.transaction()
        transaction.rollback()
        with connection.open_receiver("q") as receiver:
            assert receiver.receive_many(1, timeout=0.05) == []


def test_what_waits_for_credit_is_taken_back_on_rollback(front: Front, script: BlockingPeer) -> None:
    script.accept_sender(credit=0)
    accept_control(script)
    declare(script)
    connection = front.connect(script.url)
    with closing(script, connection):
        sender = connection.open_sender("q")
        transaction = sender.session.transaction()
        sending = Raising(lambda: sender.send(amqp.Message(1), transaction=transaction))
        until(lambda: sender._client._queue)
        expect_discharge(script, fail=True).settle("accepted")
        transaction.rollback()
        assert isinstance(sending.error(), amqp.NotSent)


def test_an_outcome_that_is_not_settled_is_settled_behind_the_commit(
    front: Front, script: BlockingPeer
) -> None:
    script.accept_sender()
    accept_control(script)
    declare(script)
    posting = script.expect_delivery(state=state(b"1"), settled=False)
    posting.respond(
        Composite("transactional-state", txn_id=b"1", outcome=Composite("accepted")), settled=False
    )
    expect_discharge(script).settle("accepted")
    script.expect_disposition(role="sender", settled=True)
    connection = front.connect(script.url)
    with closing(script, connection):
        sender = connection.open_sender("q")
        with sender.session.transaction() as transaction:
            assert sender.send(amqp.Message(1), transaction=transaction) == amqp.Accepted()


def test_an_outcome_behind_the_end_of_its_transaction_is_settled(front: Front, script: BlockingPeer) -> None:
    script.accept_sender()
    accept_control(script)
    declare(script)
    script.expect_delivery(state=state(b"1"), settled=False)
    expect_discharge(script, fail=True).settle("accepted")
    connection = front.connect(script.url)
    with closing(script, connection):
        sender = connection.open_sender("q")
        transaction = sender.session.transaction()
        sender.submit(amqp.Message(1), transaction=transaction)
        with pytest.raises(amqp.TransactionRollback):
            transaction.commit(timeout=0.05)
        until(lambda: transaction.status is ROLLED_BACK)
        # Else what the peer is late with would be held for as long as the link lives.
        gate = script.gate()
        script.remote_disposition(role="receiver", first=1, settled=False, state=state(b"1", "accepted"))
        settled = seen(script.expect_disposition(role="sender", first=1, settled=True))
        gate.open()
        assert settled.wait(SOON)


# -- acquisition


def test_deliveries_are_acquired_in_a_transaction(front: Front, script: BlockingPeer) -> None:
    script.expect_attach(role="receiver").respond()
    accept_control(script)
    declare(script)
    script.expect_flow(link_credit=2, properties={"txn-id": b"1"})
    script.remote_delivery(body=1, state=Composite("transactional-state", txn_id=b"1"), link="in")
    script.remote_delivery(body=2, state=Composite("transactional-state", txn_id=b"1"), link="in")
    # It need not be said again which transaction a delivery belongs to.
    script.expect_disposition(role="receiver", settled=True, state=state(b"1", "accepted"))
    script.expect_disposition(role="receiver", settled=True, state=state(b"1", "released"))
    expect_discharge(script).settle("accepted")
    connection = front.connect(script.url)
    with closing(script, connection):
        receiver = connection.open_receiver("q", credit=0, name="in")
        with receiver.session.transaction() as transaction:
            receiver.issue_credit(2, transaction=transaction)
            one, two = receiver.receive(timeout=SOON), receiver.receive(timeout=SOON)
            one.accept()
            two.release(transaction=transaction)
        with pytest.raises(amqp.LocalError, match="committed"):
            receiver.issue_credit(2, transaction=transaction)
