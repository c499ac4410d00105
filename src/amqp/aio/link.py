"""What senders and receivers have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import amqp.aio  # Session is not there yet
from amqp.aio.waiting import Deadline, check_loop, until_done
from amqp.client.views import LinkView
from amqp.errors import AmqpFault, OperationTimeout, Scope


class Link(LinkView):
    """A link that is up, or was: the session that it is on, and waiting for what happens to it."""

    _session: amqp.aio.Session

    @property
    def session(self) -> amqp.aio.Session:
        """The session that the link is on."""
        return self._session

    async def wait_closed(self, *, timeout: float | None = None) -> AmqpFault | None:
        """Wait until the link is gone, for whatever reason, and return its ``error``: None where it was closed here.

        Raises:
            OperationTimeout: it was not gone within *timeout* seconds; None waits for ever.
        """
        check_loop(self._client.connection)
        deadline = None if timeout is None else Deadline(timeout)
        if not await until_done(self._client.closed, deadline):
            assert deadline is not None
            raise deadline.expired(f"the end of {self!r}", Scope.LINK)
        return self.error

    async def set_flow_properties(self, properties: Mapping[str, Any]) -> None:
        """Tell the peer *properties* of this end in a flow (2.7.4), at once; credit stays as it is.

        Raises:
            LinkError, SessionEnded, ConnectionClosed: the link is gone.
            EncodeError: *properties* has no encoding.
            LocalError: it is no mapping of strings, or larger than a frame that the peer takes.
        """
        check_loop(self._client.connection)
        self._client.tell_flow(properties)

    def _deadline(self, timeout: float | None) -> Deadline:
        return Deadline(self._client.connection.operation_timeout if timeout is None else timeout)

    async def _detached(self, deadline: Deadline) -> OperationTimeout | None:
        if await until_done(self._client.closed, deadline):
            return None
        self._client.forsake()
        return deadline.expired(f"the peer's detach of {self!r}", Scope.LINK)
