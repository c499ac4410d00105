# Generated from amqp-1.0-xml/extensions/rabbitmq.xml
#   sha256 65a2942f5c1a19ce2f436db55b72fca90893ac8f8e3f2012d8d981b71f512195
# Do not edit: change the source and run `python -m codegen`.

"""3.5.8: Filters of RabbitMQ 4, for the filter-set of a source that reads a stream."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from .classes import Record, new, section
from .codec import decode_composite
from .primitives import (
    read_boolean,
    write_boolean,
)
from .reading import (
    CONTENT,
    Scope,
    read_value,
)
from .values import Symbol, Value
from .writing import (
    WRITE_FAULTS,
    fault,
    write_value,
)

D = TypeVar("D")


@section
class StreamOffsetSpec(Record):
    """3.5.8: The first message: first, last, next or an age such as 2h as a string, an offset as a ulong,
    or a timestamp. ``rabbitmq:stream-offset-spec``.
    """

    DESCRIPTOR: ClassVar[Symbol] = Symbol("rabbitmq:stream-offset-spec")
    SYMBOL: ClassVar[str] = "rabbitmq:stream-offset-spec"
    NAME: ClassVar[str] = "stream-offset-spec"
    value: Value

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_stream_offset_spec(self.value)

    @classmethod
    def decode(cls, data: bytes) -> StreamOffsetSpec:
        """Return the stream-offset-spec that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, StreamOffsetSpec, decode_stream_offset_spec, CONTENT)


def decode_stream_offset_spec(data: bytes, at: int, depth: int, scope: Scope) -> tuple[StreamOffsetSpec, int]:
    """Read the value of a stream-offset-spec; `at` is behind its descriptor."""
    self: Any = new(StreamOffsetSpec)
    self.value, at = read_value(data, at, depth, scope)
    return self, at


def encode_stream_offset_spec(value: Value) -> bytes:
    """Return the stream-offset-spec of a value. Raises EncodeError when the value is not of the type."""
    try:
        return (
            b"\x00\xa3\x1b\x72\x61\x62\x62\x69\x74\x6d\x71\x3a\x73\x74\x72\x65\x61\x6d\x2d\x6f\x66\x66\x73\x65\x74\x2d\x73\x70\x65\x63"
            + write_value(value)
        )
    except WRITE_FAULTS as error:
        raise fault(error).within("stream-offset-spec") from None


@section
class StreamFilter(Record):
    """3.5.8: Messages whose x-stream-filter-value is this string, or one of this list of strings.
    ``rabbitmq:stream-filter``.
    """

    DESCRIPTOR: ClassVar[Symbol] = Symbol("rabbitmq:stream-filter")
    SYMBOL: ClassVar[str] = "rabbitmq:stream-filter"
    NAME: ClassVar[str] = "stream-filter"
    value: Value

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_stream_filter(self.value)

    @classmethod
    def decode(cls, data: bytes) -> StreamFilter:
        """Return the stream-filter that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, StreamFilter, decode_stream_filter, CONTENT)


def decode_stream_filter(data: bytes, at: int, depth: int, scope: Scope) -> tuple[StreamFilter, int]:
    """Read the value of a stream-filter; `at` is behind its descriptor."""
    self: Any = new(StreamFilter)
    self.value, at = read_value(data, at, depth, scope)
    return self, at


def encode_stream_filter(value: Value) -> bytes:
    """Return the stream-filter of a value. Raises EncodeError when the value is not of the type."""
    try:
        return (
            b"\x00\xa3\x16\x72\x61\x62\x62\x69\x74\x6d\x71\x3a\x73\x74\x72\x65\x61\x6d\x2d\x66\x69\x6c\x74\x65\x72"
            + write_value(value)
        )
    except WRITE_FAULTS as error:
        raise fault(error).within("stream-filter") from None


@section
class StreamMatchUnfiltered(Record):
    """3.5.8: True to have messages without an x-stream-filter-value as well. ``rabbitmq:stream-match-
    unfiltered``.
    """

    DESCRIPTOR: ClassVar[Symbol] = Symbol("rabbitmq:stream-match-unfiltered")
    SYMBOL: ClassVar[str] = "rabbitmq:stream-match-unfiltered"
    NAME: ClassVar[str] = "stream-match-unfiltered"
    value: bool

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_stream_match_unfiltered(self.value)

    @classmethod
    def decode(cls, data: bytes) -> StreamMatchUnfiltered:
        """Return the stream-match-unfiltered that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, StreamMatchUnfiltered, decode_stream_match_unfiltered, CONTENT)


def decode_stream_match_unfiltered(
    data: bytes, at: int, depth: int, scope: Scope
) -> tuple[StreamMatchUnfiltered, int]:
    """Read the value of a stream-match-unfiltered; `at` is behind its descriptor."""
    self: Any = new(StreamMatchUnfiltered)
    self.value, at = read_boolean(data, at)
    return self, at


def encode_stream_match_unfiltered(value: bool) -> bytes:
    """Return the stream-match-unfiltered of a value. Raises EncodeError when the value is not of the type."""
    try:
        return (
            b"\x00\xa3\x20\x72\x61\x62\x62\x69\x74\x6d\x71\x3a\x73\x74\x72\x65\x61\x6d\x2d\x6d\x61\x74\x63\x68\x2d\x75\x6e\x66\x69\x6c\x74\x65\x72\x65\x64"
            + write_boolean(value)
        )
    except WRITE_FAULTS as error:
        raise fault(error).within("stream-match-unfiltered") from None
