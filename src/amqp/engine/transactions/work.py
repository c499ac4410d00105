"""One transaction as a coordinator knows it: what is to be done when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amqp.engine.delivery import OutgoingDelivery
    from amqp.engine.session import Session
    from amqp_spec import Error

__all__ = ["OpenTransaction", "Work"]


class Work(Protocol):
    """One posting, retirement or acquisition, as the owner of the node does it (4.4). Neither call may raise."""

    def commit(self) -> None:
        """Let it take effect."""
        ...

    def rollback(self) -> None:
        """Undo it."""
        ...


class OpenTransaction:
    """A transaction that was declared and not discharged. How much work it may hold is its owner's to bound."""

    __slots__ = ("_acquired", "_work", "context", "deliveries", "error", "id", "session")

    def __init__(self, txn_id: bytes, session: Session) -> None:
        self.id = txn_id
        self.session = session
        """The session of its control link."""
        self.error: Error | None = None
        """Why it can only be rolled back; None while it may be committed."""
        self.deliveries: dict[OutgoingDelivery, None] = {}
        """Deliveries of this side that were acquired or retired in it (4.4.2)."""
        self.context: object = None
        """A free slot for the owner's own object."""
        self._work: list[Work] = []
        self._acquired: list[OutgoingDelivery] = []

    def add(self, work: Work) -> None:
        """Do *work* when the transaction ends, after what was added before; what was rolled back is undone at once."""
        if self.error is not None:
            work.rollback()
        else:
            self._work.append(work)

    def acquire(self, delivery: OutgoingDelivery) -> None:
        """Note that *delivery* is sent in the transaction, so that rolling back stops it (4.4.3)."""
        self.deliveries[delivery] = None
        self._acquired.append(delivery)

    def fail(self, error: Error) -> None:
        """Roll back now: its discharge, if it does not ask for just that, is answered with *error* (4.4.4, 4.5.8)."""
        if self.error is None:
            self.error = error
            self.roll_back()

    def commit(self) -> None:
        """Let all work take effect, in the order in which it was added."""
        work, self._work = self._work, []
        for each in work:
            each.commit()

    def roll_back(self) -> None:
        """Stop what is being sent in the transaction, and undo all work, the newest first."""
        for delivery in self._unfinished():
            if delivery.started:
                delivery.abort()
            else:
                delivery.withdraw()
        work, self._work = self._work, []
        for each in reversed(work):
            each.rollback()

    @property
    def stopped(self) -> bool:
        """Whether nothing more of what was acquired is on its way out, after writing what the window allows."""
        for delivery in self._unfinished():
            delivery.link.finish_sends()
        return next(self._unfinished(), None) is None

    def _unfinished(self) -> Iterator[OutgoingDelivery]:
        return (delivery for delivery in self._acquired if delivery.payload is not None)

    def __repr__(self) -> str:
        return f"<OpenTransaction {self.id!r}{' failed' if self.error is not None else ''}>"
