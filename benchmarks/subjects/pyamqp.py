"""The engine inside azure-servicebus, pure Python. Called as its own sender, receiver and session call it."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from benchmarks.cases import (
    ANNOTATION,
    ARRAY_ELEMENTS,
    CONTENT_TYPE,
    DispositionValues,
    FlowValues,
    MessageValues,
    TransferValues,
)
from benchmarks.subjects.base import Codec, Subject

_PACKAGE: Final = "azure.servicebus._pyamqp"
_encode: Final[Any] = import_module(f"{_PACKAGE}._encode")
_decode: Final[Any] = import_module(f"{_PACKAGE}._decode")
_message: Final[Any] = import_module(f"{_PACKAGE}.message")
_performatives: Final[Any] = import_module(f"{_PACKAGE}.performatives")
_outcomes: Final[Any] = import_module(f"{_PACKAGE}.outcomes")

_ANNOTATION: Final = ANNOTATION.encode()
_INT_MAX: Final = 0x7FFFFFFF

# Since 7.15.0 it refuses more than 65,536 items in one value; the array has more, so the bound is lifted for it.
_decode._MAX_COMPOUND_COUNT = ARRAY_ELEMENTS


def subject() -> Subject:
    """Return the library."""
    return Subject(
        name="_pyamqp",
        version=f"azure-servicebus {version('azure-servicebus')}",
        is_compiled=False,
        codecs={
            "message": Codec(_build_message, _encode_message, _decode_message, _message_values),
            "transfer": Codec(_build_transfer, _encode_frame, _decode_frame, _transfer_values),
            "flow": Codec(_build_flow, _encode_frame, _decode_frame, _flow_values),
            "disposition": Codec(_build_disposition, _encode_frame, _decode_frame, _disposition_values),
            "list": Codec(_build_list, _encode_value, _decode_value, list),
            "map": Codec(_build_map, _encode_value, _decode_value, _map_values),
            "array": Codec(_build_array, _encode_value, _decode_value, list),
            "data": Codec(_build_data, _encode_message, _decode_message, _data_values),
        },
        losses=(
            "text comes back as bytes",
            "fields that are null come back as None, not as their default",
            "the widths of integers",
            "the descriptors of values other than outcomes",
            "sizes are not checked",
        ),
        text_is_bytes=True,
    )


def _build_message(values: MessageValues) -> Any:
    return _message.Message(
        header=_message.Header(durable=values.durable, priority=values.priority, ttl=values.ttl),
        message_annotations={_ANNOTATION: values.annotation},
        properties=_message.Properties(
            message_id=values.message_id,
            subject=values.subject,
            reply_to=values.reply_to,
            correlation_id=values.correlation_id,
            content_type=CONTENT_TYPE,
        ),
        application_properties={
            "customer": values.customer,
            "attempt": _number(values.attempt),
            "weight": values.weight,
            "express": values.express,
        },
        data=[values.body],
    )


def _encode_message(message: Any) -> bytearray:
    output = bytearray()
    _encode.encode_payload(output, message)
    return output


def _decode_message(data: bytes) -> Any:
    return _decode.decode_payload(memoryview(data))


def _message_values(message: Any) -> tuple[Any, ...]:
    header = message.header
    properties = message.properties
    application = message.application_properties
    return (
        header.durable,
        header.priority,
        header.ttl,
        message.message_annotations[_ANNOTATION],
        properties.message_id,
        properties.subject,
        properties.reply_to,
        properties.correlation_id,
        properties.content_type,
        application[b"customer"],
        application[b"attempt"],
        application[b"weight"],
        application[b"express"],
        message.data[0],
    )


def _encode_frame(frame: Any) -> bytearray:
    # encode_frame without the frame's head, which the other libraries do not write here either.
    output = bytearray()
    _encode.encode_value(output, _encode.describe_performative(frame))
    return output


def _decode_frame(data: bytes) -> Any:
    return _decode.decode_frame(memoryview(data))[1]


def _build_transfer(values: TransferValues) -> Any:
    return _performatives.TransferFrame(
        handle=values.handle,
        delivery_id=values.delivery_id,
        delivery_tag=values.delivery_tag,
        message_format=values.message_format,
        settled=values.settled,
    )


def _transfer_values(fields: list[Any]) -> tuple[Any, ...]:
    return (fields[0], fields[1], fields[2], fields[3], fields[4])


def _build_flow(values: FlowValues) -> Any:
    return _performatives.FlowFrame(
        next_incoming_id=values.next_incoming_id,
        incoming_window=values.incoming_window,
        next_outgoing_id=values.next_outgoing_id,
        outgoing_window=values.outgoing_window,
        handle=values.handle,
        delivery_count=values.delivery_count,
        link_credit=values.link_credit,
    )


def _flow_values(fields: list[Any]) -> tuple[Any, ...]:
    return (fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6])


def _build_disposition(values: DispositionValues) -> Any:
    return _performatives.DispositionFrame(
        role=values.role,
        first=values.first,
        last=values.last,
        settled=values.settled,
        state=_outcomes.Accepted(),
        batchable=None,
    )


def _disposition_values(fields: list[Any]) -> tuple[Any, ...]:
    return (fields[0], fields[1], fields[2], fields[3], "accepted" in fields[4])


def _number(value: Any) -> Any:
    """Return an int beyond 32 bits in the form in which this library takes it; other values as they are."""
    if type(value) is int and not -_INT_MAX <= value <= _INT_MAX:
        return {"TYPE": "LONG", "VALUE": value}
    return value


def _build_list(values: list[Any]) -> Any:
    return {"TYPE": "LIST", "VALUE": [_number(value) for value in values]}


def _build_map(values: dict[str, Any]) -> Any:
    return {"TYPE": "MAP", "VALUE": {key: _number(value) for key, value in values.items()}}


def _build_array(values: list[int]) -> Any:
    return {"TYPE": "ARRAY", "VALUE": [{"TYPE": "LONG", "VALUE": value} for value in values]}


def _encode_value(value: Any) -> bytearray:
    output = bytearray()
    _encode.encode_value(output, value)
    return output


def _decode_value(data: bytes) -> Any:
    view = memoryview(data)
    return _decode._DECODE_BY_CONSTRUCTOR[view[0]](view[1:])[1]


def _map_values(value: dict[Any, Any]) -> list[tuple[Any, Any]]:
    return list(value.items())


def _build_data(value: bytes) -> Any:
    return _message.Message(data=[value])


def _data_values(message: Any) -> Any:
    return message.data[0]
