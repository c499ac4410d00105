"""Legal frames, sections and messages with most fields filled, which the mutations start from."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import amqp_spec as spec
from fuzz.trees import Node, parse

_MAP: dict[str, Any] = {"x": 1, "y": [spec.Symbol("s"), None, {"k": b"v"}], "z": spec.ULong(7)}
_ERROR = spec.Error(condition="amqp:not-found", description="why", info=_MAP)
_SOURCE = spec.Source(
    address="queue",
    durable=spec.TerminusDurability.CONFIGURATION,
    expiry_policy=spec.TerminusExpiryPolicy.NEVER,
    timeout=30,
    dynamic=True,
    dynamic_node_properties={"lifetime-policy": spec.DeleteOnClose()},
    distribution_mode="copy",
    filter={"selector": spec.Described(spec.ULong(0x468C00000004), "a = 1")},
    default_outcome=spec.Modified(delivery_failed=True, message_annotations={"x-opt-a": 1}),
    outcomes=("amqp:accepted:list", "amqp:rejected:list"),
    capabilities=("queue",),
)
_TARGET = spec.Target(address="queue", timeout=1, dynamic=False, capabilities=("queue", "topic"))

_FRAMES: tuple[Any, ...] = (
    spec.Open(
        container_id="container",
        hostname="host",
        max_frame_size=65_536,
        channel_max=9,
        idle_time_out=30_000,
        outgoing_locales=("en-US",),
        offered_capabilities=("a", "b"),
        properties=_MAP,
    ),
    spec.Begin(remote_channel=1, next_outgoing_id=5, incoming_window=100, outgoing_window=1, properties=_MAP),
    spec.Attach(
        name="link",
        handle=0,
        role=spec.Role.SENDER,
        source=_SOURCE,
        target=_TARGET,
        unsettled={b"tag": spec.Accepted(), b"other": None},
        initial_delivery_count=3,
        max_message_size=1 << 40,
        properties=_MAP,
    ),
    spec.Attach(
        name="tx",
        handle=1,
        role=False,
        source=_SOURCE,
        target=spec.Coordinator(capabilities=("amqp:local-transactions",)),
    ),
    spec.Flow(
        next_incoming_id=1,
        incoming_window=2,
        next_outgoing_id=3,
        outgoing_window=4,
        handle=0,
        delivery_count=9,
        link_credit=100,
        available=1,
        drain=True,
        properties=_MAP,
    ),
    spec.Transfer(handle=0, delivery_id=1, delivery_tag=b"tag", message_format=0, settled=False, more=True),
    spec.Transfer(
        handle=300, delivery_id=7, delivery_tag=b"t" * 32, state=spec.TransactionalState(txn_id=b"txn")
    ),
    spec.Disposition(role=True, first=1, last=300, settled=True, state=spec.Accepted(), batchable=True),
    spec.Disposition(role=True, first=1, state=spec.Rejected(error=_ERROR)),
    spec.Disposition(
        role=False, first=2, state=spec.TransactionalState(txn_id=b"1", outcome=spec.Released())
    ),
    spec.Disposition(role=True, first=2, state=spec.Received(section_number=1, section_offset=1 << 33)),
    spec.Detach(handle=1, closed=True, error=_ERROR),
    spec.End(error=_ERROR),
    spec.Close(error=_ERROR),
    spec.Close(),
)
_SASL_FRAMES: tuple[Any, ...] = (
    spec.SaslMechanisms(sasl_server_mechanisms=("PLAIN", "ANONYMOUS", "SCRAM-SHA-256")),
    spec.SaslInit(mechanism="PLAIN", initial_response=b"\0user\0password", hostname="host"),
    spec.SaslChallenge(challenge=b"challenge"),
    spec.SaslResponse(response=b"response"),
    spec.SaslOutcome(code=spec.SaslCode.OK, additional_data=b"more"),
)
_PROPERTIES = spec.Properties(
    message_id=UUID(int=7),
    user_id=b"user",
    to="to",
    subject="subject",
    reply_to="reply-to",
    correlation_id=5,
    content_type="text/plain",
    content_encoding="gzip",
    absolute_expiry_time=1 << 42,
    creation_time=-1,
    group_id="group",
    group_sequence=1,
    reply_to_group_id="other",
)
_BEFORE: tuple[Any, ...] = (
    spec.Header(durable=True, priority=7, ttl=60_000, first_acquirer=True, delivery_count=2),
    spec.DeliveryAnnotations({"x-opt-hop": 1}),
    spec.MessageAnnotations({"x-opt-key": "value", 5: [1, 2]}),
    _PROPERTIES,
    spec.ApplicationProperties({"a": 1, "b": "two", "c": 3.0, "d": True, "e": spec.Timestamp(5)}),
)
_BODIES: tuple[tuple[Any, ...], ...] = (
    (spec.Data(b"one"),),
    (spec.Data(b"one"), spec.Data(b""), spec.Data(b"x" * 300)),
    (spec.AmqpSequence([1, "two", None]), spec.AmqpSequence([])),
    (spec.AmqpValue(spec.Map([("k", 1), (1, spec.Array("ubyte", [1, 2])), ([1], spec.Char("c"))])),),
    (spec.AmqpValue(None),),
)
_FOOTER = spec.Footer({"x-opt-sum": b"\x01\x02"})

FRAMES: tuple[bytes, ...] = tuple(frame.encode() for frame in _FRAMES)
SASL_FRAMES: tuple[bytes, ...] = tuple(frame.encode() for frame in _SASL_FRAMES)
SECTIONS: tuple[bytes, ...] = tuple(
    section.encode() for section in (*_BEFORE, *(one for body in _BODIES for one in body), _FOOTER)
)
MESSAGES: tuple[tuple[bytes, ...], ...] = tuple(
    tuple(section.encode() for section in (*before, *body, *after))
    for body in _BODIES
    for before in ((), _BEFORE[:1], _BEFORE)
    for after in ((), (_FOOTER,))
)


def tree(sample: bytes) -> Node:
    """Return a new tree of a sample."""
    return parse(sample)[0]
