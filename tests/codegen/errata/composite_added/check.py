"""A new outcome, in a module of its own."""

from importlib import import_module
from typing import Any

from tests.codegen.exchange import exchange, same
from tests.codegen.raw_peer import RawPeer, told, uint

a: Any = import_module("amqp_spec")

snooze = a.Snooze(seconds=5, reason=a.Error(condition="amqp:not-found"))
same(snooze)
same(a.Transfer(handle=0, state=snooze))
assert a.Snooze.__module__ == "amqp_spec.naps"
done = exchange(RawPeer(state=told(0x0000ABCD00000001, uint(7))), state=snooze)
updates = [event for event in done.events if type(event).__name__ == "DeliveryUpdated"]
assert [getattr(event, "state", None) for event in updates] == [a.Snooze(seconds=7)]
(disposition,) = done.peer.named("disposition")
assert disposition.at(4).descriptor == 0x0000ABCD00000001
assert disposition.at(4).value[0] == 5
