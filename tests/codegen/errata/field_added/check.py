"""A field at the end of open, with a default."""

from importlib import import_module
from typing import Any

from tests.codegen.exchange import exchange, same
from tests.codegen.raw_peer import NULL, RawPeer, string, symbol

a: Any = import_module("amqp_spec")

assert a.Open(container_id="x").nickname == "bob"
same(a.Open(container_id="x", nickname="amy", properties={"k": []}))
assert a.Open(container_id="x", nickname="amy").encode().endswith(b"\xa3\x03amy")
done = exchange(RawPeer(open=[string("raw"), *[NULL] * 9, symbol("amy")]))
assert getattr(done.engine.remote_open, "nickname", None) == "amy"
