"""Shows how far the demo has come: a bar on a terminal that has ``rich``, else a line now and then."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress as RichBars


class Progress(Protocol):
    """Counts messages for somebody who looks on."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def show(self, sent: int, received: int) -> None:
        """Show these counts."""
        ...


class Lines:
    """A line for each tenth that was received. No control characters, so that it can go to a file."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._step = max(1, total // 10)
        self._next = self._step

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    def show(self, sent: int, received: int) -> None:
        """Print a line when another tenth has come."""
        if received >= self._next:
            self._next += self._step
            print(f"  received {received} of {self._total}", flush=True)


class Bars:
    """Two bars, drawn by ``rich``."""

    def __init__(self, total: int, bars: RichBars) -> None:
        self._bars = bars
        self._sent = bars.add_task("sent", total=total)
        self._received = bars.add_task("received", total=total)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def show(self, sent: int, received: int) -> None:
        """Move the bars."""
        self._bars.update(self._sent, completed=sent)
        self._bars.update(self._received, completed=received)


def make_progress(total: int) -> Progress:
    """Return what suits the standard output."""
    if not sys.stdout.isatty():
        return Lines(total)
    try:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichBars
    except ImportError:
        print("(a progress bar needs the extra cli: pip install 'amqp10[cli]')")
        return Lines(total)
    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Bars(total, RichBars(*columns))
