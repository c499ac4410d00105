"""What senders and receivers have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.client.views import LinkView
from amqp.errors import OperationTimeout, Scope
from amqp.sync.waiting import Deadline

if TYPE_CHECKING:
    from amqp.sync.driver import Driver
    from amqp.sync.session import Session


class Link(LinkView):
    """A link that is up, or was: the session that it is on, and waiting for what happens to it."""

    _session: Session
    _driver: Driver

    @property
    def session(self) -> Session:
        """The session that the link is on."""
        return self._session

    def _deadline(self, timeout: float | None) -> Deadline:
        return Deadline(self._client.connection.operation_timeout if timeout is None else timeout)

    def _detached(self, deadline: Deadline) -> OperationTimeout | None:
        if self._driver.until_done(self._client.closed, deadline):
            return None
        self._client.forsake()
        return deadline.expired(f"the peer's detach of {self!r}", Scope.LINK)
