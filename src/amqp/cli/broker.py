"""``amqp broker``: the embedded broker as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from amqp.broker import Broker, BrokerOptions
from amqp.cli.interrupts import at_first_signal
from amqp.errors import LocalError

if TYPE_CHECKING:
    import argparse


def run_broker(arguments: argparse.Namespace) -> int:
    """Run until Ctrl-C or SIGTERM; return 0 then, and 1 when the broker cannot begin."""
    users = None if arguments.user is None else dict(arguments.user)
    options = BrokerOptions(users=users, allow_anonymous=True if arguments.anonymous else None)
    with suppress(KeyboardInterrupt):
        return asyncio.run(_serve(options, arguments.host, arguments.port, quiet=arguments.quiet))
    return 0


async def _serve(options: BrokerOptions, host: str, port: int, *, quiet: bool) -> int:
    stop = asyncio.Event()
    at_first_signal(stop.set, signal.SIGINT, signal.SIGTERM)
    async with Broker(options) as broker:
        try:
            listener = broker.listen(host, port)
            await listener.start()
        except LocalError:
            print(
                f"amqp broker: others can reach {host}: say who may come in with --user, or let everybody in with"
                " --anonymous",
                file=sys.stderr,
            )
            return 1
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else str(error)
            print(f"amqp broker: cannot listen on {host}, port {port}: {reason}", file=sys.stderr)
            return 1
        if not quiet:
            print(f"listening on {listener.url}", flush=True)
        await stop.wait()
    return 0
