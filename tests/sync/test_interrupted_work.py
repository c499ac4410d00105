"""Transactions and requests are interrupted at their k-th wait, for all k; then the connection still works."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

import amqp
import amqp.sync
from tests.contract.front import SOON
from tests.sync.interrupts import Interrupts

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.fault("F14")
@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
def test_a_transaction(broker: str, behind: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupts = Interrupts(monkeypatch)
    interrupts.behind = behind
    with amqp.sync.connect(broker) as connection:
        sender, receiver = connection.open_sender("q"), connection.open_receiver("q", auto_accept=True)

        def work() -> None:
            with connection.open_session() as session, session.transaction() as transaction:
                sender.send(amqp.Message("both"), transaction=transaction)
                sender.send(amqp.Message("or none"), transaction=transaction)

        finished, waits = False, 0
        while not finished:
            finished = interrupts.at(waits, work)
            with sender.session.transaction() as transaction:
                sender.send(amqp.Message("after"), transaction=transaction)
            bodies: list[object] = []
            while bodies[-1:] != ["after"]:
                bodies.append(receiver.receive(timeout=SOON).message.body)
            assert bodies in (["after"], ["both", "or none", "after"])
            waits += 1
            assert waits < 60
        assert waits > 4
        assert len(bodies) == 3


@pytest.fixture
def echo(broker: str) -> Iterator[str]:
    """A broker on which what is asked of "echo" is answered."""
    ready = Event()

    def answer(connection: amqp.sync.Connection) -> None:
        with (
            connection.open_sender(None) as sender,
            connection.open_receiver("echo", auto_accept=True) as receiver,
        ):
            ready.set()
            for delivery in receiver:
                asked = delivery.message.properties
                assert asked is not None
                properties = amqp.Properties(to=asked.reply_to, correlation_id=asked.message_id)
                sender.submit(amqp.Message(delivery.message.body, properties=properties))

    with amqp.sync.connect(broker) as connection:
        thread = Thread(target=answer, args=(connection,))
        thread.start()
        assert ready.wait(SOON)
        yield broker
    # Its receiver is closed with the connection, which ends the loop.
    thread.join(SOON)
    assert not thread.is_alive()


@pytest.mark.fault("F14")
@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
def test_a_request(echo: str, behind: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupts = Interrupts(monkeypatch)
    interrupts.behind = behind
    with amqp.sync.connect(echo) as connection, connection.open_requester("echo") as requester:
        finished, waits = False, 0
        while not finished:
            finished = interrupts.at(
                waits, lambda: requester.request(amqp.Message("interrupted"), timeout=SOON)
            )
            assert requester.waiting == 0
            assert requester.request(amqp.Message(waits), timeout=SOON).body == waits
            waits += 1
            assert waits < 60
        assert waits > 1
