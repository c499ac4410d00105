# Generated from amqp-1.0-xml/transactions.xml
#   sha256 b23333d77a43cc54ad46279629d8a875b6501c80933ce6f8557a2112400d5c5c
# Do not edit: change the source and run `python -m codegen`.

"""4: Transfers and outcomes that take effect together or not at all."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

from .archetypes import (
    read_outcome_or,
    read_txn_id,
    write_outcome_or_null,
    write_txn_id,
)
from .classes import Record, new, performative
from .codec import decode_composite
from .primitives import (
    list_form,
    list_head,
    read_boolean_or,
    read_multiple_or,
    read_symbol,
    read_symbol_or,
    write_boolean_or_null,
    write_multiple_or_null,
    write_symbol,
)
from .reading import (
    FAULTS,
    PERFORMATIVE,
    Scope,
    excess,
    misfit,
    missing,
    read_value_or,
    unlisted,
)
from .skipping import read_fault
from .values import Symbol, Value
from .writing import (
    NULL,
    WRITE_FAULTS,
    not_a_choice,
    write_fault,
    write_value_or_null,
)

if TYPE_CHECKING:
    from .registry import Outcome, TxnId

D = TypeVar("D")


TransactionId: TypeAlias = bytes
"""4.5.4: The name the coordinator gives to a transaction: up to 32 octets."""


class TxnCapability(Symbol, Enum):
    """4.5.7: What a coordinator can do."""

    LOCAL_TRANSACTIONS = "amqp:local-transactions"
    """4.5.7: Transactions within one coordinator."""

    DISTRIBUTED_TRANSACTIONS = "amqp:distributed-transactions"
    """4.5.7: Transactions that are branches of a distributed one."""

    PROMOTABLE_TRANSACTIONS = "amqp:promotable-transactions"
    """4.5.7: Local transactions that can become branches of a distributed one."""

    MULTI_TXNS_PER_SSN = "amqp:multi-txns-per-ssn"
    """4.5.7: Several transactions at a time in one session."""

    MULTI_SSNS_PER_TXN = "amqp:multi-ssns-per-txn"
    """4.5.7: One transaction over several sessions of a connection."""

    __str__ = str.__str__


_TxnCapability_MEMBERS: dict[str, TxnCapability] = {
    "amqp:local-transactions": TxnCapability.LOCAL_TRANSACTIONS,
    "amqp:distributed-transactions": TxnCapability.DISTRIBUTED_TRANSACTIONS,
    "amqp:promotable-transactions": TxnCapability.PROMOTABLE_TRANSACTIONS,
    "amqp:multi-txns-per-ssn": TxnCapability.MULTI_TXNS_PER_SSN,
    "amqp:multi-ssns-per-txn": TxnCapability.MULTI_SSNS_PER_TXN,
}


def read_txn_capability(data: bytes, at: int) -> tuple[TxnCapability, int]:
    """Read a choice of txn-capability."""
    value, after = read_symbol(data, at)
    member = _TxnCapability_MEMBERS.get(value)
    if member is None:
        raise unlisted("txn-capability", value, at)
    return member, after


def read_txn_capability_or(data: bytes, at: int, default: D) -> tuple[TxnCapability | D, int]:
    """Read a choice of txn-capability; null is the default."""
    value, after = read_symbol_or(data, at, None)
    if value is None:
        return default, after
    member = _TxnCapability_MEMBERS.get(value)
    if member is None:
        raise unlisted("txn-capability", value, at)
    return member, after


def write_txn_capability(value: str) -> bytes:
    """Write a choice of txn-capability."""
    encoded = write_symbol(value)
    if value not in _TxnCapability_MEMBERS:
        raise not_a_choice("txn-capability", value, _TxnCapability_MEMBERS)
    return encoded


def write_txn_capability_or_null(value: str | None) -> bytes:
    """Write a choice of txn-capability or null."""
    return NULL if value is None else write_txn_capability(value)


class TransactionErrorCondition(Symbol, Enum):
    """4.5.8: Error conditions of the control link and of transactional work."""

    UNKNOWN_ID = "amqp:transaction:unknown-id"
    """4.5.8: The coordinator knows no open transaction of that name."""

    TRANSACTION_ROLLBACK = "amqp:transaction:rollback"
    """4.5.8: The transaction was rolled back, for a reason the description may give."""

    TRANSACTION_TIMEOUT = "amqp:transaction:timeout"
    """4.5.8: The transaction was open for longer than the coordinator allows, and was rolled back."""

    __str__ = str.__str__


_TransactionErrorCondition_MEMBERS: dict[str, TransactionErrorCondition] = {
    "amqp:transaction:unknown-id": TransactionErrorCondition.UNKNOWN_ID,
    "amqp:transaction:rollback": TransactionErrorCondition.TRANSACTION_ROLLBACK,
    "amqp:transaction:timeout": TransactionErrorCondition.TRANSACTION_TIMEOUT,
}


def read_transaction_error(data: bytes, at: int) -> tuple[TransactionErrorCondition, int]:
    """Read a choice of transaction-error."""
    value, after = read_symbol(data, at)
    member = _TransactionErrorCondition_MEMBERS.get(value)
    if member is None:
        raise unlisted("transaction-error", value, at)
    return member, after


def read_transaction_error_or(data: bytes, at: int, default: D) -> tuple[TransactionErrorCondition | D, int]:
    """Read a choice of transaction-error; null is the default."""
    value, after = read_symbol_or(data, at, None)
    if value is None:
        return default, after
    member = _TransactionErrorCondition_MEMBERS.get(value)
    if member is None:
        raise unlisted("transaction-error", value, at)
    return member, after


def write_transaction_error(value: str) -> bytes:
    """Write a choice of transaction-error."""
    encoded = write_symbol(value)
    if value not in _TransactionErrorCondition_MEMBERS:
        raise not_a_choice("transaction-error", value, _TransactionErrorCondition_MEMBERS)
    return encoded


def write_transaction_error_or_null(value: str | None) -> bytes:
    """Write a choice of transaction-error or null."""
    return NULL if value is None else write_transaction_error(value)


@performative
class Coordinator(Record):
    """4.5.1: The target of a link that declares and discharges transactions instead of carrying messages.
    ``amqp:coordinator:list``, 0x30.
    """

    DESCRIPTOR: ClassVar[int] = 0x30
    SYMBOL: ClassVar[str] = "amqp:coordinator:list"
    NAME: ClassVar[str] = "coordinator"
    capabilities: tuple[str, ...] | None = None
    """4.5.1: The txn-capability values that the controller wants or, in the answer, that the coordinator
    has.
    """

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 1 if self.capabilities is not None else 0
        parts: list[bytes] = []
        try:
            if count > 0:
                parts.append(write_multiple_or_null("symbol", self.capabilities))
        except WRITE_FAULTS as error:
            raise write_fault(error, "coordinator", _Coordinator_FIELDS[len(parts)]) from None
        return b"\x00\x53\x30" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Coordinator:
        """Return the coordinator that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Coordinator, decode_coordinator, PERFORMATIVE)


_Coordinator_FIELDS = ("capabilities",)


def decode_coordinator(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Coordinator, int]:
    """Read the list of a coordinator; `at` is behind its descriptor."""
    self: Any = new(Coordinator)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count > 0:
            self.capabilities, at = read_multiple_or(
                data, at, depth, scope, "symbol", read_symbol, None, None
            )
        else:
            self.capabilities = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Coordinator_FIELDS) from None
    if count > 1:
        raise excess(count, 1, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Declare(Record):
    """4.5.2: The body, as an amqp-value, of a message on the control link that asks for a new transaction.
    ``amqp:declare:list``, 0x31.
    """

    DESCRIPTOR: ClassVar[int] = 0x31
    SYMBOL: ClassVar[str] = "amqp:declare:list"
    NAME: ClassVar[str] = "declare"
    global_id: Value = None
    """4.5.2: Names the distributed transaction of which the new one is a branch; absent for a local one."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 1 if self.global_id is not None else 0
        parts: list[bytes] = []
        try:
            if count > 0:
                parts.append(write_value_or_null(self.global_id))
        except WRITE_FAULTS as error:
            raise write_fault(error, "declare", _Declare_FIELDS[len(parts)]) from None
        return b"\x00\x53\x31" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Declare:
        """Return the declare that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Declare, decode_declare, PERFORMATIVE)


_Declare_FIELDS = ("global-id",)


def decode_declare(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Declare, int]:
    """Read the list of a declare; `at` is behind its descriptor."""
    self: Any = new(Declare)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count > 0:
            self.global_id, at = read_value_or(data, at, depth, scope, None)
        else:
            self.global_id = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Declare_FIELDS) from None
    if count > 1:
        raise excess(count, 1, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Discharge(Record):
    """4.5.3: The body, as an amqp-value, of a message on the control link that commits a transaction or
    rolls it back. ``amqp:discharge:list``, 0x32.
    """

    DESCRIPTOR: ClassVar[int] = 0x32
    SYMBOL: ClassVar[str] = "amqp:discharge:list"
    NAME: ClassVar[str] = "discharge"
    txn_id: TxnId
    """4.5.3: The transaction to end."""

    fail: bool | None = None
    """4.5.3: True to roll the transaction back; false, or absent, to commit it."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 2 if self.fail is not None else 1
        parts: list[bytes] = []
        try:
            parts.append(write_txn_id(self.txn_id))
            if count > 1:
                parts.append(write_boolean_or_null(self.fail))
        except WRITE_FAULTS as error:
            raise write_fault(error, "discharge", _Discharge_FIELDS[len(parts)]) from None
        return b"\x00\x53\x32" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Discharge:
        """Return the discharge that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Discharge, decode_discharge, PERFORMATIVE)


_Discharge_FIELDS = (
    "txn-id",
    "fail",
)


def decode_discharge(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Discharge, int]:
    """Read the list of a discharge; `at` is behind its descriptor."""
    self: Any = new(Discharge)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 1:
            raise missing(_Discharge_FIELDS, (0,), count)
        self.txn_id, at = read_txn_id(data, at)
        if count > 1:
            self.fail, at = read_boolean_or(data, at, None)
        else:
            self.fail = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Discharge_FIELDS) from None
    if count > 2:
        raise excess(count, 2, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Declared(Record):
    """4.5.5: The outcome of a declare that succeeded. ``amqp:declared:list``, 0x33."""

    DESCRIPTOR: ClassVar[int] = 0x33
    SYMBOL: ClassVar[str] = "amqp:declared:list"
    NAME: ClassVar[str] = "declared"
    txn_id: TxnId
    """4.5.5: The name of the new transaction."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 1
        parts: list[bytes] = []
        try:
            parts.append(write_txn_id(self.txn_id))
        except WRITE_FAULTS as error:
            raise write_fault(error, "declared", _Declared_FIELDS[len(parts)]) from None
        return b"\x00\x53\x33" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Declared:
        """Return the declared that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Declared, decode_declared, PERFORMATIVE)


_Declared_FIELDS = ("txn-id",)


def decode_declared(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Declared, int]:
    """Read the list of a declared; `at` is behind its descriptor."""
    self: Any = new(Declared)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 1:
            raise missing(_Declared_FIELDS, (0,), count)
        self.txn_id, at = read_txn_id(data, at)
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Declared_FIELDS) from None
    if count > 1:
        raise excess(count, 1, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class TransactionalState(Record):
    """4.5.6: Makes a transfer or an outcome part of a transaction: it takes effect when that commits.
    ``amqp:transactional-state:list``, 0x34.
    """

    DESCRIPTOR: ClassVar[int] = 0x34
    SYMBOL: ClassVar[str] = "amqp:transactional-state:list"
    NAME: ClassVar[str] = "transactional-state"
    txn_id: TxnId
    """4.5.6: The transaction to which the delivery's state belongs."""

    outcome: Outcome | None = None
    """4.5.6: The outcome that the delivery gets when the transaction commits; absent when there is none
    yet.
    """

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 2 if self.outcome is not None else 1
        parts: list[bytes] = []
        try:
            parts.append(write_txn_id(self.txn_id))
            if count > 1:
                parts.append(write_outcome_or_null(self.outcome))
        except WRITE_FAULTS as error:
            raise write_fault(error, "transactional-state", _TransactionalState_FIELDS[len(parts)]) from None
        return b"\x00\x53\x34" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> TransactionalState:
        """Return the transactional-state that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, TransactionalState, decode_transactional_state, PERFORMATIVE)


_TransactionalState_FIELDS = (
    "txn-id",
    "outcome",
)


def decode_transactional_state(
    data: bytes, at: int, depth: int, scope: Scope
) -> tuple[TransactionalState, int]:
    """Read the list of a transactional-state; `at` is behind its descriptor."""
    self: Any = new(TransactionalState)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 1:
            raise missing(_TransactionalState_FIELDS, (0,), count)
        self.txn_id, at = read_txn_id(data, at)
        if count > 1:
            self.outcome, at = read_outcome_or(data, at, depth, scope, None)
        else:
            self.outcome = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _TransactionalState_FIELDS) from None
    if count > 2:
        raise excess(count, 2, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end
