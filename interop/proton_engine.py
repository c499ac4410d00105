"""Our engine against proton's, in memory: python proton_engine.py, run by the Python that has proton.

Each plays the client once and the server once. The octets pass whole, one at a time, and in random pieces, which must
make no difference. Prints a line for each run and ends with 1 at the first difference.
"""

import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

# Installed in the peer's own environment, and so unknown to this project's type checker.
from proton import (  # type: ignore[import-not-found]
    Collector,
    Condition,
    Connection,
    Delivery,
    Event,
    Transport,
)

from amqp import engine as ours
from amqp.options import ConnectionOptions, LinkOptions, SessionOptions
from amqp_spec import Accepted, Error, Rejected, Source, Target

SIZES = (0, 1, 200, 481, 1_500, 4_000)
MESSAGES = [bytes([65 + number]) * size for number, size in enumerate(SIZES)]
REJECTED = 3
"""The number of the message that the receiver rejects."""
FRAME = 512
ROUNDS = 100_000
OUTCOMES = {Delivery.ACCEPTED: "accepted", Delivery.REJECTED: "rejected"}


class Ours:
    """Our engine, with a log of what it saw."""

    def __init__(self, role: Any) -> None:
        self.log: list[Any] = []
        self.engine = ours.Engine(ConnectionOptions(container_id="ours", max_frame_size=FRAME), role=role)
        self.receiver: Any = None
        self.waiting = list(MESSAGES)
        self.links: dict[str, Any] = {}
        self.sessions: list[Any] = []
        if role == "client":
            self.engine.open()
            # 2.5.6: ids begin near their end, so that they wrap.
            session = self.engine.begin(SessionOptions(next_outgoing_id=2**32 - 5, incoming_window=4))
            session.attach_sender(
                LinkOptions(name="out", source=Source(address="s"), target=Target(address="q"))
            )
            session.attach_receiver(
                LinkOptions(name="in", source=Source(address="q"), target=Target(address="t")), credit=4
            )

    def push(self, data: bytes) -> None:
        """Take octets."""
        self.engine.receive_data(data, 0.0)
        for event in self.engine.events():
            self.on(event)

    def pull(self) -> bytes:
        """Give octets."""
        return b"".join(self.engine.data_to_send(0.0))

    def on(self, event: ours.Event) -> None:
        """Answer what happened."""
        if isinstance(event, ours.ConnectionOpened):
            self.log.append(("opened", event.remote.container_id))
            if self.engine.role == "server":
                self.engine.open()
        elif isinstance(event, ours.SessionRequested):
            event.session.accept(SessionOptions(next_outgoing_id=2**32 - 5, incoming_window=4))
            self.sessions.append(event.session)
        elif isinstance(event, ours.SessionOpened):
            self.sessions.append(event.session)
        elif isinstance(event, ours.LinkRequested):
            if isinstance(event.link, ours.ReceiverLink):
                event.link.accept(credit=4)
            else:
                event.link.accept()
            self.up(event.link)
        elif isinstance(event, ours.LinkOpened):
            self.up(event.link)
        elif isinstance(event, ours.CreditChanged):
            while self.waiting and event.link.credit:
                number = len(MESSAGES) - len(self.waiting)
                event.link.send(self.waiting.pop(0)).context = number
        elif isinstance(event, ours.DeliveryReceived):
            self.on_delivery(event.delivery)
        elif isinstance(event, ours.DeliveryUpdated):
            self.log.append(("outcome", event.delivery.context, type(event.state).__name__.lower()))
            event.delivery.settle()
        elif isinstance(event, ours.LinkFailed | ours.SessionFailed | ours.ConnectionFailed):
            self.log.append((event.fault.scope.value, event.fault.blame.value, event.fault.condition))
        elif isinstance(event, ours.LinkEnded | ours.SessionEnded | ours.ConnectionEnded):
            self.log.append((type(event).__name__,))

    def up(self, link: Any) -> None:
        """Know a link."""
        self.links["receiver" if isinstance(link, ours.ReceiverLink) else "sender"] = link

    def on_delivery(self, delivery: Any) -> None:
        """Answer a message: one is rejected."""
        number = sum(each[0] == "message" for each in self.log)
        self.log.append(("message", bytes(delivery.payload)))
        delivery.settle(Rejected() if number == REJECTED else Accepted())
        delivery.link.flow(4)

    # -- what the script asks for

    def fail_link(self, condition: str) -> None:
        """Detach the receiving link with an error."""
        self.links["receiver"].detach(error=Error(condition=condition))

    def fail_session(self, condition: str) -> None:
        """End the session with an error."""
        self.sessions[0].end(Error(condition=condition))

    def close(self, condition: str | None) -> None:
        """Close the connection."""
        self.engine.close(None if condition is None else Error(condition=condition))

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.engine.output_closed


class Theirs:
    """Proton's engine, with a log of what it saw."""

    def __init__(self, role: str) -> None:
        self.log: list[Any] = []
        self.connection = Connection()
        self.connection.container = "theirs"
        self.collector = Collector()
        self.connection.collect(self.collector)
        self.transport = Transport(Transport.SERVER if role == "server" else None)
        self.transport.max_frame_size = FRAME
        self.transport.bind(self.connection)
        self.waiting = list(MESSAGES)
        self.links: dict[str, Any] = {}
        self.session: Any = None
        if role == "client":
            self.connection.open()
            self.session = self.connection.session()
            self.session.open()
            sender, receiver = self.session.sender("out"), self.session.receiver("in")
            sender.target.address, receiver.source.address = "q", "q"
            sender.open()
            receiver.open()
            receiver.flow(4)
            self.links = {"sender": sender, "receiver": receiver}

    def push(self, data: bytes) -> None:
        """Take octets."""
        while data and self.transport.capacity() > 0:
            part = data[: self.transport.capacity()]
            self.transport.push(part)
            data = data[len(part) :]
        self.handle()

    def pull(self) -> bytes:
        """Give octets."""
        found = b""
        self.handle()
        while self.transport.pending() > 0:
            part = self.transport.peek(self.transport.pending())
            self.transport.pop(len(part))
            found += part
            self.handle()
        return found

    def handle(self) -> None:
        """Answer what happened."""
        while (event := self.collector.peek()) is not None:
            kind = event.type
            if kind == Event.CONNECTION_REMOTE_OPEN:
                self.log.append(("opened", event.connection.remote_container))
                self.connection.open()
            elif kind == Event.SESSION_REMOTE_OPEN:
                self.session = event.session
                event.session.open()
            elif kind == Event.LINK_REMOTE_OPEN:
                self.on_link(event.link)
            elif kind == Event.LINK_FLOW and event.link.is_sender:
                self.send(event.link)
            elif kind == Event.DELIVERY:
                self.on_delivery(event.delivery)
            elif kind in (Event.LINK_REMOTE_CLOSE, Event.SESSION_REMOTE_CLOSE, Event.CONNECTION_REMOTE_CLOSE):
                self.on_close(event)
            elif kind == Event.TRANSPORT_ERROR:
                self.log.append(("transport", self.transport.condition.name))
            self.collector.pop()

    def on_link(self, link: Any) -> None:
        """Answer an attach."""
        self.links["sender" if link.is_sender else "receiver"] = link
        if not link.state & link.LOCAL_ACTIVE:
            link.source.copy(link.remote_source)
            link.target.copy(link.remote_target)
            link.open()
            if link.is_receiver:
                link.flow(4)

    def send(self, link: Any) -> None:
        """Send for as long as there is credit."""
        while self.waiting and link.credit > 0:
            link.delivery(str(len(MESSAGES) - len(self.waiting)))
            link.send(self.waiting.pop(0))
            link.advance()

    def on_delivery(self, delivery: Any) -> None:
        """Answer a message, or take an outcome."""
        link = delivery.link
        if link.is_sender:
            if delivery.updated and delivery.remote_state:
                self.log.append(("outcome", int(delivery.tag), OUTCOMES[delivery.remote_state]))
                delivery.settle()
        elif delivery.readable and not delivery.partial:
            number = sum(each[0] == "message" for each in self.log)
            self.log.append(("message", link.recv(delivery.pending) or b""))
            link.advance()
            delivery.update(Delivery.REJECTED if number == REJECTED else Delivery.ACCEPTED)
            delivery.settle()
            link.flow(1)

    def on_close(self, event: Any) -> None:
        """Answer a detach, end or close."""
        for name in ("link", "session", "connection"):
            if event.type == getattr(Event, f"{name.upper()}_REMOTE_CLOSE"):
                endpoint = getattr(event, name)
                condition = endpoint.remote_condition
                self.log.append((name, "remote", condition.name if condition else None))
                endpoint.close()

    def fail_link(self, condition: str) -> None:
        """Detach the receiving link with an error."""
        self.links["receiver"].condition = Condition(condition)
        self.links["receiver"].close()

    def fail_session(self, condition: str) -> None:
        """End the session with an error."""
        self.session.condition = Condition(condition)
        self.session.close()

    def close(self, condition: str | None) -> None:
        """Close the connection."""
        if condition is not None:
            self.connection.condition = Condition(condition)
        self.connection.close()

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return bool(self.transport.pending() < 0 or self.transport.closed)


Cut = Callable[[bytes], Iterator[bytes]]


def whole(octets: bytes) -> Iterator[bytes]:
    """Pass octets as they are."""
    yield octets


def single(octets: bytes) -> Iterator[bytes]:
    """Pass one octet at a time."""
    for octet in octets:
        yield bytes((octet,))


def pieces(octets: bytes) -> Iterator[bytes]:
    """Pass octets in pieces of any size."""
    chance = random.Random(len(octets))
    while octets:
        size = chance.randint(1, 700)
        yield octets[:size]
        octets = octets[size:]


def settle(one: Ours, other: Theirs, cut: Cut) -> None:
    """Let octets pass both ways until neither has any."""
    for _ in range(ROUNDS):
        to_them, to_us = one.pull(), other.pull()
        if not to_them and not to_us:
            return
        # No octets are the end of the stream to an engine.
        for part in cut(to_them) if to_them else ():
            other.push(part)
        for part in cut(to_us) if to_us else ():
            one.push(part)
    raise AssertionError("the two never come to rest")


def expect(what: str, found: Any, wanted: Any) -> None:
    """Compare.

    Raises:
        AssertionError: they differ.
    """
    if found != wanted:
        raise AssertionError(f"{what}: expected {wanted!r}, found {found!r}")


def run(role: str, cut: Cut, closing: str | None) -> None:
    """Open, send every message both ways, fail a link from each side, fail the session, close."""
    one = Ours(role)
    other = Theirs("client" if role == "server" else "server")
    settle(one, other, cut)
    outcomes = [("outcome", n, "rejected" if n == REJECTED else "accepted") for n in range(len(MESSAGES))]
    traffic = [("message", message) for message in MESSAGES]
    for name, end, peer in (("ours", one, "theirs"), ("theirs", other, "ours")):
        expect(f"{name} opened", end.log[:1], [("opened", peer)])
        expect(f"{name} messages", [each for each in end.log if each[0] == "message"], traffic)
        # The order in which outcomes leave is the receiver's.
        expect(f"{name} outcomes", sorted(each for each in end.log if each[0] == "outcome"), outcomes)
        expect(f"{name} has seen nothing else", len(end.log), 1 + len(traffic) + len(outcomes))
        end.log.clear()
    one.fail_link("amqp:link:detach-forced")
    settle(one, other, cut)
    expect("theirs", other.log, [("link", "remote", "amqp:link:detach-forced")])
    expect("ours", one.log, [("link", "local", "amqp:link:detach-forced")])
    one.log.clear()
    other.log.clear()
    other.fail_link("amqp:resource-deleted")
    settle(one, other, cut)
    expect("ours", one.log, [("link", "remote", "amqp:resource-deleted")])
    one.log.clear()
    other.log.clear()
    other.fail_session("amqp:internal-error")
    settle(one, other, cut)
    expect("ours", one.log, [("session", "remote", "amqp:internal-error")])
    one.log.clear()
    other.log.clear()
    one.close(closing)
    settle(one, other, cut)
    expect("theirs", other.log, [("connection", "remote", closing)])
    expect("ours", one.log, [("connection", "local", closing)] if closing else [("ConnectionEnded",)])
    expect("ours is done", one.ended, True)


def run_fault(role: str, cut: Cut) -> None:
    """Let proton hear nonsense from us, and us from proton: each closes with the condition of the standard."""
    one = Ours(role)
    other = Theirs("client" if role == "server" else "server")
    settle(one, other, cut)
    one.log.clear()
    # 2.3.1: a doff of 1 is below the header of a frame.
    one.push(b"\0\0\0\x08\x01\0\0\0")
    settle(one, other, cut)
    expect("ours", one.log, [("connection", "remote", "amqp:connection:framing-error")])
    expect("theirs", other.log[-1], ("connection", "remote", "amqp:connection:framing-error"))


def main() -> int:
    """Run everything; return the exit code."""
    for role in ("client", "server"):
        for cut in (whole, single, pieces):
            try:
                for closing in (None, "amqp:connection:forced"):
                    run(role, cut, closing)
                run_fault(role, cut)
            except AssertionError as error:
                print(f"we are the {role}, octets {cut.__name__}: {error}")
                return 1
            print(f"we are the {role}, octets {cut.__name__}: as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
