"""Waiting for a completion in asyncio, to a deadline: the one place where the client layer meets the loop."""

from __future__ import annotations

import asyncio
import math
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

from amqp.client.deadline import TimeLimit
from amqp.client.faults import FORKED
from amqp.errors import ForkError, WrongLoop

if TYPE_CHECKING:
    from amqp.client.completion import Completion
    from amqp.client.connection import ClientConnection
    from amqp.errors import Scope

T = TypeVar("T")

# The function for those who write event loops: it does not raise where none runs, and costs the least.
_running_loop: Final = asyncio._get_running_loop


class Deadline(TimeLimit):
    """A moment on the clock of the running loop.

    Raises:
        LocalError: *seconds* is negative or no number.
    """

    __slots__ = ()

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds, _now())

    def left(self) -> float:
        """Return the seconds that are left, 0 or more."""
        return self.left_at(_now())


def _now() -> float:
    # Where no loop runs, in a child process for example, check_loop says so.
    loop = _running_loop()
    return monotonic() if loop is None else loop.time()


PARENTS: Final = "the parent process"
"""The home of a connection that this process has by a fork."""


def is_parents(client: ClientConnection) -> bool:
    """Whether the connection belongs to the parent of this process: then there is nothing to close here (F18)."""
    return client.home is PARENTS


def check_loop(client: ClientConnection) -> None:
    """Refuse a call from elsewhere than the loop of the connection: nothing here is made for two threads.

    Raises:
        WrongLoop: no loop runs in this thread, or another one.
        ForkError: this is a child process of the one that made the connection.
    """
    if _running_loop() is not client.home:
        if is_parents(client):
            raise ForkError(FORKED)
        raise _wrong_loop("connection")


def is_running(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether *loop* runs in this thread."""
    return _running_loop() is loop


def check_home(loop: asyncio.AbstractEventLoop) -> None:
    """Refuse a call from elsewhere than the *loop* of a listener.

    Raises:
        WrongLoop: no loop runs in this thread, or another one.
    """
    if not is_running(loop):
        raise _wrong_loop("listener")


def _wrong_loop(what: str) -> WrongLoop:
    return WrongLoop(
        f"the {what} belongs to another event loop or thread: use it in the one that it was made in, by "
        "asyncio.run_coroutine_threadsafe for example, or use amqp.sync"
    )


async def until_done(completion: Completion[T], deadline: Deadline | None = None) -> bool:
    """Wait until *completion* is done, at most to *deadline*; return whether it is.

    Cancelling leaves the completion as it is.
    """
    if completion.done():
        return True
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()

    def wake(_: object = None) -> None:
        if not future.done():
            future.set_result(None)

    completion.add_done_callback(wake)
    timer = None if deadline is None or math.isinf(deadline.at) else loop.call_at(deadline.at, wake)
    try:
        await future
    finally:
        completion.remove_done_callback(wake)
        if timer is not None:
            timer.cancel()
    return completion.done()


async def wait(completion: Completion[T], deadline: Deadline, waited_for: str, scope: Scope) -> T:
    """Return the result of *completion*, or raise its error.

    Raises:
        OperationTimeout: it was not done at the *deadline*.
    """
    if not await until_done(completion, deadline):
        raise deadline.expired(waited_for, scope)
    return completion.result()
