"""The command line."""

from __future__ import annotations

import argparse
import resource
import sys

from fuzz.runner import Result, run, try_one
from fuzz.targets import TARGETS, Target

_MEMORY = 2 << 30
"""Octets of address space; a run needs some 100 MiB."""


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m fuzz",
        description="Feed mutated input to every decoder and to the engine in both roles. Decoders may raise DecodeError,"
        " the engine nothing; what decodes must come back identical. The n-th input of a target follows from the seed.",
    )
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="for all targets together; default %(default)s"
    )
    parser.add_argument("--inputs", type=int, help="so many inputs instead, for all targets together")
    parser.add_argument("--seed", type=int, default=1, help="default %(default)s")
    names = [target.name for target in TARGETS]
    parser.add_argument("--target", action="append", choices=names, help="only this one; may be repeated")
    parser.add_argument("--number", type=int, help="try this one input of each target, and no other")
    return parser.parse_args(arguments)


def results(options: argparse.Namespace) -> list[Result]:
    """Run the targets that are asked for, each printed when it is done."""
    targets = [target for target in TARGETS if not options.target or target.name in options.target]
    shares = sum(target.share for target in targets)
    print(f"{'target':<18} {'inputs':>9} {'taken':>6} {'inputs/s':>9} {'slowest':>9}  failed", flush=True)
    return [_run(target, target.share / shares, options) for target in targets]


def _run(target: Target, part: float, options: argparse.Namespace) -> Result:
    if options.number is not None:
        result = Result(target)
        try_one(result, options.seed, options.number)
    elif options.inputs is not None:
        result = run(target, options.seed, inputs=-int(-options.inputs * part // 1))
    else:
        result = run(target, options.seed, seconds=options.seconds * part)
    print(line(result), flush=True)
    for failure in result.failures:
        print(failure, flush=True)
    return result


def line(result: Result) -> str:
    """Return the row of one target."""
    taken = f"{100 * result.taken / max(result.tried, 1):.0f} %"
    rate = result.tried / result.seconds if result.seconds else 0.0
    return (
        f"{result.target.name:<18} {result.tried:>9,} {taken:>6} {rate:>9,.0f}"
        f" {result.slowest[0] * 1000:>6.1f} ms  {result.failed}"
    )


def _bound_memory() -> None:
    """Let an input that explodes be a MemoryError of this process, and not the end of others on the machine."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = _MEMORY if most == resource.RLIM_INFINITY else min(_MEMORY, most)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, most))


def main(arguments: list[str]) -> int:
    """Run and return the exit code: 0 when nothing failed, else 1."""
    options = parse(arguments)
    _bound_memory()
    done = results(options)
    tried, failed = sum(result.tried for result in done), sum(result.failed for result in done)
    print(f"seed {options.seed}: {tried:,} inputs, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
