"""Deliveries in pieces: written while they are made, read while they come (2.6.14)."""

from __future__ import annotations

import random
from array import array
from typing import Any

import pytest

from amqp.engine import (
    DeliveryAborted,
    DeliveryReadable,
    DeliveryReceived,
    DeliveryStarted,
    DeliveryUpdated,
    Drained,
    Engine,
    IncomingStream,
    LinkEnded,
    LinkFailed,
    LinkRequested,
    ReceiverLink,
    SessionRequested,
)
from amqp.engine.streaming import CHUNK_COST
from amqp.errors import LocalError
from amqp.options import ConnectionOptions, LinkOptions, SessionOptions
from amqp_spec import LinkErrorCondition, TransactionalState
from tests.engine.checker import Checker
from tests.engine.wire import (
    Accepted,
    Detach,
    Disposition,
    Flow,
    Open,
    Rig,
    SenderSettleMode,
    Source,
    Target,
    Transfer,
    accept_sender,
    accept_session,
    attach_receiver,
    begin_session,
    flow,
    grant,
    opened_client,
    opened_server,
    sender_attach,
    transfer,
)


def sending(**fields: Any) -> tuple[Rig, Any]:
    rig = opened_server(Open(container_id="peer", max_frame_size=512))
    accept_session(rig)
    return rig, accept_sender(rig, credit=10, **fields)


class TestWriting:
    def test_pieces_leave_as_they_come_and_the_last_says_so(self) -> None:
        rig, link = sending()
        stream = link.send_stream(b"one", tag=b"t", message_format=7)
        assert (stream.pending_octets, stream.started) == (3, False)
        first = rig.frames()[0]
        assert first.payload == b"one"
        assert first.performative == Transfer(
            handle=0, delivery_id=0, delivery_tag=b"t", message_format=7, settled=False, more=True
        )
        assert stream.pending_octets == 0
        rig.quiet()
        stream.write(b"two")
        stream.write(memoryview(b"three"))
        middle = rig.frames()
        assert [(each.payload, each.performative) for each in middle] == [
            (b"twothree", Transfer(handle=0, more=True))
        ]
        assert not stream.complete
        stream.finish(b"end")
        assert [(each.payload, each.performative) for each in rig.frames()] == [(b"end", Transfer(handle=0))]
        assert stream.complete
        assert link.credit == 9

    def test_a_buffer_of_any_items_counts_its_octets(self) -> None:
        rig, link = sending(max_message_size=8)
        stream = link.send_stream(tag=b"t")
        items = array("H", [1, 2, 3])
        stream.write(memoryview(items))
        assert stream.pending_octets == 6
        with pytest.raises(LocalError, match="12 octets and the peer takes 8"):
            stream.write(memoryview(items))
        assert [each.payload for each in rig.frames()] == [items.tobytes()]

    def test_nothing_leaves_before_there_is_something(self) -> None:
        rig, link = sending()
        stream = link.send_stream()
        rig.quiet()
        stream.write(b"")
        rig.quiet()
        assert not stream.started
        stream.finish()
        only = rig.one(Transfer)
        assert not only.more
        assert only.delivery_id == 0

    def test_a_large_piece_is_cut_to_the_peers_frames(self) -> None:
        rig, link = sending()
        octets = random.Random(1).randbytes(3000)
        stream = link.send_stream(octets[:1200])
        link_frames = rig.frames()
        stream.finish(octets[1200:])
        link_frames += rig.frames()
        assert all(each.size <= 512 for each in link_frames)
        assert b"".join(each.payload for each in link_frames) == octets
        assert [each.performative.more for each in link_frames] == [True] * (len(link_frames) - 1) + [False]

    def test_what_waits_is_seen_and_falls_as_it_is_taken(self) -> None:
        rig, link = sending()
        rig.receive(flow(incoming_window=1))
        rig.forget()
        stream = link.send_stream(bytes(2000))
        assert stream.pending_octets == 2000
        (only,) = rig.frames()
        assert stream.pending_octets == 2000 - len(only.payload)
        rig.quiet()

    def test_others_go_on_while_a_stream_waits_for_data(self) -> None:
        rig, link = sending()
        other = accept_sender(rig, credit=5, name="other", handle=1)
        stream = link.send_stream(b"first")
        behind = link.send(b"behind")
        other.send(b"other")
        assert [each.payload for each in rig.frames()] == [b"first", b"other"]
        other.send(b"again")
        assert [each.payload for each in rig.frames()] == [b"again"]
        stream.finish(b"last")
        assert [each.payload for each in rig.frames()] == [b"last", b"behind"]
        assert (stream.id, behind.id) == (0, 3)

    @pytest.mark.requirement("transport-2.6.7-08")
    def test_a_stream_does_not_begin_with_credit_that_was_taken_back(self) -> None:
        rig, link = sending()
        stream = link.send_stream(b"one")
        rig.receive(flow(handle=0, link_credit=0))
        assert rig.sent() == []
        assert not stream.started
        rig.receive(flow(handle=0, link_credit=1))
        assert rig.one(Transfer).delivery_id == 0
        stream.write(b"two")
        rig.receive(flow(handle=0, delivery_count=1, link_credit=0))
        assert rig.one(Transfer).more, "what has begun goes on (2.6.7)"

    def test_no_frame_leaves_without_credit(self) -> None:
        rig, link = sending()
        stream = link.send_stream()
        grant(rig, link, 0)
        stream.write(b"x")
        rig.quiet()
        stream.write(b"y")
        rig.quiet()
        rig.receive(flow(handle=0, link_credit=1))
        assert [each.payload for each in rig.frames()] == [b"xy"]
        grant(rig, link, 0)
        stream.finish(b"z")
        assert [each.payload for each in rig.frames()] == [b"z"], (
            "one credit serves the whole delivery (2.6.7)"
        )

    def test_the_peers_limit_holds_as_the_message_grows(self) -> None:
        rig, link = sending(max_message_size=10)
        with pytest.raises(LocalError, match="11 octets and the peer takes 10"):
            link.send_stream(bytes(11))
        assert link.credit == 10
        stream = link.send_stream(bytes(6))
        rig.forget()
        with pytest.raises(LocalError, match="would have 11"):
            stream.write(bytes(5))
        assert stream.pending_octets == 0
        rig.quiet()
        with pytest.raises(LocalError, match="would have 11"):
            stream.finish(bytes(5))
        assert not stream.finished
        stream.finish(bytes(4))
        assert rig.frames()[0].payload == bytes(4)

    def test_a_stream_that_has_not_left_can_be_withdrawn(self) -> None:
        rig, link = sending()
        stream = link.send_stream(b"x")
        stream.withdraw()
        assert (link.credit, stream.pending_octets) == (10, 0)
        rig.quiet()
        with pytest.raises(LocalError, match="finished, aborted or withdrawn"):
            stream.write(b"y")
        link.send(b"z")
        assert rig.frames()[0].performative.delivery_id == 0

    def test_a_stream_may_be_sent_settled(self) -> None:
        rig, link = sending()
        stream = link.send_stream(b"x", settled=True)
        assert link.unsettled == {}
        assert rig.one(Transfer).settled
        stream.finish()
        assert rig.one(Transfer) == Transfer(handle=0)

    def test_a_settled_one_is_withdrawn_once(self) -> None:
        rig, link = sending()
        stream = link.send_stream(settled=True)
        stream.withdraw()
        stream.withdraw()
        assert link.credit == 10
        rig.quiet()

    def test_a_withdrawn_stream_lets_those_behind_it_go(self) -> None:
        rig, link = sending()
        stream = link.send_stream()
        link.send(b"behind")
        rig.quiet()
        stream.withdraw()
        assert [each.payload for each in rig.frames()] == [b"behind"]

    def test_a_stream_is_aborted_amid(self) -> None:
        rig, link = sending()
        stream = link.send_stream(b"x")
        rig.forget()
        stream.write(b"unsent")
        link.send(b"behind")
        stream.abort()
        aborted, behind = rig.frames()
        assert aborted.performative == Transfer(handle=0, aborted=True)
        assert aborted.payload == b""
        assert behind.payload == b"behind"
        assert stream.settled
        for call in (stream.write, stream.finish):
            with pytest.raises(LocalError, match="finished, aborted or withdrawn"):
                call(b"y")

    def test_a_starved_stream_is_aborted_at_once(self) -> None:
        rig, link = sending()
        stream = link.send_stream(b"x")
        rig.forget()
        stream.abort()
        assert rig.one(Transfer).aborted

    def test_a_finished_stream_takes_no_more(self) -> None:
        rig, link = sending()
        stream = link.send_stream()
        stream.finish(b"x")
        with pytest.raises(LocalError, match="finished, aborted or withdrawn"):
            stream.write(b"y")
        rig.forget()
        with pytest.raises(LocalError, match="whole delivery has left"):
            stream.abort()

    def test_every_frame_of_a_posting_names_its_transaction(self) -> None:
        rig, link = sending()
        state = TransactionalState(txn_id=b"t")
        stream = link.send_stream(b"x", state=state)
        (first,) = rig.sent()
        stream.write(b"x")
        (middle,) = rig.sent()
        stream.abort()
        (last,) = rig.sent()
        assert [first.state, middle.state, last.state] == [state] * 3

    def test_a_detached_link_takes_no_more(self) -> None:
        rig, link = sending()
        stream = link.send_stream(b"x")
        rig.forget()
        link.detach()
        rig.one(Detach)
        with pytest.raises(LocalError, match="is not attached"):
            stream.write(b"y")
        stream.abort()
        assert not stream.complete
        rig.quiet()

    def test_the_peer_may_settle_before_the_end(self) -> None:
        rig, link = sending()
        stream = link.send_stream(b"x")
        rig.forget()
        rig.receive(Disposition(role=True, first=0, settled=True, state=Accepted()))
        assert rig.event(DeliveryUpdated).settled
        stream.finish(b"y")
        assert rig.frames()[0].payload == b"y"

    def test_draining_waits_for_the_stream(self) -> None:
        rig, link = sending()
        stream = link.send_stream(b"x")
        rig.forget()
        grant(rig, link, 9, drain=True)
        link.drained()
        rig.quiet()
        stream.write(b"y")
        assert rig.one(Transfer).more
        stream.finish()
        last, told = rig.sent()
        assert isinstance(last, Transfer)
        assert isinstance(told, Flow)
        assert (told.delivery_count, told.link_credit) == (10, 0)

    def test_draining_waits_for_a_stream_not_begun(self) -> None:
        rig, link = sending()
        stream = link.send_stream()
        grant(rig, link, 10, drain=True)
        link.drained()
        rig.quiet()
        stream.withdraw()
        assert rig.one(Flow).delivery_count == 10


def reading(
    *, window: int = 32, frame: int = 512, max_buffered: int = 64 * 1024, credit: int = 5, **fields: Any
) -> tuple[Rig, ReceiverLink]:
    options = ConnectionOptions(container_id="c", max_frame_size=frame, max_buffered=max_buffered)
    rig = opened_client(options=options)
    session = begin_session(rig, SessionOptions(incoming_window=window))
    link = attach_receiver(
        rig,
        session,
        LinkOptions(name="in", source=Source(address="q"), streaming=True),
        credit=credit,
        **fields,
    )
    return rig, link


def started(rig: Rig, payload: bytes = b"one", **fields: Any) -> IncomingStream:
    rig.receive(transfer(0, more=True, **fields), payload=payload)
    return rig.event(DeliveryStarted).delivery


class TestReading:
    def test_octets_are_read_as_they_come(self) -> None:
        rig, link = reading()
        stream = started(rig)
        assert (stream.unread, stream.complete, stream.payload) == (3, False, b"")
        assert stream.read() == b"one"
        assert stream.read() == b""
        rig.receive(Transfer(handle=0, more=True), payload=b"two")
        assert rig.event(DeliveryReadable).delivery is stream
        rig.receive(Transfer(handle=0, more=True), payload=b"three")
        assert rig.events() == [], "told once until it is read"
        rig.receive(Transfer(handle=0), payload=b"four")
        assert rig.event(DeliveryReceived).delivery is stream
        assert stream.complete
        assert stream.read() == b"twothreefour"
        assert link.unsettled == {b"0": stream}
        stream.settle(Accepted())
        assert rig.one(Disposition).first == 0
        assert link.unsettled == {}

    def test_a_delivery_of_one_frame_is_a_stream_too(self) -> None:
        rig, _ = reading()
        rig.receive(transfer(0, settled=True), payload=b"all")
        first, last = rig.events()
        assert isinstance(first, DeliveryStarted)
        assert isinstance(last, DeliveryReceived)
        assert first.delivery is last.delivery
        assert last.delivery.settled
        assert first.delivery.read() == b"all"

    def test_octets_behind_an_empty_first_frame_are_told(self) -> None:
        rig, _ = reading()
        stream = started(rig, payload=b"")
        rig.receive(Transfer(handle=0, more=True))
        assert rig.events() == []
        rig.receive(Transfer(handle=0, more=True), payload=b"x")
        assert rig.event(DeliveryReadable).delivery is stream

    def test_reading_takes_no_more_than_asked(self) -> None:
        rig, _ = reading()
        stream = started(rig, payload=b"abcdef")
        rig.receive(Transfer(handle=0), payload=b"ghi")
        rig.forget()
        assert stream.read(0) == b""
        assert stream.read(2) == b"ab"
        assert stream.read(5) == b"cdefg"
        assert stream.unread == 2
        assert stream.read(100) == b"hi"
        with pytest.raises(LocalError, match="limit"):
            stream.read(-1)

    def test_what_is_unread_holds_the_window(self) -> None:
        rig, _ = reading(window=8)
        stream = started(rig)
        for _number in range(7):
            rig.receive(Transfer(handle=0, more=True), payload=b"x")
            assert rig.sent() == [], "no place is free, so there is nothing to tell"
        assert stream.read(3) == b"one"
        rig.quiet()
        assert stream.read(1) == b"x"
        told = rig.one(Flow)
        assert (told.incoming_window, told.next_incoming_id, told.handle) == (2, 8, None)
        assert stream.read() == b"xxxxxx"
        assert rig.one(Flow).incoming_window == 8

    def test_a_flow_of_the_link_says_what_is_left_of_the_window(self) -> None:
        rig, link = reading(window=8)
        started(rig)
        link.flow(7)
        assert rig.one(Flow).incoming_window == 7

    def test_a_sibling_keeps_what_is_left_of_the_window(self) -> None:
        rig, link = reading(window=8)
        sibling = attach_receiver(
            rig, link.session, LinkOptions(name="sibling", source=Source(address="q")), credit=100, handle=1
        )
        started(rig)
        windows: list[int] = []
        for number in range(1, 40):
            rig.receive(transfer(number, handle=1), payload=b"x")
            windows += [each.incoming_window for each in rig.sent()]
        assert len(sibling.unsettled) == 39
        assert windows
        assert set(windows) == {7}

    def test_the_window_is_never_exceeded_however_slow_the_reader(self) -> None:
        rig, _ = reading(window=4)
        sent = 1
        window = 4 - 1
        stream = started(rig)
        read = b""
        rand = random.Random(3)
        while sent < 200:
            if window:
                rig.receive(Transfer(handle=0, more=True), payload=b"x")
                sent += 1
                window -= 1
            if rand.random() < 0.3 or not window:
                read += stream.read(rand.choice([1, 2, 100]))
            for told in rig.sent():
                window = told.incoming_window - (sent - told.next_incoming_id)
        assert len(read) + stream.unread == sent - 1 + 3
        assert rig.engine.sessions

    def test_an_abort_drops_what_is_unread(self) -> None:
        rig, link = reading(window=4)
        stream = started(rig)
        rig.receive(Transfer(handle=0, more=True), payload=b"x")
        rig.receive(Transfer(handle=0, more=True), payload=b"x")
        rig.receive(Transfer(handle=0, aborted=True))
        assert rig.event(DeliveryAborted).delivery is stream
        assert (stream.aborted, stream.settled, stream.unread, stream.read()) == (True, True, 0, b"")
        assert link.unsettled == {}
        assert rig.one(Flow).incoming_window == 4
        rig.receive(transfer(1, more=True), payload=b"y")
        assert rig.event(DeliveryStarted).delivery.read() == b"y"

    def test_settling_amid_drops_the_rest(self) -> None:
        rig, link = reading(window=4)
        stream = started(rig)
        rig.receive(Transfer(handle=0, more=True), payload=b"x")
        rig.forget()
        stream.settle(Accepted())
        assert isinstance(rig.sent()[0], Disposition)
        assert stream.unread == 0
        windows: list[int] = []
        for _number in range(10):
            rig.receive(Transfer(handle=0, more=True), payload=b"x")
            windows += [each.incoming_window for each in rig.sent()]
        assert set(windows) == {4}
        assert rig.events() == []
        rig.receive(Transfer(handle=0))
        assert rig.event(DeliveryReceived).delivery is stream
        assert stream.read() == b""
        assert link.unsettled == {}

    def test_an_update_amid_keeps_the_rest(self) -> None:
        rig, _ = reading()
        stream = started(rig)
        stream.update(Accepted(), settled=False)
        assert not rig.one(Disposition).settled
        assert stream.read() == b"one"

    def test_the_sender_may_settle_amid(self) -> None:
        rig, link = reading()
        stream = started(rig)
        rig.receive(Disposition(role=False, first=0, settled=True))
        assert rig.event(DeliveryUpdated).delivery is stream
        assert link.unsettled == {}
        rig.receive(Transfer(handle=0), payload=b"two")
        assert rig.event(DeliveryReceived).delivery is stream
        assert stream.read() == b"onetwo"

    @pytest.mark.parametrize("streaming", [False, True])
    def test_a_later_transfer_may_say_settled(self, streaming: bool) -> None:
        rig, link = reading() if streaming else (opened_client(), None)
        if link is None:
            link = attach_receiver(rig, begin_session(rig), credit=5)
        rig.receive(transfer(0, more=True), payload=b"one")
        rig.receive(Transfer(handle=0, settled=True, more=True), payload=b"two")
        rig.receive(Transfer(handle=0, settled=True), payload=b"three")
        received = rig.events()[-1]
        assert isinstance(received, DeliveryReceived)
        assert received.delivery.settled
        assert received.delivery.remote_settled
        assert link.unsettled == {}

    def test_settling_amid_does_not_break_the_settle_mode_of_the_link(self) -> None:
        rig, _ = reading(snd_settle_mode=SenderSettleMode.UNSETTLED)
        stream = started(rig)
        stream.settle(Accepted())
        rig.receive(Transfer(handle=0), payload=b"two")
        assert rig.event(DeliveryReceived).delivery is stream

    def test_a_resumed_delivery_that_is_not_known_is_not_told(self) -> None:
        rig, link = reading()
        rig.receive(transfer(0, more=True, resume=True), payload=b"one")
        rig.receive(Transfer(handle=0), payload=b"two")
        assert rig.events() == []
        assert link.unsettled == {}
        rig.receive(transfer(1), payload=b"new")
        assert isinstance(rig.events()[0], DeliveryStarted)

    def test_the_limit_of_the_message_holds(self) -> None:
        options = ConnectionOptions(container_id="c", max_frame_size=512)
        rig = opened_client(options=options)
        session = begin_session(rig, SessionOptions(incoming_window=8))
        attach_receiver(
            rig,
            session,
            LinkOptions(name="in", source=Source(), streaming=True, max_message_size=5),
            credit=5,
        )
        stream = started(rig)
        assert stream.read() == b"one"
        rig.receive(Transfer(handle=0, more=True), payload=b"two")
        failed = rig.event(LinkFailed)
        assert failed.fault.condition == LinkErrorCondition.MESSAGE_SIZE_EXCEEDED
        assert not stream.complete

    @pytest.mark.parametrize("drain_end", [Transfer(handle=0), Transfer(handle=0, aborted=True)])
    def test_a_drain_ends_with_the_last_delivery(self, drain_end: Transfer) -> None:
        rig, link = reading(credit=1)
        link.flow(1, drain=True)
        rig.forget()
        started(rig)
        rig.receive(drain_end)
        assert isinstance(rig.events()[-1], Drained)

    def test_a_lost_link_leaves_what_came_and_gives_the_window_back(self) -> None:
        rig, link = reading(window=4)
        stream = started(rig)
        for _number in range(3):
            rig.receive(Transfer(handle=0, more=True), payload=b"x")
        rig.forget()
        rig.receive(Detach(handle=0, closed=True))
        assert rig.event(LinkEnded).link is link
        told = [each for each in rig.sent() if isinstance(each, Flow)]
        assert [each.incoming_window for each in told] == [4]
        assert stream.read() == b"onexxx"
        assert not stream.complete
        rig.quiet()

    def test_a_window_beyond_the_memory_is_refused(self) -> None:
        with pytest.raises(LocalError, match="incoming_window of 113 or less"):
            reading(window=114)
        # As many frames as fit to the octet, and one octet less room.
        exactly = 113 * (512 + CHUNK_COST)
        _, link = reading(window=113, max_buffered=exactly)
        assert link.attached
        with pytest.raises(LocalError, match="incoming_window of 112 or less"):
            reading(window=113, max_buffered=exactly - 1)

    def test_the_accepting_end_may_stream(self) -> None:
        rig = opened_server(options=ConnectionOptions(container_id="s", max_frame_size=512))
        accept_session(rig, SessionOptions(incoming_window=8))
        rig.receive(sender_attach())
        link = rig.event(LinkRequested).link
        assert isinstance(link, ReceiverLink)
        link.accept(credit=5, streaming=True)
        rig.forget()
        assert started(rig).read() == b"one"

    def test_the_accepting_end_is_told_of_too_large_a_window(self) -> None:
        rig = opened_server()
        accept_session(rig)
        rig.receive(sender_attach())
        link = rig.event(LinkRequested).link
        assert isinstance(link, ReceiverLink)
        with pytest.raises(LocalError, match="streaming=True"):
            link.accept(credit=5, streaming=True)
        link.accept(credit=5)
        assert link.attached


def pump(source: Engine, target: Engine, checkers: tuple[Checker, Checker]) -> None:
    moved = True
    while moved:
        moved = False
        for writer, reader, mine, theirs in ((source, target, *checkers), (target, source, *checkers[::-1])):
            octets = b"".join(writer.data_to_send(0.0))
            if octets:
                moved = True
                mine.sent(octets)
                theirs.received(octets)
                reader.receive_data(octets, 0.0)


@pytest.mark.fault("F23")
@pytest.mark.parametrize("seed", range(5))
def test_a_long_message_passes_in_little_memory(seed: int) -> None:
    """Both ends, at random: what waits and what is unread stay small, and every frame is legal."""
    rand = random.Random(seed)
    checkers = Checker(), Checker()
    source = Engine(ConnectionOptions(container_id="c", max_frame_size=512))
    target = Engine(ConnectionOptions(container_id="s", max_frame_size=512), role="server")
    source.open()
    sender = source.begin().attach_sender(LinkOptions(name="in", source=Source(), target=Target()))
    pump(source, target, checkers)
    target.open()
    pump(source, target, checkers)
    for event in target.events():
        if isinstance(event, SessionRequested):
            event.session.accept(SessionOptions(incoming_window=16))
        elif isinstance(event, LinkRequested):
            assert isinstance(event.link, ReceiverLink)
            event.link.accept(streaming=True, credit=1)
    pump(source, target, checkers)
    stream = sender.send_stream()
    incoming: IncomingStream | None = None
    written = read = 0
    total = 300_000
    while incoming is None or not incoming.complete or incoming.unread:
        if written < total and stream.pending_octets < 4096:
            chunk = bytes([written % 251]) * min(rand.randrange(1, 3000), total - written)
            stream.write(chunk)
            written += len(chunk)
            if written == total:
                stream.finish()
        pump(source, target, checkers)
        for event in target.events():
            if isinstance(event, DeliveryStarted):
                incoming = event.delivery
            assert not isinstance(event, LinkFailed)
        assert stream.pending_octets <= 4096 + 3000
        if incoming is not None:
            assert incoming.unread <= 16 * 512
            read += len(incoming.read(rand.choice([None, 100, 1000])))
    assert read == total
