"""Which transactions have a posting of which only a part has come (4.4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp_spec import TransactionalState

if TYPE_CHECKING:
    from amqp.engine.delivery import OutgoingDelivery

__all__ = ["Postings", "posting_state"]


class Postings:
    """The unfinished postings of one connection, counted by the transaction that they name."""

    __slots__ = ("_unfinished",)

    def __init__(self) -> None:
        self._unfinished: dict[bytes, int] = {}

    def enter(self, txn_id: bytes) -> None:
        """Count a delivery whose first frame names *txn_id*, and of which more is to come."""
        self._unfinished[txn_id] = self._unfinished.get(txn_id, 0) + 1

    def leave(self, txn_id: bytes) -> None:
        """Count out a delivery that is complete, or that was given up."""
        left = self._unfinished[txn_id] - 1
        if left:
            self._unfinished[txn_id] = left
        else:
            del self._unfinished[txn_id]

    def __contains__(self, txn_id: bytes) -> bool:
        return txn_id in self._unfinished


def posting_state(delivery: OutgoingDelivery) -> TransactionalState | None:
    """Return what each frame of *delivery* says of its state.

    4.4.1: all frames of a posting name its transaction; other states are said once.
    """
    return delivery.state if type(delivery.state) is TransactionalState else None
