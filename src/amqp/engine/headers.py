"""The protocol headers (2.2, 5.2, 5.3): eight octets that name a layer and its version."""

from __future__ import annotations

from enum import Enum

from amqp_spec import MAJOR, MINOR, REVISION

__all__ = ["AMQP_HEADER", "HEADER_SIZE", "SASL_HEADER", "TLS_HEADER", "Layer", "describe_header"]

HEADER_SIZE = 8
_VERSION = bytes((MAJOR, MINOR, REVISION))
AMQP_HEADER = b"AMQP\x00" + _VERSION
TLS_HEADER = b"AMQP\x02" + _VERSION
SASL_HEADER = b"AMQP\x03" + _VERSION

_LAYERS = {0: "AMQP", 2: "TLS", 3: "SASL"}


class Layer(Enum):
    """What a protocol header starts: a security layer (5.2, 5.3), or AMQP itself."""

    TLS = TLS_HEADER
    SASL = SASL_HEADER
    AMQP = AMQP_HEADER


def describe_header(header: bytes) -> str:
    """Say what a protocol header asks for, for an error text."""
    if header[:4] != b"AMQP":
        return f"{header!r}, which is no AMQP header"
    if header[4:] == b"\0\0\x09\x01":
        return "AMQP 0-9-1, which is another protocol: RabbitMQ before 4 needs its plug-in rabbitmq_amqp1_0"
    layer = _LAYERS.get(header[4], f"protocol id {header[4]}")
    return f"{layer} {header[5]}.{header[6]}.{header[7]}"
