"""The command ``amqp``, also ``python -m amqp``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from amqp.cli.parser import make_parser

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, as shells count it."""
PIPE_CLOSED = 141
"""The exit code of a command whose output nobody reads any more, as shells count it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that *arguments* name (None: those of the process), and return its exit code."""
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        return _unread()
    except BaseExceptionGroup as group:
        if group.split(BrokenPipeError)[1] is not None:
            raise
        return _unread()
    return code


def _run(arguments: Sequence[str] | None) -> int:
    options = make_parser().parse_args(arguments)
    if options.command == "broker":
        from amqp.cli.broker import run_broker

        return run_broker(options)
    from amqp.cli.demo import run_demo

    return run_demo(options)


def _unread() -> int:
    """End quietly: who read the output, as ``head`` does, has seen enough."""
    # What is still buffered would fail once more when Python flushes it at its end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED
