"""Whatever comes, in whatever pieces: known outcomes only, and the same ones for the same octets."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from amqp.engine import (
    ConnectionFailed,
    ConnectionOpened,
    DeliveryReceived,
    Engine,
    Event,
    LinkFailed,
    LinkRequested,
    ReceiverLink,
    SenderLink,
    SessionFailed,
    SessionRequested,
)
from amqp.errors import LocalError
from amqp.options import ConnectionOptions, LinkOptions, SessionOptions
from amqp.sasl import AnonymousServer, PlainServer, SaslServer
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Close,
    ConnectionErrorCondition,
    Disposition,
    Error,
    LinkErrorCondition,
    SaslInit,
    SaslResponse,
    SessionErrorCondition,
)
from tests.engine.wire import (
    AMQP,
    EMPTY,
    SASL,
    Attach,
    Begin,
    Detach,
    End,
    Flow,
    Open,
    ReceiverSettleMode,
    Rig,
    SenderSettleMode,
    Source,
    Target,
    Transfer,
    begin,
    cut,
    flow,
    frame,
    receiver_attach,
    sender_attach,
    server,
    transfer,
)

CONDITIONS = {
    str(member)
    for group in (AmqpErrorCondition, ConnectionErrorCondition, SessionErrorCondition, LinkErrorCondition)
    for member in group
}

# -- frames that make sense one by one; in a row they mostly do not

small = st.integers(0, 3)
serials = st.sampled_from([0, 1, 2, 3, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1])
maybe_serials = st.none() | serials
maybe_booleans = st.none() | st.booleans()
names = st.sampled_from(["a", "b", ""])
tags = st.none() | st.sampled_from([b"", b"0", b"1", bytes(32), bytes(33)])
errors = st.none() | st.just(Error(condition="amqp:internal-error", description="oh"))
termini = st.none() | st.just("q")

performatives: st.SearchStrategy[Any] = st.one_of(
    st.builds(Open, container_id=st.just("peer"), max_frame_size=st.sampled_from([0, 512, 2**32 - 1])),
    st.builds(
        Begin,
        remote_channel=st.none() | small,
        next_outgoing_id=serials,
        incoming_window=serials,
        outgoing_window=serials,
        handle_max=small,
    ),
    st.builds(
        Attach,
        name=names,
        handle=small,
        role=st.booleans(),
        source=termini.map(lambda address: None if address is None else Source(address=address)),
        target=termini.map(lambda address: None if address is None else Target(address=address)),
        snd_settle_mode=st.sampled_from(SenderSettleMode),
        rcv_settle_mode=st.sampled_from(ReceiverSettleMode),
        initial_delivery_count=maybe_serials,
        max_message_size=st.none() | st.just(10),
    ),
    st.builds(
        Flow,
        next_incoming_id=maybe_serials,
        incoming_window=serials,
        next_outgoing_id=serials,
        outgoing_window=serials,
        handle=st.none() | small,
        delivery_count=maybe_serials,
        link_credit=maybe_serials,
        available=maybe_serials,
        drain=st.booleans(),
        echo=st.booleans(),
    ),
    st.builds(
        Transfer,
        handle=small,
        delivery_id=maybe_serials,
        delivery_tag=tags,
        message_format=st.none() | small,
        settled=maybe_booleans,
        more=st.booleans(),
        rcv_settle_mode=st.none() | st.sampled_from(ReceiverSettleMode),
        resume=st.booleans(),
        aborted=st.booleans(),
    ),
    st.builds(
        Disposition,
        role=st.booleans(),
        first=serials,
        last=maybe_serials,
        settled=st.booleans(),
        state=st.none() | st.just(Accepted()),
    ),
    st.builds(Detach, handle=small, closed=st.booleans(), error=errors),
    st.builds(End, error=errors),
    st.builds(Close, error=errors),
)
frames = st.one_of(
    st.builds(frame, performatives, channel=small, payload=st.sampled_from([b"", b"x" * 11])),
    st.builds(frame, performatives, channel=st.just(0)),
    st.just(EMPTY),
)
garbage = st.one_of(
    st.binary(min_size=1, max_size=40),
    st.binary(max_size=20).map(frame),
    st.builds(frame, performatives, kind=st.integers(0, 3)),
    st.builds(frame, performatives, size=st.integers(0, 60), doff=st.integers(0, 8)),
    st.sampled_from([AMQP, SASL]),
)


def chopped(octets: bytes, cuts: list[int]) -> list[bytes]:
    points = sorted({0, len(octets), *(cut % (len(octets) + 1) for cut in cuts)})
    return [octets[start:end] for start, end in itertools.pairwise(points)]


def known(value: object) -> object:
    """Return what can be compared of an event, or of a part of one, between two engines."""
    if isinstance(value, ReceiverLink | SenderLink):
        return (type(value).__name__, value.name, value.state)
    kind = type(value)
    if kind.__module__.startswith("amqp.engine"):
        fields = ("id", "tag", "payload", "settled", "channel", "remote_channel", "state", "fault", "closed")
        parts = {name: known(getattr(value, name)) for name in fields if hasattr(value, name)}
        inner = ("session", "link", "delivery")
        parts |= {
            name: known(getattr(value, name))
            for name in inner
            if isinstance(value, get_args(Event)) and hasattr(value, name)
        }
        return (kind.__name__, parts)
    return value


def prepared() -> Rig:
    """A server with two sessions and links both ways on the first."""
    rig = server(ConnectionOptions(container_id="s", channel_max=3, max_frame_size=600, max_buffered=400))
    rig.raw(AMQP + frame(Open(container_id="peer")))
    rig.engine.open()
    rig.receive(begin(), sender_attach("a", 0), receiver_attach("b", 1))
    for event in rig.events():
        if isinstance(event, SessionRequested):
            event.session.accept(SessionOptions(incoming_window=3, handle_max=3))
        elif isinstance(event, LinkRequested):
            if isinstance(event.link, ReceiverLink):
                event.link.accept(credit=2, max_message_size=30)
            else:
                event.link.accept()
    rig.forget()
    rig.receive(flow(handle=1, link_credit=9))
    for event in rig.events():
        event.link.send(b"one")
        event.link.send(b"two")
    rig.forget()
    return rig


def outcome(pieces: list[bytes], rig: Rig) -> tuple[list[object], bytes, bool]:
    for piece in pieces:
        if piece:
            rig.engine.receive_data(piece, 0.0)
    events = [known(event) for event in rig.engine.events()]
    octets = b"".join(rig.engine.data_to_send(0.0))
    return events, octets, rig.engine.output_closed


@pytest.mark.requirement("transport-2.3.2-03")
@pytest.mark.requirement("transport-2.2-10")
@settings(max_examples=200, deadline=None)
@given(
    octets=st.lists(frames | garbage, max_size=12).map(b"".join),
    cuts=st.lists(st.integers(0, 5000), max_size=12),
)
def test_pieces_make_no_difference(octets: bytes, cuts: list[int]) -> None:
    whole = outcome([octets], prepared())
    assert outcome([bytes((octet,)) for octet in octets], prepared()) == whole
    assert outcome(chopped(octets, cuts), prepared()) == whole


@settings(max_examples=100, deadline=None)
@given(octets=st.lists(frames | garbage, max_size=6).map(b"".join), header=st.sampled_from([b"", AMQP, SASL]))
@example(octets=frame(SaslInit(mechanism="ANONYMOUS"), kind=1) + AMQP + frame(begin()), header=SASL)
@example(
    octets=frame(SaslInit(mechanism="PLAIN"), kind=1) + frame(SaslResponse(response=b"\0a\0b"), kind=1),
    header=SASL,
)
def test_pieces_make_no_difference_from_the_start(octets: bytes, header: bytes) -> None:
    octets = header + octets
    offered = SaslServer(
        {"ANONYMOUS": AnonymousServer, "PLAIN": lambda: PlainServer(lambda user, password: True)}
    )
    whole = outcome([octets], server(sasl=offered))
    assert outcome([bytes((octet,)) for octet in octets], server(sasl=offered)) == whole


class Driven:
    """A driver that answers everything and checks that only known things happen."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.links: list[Any] = [link for session in rig.engine.sessions for link in session.links]
        self.sessions: list[Any] = list(rig.engine.sessions)
        self.deliveries: list[Any] = []
        self.failed = False

    def look(self) -> None:
        for event in self.rig.engine.events():
            assert isinstance(event, get_args(Event))
            assert not self.failed, "an event behind ConnectionFailed"
            if isinstance(event, ConnectionFailed | SessionFailed | LinkFailed):
                assert event.fault.description
                self.failed = isinstance(event, ConnectionFailed)
            elif isinstance(event, ConnectionOpened):
                self.rig.engine.open()
            elif isinstance(event, SessionRequested):
                self.sessions.append(event.session)
            elif isinstance(event, LinkRequested):
                self.links.append(event.link)
            elif isinstance(event, DeliveryReceived):
                self.deliveries.append(event.delivery)
        for each in cut(b"".join(self.rig.engine.data_to_send(0.0))):
            if not isinstance(each, bytes):
                assert each.size <= self.rig.engine.remote_max_frame_size
                error = getattr(each.performative, "error", None)
                # 2.8.14, 2.8.15: a condition is always there, and one of those that are registered.
                assert error is None or str(error.condition) in CONDITIONS

    def act(self, number: int) -> None:
        """Do one of the things that a driver may do; only LocalError may come of it."""
        link = self.links[number % len(self.links)]
        session = self.sessions[number % len(self.sessions)]
        error = Error(condition="amqp:internal-error") if number % 2 else None
        actions: list[Any] = [
            lambda: session.accept(),
            lambda: session.end(error),
            lambda: session.attach_receiver(LinkOptions(name="mine"), credit=number % 5),
            lambda: session.attach_sender(LinkOptions(name="mine", target=Target(address="q"))),
            lambda: self.rig.engine.begin(),
            lambda: link.accept(),
            lambda: link.refuse(Error(condition="amqp:not-found")),
            lambda: link.detach(closed=bool(number % 3), error=error),
            lambda: link.flow(number % 7) if isinstance(link, ReceiverLink) else link.flow(),
            lambda: link.flow(drain=True) if isinstance(link, ReceiverLink) else link.drained(),
            lambda: link.send(b"x" * (number % 700), settled=bool(number % 2)),
            lambda: self.deliveries.pop().settle(Accepted()),
            lambda: self.rig.engine.handle_timeout(0.0),
        ]
        try:
            actions[number % len(actions)]()
        except (LocalError, IndexError, AttributeError) as problem:
            if isinstance(problem, AttributeError):
                assert isinstance(link, ReceiverLink)  # which has no send


@pytest.mark.requirement("transport-2.8.14-01")
@pytest.mark.requirement("transport-2.8.15-01")
@pytest.mark.requirement("transport-2.4.7-01")
@pytest.mark.requirement("transport-2.5.5-01")
@pytest.mark.fault("C1")
@pytest.mark.fault("C7")
@settings(max_examples=300, deadline=None)
@given(steps=st.lists(frames | garbage | st.integers(0, 10_000), max_size=30))
def test_any_state_and_any_input_has_a_known_outcome(steps: list[bytes | int]) -> None:
    driven = Driven(prepared())
    for step in steps:
        if isinstance(step, int):
            driven.act(step)
        else:
            driven.rig.engine.receive_data(step, 0.0)
        driven.look()
    driven.rig.engine.receive_data(b"", 0.0)
    driven.look()
    assert driven.rig.engine.output_closed
    assert list(driven.rig.engine.sessions) == []


@settings(max_examples=100, deadline=None)
@given(octets=st.binary(max_size=200), header=st.sampled_from([b"", AMQP, SASL]))
def test_noise_from_the_start(octets: bytes, header: bytes) -> None:
    for engine in (
        Engine(role="server"),
        Engine(role="server", sasl=SaslServer({"ANONYMOUS": AnonymousServer})),
        Engine(),
    ):
        if engine.role == "client":
            engine.open()
        engine.receive_data(header + octets, 0.0)
        engine.receive_data(b"", 0.0)
        assert engine.output_closed or engine.wants_write
        assert all(isinstance(event, get_args(Event)) for event in engine.events())


@pytest.mark.fault("C10")
def test_floods_leave_nothing_behind() -> None:
    rig = server(ConnectionOptions(container_id="s"))
    rig.raw(AMQP + frame(Open(container_id="peer")))
    rig.engine.open()
    rig.forget()
    for _ in range(300):
        rig.receive(begin(), sender_attach("a", 0), flow(echo=True))
        session, link = (event for event in rig.events())
        session.session.accept()
        link.link.accept(credit=1)
        rig.receive(transfer(0), Detach(handle=0, closed=True), End())
        rig.raw(EMPTY * 10)
        rig.forget()
    engine = rig.engine
    assert list(engine.sessions) == []
    assert not engine._wire.links
    assert not engine._wire.outgoing
    assert not engine._wire.incoming
    assert engine._wire.buffered == 0
    assert not engine.wants_write
