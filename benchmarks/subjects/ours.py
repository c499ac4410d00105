"""This library."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import amqp_spec
from amqp.message import Message
from benchmarks.cases import (
    ANNOTATION,
    CONTENT_TYPE,
    DispositionValues,
    FlowValues,
    MessageValues,
    TransferValues,
)
from benchmarks.subjects import OURS
from benchmarks.subjects.base import Codec, Subject, itself

if TYPE_CHECKING:
    from collections.abc import Mapping


def subject() -> Subject:
    """Return the library."""
    return Subject(
        name=OURS,
        version=_version(),
        is_compiled=False,
        codecs={
            "message": Codec(_build_message, Message.encode, Message.decode, _message_values),
            "transfer": Codec(
                _build_transfer, amqp_spec.Transfer.encode, amqp_spec.decode_frame, _transfer_values
            ),
            "flow": Codec(_build_flow, amqp_spec.Flow.encode, amqp_spec.decode_frame, _flow_values),
            "disposition": Codec(
                _build_disposition, amqp_spec.Disposition.encode, amqp_spec.decode_frame, _disposition_values
            ),
            "list": Codec(itself, amqp_spec.encode_value, amqp_spec.decode_value, itself),
            "map": Codec(itself, amqp_spec.encode_value, amqp_spec.decode_value, _map_values),
            "array": Codec(_build_array, amqp_spec.encode_value, amqp_spec.decode_value, list),
            "data": Codec(Message, Message.encode, Message.decode, _data_values),
        },
    )


def _version() -> str:
    try:
        return version("amqp10")
    except PackageNotFoundError:
        return "this tree"


def _build_message(values: MessageValues) -> Message:
    return Message(
        values.body,
        header=amqp_spec.Header(durable=values.durable, priority=values.priority, ttl=values.ttl),
        message_annotations={ANNOTATION: values.annotation},
        properties=amqp_spec.Properties(
            message_id=values.message_id,
            subject=values.subject,
            reply_to=values.reply_to,
            correlation_id=values.correlation_id,
            content_type=CONTENT_TYPE,
        ),
        application_properties={
            "customer": values.customer,
            "attempt": values.attempt,
            "weight": values.weight,
            "express": values.express,
        },
    )


def _message_values(message: Any) -> tuple[Any, ...]:
    # Any: an assertion for each section that could be missing would count as the library's time.
    header = message.header
    annotations = message.message_annotations
    properties = message.properties
    application = message.application_properties
    return (
        header.durable,
        header.priority,
        header.ttl,
        annotations[ANNOTATION],
        properties.message_id,
        properties.subject,
        properties.reply_to,
        properties.correlation_id,
        properties.content_type,
        application["customer"],
        application["attempt"],
        application["weight"],
        application["express"],
        message.body,
    )


def _build_transfer(values: TransferValues) -> amqp_spec.Transfer:
    return amqp_spec.Transfer(
        handle=values.handle,
        delivery_id=values.delivery_id,
        delivery_tag=values.delivery_tag,
        message_format=values.message_format,
        settled=values.settled,
    )


def _transfer_values(decoded: tuple[amqp_spec.Transfer, int]) -> tuple[Any, ...]:
    frame = decoded[0]
    return (frame.handle, frame.delivery_id, frame.delivery_tag, frame.message_format, frame.settled)


def _build_flow(values: FlowValues) -> amqp_spec.Flow:
    return amqp_spec.Flow(
        next_incoming_id=values.next_incoming_id,
        incoming_window=values.incoming_window,
        next_outgoing_id=values.next_outgoing_id,
        outgoing_window=values.outgoing_window,
        handle=values.handle,
        delivery_count=values.delivery_count,
        link_credit=values.link_credit,
    )


def _flow_values(decoded: tuple[amqp_spec.Flow, int]) -> tuple[Any, ...]:
    frame = decoded[0]
    return (
        frame.next_incoming_id,
        frame.incoming_window,
        frame.next_outgoing_id,
        frame.outgoing_window,
        frame.handle,
        frame.delivery_count,
        frame.link_credit,
    )


def _build_disposition(values: DispositionValues) -> amqp_spec.Disposition:
    return amqp_spec.Disposition(
        role=values.role,
        first=values.first,
        last=values.last,
        settled=values.settled,
        state=amqp_spec.Accepted(),
    )


def _disposition_values(decoded: tuple[amqp_spec.Disposition, int]) -> tuple[Any, ...]:
    frame = decoded[0]
    return (frame.role, frame.first, frame.last, frame.settled, type(frame.state) is amqp_spec.Accepted)


def _map_values(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(value.items())


def _build_array(values: list[int]) -> amqp_spec.Array:
    return amqp_spec.Array(amqp_spec.Long, values)


def _data_values(message: Message) -> Any:
    return message.body
