"""One value less to choose: who sends it is wrong."""

from importlib import import_module
from typing import Any

from tests.codegen.exchange import exchange, refuses, same

a: Any = import_module("amqp_spec")

assert [each.name for each in a.TerminusDurability] == ["NONE", "CONFIGURATION"]
source = a.Source(address="q", durable=a.TerminusDurability.CONFIGURATION)
same(source)
refuses(a.Source.decode, source.encode().replace(b"\x52\x01", b"\x52\x02"), "source.durable")
exchange(source=source)
