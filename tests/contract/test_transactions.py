"""Transactions (part 4) from the client's side: on both front ends, with the embedded broker as the resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import amqp
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.contract.front import Front


def waiting(connection: Any, address: str) -> list[object]:
    """What others would get from *address*; it stays there."""
    source = amqp.Source(address=address, distribution_mode=amqp.StdDistMode.COPY)
    with connection.open_receiver(source) as receiver:
        return [delivery.message.body for delivery in receiver.receive_many(100, timeout=0.1)]


def fail_in(transaction: Any, *steps: Callable[[], object]) -> None:
    """Do *steps* in a transaction, and raise behind them."""
    with transaction:
        for step in steps:
            step()
        raise KeyError


def test_what_is_posted_appears_on_commit(front: Front, broker: str) -> None:
    with front.connect(broker) as connection, connection.open_sender("q") as sender:
        with sender.session.transaction() as transaction:
            assert transaction.is_open
            assert transaction.status is amqp.TransactionStatus.ACTIVE
            assert transaction.id
            assert sender.send(amqp.Message(1), transaction=transaction) == amqp.Accepted()
            pending = sender.submit(amqp.Message(2), transaction=transaction)
            sender.send(amqp.Message(3), transaction=transaction, settled=True)
            sender.send(amqp.Message("outside"))
            assert waiting(connection, "q") == ["outside"]
        assert pending.done()
        assert (transaction.is_open, transaction.status) == (False, amqp.TransactionStatus.COMMITTED)
        assert transaction.error is None
        assert repr(transaction) == f"<Transaction {transaction.id!r}, committed>"
        assert waiting(connection, "q") == ["outside", 1, 2, 3]


def test_an_exception_rolls_back(front: Front, broker: str) -> None:
    with front.connect(broker) as connection, connection.open_sender("q") as sender:
        transaction = sender.session.transaction()
        with pytest.raises(KeyError):
            fail_in(transaction, lambda: sender.send(amqp.Message(1), transaction=transaction))
        assert transaction.status is amqp.TransactionStatus.ROLLED_BACK
        assert transaction.error is None
        assert waiting(connection, "q") == []
        sender.send(amqp.Message("the link lives"))
        assert waiting(connection, "q") == ["the link lives"]


def test_outcomes_count_on_commit(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        with connection.open_sender("q") as sender:
            for number in range(4):
                sender.send(amqp.Message(number))
        with connection.open_receiver("q") as receiver:
            accepted, rejected, released, modified = (receiver.receive(timeout=SOON) for _ in range(4))
            with receiver.session.transaction() as transaction:
                accepted.accept(transaction=transaction)
                assert (accepted.outcome, accepted.settled) == (amqp.Accepted(), True)
                with pytest.raises(amqp.LocalError, match="settled before"):
                    accepted.accept(transaction=transaction)
                rejected.reject(transaction=transaction)
                released.release(transaction=transaction)
                modified.modify(delivery_failed=True, transaction=transaction)
                assert receiver.receive_many(1, timeout=0) == []
            again = [receiver.receive(timeout=SOON) for _ in range(2)]
            assert [delivery.message.body for delivery in again] == [2, 3]


def test_outcomes_are_undone_on_rollback(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        with connection.open_sender("q") as sender:
            sender.send(amqp.Message(1))
        with connection.open_receiver("q") as receiver:
            delivery = receiver.receive(timeout=SOON)
            transaction = receiver.session.transaction()
            delivery.accept(transaction=transaction)
            transaction.rollback()
            transaction.rollback()
            assert transaction.status is amqp.TransactionStatus.ROLLED_BACK
            receiver.receive(timeout=SOON).accept()
        assert waiting(connection, "q") == []


def test_in_mode_second_a_rollback_leaves_the_delivery_here(front: Front, broker: str) -> None:
    second = amqp.ReceiverSettleMode.SECOND
    with front.connect(broker) as connection:
        with connection.open_sender("q") as sender:
            sender.send(amqp.Message(1))
            sender.send(amqp.Message(2))
        with connection.open_receiver("q", rcv_settle_mode=second) as receiver:
            first, other = receiver.receive(timeout=SOON), receiver.receive(timeout=SOON)
            with receiver.session.transaction() as transaction:
                first.accept(transaction=transaction)
                assert not first.settled
            assert first.settled
            transaction = receiver.session.transaction()
            other.accept(transaction=transaction)
            transaction.rollback()
            assert (other.settled, other.outcome) == (False, None)
            other.accept()
            assert other.settled
        assert waiting(connection, "q") == []


def test_move_a_message_from_one_queue_to_another(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        sender, receiver = connection.open_sender("to"), connection.open_receiver("from")
        with connection.open_sender("from") as filling:
            filling.send(amqp.Message(b"x"))
        delivery = receiver.receive(timeout=SOON)
        with receiver.session.transaction() as transaction:
            sender.send(delivery.message, transaction=transaction)
            delivery.accept(transaction=transaction)
        assert (waiting(connection, "from"), waiting(connection, "to")) == ([], [b"x"])


def test_many_messages_in_one_transaction(front: Front, broker: str) -> None:
    with front.connect(broker) as connection, connection.open_sender("q") as sender:
        with sender.session.transaction() as transaction:
            for pending in sender.send_many(map(amqp.Message, range(300)), transaction=transaction):
                assert pending.outcome == amqp.Accepted()
        with connection.open_receiver("q", auto_accept=True) as receiver:
            assert [receiver.receive(timeout=SOON).message.body for _ in range(300)] == list(range(300))


def test_a_message_in_pieces_is_part_of_a_transaction(front: Front, broker: str) -> None:
    with front.connect(broker) as connection, connection.open_sender("q") as sender:
        with sender.session.transaction() as transaction:
            pieces = [bytes([number]) * 100_000 for number in range(10)]
            sender.send_stream(pieces, transaction=transaction)
            assert waiting(connection, "q") == []
        assert waiting(connection, "q") == [b"".join(pieces)]
        transaction = sender.session.transaction()

        def breaking() -> Iterator[bytes]:
            yield bytes(100_000)
            raise KeyError

        with pytest.raises(KeyError), transaction:
            sender.send_stream(breaking(), transaction=transaction)
        assert transaction.status is amqp.TransactionStatus.ROLLED_BACK
        assert len(waiting(connection, "q")) == 1


def test_several_transactions_over_several_sessions(front: Front, broker: str) -> None:
    with front.connect(broker) as connection, connection.open_sender("q") as sender:
        with connection.open_session() as session, session.open_sender("q") as other:
            one, two = session.transaction(), session.transaction()
            assert one.id != two.id
            sender.send(amqp.Message("one"), transaction=one)
            other.send(amqp.Message("two"), transaction=two)
            two.commit()
            assert waiting(connection, "q") == ["two"]
            one.rollback()
            # One control link serves the session.
            assert repr(session).endswith("open, 2 links>")
            assert one.session.is_open
        assert waiting(connection, "q") == ["two"]


def test_a_rejected_message_that_nobody_looked_at_prevents_the_commit(front: Front, broker: str) -> None:
    lost = amqp.Message(2, properties=amqp.Properties(to="nowhere"))
    good = amqp.Message(1, properties=amqp.Properties(to="q"))
    # A sender without an address: one message goes where there is a queue, the other does not.
    with front.connect(broker) as connection, connection.open_sender(None) as sender:
        transaction = sender.session.transaction()
        sender.submit(good, transaction=transaction)
        sender.submit(lost, transaction=transaction)
        with pytest.raises(amqp.TransactionRollback, match="not accepted") as caught:
            transaction.commit()
        assert isinstance(caught.value.__cause__, amqp.MessageRejected)
        assert waiting(connection, "q") == []
        # Who has looked decides for himself.
        with sender.session.transaction() as transaction:
            sender.send(good, transaction=transaction)
            with pytest.raises(amqp.MessageRejected):
                sender.send(lost, transaction=transaction)
        assert waiting(connection, "q") == [1]


def test_an_ended_transaction_takes_no_work(front: Front, broker: str) -> None:
    with front.connect(broker) as connection, connection.open_sender("q") as sender:
        transaction = sender.session.transaction()
        transaction.commit()
        with pytest.raises(amqp.LocalError, match="transaction is committed"):
            sender.send(amqp.Message(1), transaction=transaction)
        with pytest.raises(amqp.LocalError, match="transaction is committed"):
            transaction.commit()
        with pytest.raises(amqp.LocalError, match="cannot be taken back"):
            transaction.rollback()
        with front.connect(broker) as other, other.open_sender("q") as stranger:
            transaction = sender.session.transaction()
            with pytest.raises(amqp.LocalError, match="another connection"):
                stranger.send(amqp.Message(1), transaction=transaction)
            transaction.rollback()
        with pytest.raises(amqp.LocalError, match="transaction takes what session"):
            sender.send(amqp.Message(1), transaction="txn")


def test_it_is_not_ended_twice(front: Front, broker: str) -> None:
    with front.connect(broker) as connection, connection.open_sender("q") as sender:
        with sender.session.transaction() as transaction:
            sender.send(amqp.Message(1), transaction=transaction)
            transaction.commit()
        transaction = sender.session.transaction()
        with pytest.raises(KeyError):
            fail_in(
                transaction,
                lambda: sender.send(amqp.Message(2), transaction=transaction),
                lambda: transaction.rollback(),
            )
        assert waiting(connection, "q") == [1]
