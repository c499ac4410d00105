"""One more value to choose."""

from importlib import import_module
from typing import Any

from tests.codegen.exchange import exchange, same
from tests.codegen.raw_peer import RawPeer, string, told, uint

a: Any = import_module("amqp_spec")

assert [each.value for each in a.TerminusDurability] == [0, 1, 2, 3]
mirrored = a.Source(address="q", durable=a.TerminusDurability.MIRRORED)
same(mirrored)
done = exchange(RawPeer(source=told(0x28, string("q"), uint(3))), source=mirrored)
assert done.remote_source.durable is a.TerminusDurability.MIRRORED
assert done.peer.named("attach")[0].at(5).value == ["q", 3]
