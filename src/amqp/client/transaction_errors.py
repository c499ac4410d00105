"""Which exception a caller sees for a transaction that did not end, or begin, as it was to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.client.faults import because
from amqp.errors import (
    ConnectionClosed,
    TransactionError,
    TransactionInDoubt,
    TransactionRefused,
    TransactionRollback,
    TransactionTimeout,
    TransactionUnknownId,
)
from amqp_spec import TransactionErrorCondition

if TYPE_CHECKING:
    from amqp.errors import AmqpFault, Fault


def refused(fault: Fault) -> TransactionRefused:
    """Return the error for a declare that the coordinator rejected."""
    return TransactionRefused(
        f"the peer opened no transaction: {fault.description}",
        scope=fault.scope,
        blame=fault.blame,
        condition=fault.condition,
        info=fault.info,
    )


def not_declared(error: AmqpFault) -> AmqpFault:
    """Return the error for a declare that has no answer because of *error*: mostly, that there is no coordinator."""
    if isinstance(error, ConnectionClosed):
        return error
    return because(TransactionRefused, "the peer opened no transaction", error)


def discharge_failed(fault: Fault, *, in_doubt: bool) -> TransactionError:
    """Return the error for the answer to a discharge; the condition tells which (4.5.8)."""
    kind: type[TransactionError] = TransactionRollback
    if in_doubt:
        kind = TransactionInDoubt
    elif fault.condition == TransactionErrorCondition.UNKNOWN_ID:
        kind = TransactionUnknownId
    elif fault.condition == TransactionErrorCondition.TRANSACTION_TIMEOUT:
        kind = TransactionTimeout
    return kind(
        f"the transaction was not committed: {fault.description}" if not in_doubt else fault.description,
        scope=fault.scope,
        blame=fault.blame,
        condition=fault.condition,
        info=fault.info,
    )


def control_lost(error: AmqpFault, *, in_doubt: bool) -> TransactionError:
    """Return the error for a transaction whose control link is gone because of *error*."""
    if in_doubt:
        return commit_in_doubt(error)
    # 4.1: with the control link, what was not discharged is rolled back.
    return rolled_back("its control link was lost", error)


def commit_in_doubt(error: BaseException) -> TransactionInDoubt:
    """Return the error for a commit that left and was not answered because of *error*."""
    return because(
        TransactionInDoubt, "the commit was sent, and whether it happened will not be known", error
    )


def rolled_back(why: str, error: BaseException) -> TransactionRollback:
    """Return the error for a transaction that is rolled back here, or by the peer without its saying so."""
    return because(TransactionRollback, f"the transaction was rolled back: {why}", error)
