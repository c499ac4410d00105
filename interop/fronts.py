"""The front ends, so that every feature is tried through each. The blocking one works in a thread, awaited from here."""

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import amqp
import amqp.aio
import amqp.sync

_CLASSES = (
    "Connection",
    "Session",
    "Sender",
    "Receiver",
    "Delivery",
    "Pending",
    "Transaction",
    "Requester",
    "RabbitMQManagement",
)
_TWINS: dict[type, type] = {getattr(amqp.sync, name): getattr(amqp.aio, name) for name in _CLASSES}


@dataclass(frozen=True)
class Front:
    """One of the two faces of the client."""

    name: str
    connect: Callable[..., Any]
    """As ``amqp.connect``: to be used with ``async with``."""


class _Threaded:
    """An object of the blocking front end: what its asyncio twin has awaited is awaited here, and done in a thread."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        self._twin = _TWINS[type(thing)]

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.thing, name)
        if name.startswith("open_") or name == "transaction":
            return lambda *arguments, **options: _Opening(_call(member, arguments, options))
        twin = getattr(self._twin, name, None)
        if inspect.isasyncgenfunction(twin):
            return lambda *arguments, **options: _each(member(*arguments, **options))
        if not inspect.iscoroutinefunction(twin):
            return member

        async def awaited(*arguments: Any, **options: Any) -> Any:
            return _wrapped(await asyncio.to_thread(_call(member, arguments, options)))

        return awaited

    def __await__(self) -> Any:
        # A pending message.
        return self.result().__await__()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        return await self.receive()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.thing.__enter__)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.thing.__exit__, kind, error, traceback)


async def _each(items: Iterator[Any]) -> AsyncIterator[Any]:
    end = object()
    while (item := await asyncio.to_thread(next, items, end)) is not end:
        yield _wrapped(item)


class _Opening:
    """A call that gives a blocking object, to be used with ``async with`` or awaited as that of asyncio."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._opened: Any = None

    def __await__(self) -> Any:
        return self._open().__await__()

    async def __aenter__(self) -> Any:
        self._opened = await self._open()
        return self._opened

    async def __aexit__(self, *raised: object) -> None:
        await self._opened.__aexit__(*raised)

    async def _open(self) -> Any:
        return _wrapped(await asyncio.to_thread(self._call))


def _call(
    member: Callable[..., Any], arguments: Iterable[Any], options: Mapping[str, Any]
) -> Callable[[], Any]:
    """Return the call with the blocking objects themselves for arguments."""
    return functools.partial(
        member, *map(_bare, arguments), **{name: _bare(value) for name, value in options.items()}
    )


def _bare(value: Any) -> Any:
    return value.thing if isinstance(value, _Threaded) else value


def _wrapped(value: Any) -> Any:
    if isinstance(value, list):
        return [_wrapped(item) for item in value]
    return _Threaded(value) if type(value) in _TWINS else value


def _connect(url: str, **options: Any) -> _Opening:
    return _Opening(functools.partial(amqp.sync.connect, url, **options))


ASYNCIO = Front("asyncio", amqp.connect)
BLOCKING = Front("blocking", _connect)
FRONTS = (ASYNCIO, BLOCKING)
