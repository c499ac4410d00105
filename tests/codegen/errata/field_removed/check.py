"""A field taken out of the middle of source: those behind it move."""

from importlib import import_module
from typing import Any

from tests.codegen.exchange import exchange, same
from tests.codegen.raw_peer import NULL, RawPeer, string, symbol, told

a: Any = import_module("amqp_spec")

assert not hasattr(a.Source(), "distribution_mode")
source = a.Source(address="q", outcomes=("amqp:accepted:list",), capabilities=("queue",))
same(source)
told_outcomes = symbol("amqp:released:list")
done = exchange(RawPeer(source=told(0x28, string("q"), *[NULL] * 7, told_outcomes)), source=source)
assert done.remote_source.outcomes == ("amqp:released:list",)
fields = done.peer.named("attach")[0].at(5).value
assert fields == ["q", None, None, None, False, None, None, None, ["amqp:accepted:list"], ["queue"]]
