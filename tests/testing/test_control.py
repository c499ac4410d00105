"""What a scripted peer does to the stream: cuts, stalls, holds, splits, ends it; and raw octets."""

from __future__ import annotations

import pytest

from amqp.engine import ConnectionFailed, ConnectionOpened, Engine
from amqp.options import ConnectionOptions
from amqp.testing import Peer
from amqp.testing.framing import make_frame
from amqp.testing.script import header_octets

AMQP = header_octets()
OPEN = make_frame("open", {"container_id": "me"}).octets


def client() -> Engine:
    engine = Engine(ConnectionOptions(container_id="me"))
    engine.open()
    return engine


def test_steps_run_in_the_order_in_which_they_were_written() -> None:
    peer = Peer()
    peer.expect_header()
    peer.remote_header()
    peer.expect_open()
    peer.remote_open()
    assert peer.take() == b""
    peer.feed(AMQP)
    assert peer.take() == AMQP
    peer.feed(OPEN)
    assert peer.take_pieces() == [make_frame("open", {"container_id": "peer"}).octets]
    peer.remote_close()
    assert peer.take() == make_frame("close", {}).octets


def test_raw_octets_and_frames_that_lie() -> None:
    peer = Peer()
    peer.remote_octets(b"HTTP/1.1 400\r\n")
    peer.remote_frame(b"body", channel=1, kind=7, size=5, doff=9)
    peer.remote_frame(extended=b"1234")
    assert peer.take_pieces() == [
        b"HTTP/1.1 400\r\n",
        b"\x00\x00\x00\x05\x09\x07\x00\x01body",
        b"\x00\x00\x00\x0c\x03\x00\x00\x001234",
    ]
    assert "-> 14 raw octets: 48 54 54 50" in peer.trace


def test_a_header_alone_does_not_open_a_connection() -> None:
    peer, engine = Peer(), client()
    peer.expect_header().respond()
    peer.expect_open()
    peer.pump(engine)
    peer.done()
    assert engine.events() == []


def test_another_header_in_answer() -> None:
    peer, engine = Peer(), client()
    peer.expect_header().respond(header_octets(3))
    peer.drop()
    peer.ignore("open")
    peer.pump(engine)
    (failed,) = engine.events()
    assert isinstance(failed, ConnectionFailed)


def test_a_malformed_frame_fails_the_connection() -> None:
    peer, engine = Peer(), client()
    peer.handshake()
    peer.remote_frame(b"\x00\x53\x18\xc0\x07")
    peer.expect_close(error="amqp:decode-error")
    peer.pump(engine)
    peer.done()
    assert isinstance(engine.events()[-1], ConnectionFailed)


@pytest.mark.parametrize("how", ["drop", "half_close", "reset"])
def test_the_stream_ends_without_a_close(how: str) -> None:
    peer, engine = Peer(), client()
    peer.handshake()
    getattr(peer, how)()
    peer.ignore("close")
    peer.pump(engine)
    assert peer.output_closed
    opened, failed = engine.events()
    assert isinstance(opened, ConnectionOpened)
    assert isinstance(failed, ConnectionFailed)


def test_nothing_is_read_from_a_dropped_stream() -> None:
    peer = Peer()
    peer.drop()
    peer.feed(b"anything")
    peer.done()


def test_behind_a_drop_the_script_goes_on_with_the_next_connection() -> None:
    peer, first = Peer(), client()
    peer.handshake()
    peer.drop()
    peer.handshake(container_id="again")
    peer.remote_close()
    peer.expect_close()
    peer.pump(first)
    assert not peer.finished
    peer.reconnected()
    second = client()
    peer.pump(second)
    peer.done()
    opened = second.events()[0]
    assert isinstance(opened, ConnectionOpened)
    assert opened.remote.container_id == "again"
    assert "-- a new connection" in peer.trace


def test_an_action_behind_a_drop_is_for_the_next_connection() -> None:
    peer = Peer()
    peer.drop()
    peer.remote_header()
    assert peer.take() == b""
    with pytest.raises(AssertionError, match="not come to: remote_header"):
        peer.done()
    peer.failure = None
    peer.reconnected()
    assert peer.take() == AMQP


def test_nothing_can_be_sent_behind_a_half_close() -> None:
    peer = Peer()
    peer.half_close()
    with pytest.raises(AssertionError, match="nothing can be sent behind half-close"):
        peer.remote_close()


def test_a_stalled_peer_reads_later() -> None:
    peer = Peer()
    peer.stall()
    opened = peer.expect_header()
    peer.feed(AMQP)
    assert opened.count == 0
    assert peer.trace == ""
    peer.resume()
    assert opened.count == 1


def test_a_gate_keeps_what_comes() -> None:
    peer = Peer()
    gate = peer.gate("until the test has looked")
    seen = peer.expect_header().respond()
    peer.feed(AMQP)
    assert seen.count == 0
    with pytest.raises(AssertionError, match="not come to: until the test has looked"):
        Peer.done(peer)
    peer.failure = None
    gate.open()
    assert peer.take() == AMQP
    peer.done()


def test_held_output_leaves_when_it_is_released() -> None:
    peer = Peer()
    peer.hold()
    peer.remote_header()
    assert peer.take_pieces() == []
    peer.release()
    assert peer.take() == AMQP


@pytest.mark.parametrize("size", [1, 3, 7])
def test_output_is_split_anywhere(size: int) -> None:
    peer = Peer()
    peer.split_output(size)
    peer.remote_header()
    peer.remote_open()
    pieces = peer.take_pieces()
    assert {len(piece) for piece in pieces[:-1]} == {size}
    assert b"".join(pieces).startswith(AMQP)
    peer.split_output(None)
    peer.remote_close()
    peer.remote_close()
    assert len(peer.take_pieces()) == 2


def test_a_step_of_ones_own() -> None:
    peer = Peer()
    done: list[int] = []
    peer.expect_header()
    peer.do("note it", lambda: done.append(1))
    assert done == []
    peer.feed(AMQP)
    assert done == [1]


def test_frames_for_nothing_are_sent_all_the_same() -> None:
    peer = Peer()
    peer.remote_disposition()
    peer.remote_transfer(payload=b"x", handle=7)
    peer.remote_detach()
    peer.remote_end()
    peer.remote_delivery(payload=bytes(600))
    assert [line.split()[2:5] for line in peer.trace.splitlines()] == [
        ["channel", "0:", "disposition(role='receiver',"],
        ["channel", "0:", "transfer(handle=7)"],
        ["channel", "0:", "detach(closed=True)"],
        ["channel", "0:", "end()"],
        ["channel", "0:", "transfer(more=True)"],
        ["channel", "0:", "transfer()"],
    ]


def test_presets_leave_credit_out_where_it_is_none() -> None:
    server, client_ = Peer(), Peer("client")
    server.handshake()
    server.accept_session()
    server.accept_sender(credit=0)
    server.accept_receiver(credit=None)
    client_.handshake()
    client_.begin_session()
    client_.attach_sender("q", credit=None)
    client_.attach_receiver("q", credit=0)
    for _ in range(10):
        server.feed(client_.take())
        client_.feed(server.take())
    server.done()
    client_.done()
    assert "flow" not in server.trace


def test_received_frames_stay_to_be_looked_at() -> None:
    peer = Peer()
    peer.handshake()
    peer.feed(AMQP + OPEN)
    (opened,) = peer.received
    assert (opened.name, opened["container_id"], opened["channel_max"]) == ("open", "me", 65535)
    with pytest.raises(KeyError):
        _ = opened["container"]
