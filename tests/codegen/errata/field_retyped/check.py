"""A field of another type: numbers that did not fit do now."""

from importlib import import_module
from typing import Any

from tests.codegen.exchange import exchange, same
from tests.codegen.raw_peer import NULL, RawPeer, string, uint

a: Any = import_module("amqp_spec")

same(a.Open(container_id="x", channel_max=70000))
done = exchange(RawPeer(open=[string("raw"), NULL, uint(65536), uint(70000)]))
assert done.engine.remote_open is not None
assert done.engine.remote_open.channel_max == 70000
