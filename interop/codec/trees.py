"""Trees of our values and back: see the package."""

import struct
from collections.abc import Callable
from typing import Any
from uuid import UUID

from amqp_spec import (
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
    float_bits,
    float_from_bits,
)

Tree = list[Any]

_INTEGERS: dict[str, type[int]] = {
    "ubyte": UByte,
    "ushort": UShort,
    "uint": UInt,
    "ulong": ULong,
    "byte": Byte,
    "short": Short,
    "int": int,
    "long": Long,
    "timestamp": Timestamp,
}
_DECIMALS = {"decimal32": Decimal32, "decimal64": Decimal64, "decimal128": Decimal128}
_WRITERS: dict[str, Callable[[Any], Any]] = {
    "null": lambda _: None,
    "boolean": bool,
    **dict.fromkeys(_INTEGERS, lambda value: str(int(value))),
    "float": lambda value: f"{float_bits(value):08x}",
    "double": lambda value: struct.pack(">d", value).hex(),
    "decimal32": lambda value: f"{value.bits:08x}",
    "decimal64": lambda value: f"{value.bits:016x}",
    "decimal128": lambda value: f"{value.bits:032x}",
    "char": lambda value: str(ord(value)),
    "uuid": lambda value: value.hex,
    "binary": lambda value: value.hex(),
    "string": str.__str__,
    "symbol": str.__str__,
}
_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    **{kind: name for name, kind in (_INTEGERS | _DECIMALS).items()},
    Float: "float",
    float: "double",
    Char: "char",
    UUID: "uuid",
    bytes: "binary",
    str: "string",
    Symbol: "symbol",
}


def tree_of(value: Any) -> Tree:
    """Return the tree of a decoded value."""
    if isinstance(value, list):
        return ["list", [tree_of(item) for item in value]]
    if isinstance(value, Map):
        return ["map", [[tree_of(key), tree_of(item)] for key, item in value.items()]]
    if isinstance(value, Described):
        return ["described", tree_of(value.descriptor), tree_of(value.value)]
    if isinstance(value, Array):
        descriptor = tree_of(value.descriptors[0]) if value.descriptors else None
        return [
            "array",
            value.element_type,
            [_element(value.element_type, one) for one in value.elements],
            descriptor,
        ]
    name = _NAMES[type(value)]
    return [name, _WRITERS[name](value)]


def _element(name: str, plain: Any) -> Tree:
    return [name, _WRITERS[name](plain)] if name in _WRITERS else tree_of(plain)


def value_of(tree: Tree) -> Any:
    """Return the value that a tree is of."""
    name = tree[0]
    if name == "list":
        return [value_of(item) for item in tree[1]]
    if name == "map":
        return Map([(value_of(key), value_of(item)) for key, item in tree[1]])
    if name == "described":
        return Described(value_of(tree[1]), value_of(tree[2]))
    if name == "array":
        descriptors = [] if tree[3] is None else [value_of(tree[3])]
        return Array(tree[1], [value_of(item) for item in tree[2]], descriptors=descriptors)
    return _scalar(name, tree[1])


def _scalar(name: str, content: Any) -> Any:
    if name in ("null", "boolean", "string"):
        return content
    if name in _INTEGERS:
        return _INTEGERS[name](int(content))
    if name in _DECIMALS:
        return _DECIMALS[name](int(content, 16))
    readers: dict[str, Callable[[Any], Any]] = {
        "float": lambda text: Float(float_from_bits(int(text, 16))),
        "double": lambda text: struct.unpack(">d", bytes.fromhex(text))[0],
        "char": lambda text: Char(chr(int(text))),
        "uuid": lambda text: UUID(hex=text),
        "binary": bytes.fromhex,
        "symbol": Symbol,
    }
    return readers[name](content)
