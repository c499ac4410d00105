"""Two engines back to back under random actions: every frame is legal, every message arrives once, whole, in order."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from amqp.engine import (
    ConnectionFailed,
    ConnectionOpened,
    CreditChanged,
    DeliveryReceived,
    DeliveryUpdated,
    Engine,
    LinkFailed,
    LinkRequested,
    LinkState,
    OutgoingDelivery,
    ReceiverLink,
    SenderLink,
    SessionFailed,
    SessionRequested,
    SessionState,
)
from amqp.options import ConnectionOptions, LinkOptions, SessionOptions
from amqp_spec import Accepted, Close, Disposition, Error, Rejected, Released, Source, Target
from tests.engine.checker import Checker
from tests.engine.wire import AMQP, Open, begin, flow, frame, receiver_attach, sender_attach, transfer

STARTS = [0, 5, 2**31 - 2, 2**32 - 100, 2**32 - 2]
SIZES = [0, 1, 100, 500, 1500, 5000]
OUTCOMES = [Accepted(), Released(), Rejected()]
FRAMES = [512, 700, 65_536]
MOST_LINKS = 6
MOST_SESSIONS = 3

amounts = st.one_of(st.none(), st.integers(1, 900))
sizes = st.sampled_from(SIZES)
# One of those that exist.
which = st.integers(0, MOST_LINKS)
sides = st.sampled_from([0, 1])
# What ends something is drawn often and done seldom, or little else would happen.
seldom = st.integers(0, 3).map(lambda number: number == 0)


class End:
    """One of the two, and its judge."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.checker = Checker()
        self.inbox = b""  # what the other wrote and this did not read yet
        self.rest = b""  # what was read of an unfinished frame


class Pair(RuleBasedStateMachine):
    """A client and a server; either may send."""

    @initialize(
        frames=st.tuples(st.sampled_from(FRAMES), st.sampled_from(FRAMES)),
        starts=st.tuples(st.sampled_from(STARTS), st.sampled_from(STARTS)),
        windows=st.tuples(st.integers(1, 20), st.integers(1, 20)),
        pipelined=st.booleans(),
    )
    def connect(
        self,
        frames: tuple[int, int],
        starts: tuple[int, int],
        windows: tuple[int, int],
        pipelined: bool,
    ) -> None:
        self.client = End(Engine(ConnectionOptions(container_id="c", max_frame_size=frames[0])))
        self.server = End(
            Engine(ConnectionOptions(container_id="s", max_frame_size=frames[1]), role="server")
        )
        self.starts = starts
        self.windows = windows
        self.sent: dict[str, list[OutgoingDelivery]] = {}
        self.payloads: dict[OutgoingDelivery, bytes] = {}
        self.arrived: dict[str, list[bytes]] = {}
        self.unsettled: list[Any] = []
        self.started: list[OutgoingDelivery] = []
        self.names = 0
        self.client.engine.open()
        self.client.engine.begin(self.options(0))
        self.attach(number=0, sender=True, credit=0)
        self.attach(number=0, sender=False, credit=5)
        if not pipelined:
            self.settle_down()

    # -- moving octets

    def move(self, source: End, target: End, amount: int | None = None) -> bool:
        """Let *target* read what *source* wrote, or *amount* octets of it; tell whether there was anything."""
        moved = self.write(source, target)
        # What is written was decided before what is read now, so the judge has to see it first.
        moved |= self.write(target, source)
        part = target.inbox if amount is None else target.inbox[:amount]
        target.inbox = target.inbox[len(part) :]
        if part:
            self.read(target, part)
        self.react(target)
        return moved or bool(part)

    def write(self, source: End, target: End) -> bool:
        octets = b"".join(source.engine.data_to_send(0.0))
        source.checker.sent(octets)
        target.inbox += octets
        return bool(octets)

    def read(self, end: End, octets: bytes) -> None:
        """Let *end* read, frame by frame, so that the judge sees each answer before the next question."""
        other = self.server if end is self.client else self.client
        begun = len(end.rest)
        end.rest += octets
        while len(end.rest) >= 8:
            rest = end.rest
            size = 8 if rest[:4] == b"AMQP" else int.from_bytes(rest[:4], "big")
            if len(rest) < size:
                break
            end.checker.received(rest[:size])
            end.engine.receive_data(rest[begun:size], 0.0)
            self.write(end, other)
            end.rest = rest[size:]
            begun = 0
        if len(end.rest) > begun:
            end.engine.receive_data(end.rest[begun:], 0.0)

    def react(self, end: End) -> None:
        for event in end.engine.events():
            assert not isinstance(event, ConnectionFailed | SessionFailed), event
            assert not isinstance(event, LinkFailed) or event.refused, event
            if isinstance(event, ConnectionOpened):
                if end is self.server:
                    end.engine.open()
            elif isinstance(event, SessionRequested):
                event.session.accept(self.options(1))
            elif isinstance(event, LinkRequested):
                self.answer(end, event.link)
            elif isinstance(event, CreditChanged):
                if event.link.drain:
                    event.link.drained()
            elif isinstance(event, DeliveryReceived):
                self.arrived.setdefault(event.delivery.link.name, []).append(event.delivery.payload)
                self.unsettled.append(event.delivery)
            elif isinstance(event, DeliveryUpdated):
                assert event.state is None or event.state in OUTCOMES

    def answer(self, end: End, link: Any) -> None:
        if end is self.client:
            # 2.6.6: the server's detach was not closing and crossed one that was, so it attaches to close.
            link.refuse(Error(condition="amqp:not-allowed"))
        elif isinstance(link, ReceiverLink):
            link.accept(credit=3)
        else:
            link.accept(initial_delivery_count=self.starts[1])

    def options(self, side: int) -> SessionOptions:
        return SessionOptions(incoming_window=self.windows[side], next_outgoing_id=self.starts[side])

    def settle_down(self) -> None:
        for _ in range(1000):
            if not self.move(self.client, self.server) | self.move(self.server, self.client):
                return
        raise AssertionError("the two never come to rest")

    @rule(amount=amounts)
    def to_server(self, amount: int | None) -> None:
        self.move(self.client, self.server, amount)

    @rule(amount=amounts)
    def to_client(self, amount: int | None) -> None:
        self.move(self.server, self.client, amount)

    # -- sessions and links

    @rule()
    def begin(self) -> None:
        if len(self.client.engine.sessions) < MOST_SESSIONS:
            self.client.engine.begin(self.options(0))

    @rule(number=which, really=seldom)
    def end(self, number: int, really: bool) -> None:
        sessions = list(self.client.engine.sessions)
        if really and sessions:
            sessions[number % len(sessions)].end()

    @rule(number=which, sender=st.booleans(), credit=st.integers(0, 5))
    def attach(self, number: int, sender: bool, credit: int) -> None:
        states = (SessionState.BEGIN_SENT, SessionState.MAPPED)
        sessions = [
            session
            for session in self.client.engine.sessions
            if session.state in states and len(session.links) < MOST_LINKS
        ]
        if not sessions:
            return
        session = sessions[number % len(sessions)]
        self.names += 1
        if sender:
            name = f"up-{self.names}"
            session.attach_sender(
                LinkOptions(name=name, target=Target(address="q"), initial_delivery_count=self.starts[0])
            )
        else:
            name = f"down-{self.names}"
            session.attach_receiver(LinkOptions(name=name, source=Source(address="q")), credit=credit)

    def link(self, side: int, kind: type, number: int) -> Any:
        """Return one of the links of a *kind* at a *side*, or None where there is none."""
        engine = (self.client, self.server)[side].engine
        links = [link for session in engine.sessions for link in session.links if isinstance(link, kind)]
        return links[number % len(links)] if links else None

    @rule(
        side=sides,
        kind=st.sampled_from([SenderLink, ReceiverLink]),
        number=which,
        closed=st.booleans(),
        really=seldom,
    )
    def detach(self, side: int, kind: type, number: int, closed: bool, really: bool) -> None:
        link = self.link(side, kind, number)
        if really and link is not None and link.state is not LinkState.ATTACH_RCVD:
            link.detach(closed=closed)

    # -- credit and deliveries

    @rule(
        side=sides,
        number=which,
        credit=st.one_of(st.none(), st.integers(0, 30)),
        drain=st.booleans(),
        echo=st.booleans(),
    )
    def grant(self, side: int, number: int, credit: int | None, drain: bool, echo: bool) -> None:
        link = self.link(side, ReceiverLink, number)
        if link is not None:
            link.flow(credit, drain=drain, echo=echo)

    @rule(side=sides, number=which, size=sizes, settled=st.booleans(), times=st.integers(1, 4))
    def send(self, side: int, number: int, size: int, settled: bool, times: int) -> None:
        link = self.link(side, SenderLink, number)
        for _ in range(times):
            if link is None or link.state is not LinkState.ATTACHED or not link.credit:
                return
            sent = self.sent.setdefault(link.name, [])
            payload = (b"%s %d " % (link.name.encode(), len(sent)) + bytes(size))[:size]
            delivery = link.send(payload, settled=settled)
            sent.append(delivery)
            self.started.append(delivery)
            self.payloads[delivery] = payload

    @rule(number=st.integers(0, 100), really=seldom)
    def take_back(self, number: int, really: bool) -> None:
        if not really or not self.started:
            return
        delivery = self.started.pop(number % len(self.started))
        if delivery.complete or delivery.link.state is not LinkState.ATTACHED:
            return
        if delivery.started:
            delivery.abort()
        else:
            delivery.withdraw()
        self.sent[delivery.link.name].remove(delivery)

    @rule(number=st.integers(0, 100), outcome=st.sampled_from(range(len(OUTCOMES))))
    def settle(self, number: int, outcome: int) -> None:
        if self.unsettled:
            self.unsettled.pop(number % len(self.unsettled)).settle(OUTCOMES[outcome])

    # -- what holds

    @invariant()
    def what_arrives_is_what_was_sent(self) -> None:
        for name, payloads in self.arrived.items():
            expected = [self.payloads[delivery] for delivery in self.sent.get(name, [])]
            assert payloads == expected[: len(payloads)]

    def teardown(self) -> None:
        if not hasattr(self, "client"):
            return
        self.settle_down()
        for delivery in self.unsettled:
            delivery.settle(Accepted())
        self.settle_down()
        for name, sent in self.sent.items():
            if any(delivery.link.state is not LinkState.ATTACHED for delivery in sent):
                continue
            complete = [delivery for delivery in sent if delivery.complete]
            assert self.arrived.get(name, []) == [self.payloads[delivery] for delivery in complete]
            assert all(delivery.settled for delivery in complete)
        for end in (self.client, self.server):
            for session in end.engine.sessions:
                assert not session.ledger.received
        self.client.engine.close()
        self.settle_down()
        assert self.client.engine.output_closed
        assert self.server.engine.output_closed


Pair.TestCase.settings = settings(
    max_examples=80, stateful_step_count=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.fault("C9")
@pytest.mark.fault("F25")
@pytest.mark.requirement("transport-2.3.1-01")
@pytest.mark.requirement("transport-2.4.1-01")
@pytest.mark.requirement("transport-2.4.3-02")
@pytest.mark.requirement("transport-2.5.6-03")
@pytest.mark.requirement("transport-2.5.6-04")
@pytest.mark.requirement("transport-2.6.4-01")
@pytest.mark.requirement("transport-2.6.7-02")
@pytest.mark.requirement("transport-2.6.12-01")
@pytest.mark.requirement("transport-2.7.1-01")
@pytest.mark.requirement("transport-2.7.4-01")
@pytest.mark.requirement("transport-2.7.4-04")
@pytest.mark.requirement("transport-2.7.5-08")
class TestPair(Pair.TestCase):  # type: ignore[valid-type,misc]  # hypothesis makes it at run time
    """Runs the machine."""


SESSION = [AMQP, frame(Open(container_id="x")), frame(begin())]
ATTACHED = [*SESSION, frame(receiver_attach())]
PEER = [AMQP, frame(Open(container_id="y")), frame(begin(remote_channel=0))]
CREDIT = [*PEER, frame(receiver_attach("out")), frame(flow(handle=0, delivery_count=0, link_credit=1))]
SENDING = [*SESSION, frame(sender_attach("out"))]


@pytest.mark.parametrize(
    ("received", "sent"),
    [
        ([], [AMQP, frame(begin())]),
        ([], [AMQP, frame(Open(container_id="x", properties={"p": "x" * 600}))]),
        ([], [AMQP, frame(Open(container_id="x")), frame(Close()), frame(begin())]),
        (PEER, [*SESSION, frame(begin())]),
        (PEER, [*SESSION, frame(flow(next_incoming_id=7))]),
        (PEER, [*SESSION, frame(receiver_attach("a")), frame(receiver_attach("b"))]),
        (PEER, [*SESSION, frame(sender_attach()), frame(transfer(0))]),
        (CREDIT, [*SENDING, frame(transfer(0)), frame(transfer(1))]),
        (CREDIT, [*SENDING, frame(transfer(0, delivery_tag=None))]),
        (PEER, [*ATTACHED, frame(Disposition(role=True, first=0))]),
    ],
)
def test_the_judge_sees_what_is_illegal(received: list[bytes], sent: list[bytes]) -> None:
    checker = Checker()
    early = min(len(sent) - 1, 4)
    checker.sent(b"".join(sent[:early]))
    checker.received(b"".join(received))
    checker.sent(b"".join(sent[early:-1]))
    with pytest.raises(AssertionError):
        checker.sent(sent[-1])
