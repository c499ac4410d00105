"""The body of a message in pieces: what is written for one, and what is read of octets that come in any cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amqp.client import body
from amqp.client.body import BodyReader, BodyWriter
from amqp.errors import DecodeError, EncodeError, LocalError
from amqp.message import Message
from amqp_spec import DEFAULT_REGISTRY, AmqpSequence, AmqpValue, Data, Footer, Header, Properties


def reader() -> BodyReader:
    return BodyReader(0, DEFAULT_REGISTRY)


WHOLE = Message(
    [Data(b"a" * 300), Data(b""), Data(b"bc")],
    header=Header(priority=3),
    message_annotations={"x-opt-a": 1},
    properties=Properties(subject="s"),
    application_properties={"k": "v" * 300},
    footer={"sum": 1},
)


@given(st.lists(st.integers(0, 900)))
def test_octets_in_any_cut_are_the_same_message(cuts: list[int]) -> None:
    octets = WHOLE.encode()
    edges = sorted({0, len(octets), *(cut for cut in cuts if cut < len(octets))})
    taken, found = reader(), b""
    for start, end in pairwise(edges):
        found += b"".join(taken.push(octets[start:end]))
    taken.finish()
    assert found == WHOLE.body
    head = taken.head()
    assert (head.properties, head.footer, head.body) == (WHOLE.properties, WHOLE.footer, b"")


def test_the_head_is_known_when_the_body_begins() -> None:
    octets = WHOLE.encode()
    begin = octets.index(b"\x00\x53\x75")
    taken = reader()
    assert taken.push(octets[:begin]) == []
    before = taken.in_body
    assert taken.push(octets[begin : begin + 10]) == [b"aa"]
    assert (before, taken.in_body) == (False, True)
    assert taken.head().application_properties == {"k": "v" * 300}


@pytest.mark.parametrize("form", [b"\x00\x53\x75\xa0\x02hi", b"\x00\x53\x75\xb0\x00\x00\x00\x02hi"])
def test_both_forms_of_binary_are_read_octet_by_octet(form: bytes) -> None:
    taken = reader()
    pieces = [piece for at in range(len(form)) for piece in taken.push(form[at : at + 1])]
    taken.finish()
    assert b"".join(pieces) == b"hi"


@pytest.mark.parametrize(
    "octets", [AmqpValue(1).encode(), AmqpSequence([1]).encode()], ids=["value", "sequence"]
)
def test_another_body_has_no_pieces(octets: bytes) -> None:
    with pytest.raises(DecodeError, match="no data"):
        reader().push(octets)


@pytest.mark.parametrize("octets", [b"\x01", b"\x00\x53\x75\xa1\x01x"], ids=["no section", "no binary"])
def test_what_no_further_octets_mend_is_told_at_once(octets: bytes) -> None:
    with pytest.raises(DecodeError):
        reader().push(octets)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x00",
        Header().encode(),
        b"\x00\x53\x75",
        b"\x00\x53\x75\xa0\x05hell",
        b"\x00\x53\x75\xb0\x00\x00",
    ],
)
def test_a_message_that_ends_early_or_has_no_body_is_none(octets: bytes) -> None:
    taken = reader()
    taken.push(octets)
    with pytest.raises(DecodeError):
        taken.finish()


def test_a_body_behind_the_footer_is_none() -> None:
    taken = reader()
    taken.push(Data(b"").encode() + Footer({"a": 1}).encode())
    with pytest.raises(DecodeError, match="behind the footer"):
        taken.push(Data(b"x").encode())


def test_sections_in_the_wrong_order_are_told() -> None:
    taken = reader()
    taken.push(Properties().encode() + Header().encode() + Data(b"").encode())
    with pytest.raises(DecodeError, match="order"):
        taken.finish()


def test_one_section_beside_the_body_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MAX_HEAD", 500)
    with pytest.raises(DecodeError, match="more than 500 octets"):
        reader().push(Properties(subject="s" * 600).encode()[:550])


def test_all_sections_beside_the_body_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MAX_HEAD", 500)
    section = Properties(subject="s" * 200).encode()
    with pytest.raises(DecodeError, match="more than 500 octets"):
        reader().push(section * 3)


def test_what_stands_beside_a_body_is_written_around_it() -> None:
    message = Message(header=Header(priority=3), properties=Properties(subject="s"), footer={"a": 1})
    writer = BodyWriter(message, durable=True)
    pieces = [writer.section(piece) for piece in (b"x", b"", memoryview(b"y"))]
    whole = Message.decode(writer.head + b"".join(pieces) + writer.end())
    assert whole.header == Header(durable=True, priority=3)
    assert (whole.body, whole.properties, whole.footer) == (b"xy", message.properties, message.footer)
    assert BodyWriter(None, durable=False).head == b""
    assert BodyWriter(None, durable=True).head == Header(durable=True).encode()
    durable = Message(header=Header(durable=True))
    assert BodyWriter(durable, durable=True).head == BodyWriter(durable, durable=False).head
    assert BodyWriter(None, durable=False).end() == Data(b"").encode()


def test_a_body_that_is_there_cannot_come_in_pieces() -> None:
    with pytest.raises(EncodeError, match="in pieces"):
        BodyWriter(Message(b"x"), durable=False)
    with pytest.raises(LocalError, match="bytes-like"):
        BodyWriter(None, durable=False).section("text")  # type: ignore[arg-type]  # on purpose


def test_a_body_of_known_size_is_one_section() -> None:
    writer = BodyWriter(Message(footer={"a": 1}), durable=False, size=300)
    octets = writer.head + writer.section(bytes(100)) + writer.section(bytearray(200)) + writer.end()
    assert Message.decode(octets).sections == (Data(bytes(300)), Footer({"a": 1}))
    empty = BodyWriter(None, durable=False, size=0)
    assert Message.decode(empty.head + empty.end()).sections == (Data(b""),)


def test_the_size_is_what_was_said() -> None:
    writer = BodyWriter(None, durable=False, size=3)
    writer.section(b"ab")
    with pytest.raises(LocalError, match="1 octets less"):
        writer.end()
    with pytest.raises(LocalError, match="1 octets more"):
        writer.section(b"cd")
    with pytest.raises(LocalError, match="size"):
        BodyWriter(None, durable=False, size=1 << 32)
