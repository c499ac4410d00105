"""AMQP 1.0 (ISO/IEC 19464) for Python.

::

    async with amqp.connect("amqp://guest:guest@localhost") as connection:
        sender = await connection.open_sender("orders")
        await sender.send(amqp.Message(b"hello"))          # returns once it is accepted, raises unless it is
        receiver = await connection.open_receiver("orders")
        async for delivery in receiver:
            print(delivery.message.body)
            await delivery.accept()

Every name of ``__all__`` is imported when it is first used: ``import amqp`` alone loads no asyncio.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from amqp import aio, broker
    from amqp.aio import (
        Connection,
        Delivery,
        Pending,
        Receiver,
        Sender,
        Session,
        connect,
        open_over,
    )
    from amqp.errors import (
        AmqpError,
        AmqpFault,
        AttachRefused,
        AuthenticationFailed,
        Blame,
        ConnectionClosed,
        ConnectionLost,
        DecodeError,
        DeliveryNotAccepted,
        EncodeError,
        Fault,
        InDoubt,
        LinkDetached,
        LinkError,
        LinkStolen,
        LocalError,
        MessageModified,
        MessageRejected,
        MessageReleased,
        NotSent,
        OperationTimeout,
        RemoteClosed,
        Scope,
        SendError,
        SessionEnded,
    )
    from amqp.message import (
        Message,
    )
    from amqp.options import (
        ConnectionOptions,
        LinkOptions,
        SessionOptions,
    )
    from amqp.sasl import (
        Anonymous,
        External,
        OAuthBearer,
        Plain,
        Scram,
    )
    from amqp_spec import (
        Accepted,
        AmqpErrorCondition,
        AmqpSequence,
        AmqpValue,
        ApplicationProperties,
        Array,
        Byte,
        Char,
        ConnectionErrorCondition,
        Data,
        Decimal32,
        Decimal64,
        Decimal128,
        DeleteOnClose,
        DeleteOnNoLinks,
        DeleteOnNoLinksOrMessages,
        DeleteOnNoMessages,
        DeliveryAnnotations,
        Described,
        Encoded,
        Error,
        Float,
        Footer,
        Header,
        LinkErrorCondition,
        Long,
        Map,
        MessageAnnotations,
        Modified,
        Outcome,
        Properties,
        ReceiverSettleMode,
        RegistrationError,
        Registry,
        Rejected,
        Released,
        SenderSettleMode,
        SessionErrorCondition,
        Short,
        Source,
        StdDistMode,
        Symbol,
        Target,
        TerminusDurability,
        TerminusExpiryPolicy,
        Timestamp,
        TransactionErrorCondition,
        UByte,
        UInt,
        ULong,
        UShort,
        Value,
        identical,
    )

__version__: Final = "0.1.0"

__all__ = [
    # the asyncio front end
    "aio",
    "broker",
    "Connection",
    "Delivery",
    "Pending",
    "Receiver",
    "Sender",
    "Session",
    "connect",
    "open_over",
    # messages
    "Message",
    # options
    "ConnectionOptions",
    "LinkOptions",
    "SessionOptions",
    # who is connecting
    "Anonymous",
    "External",
    "OAuthBearer",
    "Plain",
    "Scram",
    # errors
    "AmqpError",
    "AmqpFault",
    "AttachRefused",
    "AuthenticationFailed",
    "Blame",
    "ConnectionClosed",
    "ConnectionLost",
    "DecodeError",
    "DeliveryNotAccepted",
    "EncodeError",
    "Fault",
    "InDoubt",
    "LinkDetached",
    "LinkError",
    "LinkStolen",
    "LocalError",
    "MessageModified",
    "MessageRejected",
    "MessageReleased",
    "NotSent",
    "OperationTimeout",
    "RemoteClosed",
    "Scope",
    "SendError",
    "SessionEnded",
    # the standard's types
    "Accepted",
    "Modified",
    "Outcome",
    "Rejected",
    "Released",
    "AmqpSequence",
    "AmqpValue",
    "ApplicationProperties",
    "Data",
    "DeliveryAnnotations",
    "Footer",
    "Header",
    "MessageAnnotations",
    "Properties",
    "Source",
    "Target",
    "DeleteOnClose",
    "DeleteOnNoLinks",
    "DeleteOnNoLinksOrMessages",
    "DeleteOnNoMessages",
    "ReceiverSettleMode",
    "SenderSettleMode",
    "StdDistMode",
    "TerminusDurability",
    "TerminusExpiryPolicy",
    "AmqpErrorCondition",
    "ConnectionErrorCondition",
    "Error",
    "LinkErrorCondition",
    "SessionErrorCondition",
    "TransactionErrorCondition",
    "Array",
    "Byte",
    "Char",
    "Decimal128",
    "Decimal32",
    "Decimal64",
    "Described",
    "Encoded",
    "Float",
    "Long",
    "Map",
    "Short",
    "Symbol",
    "Timestamp",
    "UByte",
    "UInt",
    "ULong",
    "UShort",
    "Value",
    "identical",
    "RegistrationError",
    "Registry",
    "__version__",
]

_SUBMODULES: Final = frozenset({"aio", "broker"})

_NAMES: Final = {
    "amqp.aio": (
        "Connection",
        "Delivery",
        "Pending",
        "Receiver",
        "Sender",
        "Session",
        "connect",
        "open_over",
    ),
    "amqp.message": ("Message",),
    "amqp.options": (
        "ConnectionOptions",
        "LinkOptions",
        "SessionOptions",
    ),
    "amqp.sasl": (
        "Anonymous",
        "External",
        "OAuthBearer",
        "Plain",
        "Scram",
    ),
    "amqp.errors": (
        "AmqpError",
        "AmqpFault",
        "AttachRefused",
        "AuthenticationFailed",
        "Blame",
        "ConnectionClosed",
        "ConnectionLost",
        "DecodeError",
        "DeliveryNotAccepted",
        "EncodeError",
        "Fault",
        "InDoubt",
        "LinkDetached",
        "LinkError",
        "LinkStolen",
        "LocalError",
        "MessageModified",
        "MessageRejected",
        "MessageReleased",
        "NotSent",
        "OperationTimeout",
        "RemoteClosed",
        "Scope",
        "SendError",
        "SessionEnded",
    ),
    "amqp_spec": (
        "Accepted",
        "Modified",
        "Outcome",
        "Rejected",
        "Released",
        "AmqpSequence",
        "AmqpValue",
        "ApplicationProperties",
        "Data",
        "DeliveryAnnotations",
        "Footer",
        "Header",
        "MessageAnnotations",
        "Properties",
        "Source",
        "Target",
        "DeleteOnClose",
        "DeleteOnNoLinks",
        "DeleteOnNoLinksOrMessages",
        "DeleteOnNoMessages",
        "ReceiverSettleMode",
        "SenderSettleMode",
        "StdDistMode",
        "TerminusDurability",
        "TerminusExpiryPolicy",
        "AmqpErrorCondition",
        "ConnectionErrorCondition",
        "Error",
        "LinkErrorCondition",
        "SessionErrorCondition",
        "TransactionErrorCondition",
        "Array",
        "Byte",
        "Char",
        "Decimal128",
        "Decimal32",
        "Decimal64",
        "Described",
        "Encoded",
        "Float",
        "Long",
        "Map",
        "Short",
        "Symbol",
        "Timestamp",
        "UByte",
        "UInt",
        "ULong",
        "UShort",
        "Value",
        "identical",
        "RegistrationError",
        "Registry",
    ),
}

_HOMES: Final = {name: module for module, names in _NAMES.items() for name in names}


if not TYPE_CHECKING:  # a type checker that sees it takes every misspelt name for an object

    def __getattr__(name: str) -> object:
        if name in _SUBMODULES:
            return import_module(f"amqp.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module 'amqp' has no attribute {name!r}")
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
