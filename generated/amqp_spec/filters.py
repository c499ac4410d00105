# Generated from amqp-1.0-xml/extensions/filters.xml
#   sha256 3ea8a097fb1c09305de614f81ed8778e93854d9489abca6bfc8fe44ebf872b62
# Do not edit: change the source and run `python -m codegen`.

"""3.5.8: Filters beyond the standard, for the filter-set of a source: which messages a link gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .classes import Record, new, section
from .codec import decode_composite
from .primitives import (
    read_map,
    read_string,
    write_fields,
    write_map,
    write_string,
)
from .reading import (
    CONTENT,
    Scope,
    read_value,
)
from .writing import (
    WRITE_FAULTS,
    fault,
    write_value,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .values import Value

D = TypeVar("D")


@section
class NoLocalFilter(Record):
    """3.5.8: No message that came over the link's own connection. Its value says nothing: an empty list, or
    text as JMS clients write. ``apache.org:no-local-filter:list``, 0x468c00000003.
    """

    DESCRIPTOR: ClassVar[int] = 0x468C00000003
    SYMBOL: ClassVar[str] = "apache.org:no-local-filter:list"
    NAME: ClassVar[str] = "no-local-filter"
    value: Value

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_no_local_filter(self.value)

    @classmethod
    def decode(cls, data: bytes) -> NoLocalFilter:
        """Return the no-local-filter that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, NoLocalFilter, decode_no_local_filter, CONTENT)


def decode_no_local_filter(data: bytes, at: int, depth: int, scope: Scope) -> tuple[NoLocalFilter, int]:
    """Read the value of a no-local-filter; `at` is behind its descriptor."""
    self: Any = new(NoLocalFilter)
    self.value, at = read_value(data, at, depth, scope)
    return self, at


def encode_no_local_filter(value: Value) -> bytes:
    """Return the no-local-filter of a value. Raises EncodeError when the value is not of the type."""
    try:
        return b"\x00\x80\x00\x00\x46\x8c\x00\x00\x00\x03" + write_value(value)
    except WRITE_FAULTS as error:
        raise fault(error).within("no-local-filter") from None


@section
class SelectorFilter(Record):
    """3.5.8: Messages that a JMS selector accepts; Event Hubs takes its own language here, over
    amqp.annotation.x-opt-offset and so on. ``apache.org:selector-filter:string``, 0x468c00000004.
    """

    DESCRIPTOR: ClassVar[int] = 0x468C00000004
    SYMBOL: ClassVar[str] = "apache.org:selector-filter:string"
    NAME: ClassVar[str] = "selector-filter"
    value: str

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_selector_filter(self.value)

    @classmethod
    def decode(cls, data: bytes) -> SelectorFilter:
        """Return the selector-filter that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, SelectorFilter, decode_selector_filter, CONTENT)


def decode_selector_filter(data: bytes, at: int, depth: int, scope: Scope) -> tuple[SelectorFilter, int]:
    """Read the value of a selector-filter; `at` is behind its descriptor."""
    self: Any = new(SelectorFilter)
    self.value, at = read_string(data, at)
    return self, at


def encode_selector_filter(value: str) -> bytes:
    """Return the selector-filter of a value. Raises EncodeError when the value is not of the type."""
    try:
        return b"\x00\x80\x00\x00\x46\x8c\x00\x00\x00\x04" + write_string(value)
    except WRITE_FAULTS as error:
        raise fault(error).within("selector-filter") from None


@section
class SqlFilter(Record):
    """3.5.8: Messages for which an SQL-like expression is true, such as p.subject LIKE 'a%' AND count > 1.
    ``amqp:sql-filter``, 0x120.
    """

    DESCRIPTOR: ClassVar[int] = 0x120
    SYMBOL: ClassVar[str] = "amqp:sql-filter"
    NAME: ClassVar[str] = "sql-filter"
    value: str

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_sql_filter(self.value)

    @classmethod
    def decode(cls, data: bytes) -> SqlFilter:
        """Return the sql-filter that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, SqlFilter, decode_sql_filter, CONTENT)


def decode_sql_filter(data: bytes, at: int, depth: int, scope: Scope) -> tuple[SqlFilter, int]:
    """Read the value of a sql-filter; `at` is behind its descriptor."""
    self: Any = new(SqlFilter)
    self.value, at = read_string(data, at)
    return self, at


def encode_sql_filter(value: str) -> bytes:
    """Return the sql-filter of a value. Raises EncodeError when the value is not of the type."""
    try:
        return b"\x00\x80\x00\x00\x00\x00\x00\x00\x01\x20" + write_string(value)
    except WRITE_FAULTS as error:
        raise fault(error).within("sql-filter") from None


@section
class PropertiesFilter(Record):
    """3.5.8: Messages whose properties equal these, by field name; text beginning with &p: or &s: matches a
    prefix or suffix. ``amqp:properties-filter``, 0x173.
    """

    DESCRIPTOR: ClassVar[int] = 0x173
    SYMBOL: ClassVar[str] = "amqp:properties-filter"
    NAME: ClassVar[str] = "properties-filter"
    value: Mapping[Any, Any]

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_properties_filter(self.value)

    @classmethod
    def decode(cls, data: bytes) -> PropertiesFilter:
        """Return the properties-filter that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, PropertiesFilter, decode_properties_filter, CONTENT)


def decode_properties_filter(data: bytes, at: int, depth: int, scope: Scope) -> tuple[PropertiesFilter, int]:
    """Read the value of a properties-filter; `at` is behind its descriptor."""
    self: Any = new(PropertiesFilter)
    self.value, at = read_map(data, at, depth, scope)
    return self, at


def encode_properties_filter(value: Mapping[Any, Any]) -> bytes:
    """Return the properties-filter of a value. Raises EncodeError when the value is not of the type."""
    try:
        return b"\x00\x80\x00\x00\x00\x00\x00\x00\x01\x73" + write_fields(value)
    except WRITE_FAULTS as error:
        raise fault(error).within("properties-filter") from None


@section
class ApplicationPropertiesFilter(Record):
    """3.5.8: Messages whose application-properties equal these; text beginning with &p: or &s: matches a
    prefix or suffix. ``amqp:application-properties-filter``, 0x174.
    """

    DESCRIPTOR: ClassVar[int] = 0x174
    SYMBOL: ClassVar[str] = "amqp:application-properties-filter"
    NAME: ClassVar[str] = "application-properties-filter"
    value: Mapping[Any, Any]

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_application_properties_filter(self.value)

    @classmethod
    def decode(cls, data: bytes) -> ApplicationPropertiesFilter:
        """Return the application-properties-filter that the whole of the data is. Raises DecodeError."""
        return decode_composite(
            data, ApplicationPropertiesFilter, decode_application_properties_filter, CONTENT
        )


def decode_application_properties_filter(
    data: bytes, at: int, depth: int, scope: Scope
) -> tuple[ApplicationPropertiesFilter, int]:
    """Read the value of a application-properties-filter; `at` is behind its descriptor."""
    self: Any = new(ApplicationPropertiesFilter)
    self.value, at = read_map(data, at, depth, scope)
    return self, at


def encode_application_properties_filter(value: Mapping[Any, Any]) -> bytes:
    """Return the application-properties-filter of a value. Raises EncodeError when the value is not of the type."""
    try:
        return b"\x00\x80\x00\x00\x00\x00\x00\x00\x01\x74" + write_map(value)
    except WRITE_FAULTS as error:
        raise fault(error).within("application-properties-filter") from None
