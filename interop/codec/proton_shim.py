"""Trees through Qpid proton's codec: python proton_shim.py INPUT OUTPUT. Runs where proton is, without this project."""

import json
import struct
import sys
import uuid
from collections.abc import Callable
from importlib import import_module
from typing import Any

proton: Any = import_module("proton")
Data = proton.Data

NAMES = {
    getattr(Data, name.upper()): name
    for name in (
        *("null", "ubyte", "byte", "ushort", "short", "uint", "int", "char", "ulong", "long", "timestamp"),
        *("float", "double", "decimal32", "decimal64", "decimal128", "uuid", "binary", "string", "symbol"),
        *("described", "array", "list", "map"),
    )
} | {Data.BOOL: "boolean"}
CODES = {name: code for code, name in NAMES.items()}
INTEGERS = ("ubyte", "byte", "ushort", "short", "uint", "int", "ulong", "long", "timestamp")


def put(data: Any, tree: Any) -> None:
    """Put a tree into the data."""
    name = tree[0]
    if name in INTEGERS:
        getattr(data, f"put_{name}")(int(tree[1]))
    elif name == "null":
        data.put_null()
    elif name == "boolean":
        data.put_bool(tree[1])
    elif name == "float":
        data.put_float(struct.unpack(">f", bytes.fromhex(tree[1]))[0])
    elif name == "double":
        data.put_double(struct.unpack(">d", bytes.fromhex(tree[1]))[0])
    elif name == "decimal32":
        data.put_decimal32(proton.decimal32(int(tree[1], 16)))
    elif name == "decimal64":
        data.put_decimal64(proton.decimal64(int(tree[1], 16)))
    elif name == "decimal128":
        data.put_decimal128(proton.decimal128(bytes.fromhex(tree[1])))
    elif name == "char":
        data.put_char(proton.char(chr(int(tree[1]))))
    elif name == "uuid":
        data.put_uuid(uuid.UUID(tree[1]))
    elif name == "binary":
        data.put_binary(bytes.fromhex(tree[1]))
    elif name == "string":
        data.put_string(tree[1])
    elif name == "symbol":
        data.put_symbol(proton.symbol(tree[1]))
    else:
        put_compound(data, tree)


def put_compound(data: Any, tree: Any) -> None:
    """Put a tree of a value that has values inside."""
    name = tree[0]
    if name == "array":
        data.put_array(tree[3] is not None, CODES[tree[1]])
        items = [*([] if tree[3] is None else [tree[3]]), *tree[2]]
    elif name == "list":
        data.put_list()
        items = tree[1]
    elif name == "map":
        data.put_map()
        items = [part for pair in tree[1] for part in pair]
    else:
        data.put_described()
        items = tree[1:]
    data.enter()
    for item in items:
        put(data, item)
    data.exit()


def get(data: Any) -> Any:
    """Return the tree of the current value."""
    name = NAMES[data.type()]
    if name in INTEGERS:
        return [name, str(int(getattr(data, f"get_{name}")()))]
    readers: dict[str, Callable[[], Any]] = {
        "null": lambda: None,
        "boolean": data.get_bool,
        "float": lambda: struct.pack(">f", data.get_float()).hex(),
        "double": lambda: struct.pack(">d", data.get_double()).hex(),
        "decimal32": lambda: f"{data.get_decimal32():08x}",
        "decimal64": lambda: f"{data.get_decimal64():016x}",
        "decimal128": lambda: bytes(data.get_decimal128()).hex(),
        "char": lambda: str(ord(data.get_char())),
        "uuid": lambda: data.get_uuid().hex,
        "binary": lambda: bytes(data.get_binary()).hex(),
        "string": data.get_string,
        "symbol": lambda: str(data.get_symbol()),
    }
    return [name, readers[name]()] if name in readers else get_compound(data, name)


def get_compound(data: Any, name: str) -> Any:
    """Return the tree of the current value, which has values inside."""
    element: Any = None
    described = False
    if name == "array":
        _, described, element = data.get_array()
    items: list[Any] = []
    data.enter()
    while data.next() is not None:
        items.append(get(data))
    data.exit()
    if name == "list":
        return [name, items]
    if name == "map":
        return [name, [[items[at], items[at + 1]] for at in range(0, len(items), 2)]]
    if name == "described":
        return [name, *items]
    return [
        name,
        NAMES.get(element, str(element)),
        items[1:] if described else items,
        items[0] if described else None,
    ]


def encode(tree: Any) -> dict[str, Any]:
    """Return the octets of a tree."""
    data = Data()
    put(data, tree)
    return {"octets": data.encode().hex()}


def decode(octets: str) -> dict[str, Any]:
    """Return the tree of octets."""
    data = Data()
    encoded = bytes.fromhex(octets)
    taken = data.decode(encoded)
    if taken != len(encoded):
        raise ValueError(f"{taken} of {len(encoded)} octets were read")
    data.rewind()
    data.next()
    return {"tree": get(data)}


def attempt(work: Callable[[Any], dict[str, Any]], given: Any) -> dict[str, Any]:
    """Do it, or say what went wrong."""
    try:
        return work(given)
    except Exception as error:  # noqa: BLE001 - whatever it raises is its answer
        return {"error": f"{type(error).__name__}: {error}"}


with open(sys.argv[1]) as source:
    asked = json.load(source)
with open(sys.argv[2], "w") as target:
    json.dump(
        {
            "encode": [attempt(encode, tree) for tree in asked["encode"]],
            "decode": [attempt(decode, octets) for octets in asked["decode"]],
        },
        target,
    )
