"""What senders and receivers have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Self

import amqp.sync  # Session is not there yet
from amqp.client.views import LinkView
from amqp.errors import AmqpFault, OperationTimeout, Scope
from amqp.sync.driver import Driver
from amqp.sync.waiting import Deadline


class Link(LinkView):
    """A link that is up, or was: the session that it is on, and waiting for what happens to it."""

    _session: amqp.sync.Session
    _driver: Driver

    @property
    def session(self) -> amqp.sync.Session:
        """The session that the link is on."""
        return self._session

    def wait_closed(self, *, timeout: float | None = None) -> AmqpFault | None:
        """Wait until the link is gone, for whatever reason, and return its ``error``: None where it was closed here.

        Raises:
            OperationTimeout: it was not gone within *timeout* seconds; None waits for ever.
        """
        self._driver.run_until(self._client.closed, timeout, f"the end of {self!r}", Scope.LINK)
        return self.error

    def add_close_callback(self, callback: Callable[[Self], object]) -> None:
        """Have *callback* called with this object when the link is gone, for whatever reason; at once if it is.

        It is called in a thread of its own, and may wait for what it likes. What it raises is logged.
        """
        self._driver.call_back(self._client.closed, partial(callback, self))

    def set_flow_properties(self, properties: Mapping[str, Any]) -> None:
        """Tell the peer *properties* of this end in a flow (2.7.4), at once; credit stays as it is.

        Raises:
            LinkError, SessionEnded, ConnectionClosed: the link is gone.
            EncodeError: *properties* has no encoding.
            LocalError: it is no mapping of strings, or larger than a frame that the peer takes.
        """
        self._driver.run(self._client.tell_flow, properties)

    def add_flow_callback(self, callback: Callable[[Self, Mapping[str, Any]], object]) -> None:
        """Have *callback* called with this object and the properties of each flow of the peer that has some (2.7.4).

        Where one had some before, at once too. It is called in a thread of its own, and may wait for what it likes.
        What it raises is logged.
        """
        self._driver.call_each(self._client.watch_flow, partial(callback, self))

    def _deadline(self, timeout: float | None) -> Deadline:
        return Deadline(self._client.connection.operation_timeout if timeout is None else timeout)

    def _detached(self, deadline: Deadline) -> OperationTimeout | None:
        if self._driver.until_done(self._client.closed, deadline):
            return None
        self._client.forsake()
        return deadline.expired(f"the peer's detach of {self!r}", Scope.LINK)
