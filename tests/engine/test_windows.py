"""2.5.6: transfer-ids and the two windows of a session."""

from __future__ import annotations

import pytest

from amqp.engine import DeliveryReceived, SenderLink, SessionFailed
from amqp.options import LinkOptions, SessionOptions
from amqp_spec import Attach, Begin, SessionErrorCondition, Source
from tests.engine.wire import (
    End,
    Flow,
    Open,
    Rig,
    Transfer,
    accept_receiver,
    accept_sender,
    accept_session,
    begin,
    begin_session,
    flow,
    opened_client,
    opened_server,
    sender_attach,
    transfer,
)

EDGE = 0xFFFF_FFFF


def violated(rig: Rig) -> None:
    end = rig.one(End)
    assert end.error is not None
    assert end.error.condition == SessionErrorCondition.WINDOW_VIOLATION
    assert rig.event(SessionFailed).fault.condition == SessionErrorCondition.WINDOW_VIOLATION


def echo(rig: Rig, **fields: object) -> Flow:
    """Let the peer ask for our view of the session."""
    rig.receive(flow(echo=True, **fields))
    return rig.one(Flow)


@pytest.mark.requirement("transport-2.5.6-01")
def test_every_transfer_frame_takes_an_id() -> None:
    rig = opened_server()
    accept_session(rig)
    accept_receiver(rig)
    rig.receive(transfer(0, more=True), Transfer(handle=0, more=True), Transfer(handle=0), payload=b"x")
    rig.receive(transfer(1, more=True), Transfer(handle=0, aborted=True))
    rig.forget()
    assert echo(rig, next_outgoing_id=5).next_incoming_id == 5


@pytest.mark.requirement("transport-2.5.6-01")
def test_every_transfer_frame_of_ours_takes_an_id() -> None:
    rig = opened_server(Open(container_id="peer", max_frame_size=512))
    session = accept_session(rig)
    link = accept_sender(rig, credit=2)
    link.send(bytes(1200))
    rig.forget()
    assert session.next_outgoing_id == 3
    assert echo(rig, next_incoming_id=3).next_outgoing_id == 3


@pytest.mark.requirement("transport-2.5.6-02")
def test_the_peer_starts_where_it_likes() -> None:
    rig = opened_server()
    accept_session(rig, next_outgoing_id=0xFFFF_FFF0)
    accept_receiver(rig)
    rig.receive(transfer(0), transfer(1))
    rig.forget()
    assert echo(rig, next_outgoing_id=0xFFFF_FFF2).next_incoming_id == 0xFFFF_FFF2


@pytest.mark.requirement("transport-2.5.6-02")
def test_we_start_where_the_options_say() -> None:
    rig = opened_server()
    session = accept_session(rig, SessionOptions(next_outgoing_id=0xFFFF_FFFC))
    link = accept_sender(rig)
    rig.receive(
        flow(handle=0, link_credit=9, delivery_count=0, next_incoming_id=0xFFFF_FFFC, incoming_window=6)
    )
    rig.forget()
    for _ in range(9):
        link.send(b"x")
    assert [each.delivery_id for each in rig.sent()] == [0xFFFF_FFFC, 0xFFFF_FFFD, 0xFFFF_FFFE, EDGE, 0, 1]
    assert session.next_outgoing_id == 2


@pytest.mark.requirement("transport-2.5.6-03")
@pytest.mark.fault("C9")
def test_ids_wrap() -> None:
    rig = opened_server()
    accept_session(rig, next_outgoing_id=EDGE)
    accept_receiver(rig)
    rig.receive(transfer(EDGE), transfer(0))
    first, second = (event.delivery for event in rig.events() if isinstance(event, DeliveryReceived))
    first.settle()
    second.settle()
    disposition = rig.sent()[0]
    assert (disposition.first, disposition.last) == (EDGE, 0)
    assert echo(rig, next_outgoing_id=1).next_incoming_id == 1


@pytest.mark.requirement("transport-2.5.6-04")
def test_sending_stops_at_a_closed_window() -> None:
    rig = opened_server()
    session = accept_session(rig, incoming_window=2)
    link = accept_sender(rig)
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10, incoming_window=2))
    rig.forget()
    deliveries = [link.send(b"x") for _ in range(10)]
    assert len(rig.sent()) == 2
    assert not rig.engine.wants_write
    assert session.remote_incoming_window == 0
    assert [delivery.started for delivery in deliveries] == [True] * 2 + [False] * 8
    rig.receive(flow(next_incoming_id=2, incoming_window=3))
    assert [each.delivery_id for each in rig.sent()] == [2, 3, 4]


@pytest.mark.requirement("transport-2.5.6-04")
def test_the_window_counts_frames_not_deliveries() -> None:
    rig = opened_server(Open(container_id="peer", max_frame_size=512))
    accept_session(rig)
    link = accept_sender(rig)
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10, incoming_window=2))
    rig.forget()
    delivery = link.send(bytes(range(256)) * 5)
    first = rig.frames()
    assert [each.performative.more for each in first] == [True, True]
    assert not delivery.complete
    rig.receive(flow(next_incoming_id=2, incoming_window=9))
    rest = rig.frames()
    assert rest[-1].performative.more is False
    assert b"".join(each.payload for each in first + rest) == bytes(range(256)) * 5


@pytest.mark.requirement("transport-2.5.6-05")
def test_a_flow_that_is_behind_counts_what_is_in_flight() -> None:
    rig = opened_server()
    accept_session(rig)
    link = accept_sender(rig, credit=20)
    for _ in range(3):
        link.send(b"x")
    rig.forget()
    rig.receive(flow(next_incoming_id=0, incoming_window=5))
    for _ in range(5):
        link.send(b"x")
    assert len(rig.sent()) == 2


@pytest.mark.requirement("transport-2.5.6-05")
@pytest.mark.fault("C8")
def test_a_window_that_shrank_below_what_is_in_flight() -> None:
    rig = opened_server()
    session = accept_session(rig)
    link = accept_sender(rig, credit=20)
    for _ in range(5):
        link.send(b"x")
    rig.forget()
    rig.receive(flow(next_incoming_id=0, incoming_window=2))
    assert session.remote_incoming_window == 0
    link.send(b"x")
    assert rig.sent() == []


@pytest.mark.requirement("transport-2.5.6-06")
def test_a_flow_without_next_incoming_id_counts_from_our_start() -> None:
    rig = opened_server()
    accept_session(rig, SessionOptions(next_outgoing_id=77))
    link = accept_sender(rig)
    rig.receive(flow(next_incoming_id=None, handle=0, link_credit=20, incoming_window=4))
    rig.forget()
    for _ in range(10):
        link.send(b"x")
    assert len(rig.sent()) == 4
    rig.receive(flow(next_incoming_id=None, incoming_window=4))
    assert rig.sent() == []


@pytest.mark.requirement("transport-2.5.6-06")
def test_a_flow_before_our_begin_cannot_know_our_ids() -> None:
    rig = opened_server()
    rig.receive(begin(), flow(next_incoming_id=0, incoming_window=7))
    session = rig.events()[0].session
    session.accept(SessionOptions(next_outgoing_id=0xFFFF_FFFC))
    assert session.remote_incoming_window == 7


@pytest.mark.requirement("transport-2.5.6-07")
def test_the_peers_flow_sets_next_incoming_id() -> None:
    rig = opened_server()
    session = accept_session(rig)
    rig.receive(flow(next_outgoing_id=40))
    assert session.next_incoming_id == 40
    assert echo(rig, next_outgoing_id=41).next_incoming_id == 41


@pytest.mark.requirement("transport-2.5.6-07")
def test_the_peers_outgoing_window_falls_with_each_transfer_and_is_set_by_its_flow() -> None:
    rig = opened_server()
    session = accept_session(rig, outgoing_window=2)
    accept_receiver(rig)
    windows = session.outflow.windows
    for number, left in enumerate((1, 0, 0)):
        rig.receive(transfer(number))
        assert windows.remote_outgoing_window == left
    rig.receive(flow(next_outgoing_id=3, outgoing_window=7))
    assert windows.remote_outgoing_window == 7


@pytest.mark.requirement("transport-2.5.6-08")
@pytest.mark.fault("C8")
def test_a_transfer_beyond_our_window() -> None:
    rig = opened_server()
    session = accept_session(rig, SessionOptions(incoming_window=4))
    accept_receiver(rig, credit=10)
    # All in one write, so that no flow of ours can have come between.
    rig.receive(*(transfer(number) for number in range(5)))
    events = rig.events()
    assert [type(event) for event in events] == [DeliveryReceived] * 4 + [SessionFailed]
    end = [each for each in rig.sent() if isinstance(each, End)]
    assert len(end) == 1
    assert end[0].error is not None
    assert end[0].error.condition == SessionErrorCondition.WINDOW_VIOLATION
    assert session not in rig.engine.sessions or session.links == {}.keys()


@pytest.mark.requirement("transport-2.5.6-09")
def test_a_session_flow_leaves_credit_alone() -> None:
    rig = opened_server()
    accept_session(rig)
    link = accept_sender(rig, credit=5)
    rig.receive(flow(link_credit=50, delivery_count=3, drain=True))
    assert link.credit == 5
    assert not link.drain
    assert rig.events() == []


@pytest.mark.requirement("transport-2.5.6-10")
@pytest.mark.parametrize("window", [1, 2, 3, 10])
def test_our_window_opens_again_as_transfers_arrive(window: int) -> None:
    rig = opened_server()
    accept_session(rig, SessionOptions(incoming_window=window))
    accept_receiver(rig, credit=1000)
    known = window
    told = 0
    for number in range(3 * window + 7):
        assert known > 0
        rig.receive(transfer(number))
        known -= 1
        for each in rig.sent():
            assert isinstance(each, Flow)
            assert each.next_incoming_id == number + 1
            known = each.incoming_window
            told += 1
    assert told >= 3
    assert all(isinstance(event, DeliveryReceived) for event in rig.events())


@pytest.mark.requirement("transport-2.5.6-10")
def test_half_a_window_is_left_when_we_tell() -> None:
    rig = opened_server()
    accept_session(rig, SessionOptions(incoming_window=10))
    accept_receiver(rig, credit=100)
    for number in range(4):
        rig.receive(transfer(number))
    assert rig.sent() == []
    rig.receive(transfer(4))
    assert rig.one(Flow).handle is None


@pytest.mark.requirement("transport-2.5.6-11")
def test_a_flow_that_has_seen_more_than_was_sent() -> None:
    rig = opened_server()
    accept_session(rig)
    rig.receive(flow(next_incoming_id=1))
    violated(rig)


@pytest.mark.requirement("transport-2.7.4-01")
def test_our_flow_names_next_incoming_id_once_the_peers_begin_was_read() -> None:
    rig = opened_client()
    session = begin_session(rig, next_outgoing_id=9)
    assert session.next_incoming_id == 9
    assert echo(rig, next_outgoing_id=9).next_incoming_id == 9


@pytest.mark.requirement("transport-2.7.4-01")
def test_no_flow_leaves_before_the_peers_begin_was_read() -> None:
    rig = opened_client()
    session = rig.engine.begin()
    link = session.attach_receiver(LinkOptions(name="in", source=Source(address="q")), credit=5)
    link.flow(7, echo=True)
    assert [type(each) for each in rig.sent()] == [Begin, Attach]
    rig.receive(begin(remote_channel=0, next_outgoing_id=9))
    assert rig.sent() == []
    rig.receive(sender_attach("in"))
    told = rig.one(Flow)
    assert (told.next_incoming_id, told.link_credit) == (9, 7)


@pytest.mark.requirement("transport-2.7.4-02")
@pytest.mark.requirement("transport-2.7.4-07")
def test_a_session_flow_is_echoed_without_link_fields() -> None:
    rig = opened_server()
    accept_session(rig)
    accept_receiver(rig)
    answer = echo(rig)
    assert answer.handle is None
    assert (answer.delivery_count, answer.link_credit, answer.available) == (None, None, None)
    assert answer.properties is None
    assert not answer.drain
    assert not answer.echo


@pytest.mark.fault("C10")
def test_a_flood_of_echoes_is_answered_once() -> None:
    rig = opened_server()
    accept_session(rig)
    accept_receiver(rig)
    rig.receive(*[flow(echo=True), flow(echo=True, handle=0)] * 500)
    assert len(rig.sent()) <= 2
    assert rig.events() == []


def test_windows_larger_than_half_the_number_space() -> None:
    rig = opened_server()
    session = accept_session(rig)
    accept_sender(rig)
    rig.receive(flow(incoming_window=EDGE, handle=0, delivery_count=0, link_credit=EDGE))
    assert session.remote_incoming_window == EDGE
    (link,) = session.links
    assert isinstance(link, SenderLink)
    assert link.credit == EDGE


def test_a_transfer_with_no_attach_still_counts() -> None:
    rig = opened_server()
    session = accept_session(rig)
    rig.receive(sender_attach())
    rig.forget()
    rig.receive(transfer(0, handle=9))
    assert session.next_incoming_id == 1
