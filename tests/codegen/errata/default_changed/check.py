"""Other defaults in source: what is left out means something else."""

from importlib import import_module
from typing import Any

from tests.codegen.exchange import exchange, same

a: Any = import_module("amqp_spec")

assert (a.Source().timeout, a.Source().expiry_policy) == (30, a.TerminusExpiryPolicy.NEVER)
assert (a.Target().timeout, a.Target().expiry_policy) == (0, a.TerminusExpiryPolicy.SESSION_END)
assert a.Source(timeout=30).encode() == a.Source().encode()
same(a.Source(timeout=0, expiry_policy=a.TerminusExpiryPolicy.SESSION_END))
done = exchange(source=a.Source(address="q", timeout=0))
assert done.remote_source.timeout == 30
assert done.peer.named("attach")[0].at(5).value == ["q", None, None, 0]
