"""What ``connect`` and the ``open_...`` methods return: ``await`` it, or use it with ``async with``."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Protocol, TypeVar


class Closable(Protocol):
    """What can be left at the end of an ``async with``."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        ...


T = TypeVar("T", bound=Closable)


class Opening(Generic[T]):
    """Something that is being opened: ``x = await opening``, or ``async with opening as x``. Once."""

    __slots__ = ("_coroutine", "_opened")

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self._opened: T | None = None

    def __await__(self) -> Generator[Any, Any, T]:
        return self._coroutine.__await__()

    async def __aenter__(self) -> T:
        self._opened = await self._coroutine
        return self._opened

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._opened is not None:
            await self._opened.__aexit__(kind, error, traceback)

    def __repr__(self) -> str:
        return f"<{self._call()}, to be awaited>"

    def _call(self) -> str:
        return f"{getattr(self._coroutine, '__name__', 'open').lstrip('_')}(...)"

    if (
        not TYPE_CHECKING
    ):  # a type checker finds these mistakes itself, as long as it does not see what is here

        def __getattr__(self, name: str) -> NoReturn:
            call = self._call()
            text = (
                f"there is no {name!r} before it is open: write `await {call}`, or `async with {call} as ...`"
            )
            raise AttributeError(text, name=name, obj=self)

        def __enter__(self) -> NoReturn:
            raise TypeError(f"write `async with {self._call()}`: it has to be awaited")

        __exit__ = __enter__
