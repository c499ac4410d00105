"""A session's control link: declares transactions for the client, and hears how they ended (4.2, 4.3)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from amqp.client.faults import dishonoured
from amqp.client.link import ClientLink
from amqp.client.transaction import ClientTransaction
from amqp.engine.states import LinkState
from amqp.engine.transactions import (
    TransactionController,
    TransactionDeclared,
    TransactionDischarged,
    TransactionFailed,
)
from amqp.errors import LocalError
from amqp_spec import Coordinator, TxnCapability

if TYPE_CHECKING:
    from amqp.client.faults import Failure
    from amqp.client.session import ClientSession
    from amqp.engine import DeliveryUpdated
    from amqp.engine.transactions import TransactionEvent

_WANTED = (
    TxnCapability.LOCAL_TRANSACTIONS,
    TxnCapability.MULTI_TXNS_PER_SSN,
    TxnCapability.MULTI_SSNS_PER_TXN,
)


class ControlLink(ClientLink):
    """One for each session that has transactions, made when the first is begun; a lost one is never resumed (4.2)."""

    def __init__(self, session: ClientSession) -> None:
        self._controller = TransactionController(session.session, capabilities=_WANTED)
        self.link = self._controller.link
        super().__init__(session, self.link)
        self._waiting: deque[ClientTransaction] = deque()
        self._declared: dict[ClientTransaction, None] = {}
        self._watching = False
        self._joined()
        self.connection.wake()

    def lacks(self, capability: TxnCapability) -> bool:
        """Whether the coordinator says what it can do, and this is not in it (4.5.7)."""
        known = self._controller.capabilities
        return bool(known) and capability not in known

    def begin(self) -> ClientTransaction:
        """Declare a transaction as soon as the link is up and has credit; wait for its ``declared``."""
        transaction = ClientTransaction(self)
        self._waiting.append(transaction)
        self._pump()
        return transaction

    def forget(self, transaction: ClientTransaction) -> None:
        """Take back a transaction whose declare was not sent."""
        if transaction in self._waiting:
            self._waiting.remove(transaction)

    def watch(self) -> None:
        """Look behind each writing whether a discharge that waited may leave."""
        if self._controller.waiting and not self._watching:
            self._watching = True
            self.connection.writing.append(self)

    # -- what the engine and the driver tell

    def link_opened(self) -> None:
        """The coordinator is there."""
        super().link_opened()
        self._pump()

    def credit_changed(self) -> None:
        """The coordinator takes more requests, or asks for the credit to be used up."""
        self._controller.advance()
        self._pump()
        self.watch()

    def written(self) -> None:
        """The driver has written what the engine gave."""
        self._watching = False
        self._controller.advance()
        self.watch()
        self.connection.wake()

    def updated(self, event: DeliveryUpdated) -> None:
        """The coordinator answered."""
        for news in self._controller.handle(event):
            self._tell(news)

    def gone(self, failure: Failure) -> None:
        """With the control link its transactions are lost (4.1)."""
        waiting = tuple(self._waiting)
        self._waiting.clear()
        for transaction in waiting:
            transaction.lost(failure, in_doubt=False)
        for news in self._controller.lost(failure.fault):
            known = news.transaction.context
            if isinstance(news, TransactionFailed) and isinstance(known, ClientTransaction):
                self._declared.pop(known, None)
                known.lost(failure, in_doubt=news.in_doubt)

    def dishonoured(self) -> Failure | None:
        """Tell why the other end is no coordinator for local transactions, if so."""
        if not isinstance(self.link.target, Coordinator):
            return dishonoured("the peer attached the control link to something other than a coordinator")
        if self.lacks(TxnCapability.LOCAL_TRANSACTIONS):
            return dishonoured("the peer's coordinator has no local transactions")
        return None

    # -- inside

    def _pump(self) -> None:
        link = self.link
        while self._waiting and link.state is LinkState.ATTACHED and link.credit > 0:
            self._declare(self._waiting.popleft())
        if link.drain and not self._controller.waiting:
            link.drained()
            self.connection.wake()

    def _declare(self, transaction: ClientTransaction) -> None:
        if self._declared and self.lacks(TxnCapability.MULTI_TXNS_PER_SSN):
            text = "the peer takes one transaction at a time on a session: begin this one on another session"
            transaction.declared.fail(LocalError(text))
            return
        try:
            transaction.declare_sent(self._controller.declare())
        except LocalError as error:
            transaction.declared.fail(error)
            return
        self._declared[transaction] = None
        self.connection.wake()

    def _tell(self, news: TransactionEvent) -> None:
        transaction = news.transaction.context
        assert isinstance(transaction, ClientTransaction)
        if isinstance(news, TransactionDeclared):
            transaction.opened()
            return
        self._declared.pop(transaction, None)
        if isinstance(news, TransactionDischarged):
            transaction.discharged()
        elif not transaction.declared.done():
            transaction.refused(news.fault)
        else:
            transaction.failed(news.fault, in_doubt=news.in_doubt)
