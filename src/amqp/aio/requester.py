"""Requests and their replies."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from amqp.aio.waiting import Deadline, check_loop, is_parents, until_done
from amqp.checks import check_instance
from amqp.client.requester import ClientRequester
from amqp.client.settings import CLOSE_TIMEOUT
from amqp.client.views import RequesterView
from amqp.errors import AmqpError, Scope
from amqp.message import Message

__all__ = ["Requester"]


class Requester(RequesterView):
    """Sends requests to one address and finds the reply to each; made by :meth:`Connection.open_requester`.

    Any number of requests may be under way; it may be used by several tasks at once, and with ``async with``, which closes it.
    """

    def __init__(self, client: ClientRequester) -> None:
        super().__init__(client)

    async def request(self, message: Message, *, timeout: float | None = None) -> Message:
        """Send *message* and return its reply.

        The request is a copy of it with the address for the reply and, where it has none, a message-id. What comes back with
        that as its correlation-id is the reply, or with the correlation-id of the request where it has one.

        Args:
            message: what to ask. Its own ``reply_to`` is not used.
            timeout: seconds for all of it; None is the connection's ``operation_timeout``, ``math.inf`` no limit.

        Raises:
            OperationTimeout: the reply did not come in time; one that comes later is accepted and discarded.
            NotSent: no octet of the request left: no credit or room in time, or a link is gone; ``__cause__`` says which.
            InDoubt: it left, and a link was lost before the reply came; ``__cause__`` says why.
            MessageRejected, MessageReleased, MessageModified: the peer did not take the request.
            EncodeError: it has no body, or holds a value that has no encoding.
            LocalError: it is no Message, is larger than the peer takes, or has the id of another request under way.
        """
        check_instance("request", message, Message, "a Message")
        check_loop(self._client.connection)
        deadline = Deadline(self._client.connection.operation_timeout if timeout is None else timeout)
        request = self._client.request(message)
        try:
            done = await until_done(request, deadline)
        except asyncio.CancelledError as error:
            self._client.give_up(request, error)
            raise
        if not done:
            self._client.give_up(request, deadline.expired(f"the reply on {self!r}", Scope.DELIVERY))
        return request.result()

    async def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Detach; requests whose reply has not come are ``InDoubt``. Closing twice does nothing.

        Raises:
            OperationTimeout: the peer did not answer within *timeout* seconds; the requester is closed here.
        """
        timed_out = await self._close(Deadline(timeout))
        if timed_out is not None:
            raise timed_out

    async def _close(self, deadline: Deadline) -> AmqpError | None:
        client = self._client
        if is_parents(client.connection):
            return None
        check_loop(client.connection)
        client.close()
        answered = await until_done(client.receiver.closed, deadline)
        if answered and await until_done(client.sender.closed, deadline):
            return None
        client.forsake()
        return deadline.expired(f"the peer's detach of {self!r}", Scope.LINK)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            await self.close()
        else:
            # F13: the caller's error is the one to tell.
            await self._close(Deadline(CLOSE_TIMEOUT))
