"""Tokens that are put over a connection that is up, and renewed."""

from __future__ import annotations

import asyncio
import inspect
import math
import weakref
from collections.abc import Awaitable
from types import TracebackType
from typing import Self

import amqp.aio  # Connection is not there yet
from amqp.aio.requester import Requester
from amqp.aio.waiting import Deadline, check_loop, is_parents, until_done
from amqp.client.settings import CLOSE_TIMEOUT
from amqp.client.tokens import Token, TokenKeeper
from amqp.client.views import AuthorizationView
from amqp.errors import Scope

__all__ = ["Authorization"]


class Authorization(AuthorizationView):
    """Keeps a connection authorized by tokens; made by :meth:`Connection.authorize`.

    It renews them when nine tenths of the life of the first to expire are over. A renewal that fails is logged to
    ``amqp.security`` and tried again until that one has expired; then it ends, and ``error`` says why. ``async with``
    closes it. It ends with its connection.
    """

    def __init__(self, keeper: TokenKeeper, connection: amqp.aio.Connection, requester: Requester) -> None:
        super().__init__(keeper, connection)
        # A connection that is forgotten is dropped, also while its tokens are renewed.
        self._home = weakref.ref(connection)
        self._requester = requester
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def renew(self, *, timeout: float | None = None) -> None:
        """Ask the provider for a token for each audience, and put it, now.

        Args:
            timeout: seconds for each answer; None is the connection's ``operation_timeout``.

        Raises:
            TokenRefused: the peer did not take it; ``status`` says why.
            OperationTimeout: no answer came in time.
            NotSent, InDoubt: the links for it were lost meanwhile.
            AttachRefused, SessionEnded, ConnectionClosed: they were lost before, and did not come up again.
            LocalError: the provider returned no Token, or one that has expired.

        What the provider raises is raised here.
        """
        check_loop(self._connection)
        await self._renew(timeout, math.inf)

    async def _renew(self, timeout: float | None, patience: float) -> None:
        async with self._one_at_a_time:
            await self._renew_all(timeout, patience)

    async def _renew_all(self, timeout: float | None, patience: float) -> None:
        keeper = self._keeper
        for audience in keeper.audiences:
            given = keeper.provider(audience)
            if inspect.isawaitable(given):
                given = await _in_time(given, patience)
            token = keeper.check(audience, given)
            requester = await self._links(timeout)
            reply = await requester.request(keeper.request(audience, token), timeout=timeout)
            keeper.taken(audience, token, reply)
        keeper.renewed()

    async def _links(self, timeout: float | None) -> Requester:
        connection = self._home()
        # A peer may take idle links away: Service Bus does so after ten minutes.
        if not self._requester.is_open and connection is not None:
            keeper = self._keeper
            self._requester = await connection.open_requester(keeper.address, timeout=timeout, **keeper.links)
        return self._requester

    async def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Renew no more, and detach; the tokens stay valid until they expire. Closing twice does nothing.

        Raises:
            OperationTimeout: the peer did not answer within *timeout* seconds; it is closed here.
        """
        if is_parents(self._connection):
            return
        check_loop(self._connection)
        self._ended = True
        if self._task is not None:
            self._task.cancel()
        await self._requester.close(timeout=timeout)

    def keep(self) -> None:
        """Begin to renew, as long as the connection is open."""
        self._task = task = asyncio.get_running_loop().create_task(self._keep())
        # Whatever the provider waits for: nobody needs its token any more.
        self._connection.closed.add_done_callback(lambda _: task.cancel())

    async def _keep(self) -> None:
        try:
            while not await until_done(self._connection.closed, Deadline(self._keeper.wait())):
                try:
                    # A provider that waits for ever is not to let the token expire without a word.
                    patience = max(self._keeper.left(), self._connection.operation_timeout)
                    await self._renew(None, patience)
                except Exception as error:  # noqa: BLE001  # a provider may raise anything, and is asked again
                    if not self._keeper.failed(error):
                        break
        finally:
            self._ended = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


async def _in_time(given: Awaitable[Token], seconds: float) -> Token:
    deadline = Deadline(seconds)
    limit = asyncio.timeout(None if math.isinf(seconds) else seconds)
    try:
        async with limit:
            return await given
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise deadline.expired("the provider's token", Scope.CONNECTION) from error
