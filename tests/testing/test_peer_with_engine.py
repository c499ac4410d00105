"""The scripted peer against the engine, in memory, in both roles."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.engine import (
    ConnectionEnded,
    ConnectionFailed,
    ConnectionOpened,
    DeliveryReceived,
    DeliveryUpdated,
    Engine,
    LinkFailed,
    LinkOpened,
    LinkRequested,
    ReceiverLink,
    SenderLink,
    Session,
    SessionFailed,
    SessionRequested,
)
from amqp.options import ConnectionOptions, LinkOptions
from amqp.sasl import Plain, PlainServer, SaslClient, SaslServer
from amqp.testing import ABSENT, ANY, PRESENT, Composite, Peer, message_octets
from amqp_spec import Accepted, Modified, Rejected, Released, Source, Target


def client(**options: Any) -> Engine:
    engine = Engine(ConnectionOptions(container_id="me", **options))
    engine.open()
    return engine


def a_sender(engine: Engine, peer: Peer, *, credit: int = 10) -> SenderLink:
    """Open an engine's sender by a script."""
    peer.handshake()
    peer.accept_session()
    peer.accept_sender(credit=credit)
    link = engine.begin().attach_sender(LinkOptions(name="out", target=Target(address="q")))
    peer.pump(engine)
    peer.done()
    engine.events()
    return link


def a_receiver(engine: Engine, peer: Peer, *, credit: int = 10) -> ReceiverLink:
    peer.handshake()
    peer.accept_session()
    peer.accept_receiver(credit=credit)
    link = engine.begin().attach_receiver(LinkOptions(name="in", source=Source(address="q")), credit=credit)
    peer.pump(engine)
    peer.done()
    engine.events()
    return link


def happened(engine: Engine, kind: type) -> Any:
    found = [event for event in engine.events() if isinstance(event, kind)]
    assert len(found) == 1
    return found[0]


# -- a server against a client's engine


def test_a_connection_opens_and_closes_by_a_script() -> None:
    peer, engine = Peer(), client(channel_max=9)
    peer.expect_header().respond()
    peer.expect_open(container_id="me", channel_max=9, hostname=ABSENT, idle_time_out=ANY).respond(
        container_id="server", max_frame_size=4096
    )
    peer.expect_close(error=ABSENT).respond()
    peer.pump(engine)
    opened = happened(engine, ConnectionOpened)
    assert (opened.remote.container_id, opened.remote.max_frame_size) == ("server", 4096)
    engine.close()
    peer.pump(engine)
    happened(engine, ConnectionEnded)
    peer.done()


def test_sasl_goes_by_hand_and_by_the_preset() -> None:
    peer = Peer()
    peer.expect_sasl_header().respond()
    peer.remote_sasl_mechanisms("PLAIN")
    peer.expect_sasl_init(mechanism="PLAIN", initial_response=b"\0user\0secret").respond("ok")
    peer.handshake(sasl=False)
    engine = Engine(ConnectionOptions(container_id="me"), sasl=SaslClient([Plain("user", "secret")]))
    engine.open()
    peer.pump(engine)
    assert [type(event).__name__ for event in engine.events()] == ["Authenticated", "ConnectionOpened"]
    peer.done()
    assert "secret" not in peer.trace


@pytest.mark.parametrize("sasl", [None, True, "PLAIN"])
def test_the_preset_serves_a_client_with_sasl(sasl: Any) -> None:
    peer = Peer()
    peer.handshake(sasl=sasl)
    engine = Engine(ConnectionOptions(container_id="me"), sasl=SaslClient([Plain("user", "secret")]))
    engine.open()
    peer.pump(engine)
    assert isinstance(engine.events()[-1], ConnectionOpened)
    peer.done()


def test_a_login_is_refused() -> None:
    peer = Peer()
    peer.expect_sasl_header().respond()
    peer.remote_sasl_mechanisms("PLAIN")
    peer.expect_sasl_init().respond("auth")
    engine = Engine(ConnectionOptions(container_id="me"), sasl=SaslClient([Plain("user", "wrong")]))
    engine.open()
    peer.pump(engine)
    assert happened(engine, ConnectionFailed).authentication
    peer.done()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("accepted", Accepted()),
        ("released", Released()),
        (Composite("modified", delivery_failed=True), Modified(delivery_failed=True)),
        (Modified(undeliverable_here=True), Modified(undeliverable_here=True)),
        ("rejected", Rejected()),
    ],
)
def test_a_delivery_is_settled_with_any_outcome(state: Any, expected: object) -> None:
    peer, engine = Peer(), client()
    link = a_sender(engine, peer)
    seen = peer.expect_delivery(body=b"hello", settled=False).settle(state)
    link.send(message_octets(b"hello"))
    peer.pump(engine)
    updated = happened(engine, DeliveryUpdated)
    assert updated.state == expected
    assert updated.settled
    assert seen.frame.link is not None
    assert seen.frame.link.name == "out"
    peer.done()


def test_a_delivery_is_rejected_with_an_error() -> None:
    peer, engine = Peer(), client()
    link = a_sender(engine, peer)
    peer.expect_transfer(payload=b"x").reject("amqp:not-allowed")
    link.send(b"x")
    peer.pump(engine)
    state = happened(engine, DeliveryUpdated).state
    assert state.error.condition == "amqp:not-allowed"


def test_a_large_delivery_is_seen_frame_by_frame_or_whole() -> None:
    peer, engine = Peer(), Engine(ConnectionOptions(container_id="me"))
    engine.open()
    peer.handshake(max_frame_size=512)
    peer.accept_session()
    peer.accept_sender()
    link = engine.begin().attach_sender(LinkOptions(name="out"))
    peer.pump(engine)
    peer.expect_transfer(more=True, delivery_id=0, payload=lambda payload: len(payload) > 400)
    peer.expect_transfer(more=False, delivery_id=ABSENT).settle("accepted")
    whole = peer.expect_delivery(payload=b"y" * 2000).settle("accepted")
    link.send(b"x" * 500)
    link.send(b"y" * 2000)
    peer.pump(engine)
    assert whole.count == 1
    assert whole.frame["delivery_id"] == 1
    peer.done()
    assert len([event for event in engine.events() if isinstance(event, DeliveryUpdated)]) == 2


def test_a_receiver_gets_what_the_script_sends() -> None:
    peer, engine = Peer(), client()
    link = a_receiver(engine, peer)
    peer.remote_transfer(body=b"one")
    peer.remote_transfer(payload=b"two", settled=True)
    peer.remote_transfer(payload=b"th", more=True)
    peer.remote_transfer(payload=b"ree")
    peer.expect_disposition(role="receiver", first=0, settled=True, state="accepted")
    peer.pump(engine)
    received = [event.delivery for event in engine.events() if isinstance(event, DeliveryReceived)]
    assert [bytes(delivery.payload) for delivery in received] == [message_octets(b"one"), b"two", b"three"]
    assert link.credit == 7
    received[0].settle(Accepted())
    peer.pump(engine)
    peer.done()


def test_a_large_delivery_leaves_in_frames_that_the_program_takes() -> None:
    peer, engine = Peer(), client(max_frame_size=512)
    a_receiver(engine, peer)
    peer.remote_delivery(payload=bytes(2000), delivery_tag=b"large")
    peer.remote_delivery(payload=b"", settled=True)
    peer.pump(engine)
    large, empty = [event.delivery for event in engine.events() if isinstance(event, DeliveryReceived)]
    assert (bytes(large.payload), large.tag) == (bytes(2000), b"large")
    assert bytes(empty.payload) == b""
    assert empty.settled
    assert peer.trace.count("-> channel 0: transfer(") == 7


def test_a_link_in_mode_second_settles_in_two_steps() -> None:
    peer, engine = Peer(), client()
    link = a_receiver(engine, peer)
    assert link.unsettled == {}
    peer.remote_transfer(payload=b"x")
    peer.expect_disposition(settled=False, state="accepted").respond()
    peer.pump(engine)
    delivery = happened(engine, DeliveryReceived).delivery
    delivery.update(Accepted(), settled=False)
    peer.pump(engine)
    peer.done()
    assert delivery.remote_settled


def test_a_flow_with_echo_is_answered() -> None:
    peer, engine = Peer(), client()
    link = a_receiver(engine, peer, credit=3)
    peer.expect_flow(echo=True, link_credit=3).respond(available=7)
    peer.expect_flow(link_credit=5, drain=True).respond(link_credit=0, delivery_count=5)
    link.flow(3, echo=True)
    peer.pump(engine)
    assert link.available == 7
    link.flow(5, drain=True)
    peer.pump(engine)
    assert link.credit == 0
    peer.done()


def test_a_senders_answer_to_drain_is_counted() -> None:
    peer = Peer("client")
    engine = Engine(ConnectionOptions(container_id="srv"), role="server")
    peer.handshake()
    peer.begin_session()
    peer.attach_receiver("q", credit=5)
    serve(engine, peer)
    (session,) = engine.sessions
    (link,) = session.links
    assert isinstance(link, SenderLink)
    peer.grant(5, drain=True)
    peer.expect_flow(drain=True, link_credit=0, delivery_count=5)
    serve(engine, peer)
    link.drained()
    serve(engine, peer)
    peer.done()
    seen = peer.view.link
    assert seen is not None
    assert (seen.credit, seen.delivery_count) == (0, 5)


def test_an_attach_is_refused() -> None:
    peer, engine = Peer(), client()
    peer.handshake()
    peer.accept_session()
    peer.expect_attach(name="out", target="nowhere").refuse("amqp:not-found")
    peer.expect_detach(closed=True)
    engine.begin().attach_sender(LinkOptions(name="out", target=Target(address="nowhere")))
    peer.pump(engine)
    failed = happened(engine, LinkFailed)
    assert failed.fault.condition == "amqp:not-found"
    peer.done()


def test_a_dynamic_terminus_gets_an_address() -> None:
    peer, engine = Peer(), client()
    peer.handshake()
    peer.accept_session()
    peer.accept_receiver(credit=None)
    link = engine.begin().attach_receiver(LinkOptions(name="in", source=Source(dynamic=True)))
    peer.pump(engine)
    happened(engine, LinkOpened)
    assert link.source is not None
    assert link.source.address == "dynamic-in"


@pytest.mark.parametrize(
    ("scope", "event"), [("detach", LinkFailed), ("end", SessionFailed), ("close", ConnectionFailed)]
)
def test_the_peer_ends_each_scope_with_an_error(scope: str, event: type) -> None:
    peer, engine = Peer(), client()
    a_sender(engine, peer)
    getattr(peer, f"remote_{scope}")(error={"condition": "amqp:internal-error", "description": "why not"})
    getattr(peer, f"expect_{scope}")()
    peer.pump(engine)
    fault = happened(engine, event).fault
    assert (fault.condition, fault.description) == ("amqp:internal-error", "why not")
    peer.done()


def test_the_peer_answers_what_the_client_ends() -> None:
    peer, engine = Peer(), client()
    link = a_sender(engine, peer)
    peer.expect_detach(handle=link.handle, closed=False).respond()
    peer.expect_end().respond()
    peer.expect_close().respond()
    link.detach(closed=False)
    peer.pump(engine)
    link.session.end()
    peer.pump(engine)
    assert peer.view.sessions == []
    engine.close()
    peer.pump(engine)
    peer.done()


def test_sessions_and_links_are_told_apart_by_channel_and_name() -> None:
    peer, engine = Peer(), client()
    peer.handshake()
    peer.expect_begin(channel=0).respond(channel=7)
    peer.expect_attach(channel=0, name="a").respond(handle=3)
    peer.expect_begin(channel=1).respond(channel=5)
    peer.expect_attach(channel=1, name="b").respond()
    peer.grant(1, link="a")
    peer.grant(2)
    links: list[SenderLink] = []
    for name in "ab":
        session: Session = engine.begin()
        links.append(session.attach_sender(LinkOptions(name=name)))
        peer.pump(engine)
    assert [link.credit for link in links] == [1, 2]
    assert [link.session.remote_channel for link in links] == [7, 5]
    peer.expect_transfer(channel=0).settle()
    peer.expect_transfer(channel=1, handle=PRESENT)
    peer.remote_disposition("released", channel=5)
    peer.remote_detach(link="a")
    peer.expect_detach(channel=0)
    for link in links:
        link.send(b"x")
        peer.pump(engine)
    peer.done()
    assert [
        type(event.state).__name__ for event in engine.events() if isinstance(event, DeliveryUpdated)
    ] == [*("Accepted", "Released")]


def test_wide_encodings_are_read_just_the_same() -> None:
    peer, engine = Peer(wide=True), client()
    link = a_sender(engine, peer)
    peer.expect_transfer().settle()
    link.send(b"x")
    peer.pump(engine)
    assert happened(engine, DeliveryUpdated).settled


def test_the_same_script_runs_octet_by_octet() -> None:
    peer, engine = Peer(), client()
    peer.split_output(1)
    link = a_sender(engine, peer)
    assert link.credit == 10


def test_heartbeats_are_dropped_unless_they_are_expected() -> None:
    peer, engine = Peer(), client()
    peer.handshake(idle_time_out=1000)
    peer.pump(engine, now=0.0)
    engine.handle_timeout(0.9)
    peer.pump(engine, now=0.9)
    assert peer.received[-1].name == "empty"
    seen = peer.expect_empty_frame(channel=0).respond()
    engine.handle_timeout(1.8)
    peer.pump(engine, now=1.8)
    assert seen.count == 1
    peer.remote_empty_frame()
    peer.pump(engine, now=1.9)
    peer.done()


def test_rabbitmq_4_0_answers_a_refused_attach_with_the_end_of_the_session() -> None:
    peer, engine = Peer(wide=True), client()
    peer.handshake(
        container_id="rabbit@host",
        max_frame_size=131072,
        channel_max=63,
        idle_time_out=30000,
        properties={"product": "RabbitMQ"},
    )
    peer.accept_session(
        incoming_window=400, outgoing_window=0xFFFFFFFF, handle_max=255, next_outgoing_id=0xFFFFFFFC
    )
    peer.expect_attach(source="/queues/none")
    peer.remote_end(error="amqp:not-found")
    peer.expect_end()
    engine.begin().attach_receiver(LinkOptions(name="in", source=Source(address="/queues/none")))
    peer.pump(engine)
    assert happened(engine, SessionFailed).fault.condition == "amqp:not-found"
    peer.done()


def test_sequence_numbers_wrap_around_as_with_rabbitmq_4_0() -> None:
    peer, engine = Peer(), client()
    peer.handshake()
    peer.accept_session(next_outgoing_id=0xFFFFFFFC)
    peer.accept_receiver(initial_delivery_count=0xFFFFFFFB)
    link = engine.begin().attach_receiver(LinkOptions(name="in", source=Source(address="q")), credit=10)
    peer.pump(engine)
    for number in range(8):
        peer.remote_transfer(payload=b"%d" % number, delivery_id=number)
    peer.pump(engine)
    received = [event for event in engine.events() if isinstance(event, DeliveryReceived)]
    assert len(received) == 8
    assert link.delivery_count == 3
    assert peer.view.session is not None
    assert peer.view.session.next_outgoing_id == 4


# -- a client against a server's engine


def serve(engine: Engine, peer: Peer) -> list[Any]:
    """Let a server's engine accept everything; return what else happened."""
    rest: list[Any] = []
    peer.pump(engine)
    while events := engine.events():
        for event in events:
            if isinstance(event, ConnectionOpened):
                engine.open()
            elif isinstance(event, SessionRequested):
                event.session.accept()
            elif isinstance(event, LinkRequested):
                link = event.link
                if isinstance(link, ReceiverLink):
                    link.accept(credit=5)
                else:
                    assert isinstance(link, SenderLink)
                    link.accept()
            else:
                rest.append(event)
        peer.pump(engine)
    return rest


def test_a_client_sends_to_a_server() -> None:
    peer, engine = Peer("client"), Engine(ConnectionOptions(container_id="srv"), role="server")
    peer.handshake(expect={"container_id": "srv"}, hostname="host")
    peer.begin_session()
    peer.attach_sender("q", credit=5)
    peer.remote_transfer(body="text")
    (received,) = serve(engine, peer)
    assert isinstance(received, DeliveryReceived)
    assert bytes(received.delivery.payload) == message_octets("text")
    peer.expect_disposition(role="receiver", state="accepted", settled=True)
    received.delivery.settle(Accepted())
    peer.closing()
    serve(engine, peer)
    peer.done()


def test_a_client_receives_from_a_server() -> None:
    peer = Peer("client")
    engine = Engine(
        ConnectionOptions(container_id="srv"),
        role="server",
        sasl=SaslServer({"PLAIN": lambda: PlainServer(lambda user, password: True)}),
    )
    peer.remote_header(3)
    peer.expect_sasl_header()
    peer.expect_sasl_mechanisms(["PLAIN"])
    peer.remote_sasl_init("PLAIN", b"\0u\0p")
    peer.expect_sasl_outcome(code="ok")
    peer.handshake()
    peer.begin_session()
    peer.attach_receiver("q", credit=1)
    serve(engine, peer)
    peer.done()
    (session,) = engine.sessions
    (link,) = session.links
    assert isinstance(link, SenderLink)
    assert link.credit == 1
    peer.expect_delivery(payload=b"x").respond("accepted", settled=False)
    peer.expect_disposition(role="sender", settled=True)
    delivery = link.send(b"x")
    (updated,) = serve(engine, peer)
    assert updated.state == Accepted()
    delivery.settle()
    serve(engine, peer)
    peer.done()


def test_sasl_takes_several_rounds() -> None:
    server, client_ = Peer(), Peer("client")
    server.expect_sasl_header().respond()
    server.remote_sasl_mechanisms("X-TALK")
    server.expect_sasl_init(mechanism="X-TALK").challenge(b"who?")
    server.expect_sasl_response(b"me").challenge(b"really?")
    server.remote_sasl_challenge(b"really, really?")
    server.expect_sasl_response(b"yes").respond("ok", b"welcome")
    server.expect_close()
    client_.remote_header(3)
    client_.expect_sasl_header()
    client_.expect_sasl_mechanisms("X-TALK")
    client_.remote_sasl_init("X-TALK")
    client_.expect_sasl_challenge(b"who?")
    client_.remote_sasl_response(b"me")
    client_.expect_sasl_challenge(b"really?")
    client_.expect_sasl_challenge(lambda octets: len(octets) > 10)
    client_.remote_sasl_response(b"yes")
    client_.expect_sasl_outcome(code="ok", additional_data=b"welcome")
    client_.remote_close()
    for _ in range(5):
        server.feed(client_.take())
        client_.feed(server.take())
    server.done()
    client_.done()
    client_.expect_sasl_outcome(code="sys-temp")
    server.remote_sasl_outcome("sys-temp")
    client_.feed(server.take())
    client_.done()


def test_a_client_with_sasl_by_the_preset() -> None:
    peer = Peer("client")
    engine = Engine(
        role="server", sasl=SaslServer({"PLAIN": lambda: PlainServer(lambda user, password: False)})
    )
    peer.remote_header(3)
    peer.expect_sasl_header()
    peer.expect_sasl_mechanisms()
    peer.remote_sasl_init("PLAIN", b"\0u\0p")
    peer.expect_sasl_outcome(code="auth")
    peer.pump(engine)
    peer.done()
