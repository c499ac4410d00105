"""python-qpid-proton: a binding to an engine in C.

It has no functions for single performatives, and its values have at most 65,535 parts: such an array is beyond it.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from benchmarks.cases import ANNOTATION, CONTENT_TYPE, MessageValues
from benchmarks.subjects.base import Codec, Subject, itself

proton: Final[Any] = import_module("proton")

_ACCEPTED: Final = 0x24


def subject() -> Subject:
    """Return the library."""
    return Subject(
        name="proton",
        version=version("python-qpid-proton"),
        is_compiled=True,
        codecs={
            "message": Codec(_build_message, proton.Message.encode, _decode_message, _message_values),
            "list": Codec(itself, _encode, _decode, _list_values),
            "map": Codec(itself, _encode, _decode, _map_values),
            "data": Codec(_build_data, proton.Message.encode, _decode_message, _data_values),
        },
        losses=("binaries come back as views that end with what was decoded",),
    )


def _build_message(values: MessageValues) -> Any:
    return proton.Message(
        values.body,
        inferred=True,
        durable=values.durable,
        priority=values.priority,
        ttl=values.ttl / 1000,
        annotations={proton.symbol(ANNOTATION): values.annotation},
        id=values.message_id,
        subject=values.subject,
        reply_to=values.reply_to,
        correlation_id=values.correlation_id,
        content_type=CONTENT_TYPE,
        properties={
            "customer": values.customer,
            "attempt": values.attempt,
            "weight": values.weight,
            "express": values.express,
        },
    )


def _decode_message(data: bytes) -> Any:
    message = proton.Message()
    message.decode(data)
    return message


def _message_values(message: Any) -> tuple[Any, ...]:
    application = message.properties
    return (
        message.durable,
        message.priority,
        message.ttl * 1000,
        message.annotations[ANNOTATION],
        message.id,
        message.subject,
        message.reply_to,
        message.correlation_id,
        message.content_type,
        application["customer"],
        application["attempt"],
        application["weight"],
        application["express"],
        message.body,
    )


def _encode(value: Any) -> bytes:
    data = proton.Data()
    data.put_object(value)
    encoded: bytes = data.encode()
    return encoded


def _decode(encoded: bytes) -> tuple[Any, Any]:
    """Return the one value that the bytes are, behind what its binaries are views of."""
    data = proton.Data()
    data.decode(encoded)
    data.rewind()
    data.next()
    return data, data.get_object()


def performative() -> Codec:
    """Return what reads the fields of a performative, the state of a disposition as whether it is accepted.

    It goes field by field, as no user of the library does: for verifying the others, not for timing.
    """
    return Codec(itself, _encode, _decode, _performative_values)


def _performative_values(decoded: tuple[Any, Any]) -> tuple[Any, ...]:
    return tuple(
        field.descriptor == _ACCEPTED if isinstance(field, proton.Described) else field
        for field in decoded[1].value
    )


def _list_values(decoded: tuple[Any, Any]) -> list[Any]:
    return list(decoded[1])


def _map_values(decoded: tuple[Any, Any]) -> list[tuple[str, Any]]:
    return list(decoded[1].items())


def _build_data(value: bytes) -> Any:
    return proton.Message(value, inferred=True)


def _data_values(message: Any) -> Any:
    return message.body
