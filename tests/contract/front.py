"""Both front ends in one style, the blocking one, so that a test is written once.

The asyncio one runs on a loop in a thread of its own. Its objects come wrapped: a call that returns something to be
awaited waits for it, ``with`` and ``for`` stand for ``async with`` and ``async for``.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, Self

import amqp
import amqp.aio
import amqp.sync

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from concurrent.futures import Future

SOON = 20.0
"""Seconds within which what must happen does; a test that waits so long has failed."""

FRONTS = ("aio", "sync")

_WRAPPED = (
    amqp.aio.Authorization,
    amqp.aio.Connection,
    amqp.aio.Session,
    amqp.aio.Sender,
    amqp.aio.Receiver,
    amqp.aio.Delivery,
    amqp.aio.Pending,
    amqp.aio.Transaction,
    amqp.aio.Requester,  # and what is one
    amqp.aio.Listener,
    amqp.aio.SenderRequest,
    amqp.aio.ReceiverRequest,
    AsyncGenerator,
)


class LoopThread:
    """An event loop in a thread: for servers, and for the asyncio front end."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="loop", daemon=True)
        self._thread.start()

    def start(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Run a coroutine on the loop meanwhile."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine on the loop and return what it does. An interrupted wait cancels it."""
        future = self.start(coroutine)
        try:
            return future.result(SOON)
        except BaseException:
            future.cancel()
            raise

    def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call something on the loop and return what it returns; wait for that where it can be awaited."""

        async def calling() -> Any:
            result = function(*arguments, **named)
            return await result if inspect.isawaitable(result) else result

        return self.run(calling())

    def close(self) -> None:
        """Stop the loop and let what ran on it be cancelled."""
        self.run(_cancel_others())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(SOON)
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class Blocking:
    """An object of the asyncio front end, used as the one of the same name in the blocking front end is."""

    def __init__(self, thread: LoopThread, inner: Any) -> None:
        self._thread = thread
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found) or isinstance(found, type):
            return wrapped(self._thread, found)
        thread = self._thread

        def calling(*arguments: Any, **named: Any) -> Any:
            plain = [unwrapped(thread, argument) for argument in arguments]
            plainly = {key: unwrapped(thread, value) for key, value in named.items()}
            result: Any = thread.call(found, *plain, **plainly)
            return wrapped(thread, result)

        return calling

    def __enter__(self) -> Self:
        self._thread.run(_awaited(self._inner.__aenter__()))
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.run(_awaited(self._inner.__aexit__(*error)))

    def close(self, **options: Any) -> Any:
        """Close it; a generator is left where it is."""
        generator = isinstance(self._inner, AsyncGenerator)
        return self._thread.call(self._inner.aclose if generator else self._inner.close, **options)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        try:
            return wrapped(self._thread, self._thread.run(_awaited(self._inner.__anext__())))
        except StopAsyncIteration:
            raise StopIteration from None

    def __repr__(self) -> str:
        return repr(self._inner)


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def wrapped(thread: LoopThread, value: Any) -> Any:
    if isinstance(value, list):
        return [wrapped(thread, item) for item in value]
    return Blocking(thread, value) if isinstance(value, _WRAPPED) else value


def unwrapped(thread: LoopThread, value: Any) -> Any:
    if isinstance(value, Blocking):
        return value._inner
    if inspect.isfunction(value):
        # A callback gets objects as the test knows them.
        return lambda *arguments: value(*(wrapped(thread, argument) for argument in arguments))
    return value


class Front:
    """``connect`` and ``open_over`` of one front end, and which it is."""

    def __init__(self, name: str, thread: LoopThread) -> None:
        self.name = name
        self.thread = thread

    def connect(self, *arguments: Any, **options: Any) -> Any:
        """Connect; the result has the methods of ``amqp.sync.Connection``."""
        return self._call("connect", *arguments, **options)

    def open_over(self, *arguments: Any, **options: Any) -> Any:
        """Bring a connection up over a socket."""
        return self._call("open_over", *arguments, **options)

    def listen(
        self,
        where: Any,
        handler: Callable[[Any], object],
        *,
        on_connection: Callable[[Any], object] | None = None,
        on_session: Callable[[Any], object] | None = None,
        **options: Any,
    ) -> Any:
        """Listen; the handlers are functions that block, and get what those of ``amqp.sync.listen`` get."""
        if self.name == "sync":
            listen: Callable[..., Any] = amqp.sync.listen
            return listen(where, handler, on_connection=on_connection, on_session=on_session, **options)
        return self._call(
            "listen",
            where,
            self._awaiting(handler),
            on_connection=on_connection and self._awaiting(on_connection),
            on_session=on_session and self._awaiting(on_session),
            **options,
        )

    def _awaiting(self, handler: Callable[[Any], object]) -> Callable[[Any], Awaitable[object]]:
        async def handling(asked: Any) -> object:
            return await asyncio.to_thread(handler, wrapped(self.thread, asked))

        return handling

    def _call(self, function: str, *arguments: Any, **options: Any) -> Any:
        if self.name == "sync":
            return getattr(amqp.sync, function)(*arguments, **options)
        result: Any = self.thread.call(getattr(amqp.aio, function), *arguments, **options)
        return wrapped(self.thread, result)


class Raising:
    """A call in a thread of its own, and what it raised."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._raised: amqp.AmqpError | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._call()
        except amqp.AmqpError as error:
            self._raised = error

    def error(self) -> amqp.AmqpError | None:
        """Wait for the end of the call; return what it raised, or None."""
        self._thread.join(SOON)
        assert not self._thread.is_alive(), "the call does not end"
        return self._raised
