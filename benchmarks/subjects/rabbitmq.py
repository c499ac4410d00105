"""rabbitmq-amqp-python-client 2, whose codec is pure Python since it left proton."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from benchmarks.cases import (
    ANNOTATION,
    CONTENT_TYPE,
    DispositionValues,
    FlowValues,
    MessageValues,
    TransferValues,
)
from benchmarks.subjects.base import Codec, Subject, itself

_PACKAGE: Final = "rabbitmq_amqp_python_client.wire"
_encoding: Final[Any] = import_module(f"{_PACKAGE}.encoding")
_message: Final[Any] = import_module(f"{_PACKAGE}.message")
_performatives: Final[Any] = import_module(f"{_PACKAGE}.performatives")
_states: Final[Any] = import_module(f"{_PACKAGE}.delivery_state")


def subject() -> Subject:
    """Return the library."""
    decode_frame = _performatives.decode_performative
    return Subject(
        name="rabbitmq",
        version=f"rabbitmq-amqp-python-client {version('rabbitmq-amqp-python-client')}",
        is_compiled=False,
        codecs={
            "message": Codec(
                _build_message, _message.Message.encode, _message.Message.decode, _message_values
            ),
            "transfer": Codec(
                _build_transfer, _performatives.Transfer.encode, decode_frame, _transfer_values
            ),
            "flow": Codec(_build_flow, _performatives.Flow.encode, decode_frame, _flow_values),
            "disposition": Codec(
                _build_disposition, _performatives.Disposition.encode, decode_frame, _disposition_values
            ),
            "list": Codec(itself, _encoding.encode_value, _encoding.decode_value, itself),
            "map": Codec(itself, _encoding.encode_value, _encoding.decode_value, _map_values),
            "array": Codec(_build_array, _encoding.encode_value, _encoding.decode_value, itself),
            "data": Codec(_message.Message, _message.Message.encode, _message.Message.decode, _data_values),
        },
        losses=("the widths of numbers", "array and list look alike", "map keys that Python holds for equal"),
    )


def _build_message(values: MessageValues) -> Any:
    return _message.Message(
        values.body,
        header=_message.Header(durable=values.durable, priority=values.priority, ttl=values.ttl),
        message_annotations=_message.MessageAnnotations({_encoding.Symbol(ANNOTATION): values.annotation}),
        properties=_message.Properties(
            message_id=values.message_id,
            subject=values.subject,
            reply_to=values.reply_to,
            correlation_id=values.correlation_id,
            content_type=CONTENT_TYPE,
        ),
        application_properties=_message.ApplicationProperties(
            {
                "customer": values.customer,
                "attempt": values.attempt,
                "weight": values.weight,
                "express": values.express,
            }
        ),
    )


def _message_values(message: Any) -> tuple[Any, ...]:
    header = message.header
    properties = message.properties
    application = message.application_properties.value
    return (
        header.durable,
        header.priority,
        header.ttl,
        message.message_annotations.value[ANNOTATION],
        properties.message_id,
        properties.subject,
        properties.reply_to,
        properties.correlation_id,
        properties.content_type,
        application["customer"],
        application["attempt"],
        application["weight"],
        application["express"],
        message.body.value,
    )


def _build_transfer(values: TransferValues) -> Any:
    return _performatives.Transfer(
        handle=values.handle,
        delivery_id=values.delivery_id,
        delivery_tag=values.delivery_tag,
        message_format=values.message_format,
        settled=values.settled,
    )


def _transfer_values(frame: Any) -> tuple[Any, ...]:
    return (frame.handle, frame.delivery_id, frame.delivery_tag, frame.message_format, frame.settled)


def _build_flow(values: FlowValues) -> Any:
    return _performatives.Flow(
        next_incoming_id=values.next_incoming_id,
        incoming_window=values.incoming_window,
        next_outgoing_id=values.next_outgoing_id,
        outgoing_window=values.outgoing_window,
        handle=values.handle,
        delivery_count=values.delivery_count,
        link_credit=values.link_credit,
    )


def _flow_values(frame: Any) -> tuple[Any, ...]:
    return (
        frame.next_incoming_id,
        frame.incoming_window,
        frame.next_outgoing_id,
        frame.outgoing_window,
        frame.handle,
        frame.delivery_count,
        frame.link_credit,
    )


def _build_disposition(values: DispositionValues) -> Any:
    return _performatives.Disposition(
        role=values.role,
        first=values.first,
        last=values.last,
        settled=values.settled,
        state=_states.Accepted(),
    )


def _disposition_values(frame: Any) -> tuple[Any, ...]:
    return (frame.role, frame.first, frame.last, frame.settled, type(frame.state) is _states.Accepted)


def _map_values(value: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(value.items())


def _build_array(values: list[int]) -> Any:
    return _encoding.Array(_encoding.CODE_LONG, values)


def _data_values(message: Any) -> Any:
    return message.body.value
