"""A result that is not there yet, as small as it can be: no loop, no thread, no task."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from amqp.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

logger = logging.getLogger("amqp.client")


class Completion(Generic[T]):
    """Something that ends once, with a value or an error. A front end waits for it in its own way."""

    __slots__ = ("_callbacks", "_done", "_error", "_value")

    def __init__(self) -> None:
        self._done = False
        self._value: T | None = None
        self._error: BaseException | None = None
        # None, one callable, or a list of them: most completions have at most one.
        self._callbacks: list[Callable[[Any], object]] | None = None

    def done(self) -> bool:
        """Tell whether there is a value or an error."""
        return self._done

    def result(self) -> T:
        """Return the value or raise the error.

        Raises:
            LocalError: there is neither yet.
        """
        if not self._done:
            raise LocalError("there is no result yet: wait for it first")
        if self._error is not None:
            # Else it would grow by the frames of all who asked, and keep what they hold.
            raise self._error.with_traceback(None)
        return cast("T", self._value)

    def error(self) -> BaseException | None:
        """Return the error; None where there is a value, or nothing yet."""
        return self._error

    def add_done_callback(self, callback: Callable[[Any], object]) -> None:
        """Have *callback* called with this object when it is done; at once if it is. What it raises is logged."""
        if self._done:
            self._call(callback)
        elif self._callbacks is None:
            self._callbacks = [callback]
        else:
            self._callbacks.append(callback)

    def remove_done_callback(self, callback: Callable[[Any], object]) -> None:
        """Forget *callback*, however often it was added."""
        if self._callbacks is not None:
            self._callbacks = [known for known in self._callbacks if known is not callback]

    def resolve(self, value: T) -> None:
        """End with *value*; the first ending counts."""
        if not self._done:
            # In this order: a thread that does not hold the lock may look at both.
            self._value = value
            self._done = True
            if self._callbacks is not None:
                self._call_all()

    def fail(self, error: BaseException) -> None:
        """End with *error*; the first ending counts."""
        if not self._done:
            self._error = error
            self._done = True
            if self._callbacks is not None:
                self._call_all()

    def _call_all(self) -> None:
        callbacks, self._callbacks = self._callbacks or (), None
        for callback in callbacks:
            self._call(callback)

    def _call(self, callback: Callable[[Any], object]) -> None:
        # F20: an error of one callback must not keep the others, or the connection, from going on.
        try:
            callback(self)
        except Exception:
            logger.exception("a callback of %r raised", self)
