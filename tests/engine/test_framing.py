"""2.3: sizes, offsets, types, extended headers, and streams cut anywhere."""

from __future__ import annotations

import pytest

from amqp.engine import ConnectionFailed, ConnectionOpened, DeliveryReceived, SessionRequested
from amqp.engine.frames import FrameSplitter
from amqp.errors import Blame, Scope
from amqp.options import ConnectionOptions
from amqp_spec import AmqpErrorCondition, Close, ConnectionErrorCondition, SaslInit
from tests.engine.wire import (
    AMQP,
    EMPTY,
    Attach,
    Begin,
    Open,
    Rig,
    accept_receiver,
    accept_session,
    begin,
    frame,
    opened_client,
    opened_server,
    sender_attach,
    server,
    transfer,
)

FRAMING = ConnectionErrorCondition.FRAMING_ERROR


def fails(rig: Rig, condition: str) -> ConnectionFailed:
    """Check that the engine closed with *condition*, and blames the peer for it."""
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == condition
    failed = rig.event(ConnectionFailed)
    assert failed.fault.condition == condition
    assert failed.fault.scope is Scope.CONNECTION
    assert failed.fault.blame is Blame.REMOTE
    return failed


@pytest.mark.requirement("transport-2.3.1-02")
@pytest.mark.fault("C1")
@pytest.mark.parametrize("size", range(8))
def test_size_below_eight(size: int) -> None:
    rig = opened_server()
    rig.raw(frame(size=size))
    what = f"a frame says it has {size} octets, and its header alone has 8"
    assert what in fails(rig, FRAMING).fault.description
    assert rig.engine.output_closed


@pytest.mark.requirement("transport-2.3.1-03")
@pytest.mark.fault("C1")
@pytest.mark.parametrize("doff", [0, 1])
def test_data_offset_below_two(doff: int) -> None:
    rig = opened_server()
    octets = frame(begin(), doff=doff)
    rig.raw(octets)
    what = f"a frame of {len(octets)} octets has data offset {doff}"
    assert what in fails(rig, FRAMING).fault.description


@pytest.mark.requirement("transport-2.3.1-04")
@pytest.mark.fault("C1")
@pytest.mark.parametrize(("size", "doff"), [(12, 10), (8, 3), (11, 3), (1000, 255)])
def test_data_offset_beyond_the_frame(size: int, doff: int) -> None:
    rig = opened_server()
    rig.raw(frame(b"\0" * (size - 8), size=size, doff=doff))
    what = f"a frame of {size} octets has data offset {doff}"
    assert what in fails(rig, FRAMING).fault.description


@pytest.mark.requirement("transport-2.3.1-05")
@pytest.mark.requirement("transport-2.3.2-01")
@pytest.mark.parametrize("length", [4, 8, 1012])
def test_an_extended_header_is_skipped(length: int) -> None:
    rig = opened_server()
    rig.raw(frame(begin(), extended=b"\xff" * length))
    rig.event(SessionRequested)


@pytest.mark.requirement("transport-2.3.2-01")
def test_an_extended_header_before_a_payload() -> None:
    rig = opened_server()
    accept_session(rig)
    accept_receiver(rig)
    rig.raw(frame(transfer(0), payload=b"hello", extended=b"\xff" * 8))
    assert rig.event(DeliveryReceived).delivery.payload == b"hello"


@pytest.mark.requirement("transport-2.3.1-06")
@pytest.mark.fault("C1")
@pytest.mark.parametrize("kind", [2, 3, 255])
def test_a_type_that_is_not_defined(kind: int) -> None:
    rig = opened_server()
    rig.raw(frame(begin(), kind=kind))
    fails(rig, FRAMING)


@pytest.mark.requirement("transport-2.3.1-07")
@pytest.mark.fault("C1")
def test_a_sasl_frame_behind_the_amqp_header() -> None:
    rig = opened_server()
    rig.raw(frame(SaslInit(mechanism="ANONYMOUS"), kind=1))
    fails(rig, FRAMING)


@pytest.mark.requirement("transport-2.3.2-02")
@pytest.mark.parametrize(
    "body",
    [
        SaslInit(mechanism="ANONYMOUS").encode(),
        b"\x00\x53\x24\x45",  # accepted: described, and no performative
        b"\x00\x53\x19\x45",
        b"\x43",
        b"\x00",
        b"\xff\xff",
        begin().encode()[:-1],
    ],
)
def test_a_body_that_is_no_performative(body: bytes) -> None:
    rig = opened_server()
    before = len(AMQP + frame(Open(container_id="peer")))
    rig.raw(frame(body))
    failed = fails(rig, AmqpErrorCondition.DECODE_ERROR)
    assert failed.fault.offset is None or failed.fault.offset >= before


def test_the_offset_of_a_fault_counts_from_the_start_of_the_stream() -> None:
    rig = opened_server()
    before = len(AMQP + frame(Open(container_id="peer")))
    rig.raw(EMPTY + frame(size=7))
    assert fails(rig, FRAMING).fault.offset == before + len(EMPTY)


@pytest.mark.requirement("transport-2.3.1-01")
@pytest.mark.requirement("transport-2.3.2-02")
def test_what_is_emitted_parses_back_to_back() -> None:
    # cut() itself fails on slack, on a second performative and on an extended header.
    rig = opened_client()
    session = rig.engine.begin()
    sent = rig.frames()
    assert [type(each.performative) for each in sent] == [Begin]
    rig.receive(begin(remote_channel=session.channel))
    session.end()
    rig.engine.close()
    assert len(rig.frames()) == 2


@pytest.mark.requirement("transport-2.3.2-03")
def test_octet_by_octet() -> None:
    rig = server()
    octets = AMQP + frame(Open(container_id="peer")) + frame(begin()) + frame(sender_attach())
    for octet in octets:
        rig.raw(bytes((octet,)))
    assert [type(event) for event in rig.events()][:2] == [ConnectionOpened, SessionRequested]


@pytest.mark.requirement("transport-2.3.2-03")
def test_many_frames_in_one_write() -> None:
    rig = opened_server()
    accept_session(rig)
    accept_receiver(rig)
    rig.receive(*(transfer(number) for number in range(50)), payload=b"x")
    assert [event.delivery.id for event in rig.events() if isinstance(event, DeliveryReceived)] == list(
        range(50)
    )


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_octets_of_any_kind(kind: type) -> None:
    rig = server()
    rig.raw(kind(AMQP + frame(Open(container_id="peer"))))
    rig.event(ConnectionOpened)


def test_a_buffer_may_be_reused_by_the_driver() -> None:
    rig = opened_server()
    accept_session(rig)
    accept_receiver(rig)
    buffer = bytearray(frame(transfer(0), payload=b"first"))
    rig.raw(buffer)
    delivery = rig.event(DeliveryReceived).delivery
    buffer[:] = bytes(len(buffer))
    assert delivery.payload == b"first"
    assert isinstance(delivery.payload, bytes)


@pytest.mark.requirement("transport-2.7.1-02")
@pytest.mark.fault("C1")
def test_a_frame_above_the_limit_is_refused_by_its_header_alone() -> None:
    rig = opened_server(options=ConnectionOptions(max_frame_size=512))
    rig.raw(frame(size=513)[:8])
    assert "a frame of 513 octets is larger than the 512 allowed" in fails(rig, FRAMING).fault.description


@pytest.mark.requirement("transport-2.3.1-03")
def test_a_frame_of_the_limit_is_not_too_large_but_odd() -> None:
    rig = opened_server(options=ConnectionOptions(max_frame_size=512))
    rig.raw(frame(size=512, doff=1)[:8])
    assert "a frame of 512 octets has data offset 1" in fails(rig, FRAMING).fault.description


@pytest.mark.requirement("transport-2.7.1-02")
def test_a_frame_of_the_limit_is_taken() -> None:
    rig = opened_server(options=ConnectionOptions(max_frame_size=512))
    accept_session(rig)
    accept_receiver(rig)
    first = transfer(0)
    payload = b"x" * (512 - 8 - len(first.encode()))
    rig.receive(first, payload=payload)
    assert rig.event(DeliveryReceived).delivery.payload == payload


@pytest.mark.fault("C2")
def test_a_large_frame_before_the_open_is_refused_by_its_header_alone() -> None:
    rig = server()
    rig.raw(AMQP + frame(size=0xFFFF_FFFF))
    sent = rig.sent()
    assert sent[0] == AMQP
    assert isinstance(sent[1], Open)
    assert isinstance(sent[2], Close)
    assert sent[2].error is not None
    assert sent[2].error.condition == FRAMING
    rig.event(ConnectionFailed)
    assert rig.engine.output_closed


@pytest.mark.fault("C2")
@pytest.mark.parametrize(("size", "good"), [(8192, True), (8193, False)])
def test_the_limit_before_the_open(size: int, good: bool) -> None:
    rig = server()
    opening = frame(Open(container_id="peer", properties={"pad": ""}))
    padding = size - len(opening)
    # From 256 octets on a string takes three more octets for its length, and so do the map and the list.
    padding -= len(frame(Open(container_id="peer", properties={"pad": "x" * padding}))) - size
    octets = frame(Open(container_id="peer", properties={"pad": "x" * padding}))
    assert len(octets) == size
    rig.raw(AMQP + octets)
    assert any(isinstance(event, ConnectionOpened) for event in rig.events()) is good


def test_nothing_is_kept_behind_a_framing_fault() -> None:
    rig = opened_server()
    rig.raw(frame(size=3))
    rig.forget()
    for _ in range(3):
        rig.raw(frame(begin()) * 10)
    rig.quiet()


def test_the_splitter_keeps_no_more_than_one_frame() -> None:
    splitter = FrameSplitter(1000)
    splitter.expect_header = False
    octets = frame(Attach(name="x", handle=0, role=True)) * 3
    assert len(list(splitter.split(octets + octets[:5]))) == 3
    assert (splitter.inside, splitter.offset) == (True, len(octets))
    assert len(list(splitter.split(octets[5:]))) == 3
    assert (splitter.inside, splitter.offset) == (False, len(octets) * 2)
