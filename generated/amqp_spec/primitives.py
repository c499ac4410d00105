# Generated from amqp-1.0-xml/types.xml
#   sha256 26e05e264666e5ca370945fd9702e2df96d4c26ab0419d235048c47a4583bcd1
# Do not edit: change the source and run `python -m codegen`.

"""Readers and writers of the primitive types (1.6), and the tables that lead from a constructor to its reader.

`read_x(data, at)` reads a value whose constructor is at `at` and returns it with the offset behind it; `read_x_or` takes
a default for null. `write_x(value)` returns the smallest encoding; `write_x_or_null` takes None.
"""

from __future__ import annotations

from datetime import datetime
from struct import Struct
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from .elements import (
    ELEMENT_FORMS,
    ELEMENTS,
    EMPTY_FORMS,
    array8,
    array32,
    array_form,
    arrays,
    ascii_text,
    booleans,
    characters,
    code_point,
    compounds,
    decimal_of,
    decimals,
    each,
    float_words,
    floats,
    nothing,
    numbers,
    packed,
    pieces,
    repeated,
    sized,
    symbol_bytes,
    truth,
    utf8,
    uuid_of,
    uuids,
    variable,
)
from .errors import DecodeError, EncodeError
from .reading import (
    FAULTS,
    FEW_ITEMS,
    READERS,
    Known,
    Scope,
    boolean,
    inside,
    key_in_path,
    list0,
    list8,
    list32,
    misfit,
    refused,
    scalar_value,
    symbol_of,
    too_many,
    truncated,
    unexpected,
)
from .skipping import bounded
from .values import (
    Array,
    Byte,
    Char,
    Decimal32,
    Decimal64,
    Decimal128,
    Described,
    Float,
    Long,
    Map,
    Short,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
    Value,
    float_bits,
)
from .writing import (
    ANNOTATION_KEYS,
    COMPOUNDS,
    DEPTH,
    FEW_PAIRS,
    FIELD_KEYS,
    NULL,
    PROPERTY_KEYS,
    SCALARS,
    STRING_KEYS,
    SYMBOL_KEYS,
    WRITE_FAULTS,
    Compound,
    Scalar,
    character,
    expected,
    fault,
    instance,
    items_of,
    keys_of,
    learn_key,
    milliseconds,
    no_annotation_key,
    no_field_key,
    no_property_key,
    octets,
    out_of_range,
    pairs_in,
    real,
    text,
    too_large,
    whole,
    write_described,
    write_key,
    write_simple,
    write_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

D = TypeVar("D")

new_int = int.__new__
new_str = str.__new__
new_object = object.__new__
class_of: Callable[[object], type[Any]] = type

unpack_i8 = Struct(">b").unpack_from
unpack_i16 = Struct(">h").unpack_from
unpack_u16 = Struct(">H").unpack_from
unpack_i32 = Struct(">i").unpack_from
unpack_u32 = Struct(">I").unpack_from
unpack_i64 = Struct(">q").unpack_from
unpack_u64 = Struct(">Q").unpack_from
unpack_f64 = Struct(">d").unpack_from
unpack_head = Struct(">II").unpack_from

# A constructor and what follows it.
pack_i8 = Struct(">Bb").pack
pack_i16 = Struct(">Bh").pack
pack_u16 = Struct(">BH").pack
pack_i32 = Struct(">Bi").pack
pack_u32 = Struct(">BI").pack
pack_i64 = Struct(">Bq").pack
pack_u64 = Struct(">BQ").pack
pack_f64 = Struct(">Bd").pack
pack_head = Struct(">BII").pack

# An octet as a signed number.
SIGNED_OCTETS = (*range(128), *range(-128, 0))

UBYTE_BYTES = tuple(bytes((0x50, n)) for n in range(256))
_UBYTES = tuple(new_int(UByte, n) for n in range(256))
UINT_BYTES = (b"\x43", *(bytes((0x52, n)) for n in range(1, 256)))
_UINTS = tuple(new_int(UInt, n) for n in range(256))
ULONG_BYTES = (b"\x44", *(bytes((0x53, n)) for n in range(1, 256)))
_ULONGS = tuple(new_int(ULong, n) for n in range(256))
BYTE_BYTES = tuple(bytes((0x51, n)) for n in range(256))
_BYTES = tuple(new_int(Byte, n) for n in SIGNED_OCTETS)
INT_BYTES = tuple(bytes((0x54, n)) for n in range(256))
LONG_BYTES = tuple(bytes((0x55, n)) for n in range(256))
_LONGS = tuple(new_int(Long, n) for n in SIGNED_OCTETS)
BINARY_HEADS = tuple(bytes((0xA0, n)) for n in range(256))
STRING_HEADS = tuple(bytes((0xA1, n)) for n in range(256))
SYMBOL_HEADS = tuple(bytes((0xA3, n)) for n in range(256))


def read_null(data: bytes, at: int) -> tuple[None, int]:
    """Read a null."""
    code = data[at]
    if code == 0x40:
        return None, at + 1
    raise unexpected("null", data, at)


def write_null(value: None) -> bytes:
    """Write a null."""
    if value is not None:
        raise expected("null (None)", value)
    return b"\x40"


def read_boolean(data: bytes, at: int) -> tuple[bool, int]:
    """Read a boolean."""
    code = data[at]
    if code == 0x56:
        return boolean(data, at + 1), at + 2
    if code == 0x41:
        return True, at + 1
    if code == 0x42:
        return False, at + 1
    raise unexpected("boolean", data, at)


def read_boolean_or(data: bytes, at: int, default: D) -> tuple[bool | D, int]:
    """Read a boolean; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x56:
        return boolean(data, at + 1), at + 2
    if code == 0x41:
        return True, at + 1
    if code == 0x42:
        return False, at + 1
    raise unexpected("boolean", data, at)


def write_boolean(value: bool) -> bytes:
    """Write a boolean."""
    if value is True:
        return b"\x41"
    if value is False:
        return b"\x42"
    raise expected("boolean (bool)", value)


def write_boolean_or_null(value: bool | None) -> bytes:
    """Write a boolean or null."""
    if value is None:
        return NULL
    if value is True:
        return b"\x41"
    if value is False:
        return b"\x42"
    raise expected("boolean (bool)", value)


def read_ubyte(data: bytes, at: int) -> tuple[int, int]:
    """Read a ubyte."""
    code = data[at]
    if code == 0x50:
        return data[at + 1], at + 2
    raise unexpected("ubyte", data, at)


def read_ubyte_or(data: bytes, at: int, default: D) -> tuple[int | D, int]:
    """Read a ubyte; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x50:
        return data[at + 1], at + 2
    raise unexpected("ubyte", data, at)


def write_ubyte(value: int) -> bytes:
    """Write a ubyte."""
    if type(value) is not int:
        value = whole("ubyte", value)
    if 0 <= value <= 0xFF:
        return UBYTE_BYTES[value]
    raise out_of_range("ubyte", value, 0, 0xFF)


def write_ubyte_or_null(value: int | None) -> bytes:
    """Write a ubyte or null."""
    if value is None:
        return NULL
    if type(value) is not int:
        value = whole("ubyte", value)
    if 0 <= value <= 0xFF:
        return UBYTE_BYTES[value]
    raise out_of_range("ubyte", value, 0, 0xFF)


def read_ushort(data: bytes, at: int) -> tuple[int, int]:
    """Read a ushort."""
    code = data[at]
    if code == 0x60:
        return unpack_u16(data, at + 1)[0], at + 3
    raise unexpected("ushort", data, at)


def read_ushort_or(data: bytes, at: int, default: D) -> tuple[int | D, int]:
    """Read a ushort; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x60:
        return unpack_u16(data, at + 1)[0], at + 3
    raise unexpected("ushort", data, at)


def write_ushort(value: int) -> bytes:
    """Write a ushort."""
    if type(value) is not int:
        value = whole("ushort", value)
    if 0 <= value <= 0xFFFF:
        return pack_u16(0x60, value)
    raise out_of_range("ushort", value, 0, 0xFFFF)


def write_ushort_or_null(value: int | None) -> bytes:
    """Write a ushort or null."""
    if value is None:
        return NULL
    if type(value) is not int:
        value = whole("ushort", value)
    if 0 <= value <= 0xFFFF:
        return pack_u16(0x60, value)
    raise out_of_range("ushort", value, 0, 0xFFFF)


def read_uint(data: bytes, at: int) -> tuple[int, int]:
    """Read a uint."""
    code = data[at]
    if code == 0x52:
        return data[at + 1], at + 2
    if code == 0x70:
        return unpack_u32(data, at + 1)[0], at + 5
    if code == 0x43:
        return 0, at + 1
    raise unexpected("uint", data, at)


def read_uint_or(data: bytes, at: int, default: D) -> tuple[int | D, int]:
    """Read a uint; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x52:
        return data[at + 1], at + 2
    if code == 0x70:
        return unpack_u32(data, at + 1)[0], at + 5
    if code == 0x43:
        return 0, at + 1
    raise unexpected("uint", data, at)


def write_uint(value: int) -> bytes:
    """Write a uint."""
    if type(value) is not int:
        value = whole("uint", value)
    if 0 <= value <= 0xFF:
        return UINT_BYTES[value]
    if 0 <= value <= 0xFFFFFFFF:
        return pack_u32(0x70, value)
    raise out_of_range("uint", value, 0, 0xFFFFFFFF)


def write_uint_or_null(value: int | None) -> bytes:
    """Write a uint or null."""
    if value is None:
        return NULL
    if type(value) is not int:
        value = whole("uint", value)
    if 0 <= value <= 0xFF:
        return UINT_BYTES[value]
    if 0 <= value <= 0xFFFFFFFF:
        return pack_u32(0x70, value)
    raise out_of_range("uint", value, 0, 0xFFFFFFFF)


def read_ulong(data: bytes, at: int) -> tuple[int, int]:
    """Read a ulong."""
    code = data[at]
    if code == 0x53:
        return data[at + 1], at + 2
    if code == 0x80:
        return unpack_u64(data, at + 1)[0], at + 9
    if code == 0x44:
        return 0, at + 1
    raise unexpected("ulong", data, at)


def read_ulong_or(data: bytes, at: int, default: D) -> tuple[int | D, int]:
    """Read a ulong; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x53:
        return data[at + 1], at + 2
    if code == 0x80:
        return unpack_u64(data, at + 1)[0], at + 9
    if code == 0x44:
        return 0, at + 1
    raise unexpected("ulong", data, at)


def write_ulong(value: int) -> bytes:
    """Write a ulong."""
    if type(value) is not int:
        value = whole("ulong", value)
    if 0 <= value <= 0xFF:
        return ULONG_BYTES[value]
    if 0 <= value <= 0xFFFFFFFFFFFFFFFF:
        return pack_u64(0x80, value)
    raise out_of_range("ulong", value, 0, 0xFFFFFFFFFFFFFFFF)


def write_ulong_or_null(value: int | None) -> bytes:
    """Write a ulong or null."""
    if value is None:
        return NULL
    if type(value) is not int:
        value = whole("ulong", value)
    if 0 <= value <= 0xFF:
        return ULONG_BYTES[value]
    if 0 <= value <= 0xFFFFFFFFFFFFFFFF:
        return pack_u64(0x80, value)
    raise out_of_range("ulong", value, 0, 0xFFFFFFFFFFFFFFFF)


def read_byte(data: bytes, at: int) -> tuple[int, int]:
    """Read a byte."""
    code = data[at]
    if code == 0x51:
        return SIGNED_OCTETS[data[at + 1]], at + 2
    raise unexpected("byte", data, at)


def read_byte_or(data: bytes, at: int, default: D) -> tuple[int | D, int]:
    """Read a byte; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x51:
        return SIGNED_OCTETS[data[at + 1]], at + 2
    raise unexpected("byte", data, at)


def write_byte(value: int) -> bytes:
    """Write a byte."""
    if type(value) is not int:
        value = whole("byte", value)
    if -0x80 <= value <= 0x7F:
        return BYTE_BYTES[value]
    raise out_of_range("byte", value, -0x80, 0x7F)


def write_byte_or_null(value: int | None) -> bytes:
    """Write a byte or null."""
    if value is None:
        return NULL
    if type(value) is not int:
        value = whole("byte", value)
    if -0x80 <= value <= 0x7F:
        return BYTE_BYTES[value]
    raise out_of_range("byte", value, -0x80, 0x7F)


def read_short(data: bytes, at: int) -> tuple[int, int]:
    """Read a short."""
    code = data[at]
    if code == 0x61:
        return unpack_i16(data, at + 1)[0], at + 3
    raise unexpected("short", data, at)


def read_short_or(data: bytes, at: int, default: D) -> tuple[int | D, int]:
    """Read a short; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x61:
        return unpack_i16(data, at + 1)[0], at + 3
    raise unexpected("short", data, at)


def write_short(value: int) -> bytes:
    """Write a short."""
    if type(value) is not int:
        value = whole("short", value)
    if -0x8000 <= value <= 0x7FFF:
        return pack_i16(0x61, value)
    raise out_of_range("short", value, -0x8000, 0x7FFF)


def write_short_or_null(value: int | None) -> bytes:
    """Write a short or null."""
    if value is None:
        return NULL
    if type(value) is not int:
        value = whole("short", value)
    if -0x8000 <= value <= 0x7FFF:
        return pack_i16(0x61, value)
    raise out_of_range("short", value, -0x8000, 0x7FFF)


def read_int(data: bytes, at: int) -> tuple[int, int]:
    """Read an int."""
    code = data[at]
    if code == 0x54:
        return SIGNED_OCTETS[data[at + 1]], at + 2
    if code == 0x71:
        return unpack_i32(data, at + 1)[0], at + 5
    raise unexpected("int", data, at)


def read_int_or(data: bytes, at: int, default: D) -> tuple[int | D, int]:
    """Read an int; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x54:
        return SIGNED_OCTETS[data[at + 1]], at + 2
    if code == 0x71:
        return unpack_i32(data, at + 1)[0], at + 5
    raise unexpected("int", data, at)


def write_int(value: int) -> bytes:
    """Write an int."""
    if type(value) is not int:
        value = whole("int", value)
    if -0x80 <= value <= 0x7F:
        return INT_BYTES[value]
    if -0x80000000 <= value <= 0x7FFFFFFF:
        return pack_i32(0x71, value)
    raise out_of_range("int", value, -0x80000000, 0x7FFFFFFF)


def write_int_or_null(value: int | None) -> bytes:
    """Write an int or null."""
    if value is None:
        return NULL
    if type(value) is not int:
        value = whole("int", value)
    if -0x80 <= value <= 0x7F:
        return INT_BYTES[value]
    if -0x80000000 <= value <= 0x7FFFFFFF:
        return pack_i32(0x71, value)
    raise out_of_range("int", value, -0x80000000, 0x7FFFFFFF)


def read_long(data: bytes, at: int) -> tuple[int, int]:
    """Read a long."""
    code = data[at]
    if code == 0x55:
        return SIGNED_OCTETS[data[at + 1]], at + 2
    if code == 0x81:
        return unpack_i64(data, at + 1)[0], at + 9
    raise unexpected("long", data, at)


def read_long_or(data: bytes, at: int, default: D) -> tuple[int | D, int]:
    """Read a long; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x55:
        return SIGNED_OCTETS[data[at + 1]], at + 2
    if code == 0x81:
        return unpack_i64(data, at + 1)[0], at + 9
    raise unexpected("long", data, at)


def write_long(value: int) -> bytes:
    """Write a long."""
    if type(value) is not int:
        value = whole("long", value)
    if -0x80 <= value <= 0x7F:
        return LONG_BYTES[value]
    if -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
        return pack_i64(0x81, value)
    raise out_of_range("long", value, -0x8000000000000000, 0x7FFFFFFFFFFFFFFF)


def write_long_or_null(value: int | None) -> bytes:
    """Write a long or null."""
    if value is None:
        return NULL
    if type(value) is not int:
        value = whole("long", value)
    if -0x80 <= value <= 0x7F:
        return LONG_BYTES[value]
    if -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
        return pack_i64(0x81, value)
    raise out_of_range("long", value, -0x8000000000000000, 0x7FFFFFFFFFFFFFFF)


def read_float(data: bytes, at: int) -> tuple[Float, int]:
    """Read a float."""
    code = data[at]
    if code == 0x72:
        return Float.from_bits(unpack_u32(data, at + 1)[0]), at + 5
    raise unexpected("float", data, at)


def read_float_or(data: bytes, at: int, default: D) -> tuple[Float | D, int]:
    """Read a float; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x72:
        return Float.from_bits(unpack_u32(data, at + 1)[0]), at + 5
    raise unexpected("float", data, at)


def write_float(value: Float) -> bytes:
    """Write a float."""
    return pack_u32(0x72, float_bits(real("float", value)))


def write_float_or_null(value: Float | None) -> bytes:
    """Write a float or null."""
    if value is None:
        return NULL
    return pack_u32(0x72, float_bits(real("float", value)))


def read_double(data: bytes, at: int) -> tuple[float, int]:
    """Read a double."""
    code = data[at]
    if code == 0x82:
        return unpack_f64(data, at + 1)[0], at + 9
    raise unexpected("double", data, at)


def read_double_or(data: bytes, at: int, default: D) -> tuple[float | D, int]:
    """Read a double; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x82:
        return unpack_f64(data, at + 1)[0], at + 9
    raise unexpected("double", data, at)


def write_double(value: float) -> bytes:
    """Write a double."""
    if type(value) is not float:
        value = real("double", value)
    return pack_f64(0x82, value)


def write_double_or_null(value: float | None) -> bytes:
    """Write a double or null."""
    if value is None:
        return NULL
    if type(value) is not float:
        value = real("double", value)
    return pack_f64(0x82, value)


def read_decimal32(data: bytes, at: int) -> tuple[Decimal32, int]:
    """Read a decimal32."""
    code = data[at]
    if code == 0x74:
        return Decimal32(int.from_bytes(data[at + 1 : at + 5], "big")), at + 5
    raise unexpected("decimal32", data, at)


def read_decimal32_or(data: bytes, at: int, default: D) -> tuple[Decimal32 | D, int]:
    """Read a decimal32; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x74:
        return Decimal32(int.from_bytes(data[at + 1 : at + 5], "big")), at + 5
    raise unexpected("decimal32", data, at)


def write_decimal32(value: Decimal32) -> bytes:
    """Write a decimal32."""
    if type(value) is not Decimal32:
        value = instance(Decimal32, "decimal32", value)
    return b"\x74" + value.bits.to_bytes(4, "big")


def write_decimal32_or_null(value: Decimal32 | None) -> bytes:
    """Write a decimal32 or null."""
    if value is None:
        return NULL
    if type(value) is not Decimal32:
        value = instance(Decimal32, "decimal32", value)
    return b"\x74" + value.bits.to_bytes(4, "big")


def read_decimal64(data: bytes, at: int) -> tuple[Decimal64, int]:
    """Read a decimal64."""
    code = data[at]
    if code == 0x84:
        return Decimal64(int.from_bytes(data[at + 1 : at + 9], "big")), at + 9
    raise unexpected("decimal64", data, at)


def read_decimal64_or(data: bytes, at: int, default: D) -> tuple[Decimal64 | D, int]:
    """Read a decimal64; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x84:
        return Decimal64(int.from_bytes(data[at + 1 : at + 9], "big")), at + 9
    raise unexpected("decimal64", data, at)


def write_decimal64(value: Decimal64) -> bytes:
    """Write a decimal64."""
    if type(value) is not Decimal64:
        value = instance(Decimal64, "decimal64", value)
    return b"\x84" + value.bits.to_bytes(8, "big")


def write_decimal64_or_null(value: Decimal64 | None) -> bytes:
    """Write a decimal64 or null."""
    if value is None:
        return NULL
    if type(value) is not Decimal64:
        value = instance(Decimal64, "decimal64", value)
    return b"\x84" + value.bits.to_bytes(8, "big")


def read_decimal128(data: bytes, at: int) -> tuple[Decimal128, int]:
    """Read a decimal128."""
    code = data[at]
    if code == 0x94:
        return Decimal128(int.from_bytes(data[at + 1 : at + 17], "big")), at + 17
    raise unexpected("decimal128", data, at)


def read_decimal128_or(data: bytes, at: int, default: D) -> tuple[Decimal128 | D, int]:
    """Read a decimal128; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x94:
        return Decimal128(int.from_bytes(data[at + 1 : at + 17], "big")), at + 17
    raise unexpected("decimal128", data, at)


def write_decimal128(value: Decimal128) -> bytes:
    """Write a decimal128."""
    if type(value) is not Decimal128:
        value = instance(Decimal128, "decimal128", value)
    return b"\x94" + value.bits.to_bytes(16, "big")


def write_decimal128_or_null(value: Decimal128 | None) -> bytes:
    """Write a decimal128 or null."""
    if value is None:
        return NULL
    if type(value) is not Decimal128:
        value = instance(Decimal128, "decimal128", value)
    return b"\x94" + value.bits.to_bytes(16, "big")


def read_char(data: bytes, at: int) -> tuple[Char, int]:
    """Read a char."""
    code = data[at]
    if code == 0x73:
        return new_str(Char, scalar_value(unpack_u32(data, at + 1)[0])), at + 5
    raise unexpected("char", data, at)


def read_char_or(data: bytes, at: int, default: D) -> tuple[Char | D, int]:
    """Read a char; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x73:
        return new_str(Char, scalar_value(unpack_u32(data, at + 1)[0])), at + 5
    raise unexpected("char", data, at)


def write_char(value: Char) -> bytes:
    """Write a char."""
    return pack_u32(0x73, character(value))


def write_char_or_null(value: Char | None) -> bytes:
    """Write a char or null."""
    if value is None:
        return NULL
    return pack_u32(0x73, character(value))


def read_timestamp(data: bytes, at: int) -> tuple[int, int]:
    """Read a timestamp."""
    code = data[at]
    if code == 0x83:
        return unpack_i64(data, at + 1)[0], at + 9
    raise unexpected("timestamp", data, at)


def read_timestamp_or(data: bytes, at: int, default: D) -> tuple[int | D, int]:
    """Read a timestamp; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x83:
        return unpack_i64(data, at + 1)[0], at + 9
    raise unexpected("timestamp", data, at)


def write_timestamp(value: int) -> bytes:
    """Write a timestamp."""
    return pack_i64(0x83, milliseconds(value))


def write_timestamp_or_null(value: int | None) -> bytes:
    """Write a timestamp or null."""
    if value is None:
        return NULL
    return pack_i64(0x83, milliseconds(value))


def read_uuid(data: bytes, at: int) -> tuple[UUID, int]:
    """Read a uuid."""
    code = data[at]
    if code == 0x98:
        return UUID(bytes=data[at + 1 : at + 17]), at + 17
    raise unexpected("uuid", data, at)


def read_uuid_or(data: bytes, at: int, default: D) -> tuple[UUID | D, int]:
    """Read a uuid; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0x98:
        return UUID(bytes=data[at + 1 : at + 17]), at + 17
    raise unexpected("uuid", data, at)


def write_uuid(value: UUID) -> bytes:
    """Write a uuid."""
    if type(value) is not UUID:
        value = instance(UUID, "uuid", value)
    return b"\x98" + value.bytes


def write_uuid_or_null(value: UUID | None) -> bytes:
    """Write a uuid or null."""
    if value is None:
        return NULL
    if type(value) is not UUID:
        value = instance(UUID, "uuid", value)
    return b"\x98" + value.bytes


def read_binary(data: bytes, at: int) -> tuple[bytes, int]:
    """Read a binary."""
    code = data[at]
    if code == 0xA0:
        stop = at + 2 + data[at + 1]
        if stop > len(data):
            raise truncated("binary", at, stop - at - 2, len(data) - at - 2)
        return data[at + 2 : stop], stop
    if code == 0xB0:
        stop = at + 5 + unpack_u32(data, at + 1)[0]
        if stop > len(data):
            raise truncated("binary", at, stop - at - 5, len(data) - at - 5)
        return data[at + 5 : stop], stop
    raise unexpected("binary", data, at)


def read_binary_or(data: bytes, at: int, default: D) -> tuple[bytes | D, int]:
    """Read a binary; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0xA0:
        stop = at + 2 + data[at + 1]
        if stop > len(data):
            raise truncated("binary", at, stop - at - 2, len(data) - at - 2)
        return data[at + 2 : stop], stop
    if code == 0xB0:
        stop = at + 5 + unpack_u32(data, at + 1)[0]
        if stop > len(data):
            raise truncated("binary", at, stop - at - 5, len(data) - at - 5)
        return data[at + 5 : stop], stop
    raise unexpected("binary", data, at)


def write_binary(value: bytes) -> bytes:
    """Write a binary."""
    body = value if type(value) is bytes else octets(value)
    size = len(body)
    if size <= 0xFF:
        return BINARY_HEADS[size] + body
    if size <= 0xFFFFFFFF:
        return pack_u32(0xB0, size) + body
    raise too_large("binary", size)


def write_binary_or_null(value: bytes | None) -> bytes:
    """Write a binary or null."""
    if value is None:
        return NULL
    body = value if type(value) is bytes else octets(value)
    size = len(body)
    if size <= 0xFF:
        return BINARY_HEADS[size] + body
    if size <= 0xFFFFFFFF:
        return pack_u32(0xB0, size) + body
    raise too_large("binary", size)


def read_string(data: bytes, at: int) -> tuple[str, int]:
    """Read a string."""
    code = data[at]
    if code == 0xA1:
        stop = at + 2 + data[at + 1]
        if stop > len(data):
            raise truncated("string", at, stop - at - 2, len(data) - at - 2)
        return data[at + 2 : stop].decode(), stop
    if code == 0xB1:
        stop = at + 5 + unpack_u32(data, at + 1)[0]
        if stop > len(data):
            raise truncated("string", at, stop - at - 5, len(data) - at - 5)
        return data[at + 5 : stop].decode(), stop
    raise unexpected("string", data, at)


def read_string_or(data: bytes, at: int, default: D) -> tuple[str | D, int]:
    """Read a string; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0xA1:
        stop = at + 2 + data[at + 1]
        if stop > len(data):
            raise truncated("string", at, stop - at - 2, len(data) - at - 2)
        return data[at + 2 : stop].decode(), stop
    if code == 0xB1:
        stop = at + 5 + unpack_u32(data, at + 1)[0]
        if stop > len(data):
            raise truncated("string", at, stop - at - 5, len(data) - at - 5)
        return data[at + 5 : stop].decode(), stop
    raise unexpected("string", data, at)


def write_string(value: str) -> bytes:
    """Write a string."""
    if type(value) is not str:
        value = text("string", value)
    body = value.encode()
    size = len(body)
    if size <= 0xFF:
        return STRING_HEADS[size] + body
    if size <= 0xFFFFFFFF:
        return pack_u32(0xB1, size) + body
    raise too_large("string", size)


def write_string_or_null(value: str | None) -> bytes:
    """Write a string or null."""
    if value is None:
        return NULL
    if type(value) is not str:
        value = text("string", value)
    body = value.encode()
    size = len(body)
    if size <= 0xFF:
        return STRING_HEADS[size] + body
    if size <= 0xFFFFFFFF:
        return pack_u32(0xB1, size) + body
    raise too_large("string", size)


def read_symbol(data: bytes, at: int) -> tuple[str, int]:
    """Read a symbol."""
    code = data[at]
    if code == 0xA3:
        stop = at + 2 + data[at + 1]
        if stop > len(data):
            raise truncated("symbol", at, stop - at - 2, len(data) - at - 2)
        return str(data[at + 2 : stop], "ascii"), stop
    if code == 0xB3:
        stop = at + 5 + unpack_u32(data, at + 1)[0]
        if stop > len(data):
            raise truncated("symbol", at, stop - at - 5, len(data) - at - 5)
        return str(data[at + 5 : stop], "ascii"), stop
    raise unexpected("symbol", data, at)


def read_symbol_or(data: bytes, at: int, default: D) -> tuple[str | D, int]:
    """Read a symbol; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0xA3:
        stop = at + 2 + data[at + 1]
        if stop > len(data):
            raise truncated("symbol", at, stop - at - 2, len(data) - at - 2)
        return str(data[at + 2 : stop], "ascii"), stop
    if code == 0xB3:
        stop = at + 5 + unpack_u32(data, at + 1)[0]
        if stop > len(data):
            raise truncated("symbol", at, stop - at - 5, len(data) - at - 5)
        return str(data[at + 5 : stop], "ascii"), stop
    raise unexpected("symbol", data, at)


def write_symbol(value: str) -> bytes:
    """Write a symbol."""
    if type(value) is not str:
        value = text("symbol", value)
    body = value.encode("ascii")
    size = len(body)
    if size <= 0xFF:
        return SYMBOL_HEADS[size] + body
    if size <= 0xFFFFFFFF:
        return pack_u32(0xB3, size) + body
    raise too_large("symbol", size)


def write_symbol_or_null(value: str | None) -> bytes:
    """Write a symbol or null."""
    if value is None:
        return NULL
    if type(value) is not str:
        value = text("symbol", value)
    body = value.encode("ascii")
    size = len(body)
    if size <= 0xFF:
        return SYMBOL_HEADS[size] + body
    if size <= 0xFFFFFFFF:
        return pack_u32(0xB3, size) + body
    raise too_large("symbol", size)


def read_list(data: bytes, at: int, depth: int, scope: Scope) -> tuple[list[Value], int]:
    """Read a list."""
    code = data[at]
    if code == 0xC0:
        return list8(data, at + 1, depth, scope)
    if code == 0xD0:
        return list32(data, at + 1, depth, scope)
    if code == 0x45:
        return list0(data, at + 1, depth, scope)
    raise unexpected("list", data, at)


def read_list_or(data: bytes, at: int, depth: int, scope: Scope, default: D) -> tuple[list[Value] | D, int]:
    """Read a list; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0xC0:
        return list8(data, at + 1, depth, scope)
    if code == 0xD0:
        return list32(data, at + 1, depth, scope)
    if code == 0x45:
        return list0(data, at + 1, depth, scope)
    raise unexpected("list", data, at)


def write_list(value: list[Value], depth: int = DEPTH) -> bytes:
    """Write a list."""
    parts = items_of(value, depth)
    return list_form(len(parts), parts)


def write_list_or_null(value: list[Value] | None, depth: int = DEPTH) -> bytes:
    """Write a list or null."""
    if value is None:
        return NULL
    parts = items_of(value, depth)
    return list_form(len(parts), parts)


def read_map(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Mapping[Any, Any], int]:
    """Read a map."""
    code = data[at]
    if scope.strict:
        bounded(data, at, scope.map_nodes)
    if code == 0xC1:
        return map8(data, at + 1, depth, scope)
    if code == 0xD1:
        return map32(data, at + 1, depth, scope)
    raise unexpected("map", data, at)


def read_map_or(
    data: bytes, at: int, depth: int, scope: Scope, default: D
) -> tuple[Mapping[Any, Any] | D, int]:
    """Read a map; null is the default."""
    code = data[at]
    if scope.strict:
        bounded(data, at, scope.map_nodes)
    if code == 0x40:
        return default, at + 1
    if code == 0xC1:
        return map8(data, at + 1, depth, scope)
    if code == 0xD1:
        return map32(data, at + 1, depth, scope)
    raise unexpected("map", data, at)


def write_map(value: Mapping[Any, Any], depth: int = DEPTH) -> bytes:
    """Write a map."""
    parts = write_pairs(value, depth)
    return map_form(len(parts), parts)


def write_map_or_null(value: Mapping[Any, Any] | None, depth: int = DEPTH) -> bytes:
    """Write a map or null."""
    if value is None:
        return NULL
    parts = write_pairs(value, depth)
    return map_form(len(parts), parts)


def read_array(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Array, int]:
    """Read an array."""
    code = data[at]
    if code == 0xE0:
        return array8(data, at + 1, depth, scope)
    if code == 0xF0:
        return array32(data, at + 1, depth, scope)
    raise unexpected("array", data, at)


def read_array_or(data: bytes, at: int, depth: int, scope: Scope, default: D) -> tuple[Array | D, int]:
    """Read an array; null is the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code == 0xE0:
        return array8(data, at + 1, depth, scope)
    if code == 0xF0:
        return array32(data, at + 1, depth, scope)
    raise unexpected("array", data, at)


def write_array(value: Array, depth: int = DEPTH) -> bytes:
    """Write an array."""
    return array_form(0xE0, 0xF0, value, depth)


def write_array_or_null(value: Array | None, depth: int = DEPTH) -> bytes:
    """Write an array or null."""
    if value is None:
        return NULL
    return array_form(0xE0, 0xF0, value, depth)


KNOWN_STRINGS = Known(0xA1, bytes.decode)
KNOWN_SYMBOLS = Known(0xA3, symbol_of)


def map8(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Map, int]:
    """Read a map with one byte each of size and count."""
    return map_items(data, at + 2, at + 1 + data[at], data[at + 1], depth, scope)


def map32(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Map, int]:
    """Read a map with four bytes each of size and count."""
    size, count = unpack_head(data, at)
    return map_items(data, at + 8, at + 4 + size, count, depth, scope)


def map_items(data: bytes, at: int, end: int, count: int, depth: int, scope: Scope) -> tuple[Map, int]:
    """Read the keys and values of a map, whose head has been read: in line while all keys are short texts of one type."""
    if end > len(data) or count > end - at or count & 1 or depth <= 0:
        raise refused("map", data, at, end, count)
    depth -= 1
    first = data[at] if count else 0xA1
    is_text = first == 0xA1
    texts: dict[Any, Any] = {}
    if not is_text and first != 0xA3:
        return _any_items(data, at, end, count, depth, scope, texts, 0)
    known = KNOWN_STRINGS if is_text else KNOWN_SYMBOLS
    is_small = count <= FEW_ITEMS
    read = count
    begin = at
    pair = 0
    try:
        for pair in range(count >> 1):
            if data[at] != first:
                read = 2 * pair
                break
            begin = at
            at += data[at + 1] + 2
            if is_small:
                key = known[data[begin:at]]
            else:
                key = data[begin + 2 : at].decode() if is_text else symbol_of(data[begin + 2 : at])
            code = data[at]
            if code == 0xA1:
                start = at + 2
                at = start + data[at + 1]
                texts[key] = data[start:at].decode()
            elif code == 0x54:
                texts[key] = SIGNED_OCTETS[data[at + 1]]
                at += 2
            elif code == 0x71:
                texts[key] = unpack_i32(data, at + 1)[0]
                at += 5
            elif code == 0x41:
                texts[key] = True
                at += 1
            elif code == 0x42:
                texts[key] = False
                at += 1
            elif code == 0x82:
                texts[key] = unpack_f64(data, at + 1)[0]
                at += 9
            else:
                texts[key], at = READERS[code](data, at + 1, depth, scope)
    except FAULTS as error:
        raise _pair_fault(error, data, begin, at, pair, depth, scope) from None
    if read < count:
        return _any_items(data, at, end, count, depth, scope, texts, read)
    if at != end:
        # Text that goes beyond the end of the data came out short.
        wrong = misfit("map", at, end)
        raise (
            wrong
            if at <= len(data)
            else _pair_fault(IndexError(), data, begin, at, pair, depth, scope, wrong)
        )
    # The same as Map.from_texts, without the call.
    result: Any = new_object(Map)
    result._as_read = True
    result._texts = texts
    result._had_duplicates = had_duplicates = len(texts) != count >> 1
    if had_duplicates and scope.strict:
        raise DecodeError("map has a key twice", offset=at)
    return result, end


def _any_items(
    data: bytes, at: int, end: int, count: int, depth: int, scope: Scope, texts: dict[str, Any], read: int
) -> tuple[Map, int]:
    """Read the rest of a map, whatever its keys are; `read` items have been read, of them `texts` is what counts."""
    flat: list[Any] = [part for pair in texts.items() for part in pair]
    replaced = read - len(flat)
    append = flat.append
    readers = READERS
    try:
        for _ in range(count - read):
            item, at = readers[data[at]](data, at + 1, depth, scope)
            append(item)
    except FAULTS as error:
        is_value = len(flat) & 1
        raise inside(
            error, at, key_in_path(flat[-1]) if is_value else f"[key {(len(flat) + replaced) // 2}]"
        ) from None
    if at != end:
        raise misfit("map", at, end)
    result = Map.from_flat(flat)
    if replaced:
        result.note_duplicates()
    if scope.strict and result.had_duplicates:
        raise DecodeError("map has a key twice", offset=at)
    return result, end


def _pair_fault(
    error: Exception,
    data: bytes,
    begin: int,
    at: int,
    pair: int,
    depth: int,
    scope: Scope,
    wrong: DecodeError | None = None,
) -> DecodeError:
    """Return a fault of a map; the key that was read last is at `begin`, `wrong` the fault where the pair has none.

    The key is read once more, and the value where no other reader has: for the path, and for the fault in full.
    """
    try:
        key, value_at = READERS[data[begin]](data, begin + 1, depth, scope)
    except FAULTS as found:
        return inside(found, begin, f"[key {pair}]")
    if not isinstance(error, DecodeError):
        try:
            READERS[data[value_at]](data, value_at + 1, depth, scope)
        except FAULTS as found:
            error = found
        else:
            return wrong or inside(error, at, f"[key {pair}]")  # there is no more data
    return inside(error, value_at, key_in_path(key))


def write_pairs(
    pairs: Mapping[Any, Any],
    depth: int,
    keys: dict[type, Scalar] = SCALARS,
    known_keys: dict[str, bytes] = STRING_KEYS,
    write_other: Compound = write_value,
) -> list[bytes]:
    """Write the keys and values of a map, alternately.

    `keys` are the writers of scalar keys by class, `known_keys` encodings of strs as keys; `write_other` writes the
    values that are no scalars.
    """
    if depth <= 0:
        raise EncodeError("nested deeper than the limit")
    depth -= 1
    parts: list[bytes] = []
    append: Any = parts.append
    writers = SCALARS
    key: Any = None
    value: Any
    each = pairs_in(pairs)
    try:
        is_small = len(pairs) <= FEW_PAIRS
        for key, value in each:
            kind = class_of(key)
            if is_small and kind is str:
                append(known_keys.get(key) or learn_key(key, keys, known_keys))
            else:
                scalar = keys.get(kind)
                append(scalar(key) if scalar is not None else write_key(key, depth, keys))
            kind = class_of(value)
            if kind is str:
                append(
                    STRING_HEADS[len(body)] + body
                    if len(body := value.encode()) <= 0xFF
                    else write_string(value)
                )
            elif kind is int:
                append(
                    INT_BYTES[value]
                    if -0x80 <= value <= 0x7F
                    else pack_i32(0x71, value)
                    if -0x80000000 <= value <= 0x7FFFFFFF
                    else write_long(value)
                )
            elif kind is bool:
                append(b"\x41" if value else b"\x42")
            elif kind is float:
                append(pack_f64(0x82, value))
            else:
                scalar = writers.get(kind)
                append(scalar(value) if scalar is not None else write_other(value, depth))
    except WRITE_FAULTS as error:
        raise fault(error).within(key_in_path(key)) from None
    return parts


def list_form(count: int, parts: list[bytes]) -> bytes:
    """Put the smallest head of a list before its items."""
    if count == 0:
        return b"\x45"
    body = b"".join(parts)
    size = len(body)
    if size < 0xFF and count <= 0xFF:
        return bytes((0xC0, size + 1, count)) + body
    if size <= 0xFFFFFFFF - 4 and count <= 0xFFFFFFFF:
        return pack_head(0xD0, size + 4, count) + body
    raise too_large("list", size)


def map_form(count: int, parts: list[bytes]) -> bytes:
    """Put the smallest head of a map before its keys and values; `count` counts both."""
    body = b"".join(parts)
    size = len(body)
    if size < 0xFF and count <= 0xFF:
        return bytes((0xC1, size + 1, count)) + body
    if size <= 0xFFFFFFFF - 4 and count <= 0xFFFFFFFF:
        return pack_head(0xD1, size + 4, count) + body
    raise too_large("map", size)


def list_head(data: bytes, at: int) -> tuple[int, int, int]:
    """Read the head of a list whose constructor is at `at`: its count, the offset of its first item, and its end."""
    code = data[at]
    if code == 0xC0:
        count = data[at + 2]
        start = at + 3
        end = at + 2 + data[at + 1]
    elif code == 0xD0:
        size, count = unpack_head(data, at + 1)
        start = at + 9
        end = at + 5 + size
    elif code == 0x45:
        return 0, at + 1, at + 1
    else:
        raise unexpected("list", data, at)
    if end > len(data):
        raise truncated("list", at, end - start, len(data) - start)
    if count > end - start:
        raise too_many("list", count, end - start, at)
    return count, start, end


def write_fields(value: Mapping[Any, Any], depth: int = DEPTH) -> bytes:
    """Write a map whose str keys are symbols (2.8.14)."""
    # What came with other keys goes with them.
    if class_of(value) is Map and cast("Map", value).as_read:
        return write_map(value, depth)
    parts = write_pairs(value, depth, FIELD_KEYS, SYMBOL_KEYS)
    return map_form(len(parts), parts)


def write_fields_or_null(value: Mapping[Any, Any] | None, depth: int = DEPTH) -> bytes:
    """Write a map whose str keys are symbols (2.8.14). None is null."""
    return NULL if value is None else write_fields(value, depth)


def write_annotations(value: Mapping[Any, Any], depth: int = DEPTH) -> bytes:
    """Write a map whose str keys are symbols and whose int keys are ulongs (3.2.10)."""
    # What came with other keys goes with them.
    if class_of(value) is Map and cast("Map", value).as_read:
        return write_map(value, depth)
    parts = write_pairs(value, depth, ANNOTATION_KEYS, SYMBOL_KEYS)
    return map_form(len(parts), parts)


def write_annotations_or_null(value: Mapping[Any, Any] | None, depth: int = DEPTH) -> bytes:
    """Write a map whose str keys are symbols and whose int keys are ulongs (3.2.10). None is null."""
    return NULL if value is None else write_annotations(value, depth)


def write_simple_map(value: Mapping[Any, Any], depth: int = DEPTH) -> bytes:
    """Write a map whose keys are strings and whose values are scalars (3.2.5)."""
    # What came with other keys goes with them.
    if class_of(value) is Map and cast("Map", value).as_read:
        return write_map(value, depth)
    parts = write_pairs(value, depth, PROPERTY_KEYS, STRING_KEYS, write_simple)
    return map_form(len(parts), parts)


def write_simple_map_or_null(value: Mapping[Any, Any] | None, depth: int = DEPTH) -> bytes:
    """Write a map whose keys are strings and whose values are scalars (3.2.5). None is null."""
    return NULL if value is None else write_simple_map(value, depth)


def write_number(value: int) -> bytes:
    """Write an int where the type is open: int when it fits, else long."""
    if -0x80 <= value <= 0x7F:
        return INT_BYTES[value]
    if -0x80000000 <= value <= 0x7FFFFFFF:
        return pack_i32(0x71, value)
    return write_long(value)


def read_multiple_or(
    data: bytes,
    at: int,
    depth: int,
    scope: Scope,
    element: str,
    read: Callable[[bytes, int], tuple[Any, int]],
    make: Callable[[Any], Any] | None,
    default: D,
) -> tuple[tuple[Any, ...] | D, int]:
    """Read a field with `multiple` (1.3.2): an array, or one value; null and the empty array are the default."""
    code = data[at]
    if code == 0x40:
        return default, at + 1
    if code in (0xE0, 0xF0):
        return _elements(data, at, depth, scope, element, make, default)
    value, at = read(data, at)
    return (value,), at


def _elements(
    data: bytes,
    at: int,
    depth: int,
    scope: Scope,
    element: str,
    make: Callable[[Any], Any] | None,
    default: D,
) -> tuple[tuple[Any, ...] | D, int]:
    array, after = READERS[data[at]](data, at + 1, depth, scope)
    if not array:
        return default, after
    if array.element_type != element or array.descriptors:
        raise DecodeError(
            f"expected {element} or an array of it, found an array of {array.element_type}", offset=at
        )
    if len(array) > after - at:
        raise DecodeError(f"array of {len(array)} elements without content", offset=at)
    return tuple(array.elements if make is None else map(make, array.elements)), after


def read_multiple(
    data: bytes,
    at: int,
    depth: int,
    scope: Scope,
    element: str,
    read: Callable[[bytes, int], tuple[Any, int]],
    make: Callable[[Any], Any] | None,
) -> tuple[tuple[Any, ...], int]:
    """Read a mandatory field with `multiple`: it has at least one value (1.3.4)."""
    values, after = read_multiple_or(data, at, depth, scope, element, read, make, None)
    if values is None:
        raise DecodeError(f"expected at least one {element}", offset=at)
    return values, after


def write_multiple(element: str, values: Iterable[Any]) -> bytes:
    """Write a mandatory field with `multiple` as an array, be it of one value."""
    array = _array(element, values)
    if not array:
        raise EncodeError(f"at least one {element} is needed")
    return write_array(array)


def write_multiple_or_null(element: str, values: Iterable[Any] | None) -> bytes:
    """Write a field with `multiple` as an array; None is null."""
    return NULL if values is None else write_array(_array(element, values))


def _array(element: str, values: Iterable[Any]) -> Array:
    if isinstance(values, str | bytes):
        raise expected(f"a tuple or list of {element}", values)
    return Array(element, values)


def read_descriptor(data: bytes, at: int) -> tuple[int | str, int]:
    """Read the descriptor of a composite, its number or its name (1.3.3); `at` is behind the 0x00."""
    code = data[at]
    if code == 0x53:
        return data[at + 1], at + 2
    if code == 0x80:
        return unpack_u64(data, at + 1)[0], at + 9
    if code == 0x44:
        return 0, at + 1
    if code == 0xA3:
        stop = at + 2 + data[at + 1]
        if stop > len(data):
            raise truncated("symbol", at, stop - at - 2, len(data) - at - 2)
        return str(data[at + 2 : stop], "ascii"), stop
    if code == 0xB3:
        stop = at + 5 + unpack_u32(data, at + 1)[0]
        if stop > len(data):
            raise truncated("symbol", at, stop - at - 5, len(data) - at - 5)
        return str(data[at + 5 : stop], "ascii"), stop
    raise unexpected("a descriptor (ulong or symbol)", data, at)


def _null_40(data: bytes, at: int, depth: int, scope: Scope) -> tuple[None, int]:
    return None, at


def _boolean_56(data: bytes, at: int, depth: int, scope: Scope) -> tuple[bool, int]:
    return boolean(data, at), at + 1


def _boolean_41(data: bytes, at: int, depth: int, scope: Scope) -> tuple[bool, int]:
    return True, at


def _boolean_42(data: bytes, at: int, depth: int, scope: Scope) -> tuple[bool, int]:
    return False, at


def _ubyte_50(data: bytes, at: int, depth: int, scope: Scope) -> tuple[UByte, int]:
    return _UBYTES[data[at]], at + 1


def _ushort_60(data: bytes, at: int, depth: int, scope: Scope) -> tuple[UShort, int]:
    return new_int(UShort, unpack_u16(data, at)[0]), at + 2


def _uint_70(data: bytes, at: int, depth: int, scope: Scope) -> tuple[UInt, int]:
    return new_int(UInt, unpack_u32(data, at)[0]), at + 4


def _uint_52(data: bytes, at: int, depth: int, scope: Scope) -> tuple[UInt, int]:
    return _UINTS[data[at]], at + 1


def _uint_43(data: bytes, at: int, depth: int, scope: Scope) -> tuple[UInt, int]:
    return new_int(UInt, 0), at


def _ulong_80(data: bytes, at: int, depth: int, scope: Scope) -> tuple[ULong, int]:
    return new_int(ULong, unpack_u64(data, at)[0]), at + 8


def _ulong_53(data: bytes, at: int, depth: int, scope: Scope) -> tuple[ULong, int]:
    return _ULONGS[data[at]], at + 1


def _ulong_44(data: bytes, at: int, depth: int, scope: Scope) -> tuple[ULong, int]:
    return new_int(ULong, 0), at


def _byte_51(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Byte, int]:
    return _BYTES[data[at]], at + 1


def _short_61(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Short, int]:
    return new_int(Short, unpack_i16(data, at)[0]), at + 2


def _int_71(data: bytes, at: int, depth: int, scope: Scope) -> tuple[int, int]:
    return unpack_i32(data, at)[0], at + 4


def _int_54(data: bytes, at: int, depth: int, scope: Scope) -> tuple[int, int]:
    return SIGNED_OCTETS[data[at]], at + 1


def _long_81(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Long, int]:
    return new_int(Long, unpack_i64(data, at)[0]), at + 8


def _long_55(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Long, int]:
    return _LONGS[data[at]], at + 1


def _float_72(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Float, int]:
    return Float.from_bits(unpack_u32(data, at)[0]), at + 4


def _double_82(data: bytes, at: int, depth: int, scope: Scope) -> tuple[float, int]:
    return unpack_f64(data, at)[0], at + 8


def _decimal32_74(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Decimal32, int]:
    return Decimal32(int.from_bytes(data[at : at + 4], "big")), at + 4


def _decimal64_84(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Decimal64, int]:
    return Decimal64(int.from_bytes(data[at : at + 8], "big")), at + 8


def _decimal128_94(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Decimal128, int]:
    return Decimal128(int.from_bytes(data[at : at + 16], "big")), at + 16


def _char_73(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Char, int]:
    return new_str(Char, scalar_value(unpack_u32(data, at)[0])), at + 4


def _timestamp_83(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Timestamp, int]:
    return new_int(Timestamp, unpack_i64(data, at)[0]), at + 8


def _uuid_98(data: bytes, at: int, depth: int, scope: Scope) -> tuple[UUID, int]:
    return UUID(bytes=data[at : at + 16]), at + 16


def _binary_a0(data: bytes, at: int, depth: int, scope: Scope) -> tuple[bytes, int]:
    stop = at + 1 + data[at]
    if stop > len(data):
        raise truncated("binary", at, stop - at - 1, len(data) - at - 1)
    return data[at + 1 : stop], stop


def _binary_b0(data: bytes, at: int, depth: int, scope: Scope) -> tuple[bytes, int]:
    stop = at + 4 + unpack_u32(data, at)[0]
    if stop > len(data):
        raise truncated("binary", at, stop - at - 4, len(data) - at - 4)
    return data[at + 4 : stop], stop


def _string_a1(data: bytes, at: int, depth: int, scope: Scope) -> tuple[str, int]:
    stop = at + 1 + data[at]
    if stop > len(data):
        raise truncated("string", at, stop - at - 1, len(data) - at - 1)
    return data[at + 1 : stop].decode(), stop


def _string_b1(data: bytes, at: int, depth: int, scope: Scope) -> tuple[str, int]:
    stop = at + 4 + unpack_u32(data, at)[0]
    if stop > len(data):
        raise truncated("string", at, stop - at - 4, len(data) - at - 4)
    return data[at + 4 : stop].decode(), stop


def _symbol_a3(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Symbol, int]:
    stop = at + 1 + data[at]
    if stop > len(data):
        raise truncated("symbol", at, stop - at - 1, len(data) - at - 1)
    return new_str(Symbol, data[at + 1 : stop], "ascii"), stop


def _symbol_b3(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Symbol, int]:
    stop = at + 4 + unpack_u32(data, at)[0]
    if stop > len(data):
        raise truncated("symbol", at, stop - at - 4, len(data) - at - 4)
    return new_str(Symbol, data[at + 4 : stop], "ascii"), stop


READERS[0x40] = _null_40
READERS[0x56] = _boolean_56
READERS[0x41] = _boolean_41
READERS[0x42] = _boolean_42
READERS[0x50] = _ubyte_50
READERS[0x60] = _ushort_60
READERS[0x70] = _uint_70
READERS[0x52] = _uint_52
READERS[0x43] = _uint_43
READERS[0x80] = _ulong_80
READERS[0x53] = _ulong_53
READERS[0x44] = _ulong_44
READERS[0x51] = _byte_51
READERS[0x61] = _short_61
READERS[0x71] = _int_71
READERS[0x54] = _int_54
READERS[0x81] = _long_81
READERS[0x55] = _long_55
READERS[0x72] = _float_72
READERS[0x82] = _double_82
READERS[0x74] = _decimal32_74
READERS[0x84] = _decimal64_84
READERS[0x94] = _decimal128_94
READERS[0x73] = _char_73
READERS[0x83] = _timestamp_83
READERS[0x98] = _uuid_98
READERS[0xA0] = _binary_a0
READERS[0xB0] = _binary_b0
READERS[0xA1] = _string_a1
READERS[0xB1] = _string_b1
READERS[0xA3] = _symbol_a3
READERS[0xB3] = _symbol_b3
READERS[0x45] = list0
READERS[0xC0] = list8
READERS[0xD0] = list32
READERS[0xC1] = map8
READERS[0xD1] = map32
READERS[0xE0] = array8
READERS[0xF0] = array32

ELEMENTS.update(
    {
        0x40: ("null", repeated(None)),
        0x56: ("boolean", pieces(1, truth)),
        0x41: ("boolean", repeated(True)),
        0x42: ("boolean", repeated(False)),
        0x50: ("ubyte", numbers("B", 1)),
        0x60: ("ushort", numbers("H", 2)),
        0x70: ("uint", numbers("I", 4)),
        0x52: ("uint", numbers("B", 1)),
        0x43: ("uint", repeated(0)),
        0x80: ("ulong", numbers("Q", 8)),
        0x53: ("ulong", numbers("B", 1)),
        0x44: ("ulong", repeated(0)),
        0x51: ("byte", numbers("b", 1)),
        0x61: ("short", numbers("h", 2)),
        0x71: ("int", numbers("i", 4)),
        0x54: ("int", numbers("b", 1)),
        0x81: ("long", numbers("q", 8)),
        0x55: ("long", numbers("b", 1)),
        0x72: ("float", floats),
        0x82: ("double", numbers("d", 8)),
        0x74: ("decimal32", pieces(4, decimal_of(Decimal32))),
        0x84: ("decimal64", pieces(8, decimal_of(Decimal64))),
        0x94: ("decimal128", pieces(16, decimal_of(Decimal128))),
        0x73: ("char", pieces(4, code_point)),
        0x83: ("timestamp", numbers("q", 8)),
        0x98: ("uuid", pieces(16, uuid_of)),
        0xA0: ("binary", variable(1, bytes)),
        0xB0: ("binary", variable(4, bytes)),
        0xA1: ("string", variable(1, utf8)),
        0xB1: ("string", variable(4, utf8)),
        0xA3: ("symbol", variable(1, ascii_text)),
        0xB3: ("symbol", variable(4, ascii_text)),
        0x45: ("list", repeated([])),
        0xC0: ("list", each(0xC0)),
        0xD0: ("list", each(0xD0)),
        0xC1: ("map", each(0xC1)),
        0xD1: ("map", each(0xD1)),
        0xE0: ("array", each(0xE0)),
        0xF0: ("array", each(0xF0)),
    }
)

ELEMENT_FORMS.update(
    {
        "null": (0x40, nothing),
        "boolean": (0x56, booleans),
        "ubyte": (0x50, packed("B")),
        "ushort": (0x60, packed("H")),
        "uint": (0x70, packed("I")),
        "ulong": (0x80, packed("Q")),
        "byte": (0x51, packed("b")),
        "short": (0x61, packed("h")),
        "int": (0x71, packed("i")),
        "long": (0x81, packed("q")),
        "float": (0x72, float_words),
        "double": (0x82, packed("d")),
        "decimal32": (0x74, decimals(4)),
        "decimal64": (0x84, decimals(8)),
        "decimal128": (0x94, decimals(16)),
        "char": (0x73, characters),
        "timestamp": (0x83, packed("q")),
        "uuid": (0x98, uuids),
        "binary": (None, sized(0xA0, 0xB0, bytes)),
        "string": (None, sized(0xA1, 0xB1, str.encode)),
        "symbol": (None, sized(0xA3, 0xB3, symbol_bytes)),
        "list": (0xD0, compounds(items_of)),
        "map": (0xD1, compounds(write_pairs)),
        "array": (0xF0, arrays),
    }
)

EMPTY_FORMS.update(
    {
        ("null", None): 0x40,
        ("boolean", True): 0x41,
        ("boolean", False): 0x42,
        ("uint", 0): 0x43,
        ("ulong", 0): 0x44,
        ("list", None): 0x45,
    }
)

SCALARS.update(
    {
        NoneType: write_null,
        bool: write_boolean,
        UByte: write_ubyte,
        UShort: write_ushort,
        UInt: write_uint,
        ULong: write_ulong,
        Byte: write_byte,
        Short: write_short,
        Long: write_long,
        Float: write_float,
        float: write_double,
        Decimal32: write_decimal32,
        Decimal64: write_decimal64,
        Decimal128: write_decimal128,
        Char: write_char,
        Timestamp: write_timestamp,
        UUID: write_uuid,
        bytes: write_binary,
        str: write_string,
        Symbol: write_symbol,
        int: write_number,
        bytearray: write_binary,
        memoryview: write_binary,
        datetime: write_timestamp,
    }
)

FIELD_KEYS.update(keys_of(no_field_key, {str: write_symbol, Symbol: write_symbol}))
ANNOTATION_KEYS.update(
    keys_of(
        no_annotation_key, {str: write_symbol, Symbol: write_symbol, int: write_ulong, ULong: write_ulong}
    )
)
PROPERTY_KEYS.update(keys_of(no_property_key, {str: write_string}))

COMPOUNDS.update(
    {
        list: write_list,
        tuple: write_list,
        dict: write_map,
        Map: write_map,
        Array: write_array,
        Described: write_described,
    }
)
