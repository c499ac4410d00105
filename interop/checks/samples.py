"""Messages with every section filled, every field of properties set and every simple type among the values."""

from typing import Any
from uuid import UUID

import amqp

# Values that are the same type again after any codec, JavaScript's included, whose numbers have one type.
PLAIN_VALUES: dict[str, Any] = {
    "null": None,
    "true": True,
    "false": False,
    "uint": amqp.UInt(4_000_000_000),
    "int": -2_000_000_000,
    "double": 2.5,
    "timestamp": amqp.Timestamp(1_800_000_000_123),
    "binary": b"\x00\x01",
    "string": "süß",
}
ALL_VALUES: dict[str, Any] = {
    **PLAIN_VALUES,
    "ubyte": amqp.UByte(200),
    "ushort": amqp.UShort(60_000),
    "uint zero": amqp.UInt(0),
    "ulong": amqp.ULong(2**63),
    "ulong small": amqp.ULong(1),
    "byte": amqp.Byte(-100),
    "short": amqp.Short(-30_000),
    "int small": 1,
    "long": amqp.Long(-(2**62)),
    "long small": amqp.Long(1),
    "float": amqp.Float(1.5),
    "char": amqp.Char("é"),
    "uuid": UUID(int=9),
    "symbol": amqp.Symbol("a-symbol"),
    "decimal32": amqp.Decimal32(0x2250_0001),
    "decimal64": amqp.Decimal64(0x2238_0000_0000_0001),
    "decimal128": amqp.Decimal128(0x2208_0000_0000_0000_0000_0000_0000_0001),
}

ONE_SECTION: dict[str, object] = {
    "data": amqp.Data(b"one"),
    "sequence": amqp.AmqpSequence(["one", None, True]),
    "map": amqp.AmqpValue({"key": "value", "list": ["one", None], "inner": {"deep": b"\xff"}}),
    "string": amqp.AmqpValue("text"),
}
NULL_BODY: dict[str, object] = {"null": amqp.AmqpValue(None)}
SEVERAL_SECTIONS: dict[str, object] = {
    "several data": [amqp.Data(b"one"), amqp.Data(b""), amqp.Data(b"three")],
    "several sequences": [amqp.AmqpSequence([1, "two"]), amqp.AmqpSequence([]), amqp.AmqpSequence([b"3"])],
}
TYPED_BODY: dict[str, object] = {
    "typed map": amqp.AmqpValue({"list": [1, amqp.Symbol("s")], "ulong": amqp.ULong(1)}),
}


def _is_data(body: object) -> bool:
    sections = body if isinstance(body, list) else [body]
    return all(isinstance(section, amqp.Data) for section in sections)


def sample(
    body: object, *, values: dict[str, Any], delivery_annotations: bool = True, footer: bool = True
) -> amqp.Message:
    """Return a message with that body, those application properties and, unless left out, every other section."""
    return amqp.Message(
        body,
        header=amqp.Header(durable=True, priority=7, ttl=600_000, first_acquirer=True),
        delivery_annotations={"x-opt-hop": "one"} if delivery_annotations else None,
        message_annotations={"x-opt-text": "text", "x-opt-list": ["a", None, True]},
        properties=amqp.Properties(
            message_id="message-1",
            # RabbitMQ wants the user that is connected.
            user_id=b"guest",
            to="to",
            subject="subject",
            reply_to="reply-to",
            correlation_id=UUID(int=5),
            content_type="text/plain",
            # 3.2.4: only a body of data has an encoding.
            content_encoding="deflate" if _is_data(body) else None,
            absolute_expiry_time=4_000_000_000_000,
            creation_time=1_800_000_000_000,
            group_id="group",
            group_sequence=4_000_000_000,
            reply_to_group_id="reply-group",
        ),
        application_properties=values,
        footer={"x-opt-sum": b"\x01\x02"} if footer else None,
    )
