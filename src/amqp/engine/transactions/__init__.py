"""AMQP 1.0 part 4 without I/O: both halves of a control link, on the links of an engine.

:class:`TransactionController` declares and discharges transactions, and ties postings, retirements and acquisitions to
them; a :class:`TransactionTable` is what a coordinator knows of one connection, and hands the work to the owner of the
nodes. Neither has events of an engine for itself: their owner passes on what comes.
"""

from __future__ import annotations

from amqp.engine.transactions.controller import (
    Transaction,
    TransactionController,
    TransactionDeclared,
    TransactionDischarged,
    TransactionEvent,
    TransactionFailed,
    TransactionStatus,
)
from amqp.engine.transactions.messages import (
    MAX_TXN_ID,
    TXN_ID,
    decode_request,
    encode_declare,
    encode_discharge,
)
from amqp.engine.transactions.resource import ControlLink, TransactionTable
from amqp.engine.transactions.work import OpenTransaction, Work

__all__ = [
    "TransactionController",
    "Transaction",
    "TransactionStatus",
    "TransactionEvent",
    "TransactionDeclared",
    "TransactionDischarged",
    "TransactionFailed",
    "TransactionTable",
    "ControlLink",
    "OpenTransaction",
    "Work",
    "MAX_TXN_ID",
    "TXN_ID",
    "decode_request",
    "encode_declare",
    "encode_discharge",
]
