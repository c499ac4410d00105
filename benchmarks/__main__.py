"""The command line."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

from benchmarks.peers import ROOT, SetupFailed, environment, python, set_up
from benchmarks.report import report
from benchmarks.throughput import runner as throughput

ROWS = ("a", "b", "c")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the library side by side with python-qpid-proton, the engine of azure-servicebus and"
        " rabbitmq-amqp-python-client: one process, one run, taking turns.",
        epilog="The peers live in an environment of their own under .peers, or where AMQP_PEERS says.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("setup", help="install the peers; codec does so by itself")
    codec = commands.add_parser("codec", help="encoding and decoding")
    codec.add_argument("--json", action="store_true", help="the result as JSON, every row and ratio")
    codec.add_argument("--rounds", type=_positive, default=31, help="how often each is timed (31)")
    codec.add_argument("--seed", type=int, default=1, help="what the values are drawn from (1)")
    codec.add_argument(
        "--rows",
        type=_rows,
        default=ROWS,
        help="a: a typical message, b: transfer, flow and disposition, c: large values (a,b,c)",
    )
    through = commands.add_parser("throughput", help="messages per second through a common broker")
    through.add_argument("--json", action="store_true", help="the result as JSON")
    through.add_argument("--rounds", type=_positive, default=7, help="how often each client is measured (7)")
    through.add_argument("--seconds", type=float, default=5.0, help="how long at least, each way (5)")
    through.add_argument("--messages", type=_positive, default=20_000, help="messages in a batch (20,000)")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _rows(text: str) -> tuple[str, ...]:
    letters = tuple(text.split(","))
    if not letters or any(letter not in ROWS for letter in letters):
        raise argparse.ArgumentTypeError(f"some of {','.join(ROWS)}, such as a,b")
    return letters


def measure(options: argparse.Namespace) -> subprocess.CompletedProcess[str]:
    """Run the measuring process: the peers' Python, with our tree on its path."""
    # -P: nothing but that tree and the peers can be imported, wherever this is run from.
    return subprocess.run(
        [
            str(python()),
            "-P",
            "-m",
            "benchmarks.runner",
            f"--rounds={options.rounds}",
            f"--seed={options.seed}",
            f"--rows={','.join(options.rows)}",
        ],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )


def main(arguments: list[str]) -> int:
    """Run and return the exit code: 0, or 1 when the peers are not to be had or a library fails the verification."""
    options = parse(arguments)
    try:
        set_up()
    except SetupFailed as error:
        print(error, file=sys.stderr)
        return 1
    if options.command == "setup":
        return 0
    return _throughput(options) if options.command == "throughput" else _codec(options)


def _codec(options: argparse.Namespace) -> int:
    done = measure(options)
    if done.returncode == 0:
        result = json.loads(done.stdout)
        print(json.dumps(result, indent=2) if options.json else report(result))
    return done.returncode


def _throughput(options: argparse.Namespace) -> int:
    try:
        result = throughput.measure(options.rounds, options.seconds, options.messages)
    except (SetupFailed, throughput.ClientFailed) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(result, indent=2) if options.json else throughput.text(result))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
