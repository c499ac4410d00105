"""Runs in a process of its own, with a rendered package in place of the committed one: see `test_errata_goldens.py`."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from amqp.engine import Engine, Event
    from tests.codegen.raw_peer import RawPeer

ROOT = Path(__file__).parents[2]


class Exchange:
    """What came of a connection from open to close: the engine's events by their names, and its engine."""

    def __init__(self, engine: Engine, peer: RawPeer, *, source: Any, state: Any, payload: bytes) -> None:
        from amqp.engine import CreditChanged, DeliveryReceived
        from amqp.options import LinkOptions

        self.engine, self.peer = engine, peer
        self.events: list[Event] = []
        engine.open()
        self._pump()
        session = engine.begin()
        self.sender = session.attach_sender(LinkOptions(name="out", source=source))
        self._pump()
        assert self.all(CreditChanged)
        self.sent = self.sender.send(payload)
        self._pump()
        self.receiver = session.attach_receiver(LinkOptions(name="in", source=source), credit=1)
        self._pump()
        (arrived,) = self.all(DeliveryReceived)
        self.delivery = arrived.delivery
        self.delivery.settle(state)
        self._pump()
        for link in (self.sender, self.receiver):
            link.detach()
        self._pump()
        session.end()
        self._pump()
        engine.close()
        self._pump()
        self._check()

    @property
    def remote_source(self) -> Any:
        """The source in the peer's attach, as the rendered package read it."""
        assert self.receiver.remote_attach is not None
        return self.receiver.remote_attach.source

    def all(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def _pump(self) -> None:
        """Let both ends talk until neither has anything to say."""
        while octets := b"".join(self.engine.data_to_send(0.0)):
            answer = self.peer.receive(octets)
            if answer:
                self.engine.receive_data(answer, 0.0)
            self.events += self.engine.events()

    def _check(self) -> None:
        names = [frame.name for frame in self.peer.got if frame.name != "flow"]
        assert names == [
            *("open", "begin", "attach", "transfer", "attach", "disposition"),
            *("detach", "detach", "end", "close"),
        ], names
        wrong = [event for event in self.events if type(event).__name__.endswith("Failed")]
        assert wrong == []
        kinds = [type(event).__name__ for event in self.events]
        assert kinds.count("LinkEnded") == 2, kinds
        assert kinds[-1] == "ConnectionEnded", kinds


def exchange(
    peer: RawPeer | None = None, *, source: Any = None, state: Any = None, payload: bytes = b""
) -> Exchange:
    """Run a connection from open to close: one message each way, both settled with a state."""
    import amqp_spec as a
    from amqp.engine import Engine
    from amqp.options import ConnectionOptions
    from tests.codegen.raw_peer import RawPeer

    return Exchange(
        Engine(ConnectionOptions(container_id="us")),
        peer or RawPeer(),
        source=source or a.Source(address="q"),
        state=state or a.Accepted(),
        payload=payload or a.AmqpValue("hello").encode(),
    )


def same(value: Any) -> None:
    """Check that a performative, state or section comes back as it was."""
    import amqp_spec as a

    back = type(value).decode(value.encode())
    assert back == value
    assert a.identical(type(value).decode(back.encode()), back), value


def refuses(decode: Callable[[bytes], Any], data: bytes, said: str) -> None:
    """Check that octets are refused with these words."""
    import amqp_spec as a

    try:
        value = decode(data)
    except a.DecodeError as error:
        if said not in str(error):
            raise
        return
    raise AssertionError(f"{data.hex()} is taken as {value!r}")


def everything() -> None:
    """Check that what no erratum changed comes back as it was."""
    import amqp_spec as a

    numbers: list[Any] = [1, True, a.UInt(0), a.UInt(300), a.ULong(70000), a.Long(-70000)]
    texts: list[Any] = ["s", "x" * 300, a.Symbol("y"), b"z"]
    arrays = [a.Array("uint", [1, 2]), a.Array("boolean", [True] * 300)]
    values: list[Any] = [*numbers, *texts, *arrays, [], a.Map({"k": 1.5})]
    assert a.identical(a.decode_value(a.encode_value(values)), values)
    same(a.Begin(next_outgoing_id=1, incoming_window=300, outgoing_window=70000))
    same(a.Flow(incoming_window=1, next_outgoing_id=300, outgoing_window=70000, properties={"a": 1}))
    same(
        a.Transfer(
            handle=0, delivery_id=1, delivery_tag=b"x", more=True, state=a.Modified(delivery_failed=True)
        )
    )
    same(a.Properties(message_id="x", to="y", content_type="t", user_id=b"z"))
    same(a.SaslMechanisms(sasl_server_mechanisms=("A", "B")))
    opened = a.Open(container_id="xxx", properties={"k": 1})
    data = opened.encode()
    assert a.decode_frame(data) == (opened, len(data))


def main(rendered: str, case: str) -> None:
    """Put the rendered package first and run what holds for the case."""
    sys.path[:] = [path for path in sys.path if Path(path) != ROOT / "generated"]
    sys.path[:0] = [rendered, str(ROOT / "src"), str(ROOT)]
    import amqp_spec

    assert str(amqp_spec.__file__).startswith(rendered), amqp_spec.__file__
    for name in amqp_spec.__all__:
        getattr(amqp_spec, name)
    everything()
    runpy.run_path(case)


if __name__ == "__main__":
    main(*sys.argv[1:])
