"""Messages that lie about their structure, and content that asks to be run."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path
from typing import Any

import pytest

from amqp import Message
from amqp_spec import (
    AmqpSequence,
    AmqpValue,
    ApplicationProperties,
    Data,
    DecodeError,
    DeliveryAnnotations,
    EncodeError,
    Footer,
    Header,
    Limits,
    MessageAnnotations,
    Open,
    Properties,
    decode_frame,
)

ROOT = Path(__file__).parents[2]
IN_ORDER: list[Any] = [
    Header(durable=True),
    DeliveryAnnotations({"a": 1}),
    MessageAnnotations({"a": 1}),
    Properties(user_id=b"someone"),
    ApplicationProperties({"a": 1}),
    Data(b"x"),
    Footer({"a": 1}),
]


def joined(*sections: Any) -> bytes:
    return b"".join(section.encode() for section in sections)


@pytest.mark.fault("A11")
@pytest.mark.parametrize("kind", [Data(b""), AmqpSequence([])], ids=["data", "amqp-sequence"])
def test_number_of_sections_is_bounded(kind: Any) -> None:
    one = kind.encode()
    assert len(Message.decode(one * 10_000).sections) == 10_000
    for count in (10_001, 1_000_000):
        with pytest.raises(DecodeError, match="more than 10000 sections") as caught:
            Message.decode(one * count)
        assert caught.value.offset == 10_000 * len(one)


@pytest.mark.fault("A11")
def test_the_number_of_sections_is_an_option() -> None:
    one, most = Data(b"").encode(), Limits(sections=20_000)
    message = Message.decode(one * 20_000, limits=most)
    assert len(message.sections) == 20_000
    # What is made of it has what it had, and may be looked at.
    assert len(message.replace(header=Header(priority=1)).sections) == 20_001
    with pytest.raises(DecodeError, match="more than 20000 sections"):
        Message.decode(one * 20_001, limits=most)
    with pytest.raises(ValueError, match="allow 7 at least"):
        Limits(sections=6)
    assert len(Message.decode(joined(*IN_ORDER), limits=Limits(sections=7)).sections) == len(IN_ORDER)


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.fault("A7")
@pytest.mark.parametrize(
    "name", ["body", "sequence", "message_annotations", "delivery_annotations", "footer"]
)
def test_the_depth_in_a_message_is_an_option(name: str) -> None:
    deep = nested(8)
    octets = {
        "body": Message(AmqpValue(deep)),
        "sequence": Message(AmqpSequence(deep)),
        "message_annotations": Message(b"", message_annotations={"x": deep}),
        "delivery_annotations": Message(b"", delivery_annotations={"x": deep}),
        "footer": Message(b"", footer={"x": deep}),
    }[name].encode()
    attribute = "body" if name == "sequence" else name
    message = Message.decode(octets, limits=Limits(depth=10))
    assert getattr(message, attribute)
    assert getattr(message.replace(header=Header(priority=1)), attribute)
    message = Message.decode(octets, limits=Limits(depth=7))
    with pytest.raises(DecodeError, match="nested"):
        getattr(message, attribute)


@pytest.mark.fault("A11")
@pytest.mark.parametrize("at", range(len(IN_ORDER) - 1))
def test_sections_out_of_order(at: int) -> None:
    Message.decode(joined(*IN_ORDER))
    swapped = [*IN_ORDER[:at], IN_ORDER[at + 1], IN_ORDER[at], *IN_ORDER[at + 2 :]]
    with pytest.raises(DecodeError, match="out of order"):
        Message.decode(joined(*swapped))


@pytest.mark.fault("A11")
@pytest.mark.parametrize("at", [n for n, section in enumerate(IN_ORDER) if not isinstance(section, Data)])
def test_section_twice(at: int) -> None:
    with pytest.raises(DecodeError, match="came twice"):
        Message.decode(joined(*IN_ORDER[: at + 1], *IN_ORDER[at:]))


@pytest.mark.fault("A11")
def test_properties_behind_the_body_forge_nothing() -> None:
    honest = joined(Properties(user_id=b"someone"), Data(b"x"))
    with pytest.raises(DecodeError):
        Message.decode(honest + joined(Properties(user_id=b"root")))


@pytest.mark.fault("A11")
@pytest.mark.parametrize(
    "sections",
    [
        (),
        (Header(),),
        (Properties(),),
        (Header(), Footer({})),
        (Data(b""), AmqpValue(1)),
        (AmqpSequence([]), Data(b"")),
        (AmqpValue(1), AmqpValue(1)),
    ],
    ids=range(7),
)
def test_no_body_and_bodies_of_two_kinds(sections: tuple[Any, ...]) -> None:
    with pytest.raises(DecodeError):
        Message.decode(joined(*sections))


@pytest.mark.fault("A11")
def test_message_without_body_is_not_written() -> None:
    for message in (Message(), Message(header=Header(durable=True)), Message([])):
        if message.body is None:
            with pytest.raises(EncodeError, match="needs a body"):
                message.encode()
    with pytest.raises(EncodeError):
        Message([Data(b""), AmqpSequence([])])


@pytest.mark.fault("B5")
def test_bad_text_in_content_leaves_the_message_and_its_octets() -> None:
    good = joined(ApplicationProperties({"k": "needle"}), Data(b"x"))
    data = good.replace(b"needle", b"nee\xffle")
    message = Message.decode(data)
    assert message.body == b"x"
    with pytest.raises(DecodeError, match=r"application-properties.*UTF-8"):
        _ = message.application_properties
    assert message.encode() == data
    assert "do not decode" in repr(message) or repr(message).startswith("Message(")


@pytest.mark.fault("B5")
@pytest.mark.parametrize(("old", "new"), [(b"needle", b"nee\xffle"), (b"symbol", b"s\xffmbol")])
def test_bad_text_in_a_performative_is_a_decode_error_with_its_place(old: bytes, new: bytes) -> None:
    frame = Open(container_id="needle", offered_capabilities=("symbol",)).encode()
    with pytest.raises(DecodeError, match=r"open\.(container-id|offered-capabilities)"):
        decode_frame(frame.replace(old, new))


class Bomb:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return exec, ("raise SystemExit('it was run')",)


@pytest.mark.fault("B8")
@pytest.mark.parametrize(
    "content_type",
    ["application/python-pickle", "application/x-java-serialized-object", "application/x-python-marshal"],
)
def test_content_type_makes_nothing_of_the_content(content_type: str) -> None:
    bomb = pickle.dumps(Bomb())
    message = Message.decode(joined(Properties(content_type=content_type), Data(bomb)))
    assert type(message.body) is bytes
    assert message.body == bomb
    assert repr(message).startswith("Message(")


@pytest.mark.fault("B8")
def test_no_module_can_run_content() -> None:
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "generated").rglob("*.py")]
    assert len(sources) > 50
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported = {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported = {(node.module or "").partition(".")[0]}
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                imported = {node.func.id}
            else:
                continue
            assert not imported & {
                "pickle",
                "marshal",
                "shelve",
                "dill",
                "yaml",
                "eval",
                "exec",
                "compile",
            }, path
