"""A constructor that the standard has not: a uint in two octets."""

from importlib import import_module
from typing import Any

from tests.codegen.exchange import exchange, same
from tests.codegen.raw_peer import UNSIGNED, RawPeer, Reader

a: Any = import_module("amqp_spec")

assert a.encode_value(a.UInt(300)) == bytes.fromhex("62012c")
assert a.encode_value(a.UInt(70000)) == bytes.fromhex("7000011170")
assert a.identical(a.decode_value(bytes.fromhex("62012c")), a.UInt(300))
same(a.Begin(next_outgoing_id=300, incoming_window=2, outgoing_window=70000))
peer = RawPeer(reader=Reader(UNSIGNED | {0x62}))
exchange(peer, source=a.Source(address="q", timeout=300))
assert 0x62 in peer.reader.met
assert peer.named("attach")[0].at(5).value[3] == 300
