"""Performatives under other numbers, one of them wide."""

from importlib import import_module
from typing import Any

from tests.codegen.exchange import exchange, refuses
from tests.codegen.raw_peer import RawPeer

a: Any = import_module("amqp_spec")

assert (
    a.Flow(incoming_window=1, next_outgoing_id=2, outgoing_window=3).encode()[:10].hex()
    == "00800000000100000013"
)
assert a.Begin(next_outgoing_id=1, incoming_window=2, outgoing_window=3).encode()[:3].hex() == "005351"
refuses(a.decode_frame, bytes.fromhex("005311c00401404343"), "0x11")
done = exchange(RawPeer(codes={"flow": 0x100000013, "begin": 0x51}))
assert done.peer.named("flow")
