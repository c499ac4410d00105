"""Constructors that are neither written nor read any more."""

from importlib import import_module
from typing import Any

from tests.codegen.exchange import exchange, refuses
from tests.codegen.raw_peer import RawPeer

a: Any = import_module("amqp_spec")

assert a.encode_value("s").hex() == "b10000000173"
assert a.encode_value(a.UInt(0)).hex() == "5200"
for gone in ("a10173", "43"):
    refuses(a.decode_value, bytes.fromhex(gone), f"unknown constructor 0x{gone[:2]}")
peer = RawPeer(message=bytes.fromhex("005377b1000000026869"))
exchange(peer)
assert 0xB1 in peer.reader.met
assert not peer.reader.met & {0xA1, 0x43}
