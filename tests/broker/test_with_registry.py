"""A user's own described types on a connection: they leave and arrive as instances of their classes."""

from __future__ import annotations

import importlib
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pytest

import amqp
from amqp.broker import Broker
from amqp.options import ConnectionOptions
from amqp_spec import DEFAULT_REGISTRY, Described, Registry, SelectorFilter, ULong, encode_value, identical
from amqp_spec.reading import CLASSES
from amqp_spec.writing import COMPOUNDS
from codegen.__main__ import main
from tests.aio.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

CODE = 0x7777_0000_0011

PAINT = """<amqp name="paint" xmlns="http://www.amqp.org/schema/amqp.xsd"><section name="colors">
<type name="rgb" class="composite" source="list">
  <descriptor name="example.com:rgb:list" code="0x00007777:0x00000021"/>
  <field name="red" type="ubyte" mandatory="true"/><field name="name" type="symbol"/>
</type>
</section></amqp>
"""


@dataclass(frozen=True)
class Point:
    DESCRIPTOR: ClassVar[int] = CODE
    SYMBOL: ClassVar[str] = "example.com:point:list"
    x: float
    y: float

    def encode(self) -> bytes:
        return encode_value(Described(ULong(CODE), [self.x, self.y]))

    @classmethod
    def from_value(cls, value: Any) -> Self:
        x, y = value
        return cls(float(x), float(y))


REGISTRY = Registry(Point)
POINT = Point(1.0, 2.0)
PLAIN = Described(ULong(CODE), [1.0, 2.0])


@pytest.fixture
def colors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A package of types made from XML, that rests on amqp_spec."""
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec" / "paint.xml").write_text(PAINT)
    out = tmp_path / "wire_colors"
    assert main(["--base", "amqp_spec", "--spec", str(tmp_path / "spec"), "--out", str(out)]) == 0
    monkeypatch.syspath_prepend(tmp_path)
    tables: list[dict[Any, Any]] = [CLASSES, COMPOUNDS]
    before = [dict(table) for table in tables]
    yield importlib.import_module("wire_colors")
    for table, old in zip(tables, before, strict=True):
        table.clear()
        table.update(old)
    # Who imports it again in this process gets a module that registers itself again.
    for name in [each for each in sys.modules if each.split(".")[0] == "wire_colors"]:
        del sys.modules[name]


async def _there_and_back(message: amqp.Message, registry: Registry) -> amqp.Message:
    async with (
        Broker() as broker,
        broker.listen() as listener,
        amqp.connect(listener.url, registry=registry) as connection,
    ):
        sender = await connection.open_sender("q")
        await sender.send(message)
        receiver = await connection.open_receiver("q")
        delivery = await receiver.receive(timeout=10)
        await delivery.accept()
        return delivery.message


async def test_a_class_written_by_hand_arrives_in_every_section() -> None:
    message = amqp.Message([POINT, {"nested": POINT}], message_annotations={"x-opt-where": POINT})
    found = await _there_and_back(message, REGISTRY)
    assert found.body == [POINT, {"nested": POINT}]
    assert found.message_annotations == {amqp.Symbol("x-opt-where"): POINT}
    assert identical((await _there_and_back(message, Registry())).body, [PLAIN, amqp.Map({"nested": PLAIN})])


async def test_a_class_made_from_xml_arrives(colors: ModuleType) -> None:
    red = colors.Rgb(red=255, name="red")
    found = await _there_and_back(amqp.Message([red, POINT]), Registry(*colors.ALL_TYPES))
    assert identical(found.body, [red, PLAIN])
    assert type(found.body[0]) is colors.Rgb


async def test_two_connections_with_other_registries_do_not_meet() -> None:
    async with Broker() as broker, broker.listen() as listener:
        async with (
            amqp.connect(listener.url, registry=REGISTRY) as one,
            amqp.connect(listener.url) as other,
        ):
            for queue in ("known", "unknown"):
                await (await one.open_sender(queue)).send(amqp.Message(POINT))
            known = await (await one.open_receiver("known")).receive(timeout=10)
            unknown = await (await other.open_receiver("unknown")).receive(timeout=10)
        assert known.message.body == POINT
        assert identical(unknown.message.body, PLAIN)


async def test_what_a_peer_says_of_itself_has_the_classes_too() -> None:
    said = amqp.Map({"where": POINT, "filter": SelectorFilter("x")})
    options = ConnectionOptions(properties=said)
    async with Peer(options=options) as peer:
        async with amqp.connect(peer.url, registry=REGISTRY) as connection:
            assert connection.remote_properties == {"where": POINT, "filter": SelectorFilter("x")}
        async with amqp.connect(peer.url) as connection:
            assert connection.remote_properties == {"where": PLAIN, "filter": SelectorFilter("x")}


async def test_a_stream_of_the_callers_own_has_a_registry_too() -> None:
    async with Broker() as broker, broker.listen() as listener:
        stream = socket.create_connection(("127.0.0.1", listener.port))
        async with amqp.open_over(stream, registry=REGISTRY) as connection:
            sender = await connection.open_sender("q")
            await sender.send(amqp.Message(POINT))
            receiver = await connection.open_receiver("q")
            assert (await receiver.receive(timeout=10)).message.body == POINT


@pytest.mark.parametrize("wrong", [None, Point, [Point]])
async def test_anything_else_is_refused(wrong: Any) -> None:
    with pytest.raises(amqp.LocalError, match="registry takes a Registry, not"):
        amqp.connect("amqp://localhost", registry=wrong)
    assert Point not in DEFAULT_REGISTRY
