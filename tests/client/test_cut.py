"""The stream is cut at every octet of an exchange; each time everybody is told, and told the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from amqp.client.connection import ClientConnection
from amqp.client.delivery import ClientDelivery
from amqp.client.termini import plan_receiver, plan_sender
from amqp.engine import (
    ConnectionOpened,
    DeliveryReceived,
    Engine,
    LinkRequested,
    ReceiverLink,
    SenderLink,
    SessionRequested,
)
from amqp.errors import ConnectionLost, InDoubt, NotSent
from amqp.message import Message
from amqp.options import ConnectionOptions
from amqp_spec import Accepted

if TYPE_CHECKING:
    from amqp.client.pending import Pending

LARGE = Message(bytes(600))


class Client:
    """Opens, attaches, sends three messages with credit for two, and receives one; ids and names are fixed."""

    def __init__(self) -> None:
        self.engine = Engine(ConnectionOptions(container_id="c", max_frame_size=512), role="client")
        self.connection = ClientConnection(self.engine, lambda: None)
        self.engine.open()
        session = self.connection.default_session()
        self.sender = session.open_sender(plan_sender("q", name="s"))
        self.receiver = session.open_receiver(plan_receiver("q", name="r"), ClientDelivery)
        self.pendings = [self.sender.submit(Message(n)) for n in range(3)]
        self.waiter = self.receiver.next()
        self.session = session

    def turn(self) -> list[bytes]:
        octets = [bytes(buffer) for buffer in self.engine.data_to_send(0.0)]
        self.connection.written()
        return octets

    def feed(self, octets: bytes) -> None:
        self.engine.receive_data(octets, 0.0)
        self.connection.handle_events(self.engine.events())


def serve(server: Engine) -> None:
    for event in server.events():
        match event:
            case ConnectionOpened():
                server.open()
            case SessionRequested():
                event.session.accept()
            case LinkRequested():
                link = event.link
                if isinstance(link, ReceiverLink):
                    link.accept(credit=2)
                elif isinstance(link, SenderLink):
                    link.accept()
            case DeliveryReceived():
                event.delivery.settle(Accepted())
            case _:
                pass
    for session in server.sessions:
        for link in session.links:
            if (
                isinstance(link, SenderLink)
                and link.credit
                and not link.delivery_count
                and not link.unsettled
            ):
                link.send(LARGE.encode())


def record() -> bytes:
    """What the server says in the whole exchange."""
    client, server = Client(), Engine(ConnectionOptions(container_id="p"), role="server")
    said = b""
    for _ in range(20):
        for octets in client.turn():
            server.receive_data(octets, 0.0)
        serve(server)
        answer = b"".join(bytes(buffer) for buffer in server.data_to_send(0.0))
        said += answer
        if answer:
            client.feed(answer)
    assert [pending.done() for pending in client.pendings] == [True, True, False]
    assert client.waiter.result().message == LARGE
    return said


@pytest.mark.fault("F1")
def test_cut_at_every_octet() -> None:
    said = record()
    fates: set[tuple[str, ...]] = set()
    for cut in range(len(said) + 1):
        client = Client()
        client.turn()
        # In pieces, so that the client writes when it may, as it does in the exchange.
        for at in range(0, cut, 7):
            client.feed(said[at : min(cut, at + 7)])
            client.turn()
        client.feed(b"")
        assert isinstance(client.connection.failure and client.connection.failure.error(), ConnectionLost)
        assert client.connection.closed.done()
        assert client.session.closed.done()
        assert client.sender.closed.done()
        assert client.receiver.closed.done()
        assert client.waiter.done()
        assert all(pending.done() for pending in client.pendings)
        fates.add(tuple(fate(pending) for pending in client.pendings))
        if client.waiter.error() is None:
            assert client.waiter.result().message == LARGE
    assert ("NotSent", "NotSent", "NotSent") in fates
    assert ("InDoubt", "InDoubt", "NotSent") in fates
    assert ("Accepted", "Accepted", "NotSent") in fates
    # The third never had credit, so it never left.
    assert all(third == "NotSent" for _, _, third in fates)


def fate(pending: Pending) -> str:
    error = pending.exception()
    assert error is None or isinstance(error, NotSent | InDoubt)
    return type(error or pending.result()).__name__
