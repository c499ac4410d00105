"""Two ends of a link that lose their connection at any octet, again and again, and resume (2.6.13).

In mode second each message is delivered once, in mode first at least once, and none is lost.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from amqp.engine import (
    ConnectionFailed,
    ConnectionOpened,
    DeliveryReceived,
    DeliveryUpdated,
    Engine,
    Event,
    IncomingDelivery,
    LinkEnded,
    LinkFailed,
    LinkOpened,
    LinkRequested,
    OutgoingDelivery,
    ReceiverLink,
    SenderLink,
    SessionFailed,
    SessionRequested,
    SuspendedLink,
)
from amqp.options import ConnectionOptions, LinkOptions, SessionOptions
from amqp_spec import Accepted, ReceiverSettleMode, Role, Source, Target
from tests.engine.checker import Checker
from tests.engine.wire import AMQP

SIZES = st.sampled_from([0, 1, 200, 700, 1500])
FRAMES = [512, 600, 4096]
CREDITS = [7, 7, 200]


def message(number: int, size: int) -> bytes:
    body = number.to_bytes(4, "big") + bytes(size)
    return b"\x00\x53\x75\xb0" + len(body).to_bytes(4, "big") + body


class End:
    """One end: what it keeps when its connection is lost, and its engine meanwhile."""

    def __init__(self) -> None:
        self.memory: SuspendedLink | None = None
        self.link: Any = None
        self.engine: Engine
        self.checker: Checker
        self.inbox = b""
        self.rest = b""

    def start(self, name: str, role: Any, frame: int) -> None:
        self.engine = Engine(ConnectionOptions(container_id=name, max_frame_size=frame), role=role)
        self.checker = Checker()
        self.inbox = self.rest = b""
        self.link = None

    def lose(self) -> list[Event]:
        """Lose the connection, and return what the engine still tells."""
        self.engine.receive_data(b"", 0.0)
        if self.link is not None:
            self.memory = self.link.suspended()
        return self.engine.events()


class Recovery(RuleBasedStateMachine):
    """A client that sends (or receives) and a server that receives (or sends)."""

    mode = ReceiverSettleMode.SECOND

    @initialize(
        frames=st.tuples(st.sampled_from(FRAMES), st.sampled_from(FRAMES)),
        client_sends=st.booleans(),
        credit=st.sampled_from(CREDITS),
    )
    def begin(self, frames: tuple[int, int], client_sends: bool, credit: int) -> None:
        self.client = End()
        self.server = End()
        self.sender, self.receiver = (
            (self.client, self.server) if client_sends else (self.server, self.client)
        )
        self.frames = frames
        self.credit = credit
        self.count = 0
        self.delivered: Counter[int] = Counter()
        self.settled: set[int] = set()
        self.waiting: list[bytes] = []
        self.open: list[Any] = []
        self.connect()
        self.greet()

    # -- the connection

    def connect(self) -> None:
        self.client.start("c", "client", self.frames[0])
        self.server.start("s", "server", self.frames[1])
        self.open = []
        self.client.engine.open()
        session = self.client.engine.begin(SessionOptions(incoming_window=20))
        self.attach(session)

    def attach(self, session: Any) -> None:
        options = LinkOptions(
            name="link",
            source=Source(address="q"),
            target=Target(address="q"),
            rcv_settle_mode=self.mode,
            recoverable=True,
        )
        memory = self.client.memory
        if memory is None:
            # 2.6.13: the other end may remember more than this one.
            role = Role.SENDER if self.client is self.sender else Role.RECEIVER
            memory = SuspendedLink(name="link", role=role, options=options)
        if self.client is self.sender:
            self.client.link = session.attach_sender(options, resume=memory)
        else:
            self.client.link = session.attach_receiver(options, resume=memory, credit=self.credit)

    # -- moving octets

    def move(self, target: End, amount: int | None) -> bool:
        source = self.server if target is self.client else self.client
        moved = False
        for writer, reader in ((source, target), (target, source)):
            octets = b"".join(writer.engine.data_to_send(0.0))
            writer.checker.sent(octets)
            reader.inbox += octets
            moved |= bool(octets)
        part = target.inbox if amount is None else target.inbox[:amount]
        target.inbox = target.inbox[len(part) :]
        target.rest += part
        while len(target.rest) >= 8:
            size = 8 if target.rest[:8] == AMQP else int.from_bytes(target.rest[:4], "big")
            if len(target.rest) < size:
                break
            frame, target.rest = target.rest[:size], target.rest[size:]
            target.checker.received(frame)
            target.engine.receive_data(frame, 0.0)
            self.react(target)
            octets = b"".join(target.engine.data_to_send(0.0))
            target.checker.sent(octets)
            source.inbox += octets
        return moved or bool(part)

    def react(self, end: End) -> None:
        for event in end.engine.events():
            assert not isinstance(event, (ConnectionFailed, SessionFailed, LinkFailed)), event
            if isinstance(event, ConnectionOpened) and end is self.server:
                end.engine.open()
            elif isinstance(event, SessionRequested):
                event.session.accept(SessionOptions(incoming_window=20))
            elif isinstance(event, LinkRequested):
                self.accept(end, event.link)
            elif isinstance(event, LinkOpened):
                self.up(end)
            elif isinstance(event, LinkEnded) and end is self.client:
                end.memory = end.link.suspended()
                self.attach(event.link.session)
            elif isinstance(event, LinkEnded):
                end.memory = end.link.suspended()
                end.link = None
            elif isinstance(event, DeliveryReceived):
                self.arrived(event.delivery)
            elif isinstance(event, DeliveryUpdated):
                self.updated(event)

    def accept(self, end: End, link: Any) -> None:
        end.link = link
        if isinstance(link, SenderLink):
            link.accept(resume=end.memory, recoverable=True)
        else:
            assert isinstance(link, ReceiverLink)
            link.accept(resume=end.memory, credit=self.credit)
        self.up(end)

    def up(self, end: End) -> None:
        if end is self.receiver:
            # What was in doubt before is the application's to go on with.
            self.open = list(end.link.unsettled.values())

    # -- the two applications

    def arrived(self, delivery: IncomingDelivery) -> None:
        number = int.from_bytes(delivery.payload[8:12], "big")
        assert delivery.payload == message(number, len(delivery.payload) - 12)
        self.delivered[number] += 1
        self.open.append(delivery)

    def updated(self, event: DeliveryUpdated) -> None:
        delivery = event.delivery
        if isinstance(delivery, OutgoingDelivery):
            assert isinstance(delivery.context, int)
            assert event.state == Accepted()
            assert self.delivered[delivery.context], "told accepted, and never delivered"
            self.settled.add(delivery.context)
            delivery.settle()

    @rule(sizes=st.lists(SIZES, min_size=1, max_size=8))
    def send_some(self, sizes: list[int]) -> None:
        self.send(sizes)

    def send(self, sizes: list[int]) -> None:
        for size in sizes:
            self.waiting.append(message(self.count, size))
            self.count += 1
        self.send_waiting()

    @rule()
    def send_many(self) -> None:
        """More than an unsettled map of 512 octets takes."""
        if self.credit > 100 and self.count < 200:
            self.send([0] * 100)

    def send_waiting(self) -> None:
        link = self.sender.link
        while self.waiting and link is not None and link.attached and link.credit and not link.reducing:
            payload = self.waiting.pop(0)
            link.send(payload).context = int.from_bytes(payload[8:12], "big")

    @rule(which=st.integers(0, 5))
    def accept_one(self, which: int) -> None:
        if self.open:
            self.outcome(self.open.pop(which % len(self.open)))

    def outcome(self, delivery: IncomingDelivery) -> None:
        delivery.update(Accepted(), settled=delivery.rcv_settle_mode is ReceiverSettleMode.FIRST)

    @rule()
    def grant(self) -> None:
        link = self.receiver.link
        if link is not None and link.attached:
            link.flow(self.credit)

    @rule(side=st.booleans(), amount=st.none() | st.integers(1, 2000))
    def carry(self, side: bool, amount: int | None) -> None:
        self.move(self.client if side else self.server, amount)
        self.send_waiting()

    @rule(often=st.integers(0, 2), handshake=st.booleans())
    def cut(self, often: int, handshake: bool) -> None:
        if often:
            return
        self.lose()
        self.connect()
        if handshake:
            self.greet()

    def lose(self) -> None:
        for event in self.client.lose() + self.server.lose():
            if isinstance(event, DeliveryUpdated):
                self.updated(event)

    def greet(self) -> None:
        """Let the link come up."""
        while not (self.client.link.attached and self.server.link is not None):
            self.move(self.server, None)
            self.move(self.client, None)
        self.send_waiting()

    @rule(often=st.integers(0, 3))
    def detach(self, often: int) -> None:
        if not often:
            self.suspend()

    def suspend(self) -> None:
        if self.client.link.attached:
            self.client.link.detach(closed=False)

    # -- the end

    def settle_down(self) -> None:
        for _round in range(60):
            self.settle_round()
            if len(self.settled) == self.count:
                return
            if self.client.link.reducing or self.server.link.reducing:
                self.suspend()

    def settle_round(self) -> None:
        """Do all that can be done on this attachment."""
        moving = True
        while moving:
            moving = self.move(self.server, None) | self.move(self.client, None)
            while self.open:
                self.outcome(self.open.pop())
            self.send_waiting()
            self.grant_more()

    def grant_more(self) -> None:
        link = self.receiver.link
        if link is not None and link.attached and link.credit == 0:
            link.flow(self.credit)

    def teardown(self) -> None:
        if not hasattr(self, "count"):
            return
        self.settle_down()
        numbers = set(range(self.count))
        assert self.settled == numbers
        assert set(self.delivered) == numbers, "lost"
        if self.mode is ReceiverSettleMode.SECOND:
            assert set(self.delivered.values()) <= {1}, "delivered twice"


class AtLeastOnce(Recovery):
    """With a receiver that settles first."""

    mode = ReceiverSettleMode.FIRST


@pytest.mark.fault("F6")
@pytest.mark.requirement("transport-2.6.13-03")
@pytest.mark.requirement("transport-2.6.13-04")
@pytest.mark.requirement("messaging-3.4.1-01")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("machine", [Recovery, AtLeastOnce])
def test_no_message_is_lost(machine: type[Recovery]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=80,
            stateful_step_count=60,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.requirement("transport-2.6.13-05")
@pytest.mark.parametrize("client_sends", [True, False])
@pytest.mark.parametrize("decided", [0, 40, 150])
def test_maps_larger_than_a_frame_are_worked_off(client_sends: bool, decided: int) -> None:
    """Both ends hold 150 deliveries, of which a map of 512 octets tells less than half: it takes several attaches."""
    model = Recovery()
    model.begin(frames=(512, 512), client_sends=client_sends, credit=200)
    model.send([0] * 150)
    while len(model.open) < 150:
        model.move(model.server, None)
        model.move(model.client, None)
        model.send_waiting()
    for delivery in model.open[:decided]:
        model.outcome(delivery)
    model.lose()
    model.connect()
    attaches = 0
    while not model.client.link.attached:
        model.move(model.server, None)
        model.move(model.client, None)
    assert model.client.link.reducing
    assert model.server.link.reducing
    while model.client.link.reducing:
        attaches += 1
        assert attaches < 20
        model.suspend()
        model.settle_round()
    assert attaches >= 2
    model.teardown()
