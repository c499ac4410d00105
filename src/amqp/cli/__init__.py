"""The command ``amqp``, also ``python -m amqp.cli``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from amqp.cli.parser import make_parser

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, as shells count it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that *arguments* name (None: those of the process), and return its exit code."""
    try:
        options = make_parser().parse_args(arguments)
        if options.command == "broker":
            from amqp.cli.broker import run_broker

            return run_broker(options)
        from amqp.cli.demo import run_demo

        return run_demo(options)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
