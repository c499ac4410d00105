"""A client's transaction: what was done in it, how it is ended, and how it ended (part 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amqp.client.completion import Completion
from amqp.client.delivery import reopen
from amqp.client.transaction_errors import (
    commit_in_doubt,
    control_lost,
    discharge_failed,
    not_declared,
    refused,
    rolled_back,
)
from amqp.engine.transactions import TransactionStatus
from amqp.errors import (
    LocalError,
    OperationTimeout,
    Scope,
    TransactionError,
    TransactionRollback,
    TransactionTimeout,
    TransactionUnknownId,
)
from amqp_spec import TxnCapability

if TYPE_CHECKING:
    from amqp.client.control import ControlLink
    from amqp.client.delivery import ClientDelivery
    from amqp.client.faults import Failure
    from amqp.client.outcomes import Told
    from amqp.client.pending import Pending
    from amqp.client.session import ClientSession
    from amqp.engine import IncomingDelivery, OutgoingDelivery, OutgoingStream, ReceiverLink, SenderLink
    from amqp.engine.transactions import Transaction
    from amqp.errors import Fault

_OPEN = (TransactionStatus.ACTIVE, TransactionStatus.DISCHARGING)
_NOT_COMMITTED = (TransactionRollback, TransactionTimeout, TransactionUnknownId)


class ClientTransaction:
    """A transaction of one session's control link. It takes work from ``declared`` until it is being ended."""

    def __init__(self, control: ControlLink) -> None:
        self.control = control
        self.connection = control.connection
        self.declared: Completion[None] = Completion()
        """Done when the coordinator has opened it; its error says why it did not."""
        self.ended: Completion[None] = Completion()
        """Done when it ended as was asked for; its error says how else."""
        self._engine: Transaction | None = None
        self._wanted = True
        self._ending = False
        self._posted: dict[Pending, None] = {}
        self._kept: list[tuple[ClientDelivery, IncomingDelivery]] = []
        self._unsettled: list[OutgoingDelivery | IncomingDelivery] = []

    @property
    def id(self) -> bytes:
        """The txn-id that the coordinator chose (4.5.4); empty while there is none."""
        return b"" if self._engine is None else self._engine.id or b""

    @property
    def status(self) -> TransactionStatus:
        """How far it has come."""
        return TransactionStatus.DECLARING if self._engine is None else self._engine.status

    @property
    def active(self) -> bool:
        """Whether it takes work."""
        return self.status is TransactionStatus.ACTIVE and not self._ending

    @property
    def ending(self) -> bool:
        """Whether its end was asked for here."""
        return self._ending

    def check(self) -> None:
        """Raise why it takes no work (any more), if so.

        Raises:
            TransactionError: it was rolled back, and was not to be.
            LocalError: it has been ended here.
        """
        if self.active:
            return
        if self.ended.done():
            self.ended.result()
        state = "being ended" if self.status is TransactionStatus.ACTIVE else self.status.value
        raise LocalError(f"the transaction is {state}: begin another one for more work")

    def check_session(self, session: ClientSession) -> None:
        """Check that it takes work on links of *session*; it raises what :meth:`check` raises."""
        self.check()
        if session.connection is not self.connection:
            raise LocalError("the transaction is of another connection: a transaction spans one connection")
        if session is not self.control.session and self.control.lacks(TxnCapability.MULTI_SSNS_PER_TXN):
            raise LocalError(
                "the peer keeps a transaction within one session: use links of the session that it was begun on"
            )

    # -- work

    def add(self, pending: Pending) -> None:
        """Note a message that is posted in it; its fate is to be known before it is committed (4.4.1)."""
        self._posted[pending] = None
        pending.add_done_callback(self._told)

    def post(self, link: SenderLink, payload: bytes, **how: Any) -> OutgoingDelivery:
        """Send a message in it (4.4.1); *how* is as for the engine's ``send``."""
        return self._active().post(link, payload, **how)

    def post_stream(self, link: SenderLink, first: bytes, **how: Any) -> OutgoingStream:
        """Begin a message in pieces in it; *how* is as for the engine's ``send_stream``."""
        return self._active().post_stream(link, first, **how)

    def retire(
        self, delivery: ClientDelivery, incoming: IncomingDelivery, outcome: Told, *, settled: bool
    ) -> None:
        """Tell an outcome that counts when it is committed (4.4.2)."""
        self._active().retire(incoming, outcome, settled=settled)
        if not settled:
            self._kept.append((delivery, incoming))

    def acquire(self, link: ReceiverLink, credit: int) -> None:
        """Grant *credit* for deliveries that are acquired in it (4.4.3)."""
        self._active().acquire(link, credit)

    def settle_later(self, delivery: OutgoingDelivery | IncomingDelivery) -> None:
        """Settle *delivery* behind the discharge: its outcome holds only then."""
        if self.ended.done():
            delivery.settle()
        else:
            self._unsettled.append(delivery)

    # -- ending it

    def prepare(self) -> Completion[None]:
        """Take no more work; return a completion of the moment when the fate of everything posted is known.

        It raises what :meth:`check` raises.
        """
        self.check()
        self._ending = True
        left = [pending for pending in self._posted if not pending.done()]
        done: Completion[None] = Completion()
        count = len(left)

        def told(_: object) -> None:
            nonlocal count
            count -= 1
            if count == 0:
                done.resolve(None)

        if not left:
            done.resolve(None)
        for pending in left:
            pending.add_done_callback(told)
        return done

    def commit(self) -> Completion[None]:
        """Have it committed, behind :meth:`prepare`; return ``ended``, behind which :meth:`result` tells.

        Raises:
            TransactionRollback: the fate of a message is not known, or it was not accepted and nobody looked at that:
                it is rolled back instead.
        """
        if not self.ended.done() and not self._active().fail:
            failed = self._unseen_failure()
            self._discharge(fail=failed is not None)
            if failed is not None:
                raise rolled_back("a message that was posted in it was not accepted", failed)
        return self.ended

    def result(self) -> None:
        """Raise why it was not committed, if so."""
        self.ended.result()
        if self.status is not TransactionStatus.COMMITTED:
            raise rolled_back("rollback() was called", LocalError("it was rolled back here"))

    def roll_back(self) -> Completion[None]:
        """Have it rolled back, and take back what was posted and has not left; return when that is done. Idempotent.

        Raises:
            LocalError: it was committed, or its commit has left.
        """
        engine = self._active()
        if engine.sent and not engine.fail and not isinstance(self.ended.error(), _NOT_COMMITTED):
            raise LocalError("the commit of the transaction has left already, and cannot be taken back")
        if self.ended.done():
            done: Completion[None] = Completion()
            done.resolve(None)
            return done
        if not engine.fail:
            self._ending = True
            self._discharge(fail=True)
        return self.ended

    def give_up(self, cause: OperationTimeout) -> TransactionError:
        """Nobody waits for its end any more: return what that means for whoever did.

        A commit that has not left becomes a rollback.
        """
        engine = self._engine
        if engine is not None and engine.sent and not engine.fail:
            return commit_in_doubt(cause)
        self.abandon()
        return rolled_back("its commit could not leave in time", cause)

    def abandon(self) -> None:
        """Nobody wants it any more: have it rolled back, unless it was never declared, or its commit has left."""
        self._wanted = False
        engine = self._engine
        if engine is None:
            self.control.forget(self)
        elif self.status in _OPEN and not engine.sent:
            self.roll_back()

    # -- what the control link tells

    def declare_sent(self, engine: Transaction) -> None:
        """The declare was given to the engine."""
        engine.context = self
        self._engine = engine

    def opened(self) -> None:
        """The coordinator has opened it."""
        self.connection.transactions[self.id] = self
        self.declared.resolve(None)
        if not self._wanted:
            self.abandon()

    def refused(self, fault: Fault) -> None:
        """The coordinator did not open it."""
        self.declared.fail(refused(fault))

    def discharged(self) -> None:
        """It ended as was asked for."""
        self._end(None)

    def failed(self, fault: Fault, *, in_doubt: bool) -> None:
        """It did not."""
        self._end(discharge_failed(fault, in_doubt=in_doubt))

    def lost(self, failure: Failure, *, in_doubt: bool) -> None:
        """The control link is gone, and with it what was not discharged (4.1)."""
        error = failure.error()
        engine = self._engine
        if not self.declared.done():
            self.declared.fail(not_declared(error))
        elif engine is not None and engine.fail and not engine.broken:
            # It was to be rolled back, and is.
            self._end(None)
        else:
            self._end(control_lost(error, in_doubt=in_doubt))

    # -- inside

    def _active(self) -> Transaction:
        engine = self._engine
        if engine is None:
            raise LocalError("the transaction is declaring: only an active one takes work")
        return engine

    def _told(self, pending: Pending) -> None:
        if pending.error() is None:
            self._posted.pop(pending, None)

    def _unseen_failure(self) -> BaseException | None:
        for pending in self._posted:
            if not pending.done():
                return OperationTimeout("the outcome of a message did not come in time", scope=Scope.DELIVERY)
            if not pending.looked_at:
                return pending.exception()
        return None

    def _take_back(self) -> None:
        for pending in reversed(tuple(self._posted)):
            if pending.done():
                # Whoever rolls back is not to be told what was rolled back.
                pending.exception()
            else:
                pending.abort()

    def _discharge(self, *, fail: bool) -> None:
        engine = self._active()
        if fail:
            self._take_back()
        if engine.status is TransactionStatus.DISCHARGING:
            engine.fail = True
        else:
            engine.discharge(fail=fail)
        self.control.watch()
        self.connection.wake()

    def _end(self, error: TransactionError | None) -> None:
        self.connection.transactions.pop(self.id, None)
        committed = self.status is TransactionStatus.COMMITTED
        if error is None:
            self.ended.resolve(None)
        else:
            self.ended.fail(error)
        for pending in tuple(self._posted):
            pending.sender.give_up(pending, error or LocalError("its transaction was rolled back"))
        self._posted.clear()
        for outgoing in self._unsettled:
            if outgoing.link.attached:
                outgoing.settle()
        for delivery, incoming in self._kept:
            self._settle_kept(delivery, incoming, committed=committed)
        self._unsettled.clear()
        self._kept.clear()
        self.connection.wake()

    def _settle_kept(self, delivery: ClientDelivery, incoming: IncomingDelivery, *, committed: bool) -> None:
        if incoming.settled or not incoming.link.attached:
            return
        if committed:
            incoming.settle()
        else:
            # 4.4.2: it is this side's as it was before.
            incoming.local_state = None
            reopen(delivery)
