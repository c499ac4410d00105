"""The controller half of transactions (4.2 to 4.4): declares, ties work to a transaction, discharges."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from amqp.engine.events import (
    ConnectionEnded,
    ConnectionFailed,
    DeliveryUpdated,
    LinkEnded,
    LinkFailed,
    SessionEnded,
    SessionFailed,
)
from amqp.engine.faults import fault_of_error, local_fault
from amqp.engine.transactions.messages import (
    MAX_TAKEN_TXN_ID,
    MAX_TXN_ID,
    TXN_ID,
    encode_declare,
    encode_discharge,
)
from amqp.errors import Blame, Fault, LocalError, Scope
from amqp.options import LinkOptions
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Coordinator,
    Declared,
    Error,
    Received,
    Rejected,
    SenderSettleMode,
    Source,
    TransactionalState,
    TransactionErrorCondition,
    TxnCapability,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amqp.engine.delivery import IncomingDelivery, OutgoingDelivery
    from amqp.engine.events import Event
    from amqp.engine.link import Link
    from amqp.engine.receiver import ReceiverLink
    from amqp.engine.sender import SenderLink
    from amqp.engine.session import Session
    from amqp.engine.streaming import OutgoingStream
    from amqp_spec import DeliveryState, Outcome

__all__ = [
    "Transaction",
    "TransactionController",
    "TransactionDeclared",
    "TransactionDischarged",
    "TransactionEvent",
    "TransactionFailed",
    "TransactionStatus",
]


class TransactionStatus(Enum):
    """How far a transaction has come."""

    DECLARING = "declaring"
    """The coordinator has not answered the declare."""
    ACTIVE = "active"
    """Work may be tied to it."""
    DISCHARGING = "discharging"
    """The coordinator has not answered the discharge, or it waits to be sent."""
    COMMITTED = "committed"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"
    """It was never open, or was rolled back against the controller's will, or its end is not known."""


_S = TransactionStatus


class Transaction:
    """One transaction of a controller; made by :meth:`TransactionController.declare`."""

    __slots__ = ("_posted", "_sessions", "broken", "context", "controller", "fail", "id", "sent", "status")

    def __init__(self, controller: TransactionController) -> None:
        self.controller = controller
        self.id: bytes | None = None
        """The txn-id, up to 32 octets, more from servers that overdo it; None until ``TransactionDeclared``."""
        self.status = _S.DECLARING
        self.fail = False
        """Whether the discharge asks for rolling back."""
        self.broken = False
        """Whether a posting was lost before the whole of it had left, so that the discharge became one with fail."""
        self.sent = False
        """Whether the discharge was given to the control link."""
        self.context: object = None
        """A free slot for the driver's own object."""
        self._posted: deque[OutgoingDelivery] = deque()
        self._sessions: dict[Session, None] = {}  # with dispositions and flows that name it

    def state(self, outcome: Outcome | None = None) -> TransactionalState:
        """Return the delivery state that ties something to this transaction (4.5.6).

        Raises:
            LocalError: it is not active.
        """
        if self.status is not _S.ACTIVE or self.id is None:
            raise LocalError(f"the transaction is {self.status.value}: only an active one takes work")
        return TransactionalState(txn_id=self.id, outcome=outcome)

    def post(self, link: SenderLink, payload: bytes | memoryview, **how: Any) -> OutgoingDelivery:
        """Send a message that appears when the transaction commits (4.4.1); *how* is as for :meth:`SenderLink.send`.

        Unless sent settled, it is answered with a ``TransactionalState`` that holds the outcome it will have.

        Raises:
            LocalError: the transaction is not active; *link* is a control link or of another connection; or as for
                ``send``.
            EncodeError: as for ``send``.
        """
        state = self.state()
        self.controller.check(link)
        delivery = link.send(payload, state=state, **how)
        self._add(delivery)
        return delivery

    def post_stream(self, link: SenderLink, first: bytes | memoryview = b"", **how: Any) -> OutgoingStream:
        """Begin a message in pieces that appears when the transaction commits; *how* is as for :meth:`SenderLink.send_stream`.

        A discharge waits until it is finished, unless it rolls back: then what has left of it is aborted.

        Raises:
            LocalError, EncodeError: as for :meth:`post`.
        """
        state = self.state()
        self.controller.check(link)
        stream = link.send_stream(first, state=state, **how)
        self._add(stream)
        return stream

    def retire(
        self, delivery: IncomingDelivery, outcome: Outcome | None = None, *, settled: bool = True
    ) -> None:
        """Tell an outcome that takes effect when the transaction commits (4.4.2); None is the source's default.

        With *settled* the source's default-outcome is what the delivery gets when it rolls back; else this side keeps
        the delivery, and is to settle it after the discharge.

        Raises:
            LocalError: the transaction is not active; the delivery is of another connection, belongs to another open
                transaction, or was settled before; the outcome is larger than the peer takes.
            EncodeError: the outcome has no encoding.
        """
        state = self.state(outcome)
        self.controller.check(delivery.link)
        for told in (delivery.state, delivery.local_state):
            if (
                isinstance(told, TransactionalState)
                and self.controller.open.get(told.txn_id, self) is not self
            ):
                # 4.4.2
                raise LocalError("the delivery belongs to another open transaction: discharge that one first")
        delivery.update(state, settled=settled)
        self._sessions[delivery.link.session] = None

    def acquire(
        self,
        link: ReceiverLink,
        credit: int | None = None,
        *,
        drain: bool = False,
        properties: Mapping[str, Any] | None = None,
    ) -> None:
        """Let what is sent on *link* from now on be acquired in the transaction (4.4.3), until its discharge.

        *credit*, *drain* and *properties* are as for :meth:`ReceiverLink.flow`. The discharge leaves the credit: take
        it back first, where nothing is to come outside of a transaction.

        Raises:
            LocalError: the transaction is not active; *link* is of another connection; *credit* is out of range.
        """
        txn_id = self.state().txn_id
        self.controller.check(link)
        link.flow(credit, drain=drain, properties={**(properties or {}), TXN_ID: txn_id})
        self._sessions[link.session] = None

    def discharge(self, *, fail: bool = False) -> None:
        """Commit or, with *fail*, roll back (4.3). ``TransactionDischarged`` or ``TransactionFailed`` follows.

        It leaves once all that was posted has left as a whole, and the control link has credit; with *fail* what has
        not left is taken back. Where a posting is lost with its link meanwhile, the transaction is rolled back and fails.

        Raises:
            LocalError: the transaction is not active.
        """
        self.state()
        self.status = _S.DISCHARGING
        self.fail = fail
        self.controller.discharge(self)

    def _add(self, delivery: OutgoingDelivery) -> None:
        posted = self._posted
        while posted and posted[0].payload is None:
            posted.popleft()
        posted.append(delivery)

    def posted(self) -> bool:
        """Whether all that was posted has left, after writing what credit and window allow (4.4.1)."""
        unfinished = [each for each in self._posted if each.payload is not None]
        on_their_way = [each for each in unfinished if each.link.attached]
        if not self.fail and len(on_their_way) < len(unfinished):
            self.fail = self.broken = True
        if self.fail:
            for delivery in on_their_way:
                if not delivery.started:
                    delivery.withdraw()
                elif not delivery.aborted:
                    delivery.abort()
        for link in {each.link: None for each in on_their_way}:
            link.finish_sends()
        return all(each.payload is None for each in on_their_way)

    def write_updates(self) -> None:
        """Write the dispositions and flows that name it: behind its discharge they would name nothing."""
        for session in self._sessions:
            session.outflow.write_updates()

    def __repr__(self) -> str:
        return f"<Transaction {self.status.value}{'' if self.id is None else f' {self.id!r}'}>"


@dataclass(slots=True)
class TransactionDeclared:
    """The coordinator has opened the transaction: work may be tied to it."""

    transaction: Transaction


@dataclass(slots=True)
class TransactionDischarged:
    """The transaction was committed or rolled back, as the discharge asked; its status says which."""

    transaction: Transaction


@dataclass(slots=True)
class TransactionFailed:
    """The transaction was not opened, or not committed as asked; its work is rolled back."""

    transaction: Transaction
    fault: Fault
    in_doubt: bool = False
    """True when the discharge was sent and no answer came, so that it may have been committed."""


TransactionEvent = TransactionDeclared | TransactionDischarged | TransactionFailed


class TransactionController:
    """The controller's end of a control link, which it attaches in *session*.

    Its owner passes every event of the engine to :meth:`handle`, and calls :meth:`advance` after ``data_to_send``
    while :attr:`waiting` is true. The events of the control link itself (``LinkOpened``, ``CreditChanged``,
    ``LinkFailed``) tell when :meth:`declare` may be called. The link is never resumed (4.2): after its loss all open
    transactions have failed, and a new controller is made.

    *capabilities* are what is wanted of the coordinator (4.5.7); :attr:`capabilities` are those it has.

    Raises:
        LocalError: as for :meth:`Session.attach_sender`.
    """

    def __init__(
        self,
        session: Session,
        *,
        name: str | None = None,
        capabilities: Sequence[str] = (TxnCapability.LOCAL_TRANSACTIONS,),
    ) -> None:
        options = LinkOptions(
            # 4.2: the controller should take rejected, by which a failed declare is told.
            source=Source(outcomes=_OUTCOMES, default_outcome=None),
            target=Coordinator(capabilities=tuple(capabilities)),
            # 4.2, 4.3: neither a declare nor a discharge is sent settled.
            snd_settle_mode=SenderSettleMode.UNSETTLED,
        )
        if name is not None:
            options.name = name
        self.link: SenderLink = session.attach_sender(options)
        self._declaring: dict[Transaction, None] = {}
        self._open: dict[bytes, Transaction] = {}
        self._waiting: list[Transaction] = []

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What the coordinator can do; empty until the link is up."""
        remote = self.link.remote_attach
        target = None if remote is None else remote.target
        return (target.capabilities or ()) if isinstance(target, Coordinator) else ()

    @property
    def open(self) -> Mapping[bytes, Transaction]:
        """The transactions that are active or being discharged, by id."""
        return self._open

    @property
    def waiting(self) -> bool:
        """Whether a discharge waits to be sent."""
        return bool(self._waiting)

    def declare(self, global_id: Any = None) -> Transaction:
        """Ask for a transaction (4.2): ``TransactionDeclared`` or ``TransactionFailed`` follows.

        Raises:
            LocalError: the control link is not up, has no credit, or ends at no coordinator that takes a discharge.
            EncodeError: *global_id* has no encoding.
        """
        limit = self.link.max_message_size
        if not isinstance(self.link.target, Coordinator) or (limit is not None and limit < _DISCHARGE):
            raise LocalError(
                f"link {self.link.name!r} ends at no coordinator that takes the {_DISCHARGE} octets of a discharge"
            )
        transaction = Transaction(self)
        self.link.send(encode_declare(global_id)).context = transaction
        self._declaring[transaction] = None
        return transaction

    def handle(self, event: Event) -> list[TransactionEvent]:
        """Take an event of the engine; return what it means for transactions, which is mostly nothing."""
        if isinstance(event, DeliveryUpdated):
            transaction = event.delivery.context
            if event.delivery.link is self.link and isinstance(transaction, Transaction):
                return self._updated(event, transaction)
            return []
        fault = self._loss(event)
        if fault is not None:
            return self.lost(fault)
        self.advance()
        return []

    def lost(self, fault: Fault) -> list[TransactionEvent]:
        """The control link is gone because of *fault*, and so are its transactions; an owner may know it without an event."""
        lost = [*self._declaring, *self._open.values()]
        self._declaring.clear()
        self._open.clear()
        self._waiting.clear()
        return [_failed(each, fault, in_doubt=each.sent and not each.fail) for each in lost]

    def advance(self) -> None:
        """Send the discharges that waited and need to no longer."""
        waiting, self._waiting = self._waiting, []
        for transaction in waiting:
            self.discharge(transaction)

    # -- for transactions

    def check(self, link: Link) -> None:
        """Check that work on *link* can be part of a transaction.

        Raises:
            LocalError: it is a control link (4.1), or of another connection.
        """
        if isinstance(link.target, Coordinator):
            raise LocalError("on a control link there is no transactional work: use another link")
        if link.session.engine is not self.link.session.engine:
            raise LocalError("the link is of another connection than the transaction")

    def discharge(self, transaction: Transaction) -> None:
        """Send the discharge of *transaction*, now or as soon as it may be."""
        if not self.link.attached:
            return
        if transaction.posted() and self.link.credit:
            assert transaction.id is not None
            transaction.sent = True
            transaction.write_updates()
            self.link.send(encode_discharge(transaction.id, fail=transaction.fail)).context = transaction
        else:
            self._waiting.append(transaction)

    # -- parts

    def _updated(self, event: DeliveryUpdated, transaction: Transaction) -> list[TransactionEvent]:
        state = event.state
        if not event.settled:
            if state is None or isinstance(state, Received):
                return []
            event.delivery.settle()
        if transaction.status is _S.DECLARING:
            return [self._declared(transaction, state)]
        if transaction.status is _S.DISCHARGING:
            return [self._discharged(transaction, state)]
        return []

    def _declared(self, transaction: Transaction, state: DeliveryState | None) -> TransactionEvent:
        del self._declaring[transaction]
        if not isinstance(state, Declared):
            return _failed(transaction, _refusal(state, "the coordinator opened no transaction"))
        txn_id = state.txn_id
        if not 0 < len(txn_id) <= self._longest_id() or txn_id in self._open:
            # 4.5.4, 4.2: it could not be told apart, or not be named.
            most = self._longest_id()
            what = f"the coordinator named a transaction {txn_id!r:.80}, which is in use or not of 1 to {most} octets"
            self.link.detach(error=Error(condition=AmqpErrorCondition.INVALID_FIELD, description=what[:100]))
            return _failed(
                transaction,
                Fault(
                    scope=Scope.LINK,
                    blame=Blame.REMOTE,
                    condition=str(AmqpErrorCondition.INVALID_FIELD),
                    description=what,
                ),
            )
        transaction.id = txn_id
        transaction.status = _S.ACTIVE
        self._open[txn_id] = transaction
        return TransactionDeclared(transaction)

    def _longest_id(self) -> int:
        """How long an id may be for the coordinator to take the discharge that names it (2.7.3)."""
        limit = self.link.max_message_size
        return MAX_TXN_ID if limit is not None and limit < _LONG_DISCHARGE else MAX_TAKEN_TXN_ID

    def _discharged(self, transaction: Transaction, state: DeliveryState | None) -> TransactionEvent:
        assert transaction.id is not None
        del self._open[transaction.id]
        if transaction.broken:
            return _failed(transaction, local_fault(Scope.LINK, _BROKEN))
        if isinstance(state, Accepted):
            transaction.status = _S.ROLLED_BACK if transaction.fail else _S.COMMITTED
            return TransactionDischarged(transaction)
        fault = _refusal(state, "the coordinator did not discharge the transaction")
        # An answer that says nothing leaves open what was done.
        return _failed(transaction, fault, in_doubt=state is None and not transaction.fail)

    def _loss(self, event: Event) -> Fault | None:
        """Return why the control link is lost, if *event* says so."""
        match event:
            case LinkFailed(link=link, fault=fault) if link is self.link:
                return fault
            case SessionFailed(session=session, fault=fault) if session is self.link.session:
                return fault
            case ConnectionFailed(fault=fault):
                return fault
            case LinkEnded(link=link) if link is self.link:
                scope = Scope.LINK
            case SessionEnded(session=session) if session is self.link.session:
                scope = Scope.SESSION
            case ConnectionEnded():
                scope = Scope.CONNECTION
            case _:
                return None
        return Fault(
            scope=scope, blame=Blame.REMOTE, description=f"the {scope.value} of the control link ended"
        )


_DISCHARGE = len(encode_discharge(bytes(MAX_TXN_ID)))
_LONG_DISCHARGE = len(encode_discharge(bytes(MAX_TAKEN_TXN_ID)))
_BROKEN = Error(
    condition=TransactionErrorCondition.TRANSACTION_ROLLBACK,
    description="a message of the transaction was lost with its link, so it was rolled back",
)
_OUTCOMES = (Accepted.SYMBOL, Rejected.SYMBOL, Declared.SYMBOL)


def _failed(transaction: Transaction, fault: Fault, *, in_doubt: bool = False) -> TransactionFailed:
    transaction.status = _S.FAILED
    return TransactionFailed(transaction, fault, in_doubt)


def _refusal(state: DeliveryState | None, otherwise: str) -> Fault:
    """Return the fault that the answer to a request tells of."""
    if isinstance(state, Rejected):
        return fault_of_error(Scope.LINK, state.error, otherwise)
    said = "nothing" if state is None else state.NAME
    return Fault(scope=Scope.LINK, blame=Blame.REMOTE, description=f"{otherwise}: its answer is {said}")
