"""Ctrl-C and SIGTERM: the first ends a command in good order, and further ones change nothing."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def at_first_signal(act: Callable[[], object], *numbers: signal.Signals) -> None:
    """Have the running loop call *act* at the first of these signals; from then on they are ignored.

    They stay ignored until the process ends: the rest takes a few seconds at most, and Python would answer a Ctrl-C
    in its own last steps with a traceback.
    """
    loop = asyncio.get_running_loop()

    def come() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
        act()

    for number in numbers:
        # Where loops have no signal handlers (Windows), Ctrl-C cancels the main task and has the same effect.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, come)
