"""A section that a message may have besides the standard's."""

from importlib import import_module
from typing import Any
from uuid import UUID

from tests.codegen.exchange import exchange, same
from tests.codegen.raw_peer import RawPeer, Reader, Told

a: Any = import_module("amqp_spec")

trace = a.Trace(id=UUID(int=5), hops=["here", a.UInt(3)])
same(trace)
data = trace.encode()
assert a.decode_section(data, 0, len(data)) == (trace, len(data))
assert 0x79 in a.SECTION_ORDER
body = a.AmqpValue("x").encode()
done = exchange(RawPeer(message=body + data), payload=body + data)
(transfer,) = done.peer.named("transfer")
assert transfer.payload == body + data
section, _ = Reader().value(transfer.payload, len(body))
assert section == Told(0x79, [UUID(int=5).bytes, ["here", 3]])
assert bytes(done.delivery.payload).endswith(data)
