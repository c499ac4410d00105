"""The resource half of transactions (4.2 to 4.4): control links, and the transactions of one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.engine.receiver import ReceiverLink
from amqp.engine.states import LinkState
from amqp.engine.transactions.messages import MAX_TXN_ID, decode_request
from amqp.engine.transactions.work import OpenTransaction
from amqp.errors import DecodeError
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Coordinator,
    Declare,
    Declared,
    Error,
    ReceiverSettleMode,
    Rejected,
    Source,
    TransactionalState,
    TransactionErrorCondition,
    TxnCapability,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amqp.engine.delivery import IncomingDelivery, OutgoingDelivery
    from amqp.engine.link import Link
    from amqp.engine.session import Session
    from amqp_spec import Discharge, Outcome

__all__ = ["ControlLink", "TransactionTable"]

_CREDIT = 10
_MAX_REQUEST = 64 * 1024
"""Octets of a request: a declare may carry a global-id."""
_ALL = (
    TxnCapability.LOCAL_TRANSACTIONS,
    TxnCapability.MULTI_TXNS_PER_SSN,
    TxnCapability.MULTI_SSNS_PER_TXN,
)
_ACCEPTED = Accepted()


class TransactionTable:
    """The transactions of one connection that are open, and its control links.

    The owner of the nodes passes on: a ``LinkRequested`` whose target is a ``Coordinator`` to :meth:`accept`; the
    deliveries of the link to :meth:`ControlLink.received`; its loss, with or without its session, to
    :meth:`ControlLink.lost`. It asks :meth:`find` and :meth:`retire` for the transaction that work names, and adds the
    work there. It calls :meth:`advance` when ``data_to_send`` was called while :attr:`waiting` is true.

    *capabilities* are what the coordinator can do (4.5.7); without ``MULTI_TXNS_PER_SSN`` a session has one transaction
    at a time, without ``MULTI_SSNS_PER_TXN`` work is done in the session of the control link alone.
    *max_transactions* bounds those that are open.
    """

    def __init__(self, *, capabilities: Sequence[str] = _ALL, max_transactions: int = 64) -> None:
        self.capabilities = tuple(capabilities)
        self.max_transactions = max_transactions
        self._open: dict[bytes, OpenTransaction] = {}
        self._tied: dict[OutgoingDelivery, OpenTransaction] = {}
        self._controls: dict[OpenTransaction, ControlLink] = {}
        self._ending: list[tuple[ControlLink, IncomingDelivery, OpenTransaction]] = []
        self._last_id = 0

    @property
    def open(self) -> Mapping[bytes, OpenTransaction]:
        """The transactions that were declared and not discharged, by id."""
        return self._open

    @property
    def waiting(self) -> bool:
        """Whether a discharge waits until what was half sent is aborted (4.4.3)."""
        return bool(self._ending)

    def accept(self, link: Link) -> ControlLink | None:
        """Answer a request for a link to a coordinator; None when it is refused.

        The credit is renewed by itself. The mode of settling is first: the outcome of a request is settled at once.

        Raises:
            LocalError: as for :meth:`Link.refuse` and :meth:`ReceiverLink.accept`.
        """
        attach = link.remote_attach
        assert attach is not None
        if not isinstance(link, ReceiverLink):
            link.refuse(
                _error(AmqpErrorCondition.INVALID_FIELD, "a controller is the sender of its control link")
            )
            return None
        if attach.unsettled or attach.incomplete_unsettled:
            # 4.2
            link.refuse(_error(AmqpErrorCondition.NOT_ALLOWED, "a control link is not resumed: attach anew"))
            return None
        link.accept(
            target=Coordinator(capabilities=self.capabilities),
            rcv_settle_mode=ReceiverSettleMode.FIRST,
            max_message_size=_MAX_REQUEST,
            credit=_CREDIT,
        )
        return ControlLink(self, link)

    def find(self, state: TransactionalState, session: Session) -> OpenTransaction | Error:
        """Return the transaction that a posting on a link of *session* names, or why it can have no part in it."""
        transaction = self._open.get(state.txn_id)
        if transaction is None:
            return _unknown()
        if session is not transaction.session and TxnCapability.MULTI_SSNS_PER_TXN not in self.capabilities:
            return _error(
                AmqpErrorCondition.NOT_ALLOWED, "a transaction is for the session of its control link alone"
            )
        return transaction if transaction.error is None else transaction.error

    def retire(self, delivery: OutgoingDelivery, state: TransactionalState) -> OpenTransaction | Error:
        """Tie the outcome of *delivery* to the transaction that *state* names (4.4.2), and return it.

        Where the delivery belongs to another open one, the control link of the one named is detached with
        ``amqp:transaction:rollback``, and the error is returned.
        """
        found = self.find(state, delivery.link.session)
        if not isinstance(found, OpenTransaction):
            return found
        if self._tied.get(delivery, found) is not found:
            error = _rollback("a delivery of one transaction was given an outcome in another")
            self._controls[found].fail(error)
            return error
        found.deliveries[delivery] = None
        self._tied[delivery] = found
        return found

    def acquire(self, delivery: OutgoingDelivery, transaction: OpenTransaction) -> None:
        """Note that *delivery* is sent in *transaction* (4.4.3); its state is to name it."""
        transaction.acquire(delivery)
        self._tied[delivery] = transaction

    def tied(self, delivery: OutgoingDelivery) -> OpenTransaction | None:
        """Return the open transaction that *delivery* was acquired or retired in."""
        return self._tied.get(delivery)

    def advance(self) -> None:
        """Answer the discharges that waited and need to no longer."""
        ending, self._ending = self._ending, []
        for control, delivery, transaction in ending:
            control.rolled_back(delivery, transaction)

    # -- for the control links

    def declare(self, control: ControlLink) -> OpenTransaction | Error:
        """Open a transaction of *control*, or say why not."""
        session = control.link.session
        if len(self._open) >= self.max_transactions:
            return _rollback(f"the connection has {len(self._open)} open transactions, which is the limit")
        if TxnCapability.MULTI_TXNS_PER_SSN not in self.capabilities and any(
            each.session is session for each in self._open.values()
        ):
            return _rollback("the session has an open transaction, and may have one at a time")
        self._last_id += 1
        transaction = OpenTransaction(self._last_id.to_bytes(8, "big"), session)
        self._open[transaction.id] = transaction
        self._controls[transaction] = control
        return transaction

    def of(self, control: ControlLink, txn_id: bytes) -> OpenTransaction | None:
        """Return an open transaction that was declared on *control*."""
        transaction = self._open.get(txn_id)
        return transaction if transaction is not None and self._controls[transaction] is control else None

    def forget(self, transaction: OpenTransaction) -> None:
        """Let go of a transaction: it is ending, and its id is dead (4.3)."""
        del self._open[transaction.id]
        del self._controls[transaction]
        for delivery in transaction.deliveries:
            del self._tied[delivery]

    def wait(self, control: ControlLink, delivery: IncomingDelivery, transaction: OpenTransaction) -> None:
        """Answer a discharge later; see :meth:`advance`."""
        self._ending.append((control, delivery, transaction))


class ControlLink:
    """The coordinator's end of a control link; made by :meth:`TransactionTable.accept`."""

    def __init__(self, table: TransactionTable, link: ReceiverLink) -> None:
        self.table = table
        self.link = link
        self._own: dict[OpenTransaction, None] = {}

    def received(self, delivery: IncomingDelivery) -> None:
        """Do what a message on the link asks for, and tell its outcome."""
        if self.link.state is not LinkState.ATTACHED:
            return
        if delivery.settled:
            # 4.2, 4.3: the answer could not be told.
            self.fail(_error(AmqpErrorCondition.NOT_ALLOWED, "a declare or a discharge is not sent settled"))
            return
        if isinstance(delivery.state, TransactionalState):
            # 4.1
            self.fail(
                _error(AmqpErrorCondition.NOT_ALLOWED, "on a control link there is no transactional work")
            )
            return
        try:
            request = decode_request(delivery.payload)
        except DecodeError as fault:
            self._reject(delivery, _error(AmqpErrorCondition.DECODE_ERROR, str(fault)[:_SHOWN]))
        else:
            if isinstance(request, Declare):
                self._declare(delivery, request)
            else:
                self._discharge(delivery, request)
        self._top_up()

    def lost(self) -> None:
        """Roll back what was not discharged (4.1): the link is gone. Idempotent."""
        own, self._own = self._own, {}
        for transaction in own:
            self.table.forget(transaction)
            transaction.roll_back()

    def fail(self, error: Error) -> None:
        """Detach the link with *error*, and roll back what was not discharged."""
        self.link.detach(error=error)
        self.lost()

    def rolled_back(self, delivery: IncomingDelivery, transaction: OpenTransaction) -> None:
        """Answer a discharge whose transaction was rolled back, once nothing of it is being sent (4.4.3)."""
        if not transaction.stopped:
            self.table.wait(self, delivery, transaction)
        elif transaction.error is not None:
            self._reject(delivery, transaction.error)
        else:
            self._tell(delivery, _ACCEPTED)

    # -- parts

    def _declare(self, delivery: IncomingDelivery, request: Declare) -> None:
        if request.global_id is not None:
            self._reject(delivery, _rollback("there are no distributed transactions here"))
            return
        declared = self.table.declare(self)
        if isinstance(declared, Error):
            self._reject(delivery, declared)
            return
        self._own[declared] = None
        self._tell(delivery, Declared(txn_id=declared.id))

    def _discharge(self, delivery: IncomingDelivery, request: Discharge) -> None:
        if len(request.txn_id) > MAX_TXN_ID:
            error = f"discharge.txn-id has {len(request.txn_id)} octets, and {MAX_TXN_ID} is the most"
            self._reject(delivery, _error(AmqpErrorCondition.INVALID_FIELD, error))
            return
        transaction = self.table.of(self, request.txn_id)
        if transaction is None:
            self._reject(delivery, _unknown())
            return
        if self.link.posting(transaction.id):
            # 4.4.1: what was half posted can be neither kept nor given back.
            self.fail(_rollback("a transaction was discharged amid a posting to it"))
            return
        del self._own[transaction]
        self.table.forget(transaction)
        if not request.fail and transaction.error is None:
            transaction.commit()
            self._tell(delivery, _ACCEPTED)
            return
        transaction.roll_back()
        if request.fail:
            # 4.3: what is asked for was done, whatever was wrong before.
            transaction.error = None
        self.rolled_back(delivery, transaction)

    def _reject(self, delivery: IncomingDelivery, error: Error) -> None:
        source = self.link.source
        outcomes = source.outcomes if isinstance(source, Source) else None
        # 4.2: a source that names its outcomes and not this one is told by a detach.
        if outcomes and Rejected.SYMBOL not in outcomes:
            self.fail(error)
        else:
            self._tell(delivery, Rejected(error=error))

    def _tell(self, delivery: IncomingDelivery, outcome: Outcome) -> None:
        if self.link.state is LinkState.ATTACHED:
            delivery.settle(outcome)

    def _top_up(self) -> None:
        if self.link.state is LinkState.ATTACHED and self.link.credit * 2 <= _CREDIT:
            self.link.flow(_CREDIT)


_SHOWN = 100


def _error(condition: str, description: str) -> Error:
    return Error(condition=condition, description=description)


def _unknown() -> Error:
    return _error(TransactionErrorCondition.UNKNOWN_ID, "there is no open transaction with this txn-id")


def _rollback(description: str) -> Error:
    return _error(TransactionErrorCondition.TRANSACTION_ROLLBACK, description)
