"""Interrupts between the steps by which a thread takes the connection and lets go of it; then the connection still works."""

from __future__ import annotations

import threading
from typing import ClassVar

import pytest

import amqp
import amqp.sync
from amqp.sync import driver as driver_module
from amqp.sync.driver import Driver
from tests.contract.front import SOON

HELLO = amqp.Message(b"hello")


class Lock:
    """The lock of a connection; a signal handler raises once while the thread of the test waits for it, or just behind."""

    interrupt: ClassVar[str | None] = None
    thread: ClassVar[int] = 0

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def acquire(self) -> None:
        self._raise_at("before")
        self._lock.acquire()
        self._raise_at("behind")

    def release(self) -> None:
        self._lock.release()

    def _raise_at(self, moment: str) -> None:
        if Lock.interrupt == moment and threading.get_ident() == Lock.thread:
            Lock.interrupt = None
            raise KeyboardInterrupt

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()


@pytest.mark.fault("F14")
@pytest.mark.parametrize("moment", ["before", "behind"])
def test_while_the_lock_is_taken_again(broker: str, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_module, "RLock", Lock)
    Lock.thread = threading.get_ident()
    with amqp.sync.connect(broker) as connection:
        sender, receiver = connection.open_sender("q"), connection.open_receiver("q")
        Lock.interrupt = moment
        with pytest.raises(KeyboardInterrupt):
            receiver.receive(timeout=0.01)
        used = threading.Thread(target=sender.send, args=(HELLO,))
        used.start()
        receiver.receive(timeout=SOON).accept()
        used.join(SOON)
        assert not used.is_alive()


@pytest.mark.fault("F14")
def test_while_another_thread_is_told_to_write(broker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tell = Driver._have_written
    interrupts = [KeyboardInterrupt()]

    def interrupted(driver: Driver) -> None:
        if interrupts:
            raise interrupts.pop()
        tell(driver)

    with amqp.sync.connect(broker) as connection:
        sender, receiver = connection.open_sender("q"), connection.open_receiver("q")
        with monkeypatch.context() as patch:
            patch.setattr(Driver, "_have_written", interrupted)
            with pytest.raises(KeyboardInterrupt):
                sender.submit(HELLO)
        receiver.receive(timeout=SOON).accept()
        sender.flush(timeout=SOON)
