"""The command line."""

import argparse
import asyncio
import signal
import sys

from interop import python313
from interop.checks import CHECKS
from interop.codec import step
from interop.codec.libraries import LIBRARIES
from interop.errors import InteropError
from interop.features.table import DOCUMENT, documented
from interop.fronts import FRONTS
from interop.peers import ALL_PEERS, PEERS, Peer
from interop.report import Report
from interop.runner import alone, home, install, run_checks, started


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m interop",
        description="Install and start real AMQP 1.0 brokers on loopback and run the checks against them.",
        epilog="The brokers live under .peers, or where AMQP_PEERS says; AMQP_PEER_<NAME>_PORT fixes the port of one.",
    )
    parser.add_argument(
        "command",
        nargs="?",
        default="run",
        choices=("run", "up", "install", "table", "python313"),
        help="run: the checks (the default); up: start, print the URLs, stop at Ctrl-C; install: no more than that; "
        "table: write the table of features into the documentation; python313: the test suite on Debian 13's Python",
    )
    parser.add_argument(
        "--peer",
        action="append",
        choices=sorted({kind.name for kind in (*ALL_PEERS, *LIBRARIES)}),
        help="only this peer; may be given several times",
    )
    parser.add_argument(
        "--check",
        action="append",
        choices=[step.NAME, *(check.name for check in CHECKS)],
        help="only this check; may be given several times",
    )
    parser.add_argument(
        "--front",
        action="append",
        choices=[front.name for front in FRONTS],
        help="only this front end; both where none is named",
    )
    parser.add_argument(
        "--all", action="store_true", help="all peers, those too that few changes are checked against"
    )
    parser.add_argument("--messages", type=int, default=10_000, help="how many each way; default %(default)s")
    return parser.parse_args(arguments)


def _is_wanted(peer: Peer, options: argparse.Namespace) -> bool:
    if options.peer:
        return peer.name in options.peer
    return options.all or type(peer) in PEERS


async def perform(options: argparse.Namespace, report: Report) -> int:
    """Do what the command line asks for and return the exit code. Raises InteropError."""
    if options.command == "table":
        DOCUMENT.write_text(documented())
        return 0
    with alone(home()):
        if options.command == "python313":
            return await python313.run_tests(home(), ["-q"])
        if options.command == "run" and (not options.check or step.NAME in options.check):
            libraries = [kind(home()) for kind in LIBRARIES if not options.peer or kind.name in options.peer]
            await step.cross_decode(libraries, report)
            if options.check == [step.NAME]:
                print(report.summary())
                return report.exit_code
        peers: list[Peer] = [peer(home()) for peer in ALL_PEERS]
        # What a run that was killed left behind.
        await asyncio.gather(*(peer.stop() for peer in peers))
        wanted = [peer for peer in peers if _is_wanted(peer, options)]
        installed = await install(wanted, report)
        if options.command == "install":
            return report.exit_code
        async with started(installed, report) as running:
            if options.command == "up":
                print("Ctrl-C stops them.", flush=True)
                await asyncio.Event().wait()
            checks = [check for check in CHECKS if not options.check or check.name in options.check]
            fronts = [front for front in FRONTS if not options.front or front.name in options.front]
            await run_checks(running, checks, fronts, options.messages, report)
    print(report.summary())
    return report.exit_code


async def interruptible(options: argparse.Namespace) -> int:
    """Perform, cancelled by a hang-up or a termination as by Ctrl-C, so that the peers are stopped."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await perform(options, Report())


def main(arguments: list[str]) -> int:
    """Run and return the exit code: 0 when all was done and passed, 1 when something failed, 130 when interrupted."""
    try:
        return asyncio.run(interruptible(parse(arguments)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    except InteropError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
