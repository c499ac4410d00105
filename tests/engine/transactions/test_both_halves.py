"""A controller and a coordinator back to back, with a store of messages that knows nothing of frames."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from amqp.engine import (
    ConnectionOpened,
    DeliveryReceived,
    DeliveryUpdated,
    Engine,
    Event,
    LinkRequested,
    OutgoingDelivery,
    ReceiverLink,
    SenderLink,
    SessionRequested,
)
from amqp.engine.transactions import (
    ControlLink,
    OpenTransaction,
    TransactionController,
    TransactionDeclared,
    TransactionDischarged,
    TransactionEvent,
    TransactionFailed,
    TransactionStatus,
    TransactionTable,
)
from amqp.options import ConnectionOptions, LinkOptions
from amqp_spec import Accepted, Coordinator, Error, Rejected, Source, Target, TransactionalState


@dataclass
class Put:
    """A message that is there once its transaction commits."""

    store: list[bytes]
    message: bytes

    def commit(self) -> None:
        self.store.append(self.message)

    def rollback(self) -> None:
        pass


@dataclass
class Take:
    """A message that is gone once its transaction commits."""

    store: list[bytes]
    message: bytes

    def commit(self) -> None:
        self.store.remove(self.message)

    def rollback(self) -> None:
        pass


class Server:
    """A resource with one node."""

    def __init__(self) -> None:
        self.engine = Engine(ConnectionOptions(container_id="server", max_frame_size=512), role="server")
        self.table = TransactionTable()
        self.store: list[bytes] = []
        self.out: SenderLink | None = None

    def handle(self, event: Event) -> None:
        if isinstance(event, ConnectionOpened):
            self.engine.open()
        elif isinstance(event, SessionRequested):
            event.session.accept()
        elif isinstance(event, LinkRequested):
            self.attach(event)
        elif isinstance(event, DeliveryReceived):
            control = event.delivery.link.context
            if isinstance(control, ControlLink):
                control.received(event.delivery)
            else:
                self.post(event)
        elif isinstance(event, DeliveryUpdated) and isinstance(event.state, TransactionalState):
            delivery = event.delivery
            assert isinstance(delivery, OutgoingDelivery)
            transaction = self.table.retire(delivery, event.state)
            if isinstance(transaction, OpenTransaction):
                transaction.add(Take(self.store, b"old"))

    def attach(self, event: LinkRequested) -> None:
        link = event.link
        if isinstance(link.target, Coordinator):
            link.context = self.table.accept(link)
        elif isinstance(link, ReceiverLink):
            link.accept(credit=100)
        else:
            assert isinstance(link, SenderLink)
            link.accept()
            self.out = link

    def post(self, event: DeliveryReceived) -> None:
        delivery = event.delivery
        state = delivery.state
        assert isinstance(state, TransactionalState)
        found = self.table.find(state, delivery.link.session)
        if isinstance(found, Error):
            delivery.settle(Rejected(error=found))
        else:
            found.add(Put(self.store, delivery.payload))
            delivery.settle(TransactionalState(txn_id=found.id, outcome=Accepted()))


class Both:
    """The two, and the octets between them."""

    def __init__(self) -> None:
        self.server = Server()
        self.client = Engine(ConnectionOptions(container_id="client", max_frame_size=512))
        self.client.open()
        session = self.client.begin()
        self.controller = TransactionController(session)
        self.sender = session.attach_sender(LinkOptions(target=Target(address="q")))
        self.receiver = session.attach_receiver(LinkOptions(source=Source(address="q")), credit=5)
        self.news: list[TransactionEvent] = []
        self.pump()

    def pump(self) -> None:
        """Move octets until none come."""
        while True:
            out = b"".join(self.client.data_to_send(0.0))
            back = b"".join(self.server.engine.data_to_send(0.0))
            self.controller.advance()
            if not out and not back and not self.client.wants_write:
                return
            if out:
                self.server.engine.receive_data(out, 0.0)
            for event in self.server.engine.events():
                self.server.handle(event)
            if back:
                self.client.receive_data(back, 0.0)
            for event in self.client.events():
                self.news += self.controller.handle(event)


@pytest.mark.parametrize("fail", [False, True])
def test_all_of_it_or_nothing(fail: bool) -> None:
    both = Both()
    both.server.store.append(b"old")
    assert both.server.out is not None
    both.server.out.send(b"old")
    transaction = both.controller.declare()
    both.pump()
    large = bytes(5_000)
    posted = [transaction.post(both.sender, payload) for payload in (b"new", large)]
    (delivery,) = both.receiver.unsettled.values()
    transaction.retire(delivery, Accepted())
    both.pump()
    assert both.server.store == [b"old"]
    state = TransactionalState(txn_id=transaction.id or b"", outcome=Accepted())
    assert [each.remote_state for each in posted] == [state, state]
    transaction.discharge(fail=fail)
    both.pump()
    assert both.news == [TransactionDeclared(transaction), TransactionDischarged(transaction)]
    assert transaction.status is (TransactionStatus.ROLLED_BACK if fail else TransactionStatus.COMMITTED)
    assert both.server.store == ([b"old"] if fail else [b"new", large])
    assert both.server.table.open == {}


def test_several_at_a_time_keep_apart() -> None:
    both = Both()
    first, second = both.controller.declare(), both.controller.declare()
    both.pump()
    first.post(both.sender, b"first")
    second.post(both.sender, b"second")
    second.discharge()
    first.discharge(fail=True)
    both.pump()
    assert both.server.store == [b"second"]
    assert (first.status, second.status) == (TransactionStatus.ROLLED_BACK, TransactionStatus.COMMITTED)


def test_a_transaction_that_the_resource_gave_up_is_not_committed() -> None:
    both = Both()
    transaction = both.controller.declare()
    both.pump()
    (known,) = both.server.table.open.values()
    known.fail(Error(condition="amqp:transaction:timeout", description="too slow"))
    delivery = transaction.post(both.sender, b"late")
    transaction.discharge()
    both.pump()
    assert isinstance(delivery.remote_state, Rejected)
    failed = both.news[-1]
    assert isinstance(failed, TransactionFailed)
    assert (failed.fault.condition, failed.fault.description) == ("amqp:transaction:timeout", "too slow")
    assert both.server.store == []
