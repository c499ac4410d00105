"""A field taken out of the middle of source: those behind it move."""

from importlib import import_module
from typing import Any

from tests.codegen.exchange import exchange, same
from tests.codegen.raw_peer import NULL, RawPeer, string, symbol, told

a: Any = import_module("amqp_spec")

assert not hasattr(a.Source(), "dynamic_node_properties")
assert a.Target(dynamic_node_properties={"x": 1}).dynamic_node_properties is not None
source = a.Source(address="q", distribution_mode="move", capabilities=("queue",))
same(source)
done = exchange(RawPeer(source=told(0x28, string("q"), *[NULL] * 4, symbol("copy"))), source=source)
assert done.remote_source.distribution_mode == "copy"
fields = done.peer.named("attach")[0].at(5).value
assert fields == ["q", None, None, None, False, "move", None, None, None, ["queue"]]
