"""The messages of a control link: one amqp-value that holds a declare or a discharge (4.2, 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.errors import DecodeError
from amqp_spec import (
    AmqpSequence,
    AmqpValue,
    Data,
    Declare,
    Discharge,
    Symbol,
    peek_descriptor,
    skip_value,
)

if TYPE_CHECKING:
    from typing import Any

__all__ = ["MAX_TAKEN_TXN_ID", "MAX_TXN_ID", "TXN_ID", "decode_request", "encode_declare", "encode_discharge"]

MAX_TXN_ID = 32
"""Octets of the longest transaction-id (4.5.4)."""
MAX_TAKEN_TXN_ID = 255
"""Octets of the longest transaction-id that a controller takes: Artemis names transactions by 36 octets."""

TXN_ID = Symbol("txn-id")
"""The key in a flow's properties that ties acquisitions to a transaction (4.4.3)."""

_BODIES = (Data.DESCRIPTOR, AmqpSequence.DESCRIPTOR, AmqpValue.DESCRIPTOR)


def encode_declare(global_id: Any = None) -> bytes:
    """Return the message that declares a transaction.

    Raises:
        EncodeError: *global_id* has no encoding.
    """
    return AmqpValue(Declare(global_id=global_id)).encode()


def encode_discharge(txn_id: bytes, *, fail: bool = False) -> bytes:
    """Return the message that commits a transaction or, with *fail*, rolls it back."""
    return AmqpValue(Discharge(txn_id=txn_id, fail=fail)).encode()


def decode_request(payload: bytes) -> Declare | Discharge:
    """Return what a message on a control link asks for; sections beside the body are ignored (4.2).

    Raises:
        DecodeError: the body is not one amqp-value with a declare or a discharge.
    """
    at, end = 0, len(payload)
    body: bytes | None = None
    while at < end:
        code, value_at = peek_descriptor(payload, at, end)
        behind = skip_value(payload, value_at, end)
        if code in _BODIES:
            if code != AmqpValue.DESCRIPTOR or body is not None:
                raise DecodeError("the body on a control link is one amqp-value", at, "message")
            body = payload[value_at:behind]
        at = behind
    if body is None:
        raise DecodeError("there is no body", end, "message")
    code, _ = peek_descriptor(body, 0, len(body))
    if code == Declare.DESCRIPTOR:
        return Declare.decode(body)
    if code == Discharge.DESCRIPTOR:
        return Discharge.decode(body)
    raise DecodeError("the amqp-value on a control link is a declare or a discharge", 0, "amqp-value")
