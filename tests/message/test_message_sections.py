"""How the sections of a message are found: the usual form in one straight line, and any form one after the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amqp.errors import DecodeError, EncodeError
from amqp.message import Message
from amqp.sections import any_sections
from amqp_spec import (
    AmqpSequence,
    AmqpValue,
    ApplicationProperties,
    Data,
    DeliveryAnnotations,
    Footer,
    Header,
    MessageAnnotations,
    Properties,
    Section,
)
from amqp_spec.messaging import data_at, data_pieces
from amqp_spec.reading import CONTENT
from amqp_spec.registry import usual_sections

SECTIONS: list[Section] = [
    Header(durable=True, ttl=5),
    DeliveryAnnotations({"a": 1}),
    MessageAnnotations({"b": 2}),
    Properties(message_id="id", subject="s"),
    ApplicationProperties({"c": 3}),
    Data(b"body"),
    Footer({"d": 4}),
]


def joined(*sections: Section) -> bytes:
    return b"".join(section.encode() for section in sections)


@pytest.mark.parametrize("absent", [(), (0,), (1, 2), (3,), (4,), (6,), (0, 1, 2, 3, 4, 6)])
@pytest.mark.parametrize("body", [b"", b"body", b"x" * 300])
def test_the_usual_form(absent: tuple[int, ...], body: bytes) -> None:
    sections = [section for at, section in enumerate(SECTIONS) if at not in absent]
    sections[sections.index(SECTIONS[5])] = Data(body)
    octets = joined(*sections)
    found = usual_sections(octets)
    assert found is not None
    assert found == any_sections(octets)
    message = Message.decode(octets)
    assert message.sections == tuple(sections)
    assert message.body == body
    assert message.encode() == octets


@pytest.mark.parametrize(
    "sections",
    [
        (Data(b"a"), Data(b"b")),
        (AmqpValue(1),),
        (AmqpSequence([1]), AmqpSequence([2])),
        (ApplicationProperties({"x": "y" * 300}), Data(b"a")),
        (Header(), Data(b"a")),
    ],
)
def test_another_form(sections: tuple[Section, ...]) -> None:
    octets = joined(*sections)
    assert usual_sections(octets) is None
    assert Message.decode(octets).sections == sections


def outcome(octets: bytes) -> object:
    try:
        return any_sections(octets)
    except DecodeError:
        return None


@given(
    st.lists(st.sampled_from(SECTIONS), max_size=7, unique_by=id),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=2),
    st.integers(0, 8),
)
def test_what_is_found_at_once_is_what_is_found_one_after_the_other(
    sections: list[Section], in_order: bool, changes: list[tuple[int, int]], cut: int
) -> None:
    if in_order:
        sections = sorted(sections, key=SECTIONS.index)
    octets = bytearray(joined(*sections))
    for at, octet in changes:
        if at < len(octets):
            octets[at] = octet
    data = bytes(octets[: len(octets) - cut])
    found = usual_sections(data)
    assert found is None or found == outcome(data)


@given(st.binary(max_size=40))
def test_the_same_for_random_octets(octets: bytes) -> None:
    for data in (octets, b"\x00\x53\x70\xc0" + octets, b"\x00\x53\x75\xa0" + octets):
        found = usual_sections(data)
        assert found is None or found == outcome(data)


@pytest.mark.parametrize(
    ("octets", "look", "text"),
    [
        ("005370c00401540500 005375a000", "header", "header.durable: expected boolean"),
        ("005373c0050157ff00ff 005375a000", "properties", "properties.message-id: expected message-id"),
        ("005371c10402540199 005375a000", "delivery_annotations", "delivery-annotations[1]: unknown"),
        ("005372c10502a3016b99 005375a000", "message_annotations", 'message-annotations["k"]: unknown'),
        ("005374c10502a1016b99 005375a000", "application_properties", 'application-properties["k"]: unknown'),
        ("005375a000 005378c10502a1016b99", "footer", 'footer["k"]: unknown'),
        ("005377 c10502a1016b99", "body", 'amqp-value["k"]: unknown'),
        ("005376 c0020199 005376 c0020199", "body", "amqp-sequence[0]: unknown"),
        ("005375 a10178", "body", "data: expected binary"),
        ("005375 a10178 005375 a00178", "body", "data: expected binary"),
        ("005374d10000000800000002a1016b99 005375a000", "application_properties", "application-properties["),
    ],
)
def test_a_fault_is_told_with_the_name_of_the_section(octets: str, look: str, text: str) -> None:
    data = bytes.fromhex(octets.replace(" ", ""))
    message = Message.decode(data)
    for _ in range(2):
        with pytest.raises(DecodeError) as caught:
            getattr(message, look)
        assert str(caught.value).startswith(text)
        assert caught.value.offset is not None
        assert message.fault is caught.value
    assert message.encode() == data


def test_sections_in_wide_forms() -> None:
    wide = bytes.fromhex("d10000000900000002a1016b5405")
    octets = b"\x00\x53\x75\xa0\x01x\x00\x53\x78" + wide
    assert Message.decode(octets).footer == {"k": 5}


def test_data_that_is_cut_short_is_refused() -> None:
    with pytest.raises(DecodeError) as caught:
        data_at(b"\xa0\x05abc", 0, CONTENT)
    assert caught.value.path == "data"


def test_large_data_is_copied_once() -> None:
    for size in (0, 255, 256, 70_000):
        octets = bytes(size)
        head, body = data_pieces(octets)
        assert body is octets
        assert head + body == Data(octets).encode()


def test_data_beyond_what_a_binary_holds_is_refused() -> None:
    class Huge(bytes):
        __slots__ = ()

        def __len__(self) -> int:
            return 1 << 32

    with pytest.raises(EncodeError, match=r"data: binary of 4294967296 bytes is too large"):
        data_pieces(Huge())


def test_a_section_that_has_no_encoding_is_named() -> None:
    with pytest.raises(EncodeError) as caught:
        Message(b"", message_annotations={"k": object()}).encode()
    assert caught.value.path == 'message-annotations["k"]'


def test_bytes_of_another_class_are_data() -> None:
    class Octets(bytes):
        __slots__ = ()

    message = Message(Octets(b"x"))
    assert message.body == b"x"
    assert message.encode() == Data(b"x").encode()
    assert message.sections == (Data(b"x"),)
