"""The fields of every performative as keywords, for completion and type checkers.

Sent, a value is plain Python, or a :class:`~amqp.testing.Typed` where its exact type matters; expected, it may also be a
predicate or one of ANY, PRESENT, ABSENT.
"""

from __future__ import annotations

from typing import Any, TypedDict

__all__ = [
    "AttachFields",
    "BeginFields",
    "CloseFields",
    "DetachFields",
    "DispositionFields",
    "EndFields",
    "FlowFields",
    "LetGoFields",
    "OpenFields",
    "SaslInitFields",
    "SaslOutcomeFields",
    "SettleFields",
    "TransferFields",
]


class OpenFields(TypedDict, total=False):
    """2.7.1."""

    container_id: Any
    hostname: Any
    max_frame_size: Any
    channel_max: Any
    idle_time_out: Any
    outgoing_locales: Any
    incoming_locales: Any
    offered_capabilities: Any
    desired_capabilities: Any
    properties: Any


class BeginFields(TypedDict, total=False):
    """2.7.2."""

    channel: Any
    remote_channel: Any
    next_outgoing_id: Any
    incoming_window: Any
    outgoing_window: Any
    handle_max: Any
    offered_capabilities: Any
    desired_capabilities: Any
    properties: Any


class AttachFields(TypedDict, total=False):
    """2.7.3."""

    channel: Any
    name: Any
    handle: Any
    role: Any
    snd_settle_mode: Any
    rcv_settle_mode: Any
    source: Any
    target: Any
    unsettled: Any
    incomplete_unsettled: Any
    initial_delivery_count: Any
    max_message_size: Any
    offered_capabilities: Any
    desired_capabilities: Any
    properties: Any


class FlowFields(TypedDict, total=False):
    """2.7.4."""

    channel: Any
    next_incoming_id: Any
    incoming_window: Any
    next_outgoing_id: Any
    outgoing_window: Any
    handle: Any
    delivery_count: Any
    link_credit: Any
    available: Any
    drain: Any
    echo: Any
    properties: Any


class TransferFields(TypedDict, total=False):
    """2.7.5, with the payload: its octets, or the body of the message that it is."""

    channel: Any
    handle: Any
    delivery_id: Any
    delivery_tag: Any
    message_format: Any
    settled: Any
    more: Any
    rcv_settle_mode: Any
    state: Any
    resume: Any
    aborted: Any
    batchable: Any
    payload: Any
    body: Any


class SettleFields(TypedDict, total=False):
    """2.7.6, without the state, which stands in front of them."""

    channel: Any
    role: Any
    first: Any
    last: Any
    settled: Any
    batchable: Any


class DispositionFields(SettleFields, total=False):
    """2.7.6."""

    state: Any


class LetGoFields(TypedDict, total=False):
    """2.7.7, without the error, which stands in front of them."""

    channel: Any
    handle: Any
    closed: Any


class DetachFields(LetGoFields, total=False):
    """2.7.7."""

    error: Any


class EndFields(TypedDict, total=False):
    """2.7.8."""

    channel: Any
    error: Any


class CloseFields(TypedDict, total=False):
    """2.7.9."""

    error: Any


class SaslInitFields(TypedDict, total=False):
    """5.3.3.2."""

    mechanism: Any
    initial_response: Any
    hostname: Any


class SaslOutcomeFields(TypedDict, total=False):
    """5.3.3.6."""

    code: Any
    additional_data: Any
