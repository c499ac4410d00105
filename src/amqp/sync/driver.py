"""Who does the work of a connection: any thread, one at a time.

Whatever touches the engine or the client layer runs under the connection's lock; :meth:`Driver.run` takes it. A thread
that has to wait drives the connection while it waits, unless another does; then it sleeps, and is woken by what it waits
for or to drive in its turn. While nobody waits, a thread in the background drives: it writes what was submitted, answers
heartbeats, and notices what the peer does.

The background thread leaves the driving to those who wait for a moment longer than they wait: handing it over and back
for each message would cost more than the message.
"""

from __future__ import annotations

import math
import os
import selectors
import socket
import weakref
from contextlib import suppress
from functools import partial
from threading import RLock, Thread, get_ident
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar

from amqp.client.connection import ClientConnection
from amqp.client.faults import FORKED
from amqp.errors import ForkError, LocalError
from amqp.sync.callbacks import Callbacks
from amqp.sync.pump import Pump
from amqp.sync.waiting import Deadline, Gate

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec

    from amqp.client.completion import Completion
    from amqp.engine import Engine
    from amqp.errors import Scope
    from amqp.transport import Stream

    P = ParamSpec("P")

R = TypeVar("R")
T = TypeVar("T")

GRACE: Final = 0.02
"""Seconds after the last wait of a caller for which the background thread leaves incoming octets to the next one."""

LONGEST: Final = 3_600.0
"""Seconds that a sleep lasts at most before the clock is looked at again; selectors take no infinity."""

_Selector: Final = getattr(selectors, "PollSelector", selectors.SelectSelector)


class Driver:
    """Drives one connection's engine, on behalf of all threads that use the connection."""

    def __init__(
        self,
        engine: Engine,
        stream: Stream,
        operation_timeout: float,
        peer: str,
        layer: type[ClientConnection] = ClientConnection,
    ) -> None:
        self.client = layer(engine, self._wake, operation_timeout, peer)
        self.pump = Pump(engine, self.client, stream)
        self.callbacks = Callbacks()
        self.forked = False
        """Whether this is a child process, and the connection its parent's (F18)."""
        self._lock = RLock()
        self._owner = 0
        self._interrupts: list[BaseException] = []
        self._woken = False
        self._driving: Gate | None = None
        self._waiters: dict[Gate, None] = {}
        self._last_wait = monotonic()
        self._background = Gate()
        self._asleep = False
        self._kicked = False
        self._dropped = False
        self._signalled = False
        self._waking, self._woken_by = socket.socketpair()
        self._waking.setblocking(False)
        self._woken_by.setblocking(False)
        self._selector: selectors.BaseSelector = _Selector()
        self._selector.register(stream.fileno(), selectors.EVENT_READ)
        self._selector.register(self._woken_by, selectors.EVENT_READ)
        self._registered = selectors.EVENT_READ, stream.fileno()
        _drivers.add(self)

    @property
    def gone(self) -> bool:
        """Whether the stream is gone, and with it everything."""
        return self.pump.stream is None

    # -- what the front end calls

    def run(self, step: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Run *step* under the lock. It may wait in it by :meth:`until_done`, which lets others run meanwhile.

        Raises:
            ForkError: this is a child process of the one that made the connection.
            LocalError: it is called by something that the library itself called under the lock.
        """
        here = get_ident()
        if self.forked or self._owner == here:
            raise self._refusal()
        with self._lock:
            self._owner = here
            try:
                return step(*arguments, **named)
            except Exception:
                raise
            except BaseException as error:
                if not self._interrupted_waiting(error):
                    # Interrupted in the midst of its work, the state is not to be trusted.
                    self.pump.abort(error)
                    self._stopped()
                raise
            finally:
                try:
                    if self._woken:
                        self._have_written()
                except BaseException:
                    # Interrupted amid it: what was put in is still to be written.
                    self._have_written()
                    raise
                finally:
                    self._owner = 0

    def _refusal(self) -> LocalError:
        if self.forked:
            return ForkError(FORKED)
        return LocalError(
            "called from on_frame, a signal handler or a finalizer while the connection is at work: do it later"
        )

    def close(self, step: Callable[P, object], *arguments: P.args, **named: P.kwargs) -> None:
        """Run *step* as :meth:`run` does. In a child process there is nothing to close, and nothing is done (F18)."""
        if not self.forked:
            self.run(step, *arguments, **named)

    def until_done(self, completion: Completion[Any], deadline: Deadline | None = None) -> bool:
        """Wait until *completion* is done, at most to *deadline*; return whether it is. Called within :meth:`run`."""
        if completion.done():
            return True
        self._flush()
        gate = Gate()
        opened = gate.open
        completion.add_done_callback(opened)
        self._waiters[gate] = None
        end = math.inf if deadline is None else deadline.at
        looked = False
        try:
            while not completion.done() and not self.gone:
                left = min(end - monotonic(), LONGEST)
                if left <= 0 and looked:
                    break
                looked = True
                if self._driving is None:
                    self._driving = gate
                if self._driving is gate:
                    self._turn(left)
                else:
                    if self._driving is self._background:
                        self._signal()
                    self._pause(gate.sleep, left)
        finally:
            completion.remove_done_callback(opened)
            del self._waiters[gate]
            if self._driving is gate:
                self._last_wait = monotonic()
                self._driving = None
            if self._driving is None:
                self._offer()
        return completion.done()

    def wait(self, completion: Completion[T], deadline: Deadline, waited_for: str, scope: Scope) -> T:
        """Return the result of *completion*, or raise its error. Called within :meth:`run`.

        Raises:
            OperationTimeout: it was not done at the *deadline*.
        """
        if not self.until_done(completion, deadline):
            raise deadline.expired(waited_for, scope)
        return completion.result()

    def run_until(
        self, completion: Completion[T], timeout: float | None, waited_for: str, scope: Scope
    ) -> None:
        """Wait, for *timeout* seconds or for ever, until *completion* is done, whatever it ends with.

        Raises:
            OperationTimeout: it was not done in time.
        """
        deadline = None if timeout is None else Deadline(timeout)
        if not self.run(self.until_done, completion, deadline) and deadline is not None:
            raise deadline.expired(waited_for, scope)

    def call_back(self, completion: Completion[Any], callback: Callable[[], object]) -> None:
        """Have *callback* called in the thread for callbacks when *completion* is done; at once, here, if it is."""
        if not self.run(self._call_back, completion, callback):
            completion.add_done_callback(lambda _: callback())

    def call_each(
        self,
        register: Callable[[Callable[[Any], object]], object],
        callback: Callable[[Any], object],
    ) -> None:
        """Have *callback* called in the thread for callbacks each time that what *register* gives it to is called."""
        self.run(self._call_each, register, callback)

    def _call_each(
        self,
        register: Callable[[Callable[[Any], object]], object],
        callback: Callable[[Any], object],
    ) -> None:
        self.callbacks.prepare()
        register(lambda what: self.callbacks.call(partial(callback, what)))

    def _call_back(self, completion: Completion[Any], callback: Callable[[], object]) -> bool:
        if completion.done():
            return False
        self.callbacks.prepare()
        completion.add_done_callback(lambda _: self.callbacks.call(callback))
        return True

    def abort(self) -> None:
        """Drop the stream at once, whatever waits to be written; in a child process only its copy (F18)."""
        if self.forked:
            if self.pump.stream is not None:
                self.pump.stream.close()
            self._close_wakers()
            return
        with self._lock:
            owner, self._owner = self._owner, get_ident()
            try:
                self.pump.abort()
                self._stopped()
            finally:
                self._owner = owner

    def drop(self) -> None:
        """Have the stream dropped by the background thread. It takes no lock: a finalizer may hold it already."""
        self._dropped = True
        self._background.open()
        self._send_signal()

    def start(self) -> None:
        """Begin to drive in the background."""
        Thread(target=self._run_background, name="amqp connection", daemon=True).start()

    # -- turns of the one that drives

    def _turn(self, timeout: float) -> None:
        """Wait until there is something to do, at most *timeout* seconds, and do it."""
        pump = self.pump
        now = monotonic()
        due = self.client.next_timeout(now)
        if due is not None:
            timeout = min(due, timeout)
        if pump.more or timeout < 0:
            timeout = 0.0
        self._register(pump.interest())
        ready = self._pause(self._selector.select, timeout)
        readable = pump.more
        for key, _ in ready:
            if key.fileobj is self._woken_by:
                self._take_signal()
            else:
                readable = True
        if readable:
            pump.read()
        else:
            pump.process()
        if due is not None and not self.gone and monotonic() >= now + due:
            pump.handle_timeout()
        self._woken = False
        if self.gone:
            self._stopped()

    def _pause(self, sleep: Callable[[float], R], timeout: float) -> R:
        # The one place where the lock is let go of. What a signal handler raises here finds everything in order.
        try:
            self._owner = 0
            self._lock.release()
            return sleep(timeout)
        except BaseException as error:
            self._interrupts.append(error)
            raise
        finally:
            # No function of ours, which could be interrupted at its first step: without the lock nothing here may go on.
            interrupt: BaseException | None = None
            while True:
                try:
                    self._lock.acquire()
                    self._owner = get_ident()
                    break
                except BaseException as error:  # noqa: BLE001 - it is raised below
                    interrupt = error
                    self._interrupts.append(error)
                    with suppress(
                        RuntimeError
                    ):  # it was not taken, or was just before: begin anew either way
                        self._lock.release()
            if interrupt is not None:
                raise interrupt

    def _interrupted_waiting(self, error: BaseException) -> bool:
        found = any(error is known for known in self._interrupts)
        self._interrupts.clear()
        return found

    def _register(self, interest: int) -> None:
        stream = self.pump.stream
        if stream is not None and self._registered[0] != interest:
            self._registered = interest, self._registered[1]
            self._selector.modify(self._registered[1], interest)

    def _flush(self) -> None:
        """Write what there is, before this thread waits; the one that drives does the rest."""
        self.pump.process()
        self._woken = False
        if self.gone:
            self._stopped()
        elif self.pump.blocked and self._driving is not None:
            self._signal()

    # -- waking each other

    def _wake(self) -> None:
        self._woken = True

    def _have_written(self) -> None:
        """Have another thread write what this one has put in and does not wait for, together with what follows."""
        self._woken = False
        if self.gone:
            self._stopped()
        elif self._driving is not None:
            self._signal()
        elif not self._kicked:
            self._background.open()
            self._kicked = True

    def _offer(self) -> None:
        """Let somebody who waits drive; where nobody does, let the background thread know."""
        if self.gone:
            self._close_wakers()
        for gate in self._waiters:
            gate.open()
            return
        if self._asleep:
            self._background.open()

    def _stopped(self) -> None:
        # Whoever sleeps sees that it is all over; the last one to leave closes what it was woken by.
        for gate in self._waiters:
            gate.open()
        self._background.open()
        self.callbacks.close()
        if self._driving is None:
            self._close_wakers()
        else:
            self._signal()

    def _signal(self) -> None:
        # In this order: interrupted between the two, one too many is sent, and not one too few.
        if not self._signalled:
            self._send_signal()
            self._signalled = True

    def _send_signal(self) -> None:
        try:
            self._waking.send(b"\0")
        except OSError:
            pass  # enough of them wait, or nobody is there any more

    def _take_signal(self) -> None:
        self._signalled = False
        try:
            self._woken_by.recv(4096)
        except OSError:
            pass

    def _close_wakers(self) -> None:
        self._selector.close()
        self._waking.close()
        self._woken_by.close()

    # -- the thread in the background

    def _run_background(self) -> None:
        with self._lock:
            self._owner = get_ident()
            try:
                while not self.gone and not self._dropped:
                    self._background_step()
            finally:
                self.pump.abort()
                self._stopped()
                self._owner = 0

    def _background_step(self) -> None:
        self._kicked = False
        if self._driving is not None:
            self._asleep = True
            self._pause(self._background.sleep, LONGEST)
            self._asleep = False
            return
        self._flush()
        rest = self._last_wait + GRACE - monotonic()
        if rest > 0 and not self.pump.blocked:
            self._pause(self._background.sleep, rest)
        elif not self._waiters:
            self._driving = self._background
            try:
                while not self._waiters and not self.gone and not self._dropped:
                    self._turn(LONGEST)
            finally:
                self._driving = None
                self._last_wait = monotonic()
                self._offer()
        else:
            self._pause(self._background.sleep, GRACE)

    def forget_parent(self) -> None:
        """Note that this is a child process now; a lock that a thread of the parent held will never be let go of."""
        self.forked = True
        self._lock = RLock()
        self._owner = 0


_drivers: weakref.WeakSet[Driver] = weakref.WeakSet()


def _after_fork() -> None:
    for driver in list(_drivers):
        driver.forget_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
