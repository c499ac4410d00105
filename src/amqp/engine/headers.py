"""The protocol headers (2.2, 5.2, 5.3): eight octets that name a layer and its version."""

from __future__ import annotations

from enum import Enum

from amqp_spec import MAJOR, MINOR, REVISION

__all__ = [
    "AMQP_HEADER",
    "HEADER_SIZE",
    "SASL_HEADER",
    "TLS_HEADER",
    "Layer",
    "describe_end",
    "describe_header",
    "is_foreign",
    "mend",
]

HEADER_SIZE = 8
_VERSION = bytes((MAJOR, MINOR, REVISION))
AMQP_HEADER = b"AMQP\x00" + _VERSION
TLS_HEADER = b"AMQP\x02" + _VERSION
SASL_HEADER = b"AMQP\x03" + _VERSION

_AMQP_0_9_1 = b"\x00\x00\x09\x01"
# The headers of AMQP 0-8, 0-9 and 0-10 have the protocol's class and instance behind its name.
_AMQP_BEFORE = b"\x01\x01"
_BEFORE = {b"\x00\x0a": "0-10", b"\x08\x00": "0-8"}
# How an alert and a handshake of TLS begin (RFC 8446, 5.1).
_TLS_RECORDS = (b"\x15\x03", b"\x16\x03")
_LAYERS = {0: "AMQP", 2: "TLS", 3: "SASL"}


class Layer(Enum):
    """What a protocol header starts: a security layer (5.2, 5.3), or AMQP itself."""

    TLS = TLS_HEADER
    SASL = SASL_HEADER
    AMQP = AMQP_HEADER


def describe_header(header: bytes) -> str:
    """Say what a protocol header asks for, for an error text."""
    if header[:4] != b"AMQP":
        return f"{header!r}, which is {_other_protocol(header)}"
    if header[4:] == _AMQP_0_9_1:
        return "AMQP 0-9-1, which is another protocol"
    if header[4:6] == _AMQP_BEFORE:
        return f"AMQP {_BEFORE.get(header[6:], '0-9')}, which is another protocol"
    layer = _LAYERS.get(header[4], f"protocol id {header[4]}")
    return f"{layer} {header[5]}.{header[6]}.{header[7]}"


def mend(header: bytes) -> str:
    """Return what a client may do that was answered with *header*, or with its beginning; empty where nobody knows."""
    if header[:4] == b"HTTP":
        return ": if that port takes AMQP by WebSocket, connect with ws:// or wss://"
    if header[:2] in _TLS_RECORDS:
        return ": connect with amqps://"
    if header[4:] == _AMQP_0_9_1:
        return ": RabbitMQ before 4 needs its plug-in rabbitmq_amqp1_0"
    if header[:6] == b"AMQP" + _AMQP_BEFORE:
        return ": the server needs a module or a version for AMQP 1.0"
    return "" if header[:4] == b"AMQP" else ": another service may have that port"


def is_foreign(rest: bytes) -> bool:
    """Tell whether a stream that ended with *rest* began otherwise than with a protocol header."""
    return not b"AMQP".startswith(rest[:4])


def describe_end(layer: str | None, rest: bytes, *, heard: bool) -> str:
    """Say where a stream ended whose unread octets are *rest*, while *layer* was being set up.

    *heard* says whether a header had come.
    """
    if not heard and not rest:
        return "before it said anything"
    if layer is not None:
        return f"during the {layer}"
    return "in the middle of a frame" if rest else "without a close"


def _other_protocol(octets: bytes) -> str:
    if octets[:4] in (b"HTTP", b"GET "):
        return "HTTP"
    return "TLS" if octets[:2] in _TLS_RECORDS else "no AMQP header"
