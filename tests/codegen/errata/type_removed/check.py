"""A type that is gone: its descriptor is one that nobody knows."""

from importlib import import_module
from typing import Any

from tests.codegen.exchange import exchange, same

a: Any = import_module("amqp_spec")

assert not hasattr(a, "DeleteOnNoMessages")
assert "DeleteOnNoMessages" not in a.__all__
same(a.DeleteOnClose())
unknown = a.decode_value(bytes.fromhex("00532d45"))
assert unknown == a.Described(a.ULong(0x2D), [])
assert a.encode_value(unknown) == bytes.fromhex("00532d45")
exchange()
