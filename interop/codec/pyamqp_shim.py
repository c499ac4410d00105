"""Trees through azure-servicebus's codec: python pyamqp_shim.py INPUT OUTPUT. Runs where that is, without this project.

It decodes to plain Python objects, so the trees name Python's types: integer, real, bytes.
"""

import decimal
import json
import struct
import sys
import uuid
from collections.abc import Callable
from importlib import import_module
from typing import Any

_PACKAGE = "azure.servicebus._pyamqp"
_DECODERS: Any = import_module(f"{_PACKAGE}._decode")._DECODE_BY_CONSTRUCTOR
encode_value: Any = import_module(f"{_PACKAGE}._encode").encode_value

INTEGERS = ("ubyte", "byte", "ushort", "short", "uint", "int", "ulong", "long", "timestamp")
CONTENT: dict[str, Callable[[Any], Any]] = {
    "null": lambda _: None,
    "boolean": bool,
    **dict.fromkeys(INTEGERS, int),
    "float": lambda text: struct.unpack(">f", bytes.fromhex(text))[0],
    "double": lambda text: struct.unpack(">d", bytes.fromhex(text))[0],
    "uuid": uuid.UUID,
    "binary": bytes.fromhex,
    "string": str,
    "symbol": str,
    "list": lambda items: [typed(item) for item in items],
    "map": lambda pairs: [(typed(key), typed(value)) for key, value in pairs],
}


def typed(tree: Any) -> Any:
    """Return what the encoder takes for a tree."""
    name = tree[0]
    if name == "described":
        return {"TYPE": "DESCRIBED", "VALUE": (typed(tree[1]), typed(tree[2]))}
    if name == "array":
        if tree[3] is not None:
            raise TypeError("it has no arrays of described values")
        return {"TYPE": "ARRAY", "VALUE": [typed(item) for item in tree[2]]}
    if name not in CONTENT:
        raise TypeError(f"it has no {name}")
    return {"TYPE": "BOOL" if name == "boolean" else name.upper(), "VALUE": CONTENT[name](tree[1])}


def tree_of(value: Any) -> Any:
    """Return the tree of what the decoder gave."""
    if value is None:
        return ["null", None]
    if isinstance(value, bool):
        return ["boolean", value]
    if isinstance(value, int):
        return ["integer", str(value)]
    if isinstance(value, float):
        return ["real", struct.pack(">d", value).hex()]
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, str):
        return ["string", value]
    if isinstance(value, uuid.UUID):
        return ["uuid", value.hex]
    if isinstance(value, decimal.Decimal):
        return ["decimal", str(value)]
    if isinstance(value, list):
        return ["list", [tree_of(item) for item in value]]
    return ["map", [[tree_of(key), tree_of(item)] for key, item in value.items()]]


def encode(tree: Any) -> dict[str, Any]:
    """Return the octets of a tree."""
    output = bytearray()
    encode_value(output, typed(tree))
    return {"octets": output.hex()}


def decode(octets: str) -> dict[str, Any]:
    """Return the tree of octets."""
    encoded = memoryview(bytes.fromhex(octets))
    rest, value = _DECODERS[encoded[0]](encoded[1:])
    if len(rest):
        raise ValueError(f"{len(rest)} octets are left")
    return {"tree": tree_of(value)}


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
