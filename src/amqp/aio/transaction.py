"""Transactions: what is done in one takes effect as a whole, or not at all (part 4)."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import amqp.aio  # Session is not there yet
from amqp.aio.waiting import Deadline, check_loop, until_done, wait
from amqp.client.settings import CLOSE_TIMEOUT
from amqp.client.transaction import ClientTransaction
from amqp.client.views import TransactionView
from amqp.errors import AmqpError, Scope

__all__ = ["Transaction"]


class Transaction(TransactionView):
    """A transaction; made by :meth:`Session.transaction`. What is done with ``transaction=`` it is part of it.

    ``async with`` commits it at the end, and rolls it back after an exception. It may be used by several tasks at once.
    """

    def __init__(self, session: amqp.aio.Session, client: ClientTransaction) -> None:
        super().__init__(client)
        self._session = session

    @property
    def session(self) -> amqp.aio.Session:
        """The session that it was begun on."""
        return self._session

    async def commit(self, *, timeout: float | None = None) -> None:
        """Have all that was done in it take effect; return once the peer says that it did (4.3).

        The outcomes of what was submitted in it are waited for first. It takes no more work from now on.

        Args:
            timeout: seconds for all of it; None is the connection's ``operation_timeout``.

        Raises:
            TransactionRollback: nothing of it counts: the peer rolled it back, its control link was lost before the commit
                left, or a message was not accepted, or not in time, and nobody had looked at that.
            TransactionTimeout: it took longer than the peer allows: nothing of it counts.
            TransactionUnknownId: the peer knows it no longer.
            TransactionInDoubt: the commit left, and no answer came in time or can come any more: it happened, or not.
            LocalError: it has been ended already.

        When it is cancelled, a commit that has not left becomes a rollback; one that has left stays in doubt.
        """
        client = self._client
        check_loop(client.connection)
        deadline = self._deadline(timeout)
        known = client.prepare()
        try:
            await until_done(known, deadline)
            in_time = await until_done(client.commit(), deadline)
        except BaseException:
            client.abandon()
            raise
        if not in_time:
            raise client.give_up(deadline.expired("the answer to the commit", Scope.LINK))
        client.result()

    async def rollback(self, *, timeout: float | None = None) -> None:
        """Have nothing of it take effect; return once the peer has answered (4.3). Twice does nothing.

        What was posted in it and has not left is taken back. It is rolled back also where its link is lost meanwhile (4.1).

        Args:
            timeout: seconds to wait for the answer; None is the connection's ``operation_timeout``.

        Raises:
            OperationTimeout: the answer did not come in time; it cannot be committed any more.
            TransactionError: the peer did not do as it was told, and says why.
            LocalError: it was committed, or its commit has left.
        """
        check_loop(self._client.connection)
        await self._rollback(self._deadline(timeout))

    async def _rollback(self, deadline: Deadline) -> None:
        await wait(self._client.roll_back(), deadline, "the answer to the rollback", Scope.LINK)

    def _deadline(self, timeout: float | None) -> Deadline:
        return Deadline(self._client.connection.operation_timeout if timeout is None else timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            if not self._client.ending:
                await self.commit()
            return
        try:
            check_loop(self._client.connection)
            if not self._client.ending:
                await self._rollback(Deadline(CLOSE_TIMEOUT))
        except AmqpError:
            pass  # F13: the caller's error is the one to tell.
