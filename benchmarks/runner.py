"""The measuring: all libraries in one process and one run, taking turns. Writes its result to stdout as JSON."""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass
from random import Random
from statistics import fmean, median
from time import process_time_ns
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.allocations import Allocations, allocations
from benchmarks.cases import BUILD, BUILD_AND_ENCODE, CASES, DECODE, ENCODE, WALK, Case, Measure
from benchmarks.figures import ratio, spread
from benchmarks.goals import FASTEST, GOALS, PURE
from benchmarks.subjects import OURS, load
from benchmarks.verify import Wrong, reference, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.subjects.base import Codec, Subject

# Samples of nanoseconds for one operation: (case, measure) -> library -> one sample a round.
Samples = dict[tuple[str, str], dict[str, list[float]]]


@dataclass(frozen=True, slots=True)
class Time:
    """How long a library takes for one operation."""

    microseconds: float
    """The median of the rounds."""
    spread: float
    """The distance between the quartiles, as a share of the median."""
    ratio: float
    """How many times as fast ours is: the median of the rounds' ratios."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of one case."""

    row: str
    case: str
    measure: str
    title: str
    times: dict[str, Time]
    fastest: str | None
    fastest_pure: str | None
    goal: float | None
    goal_against: str | None
    reached: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """A run."""

    python: str
    machine: str
    cores: int | None
    rounds: int
    seed: int
    libraries: dict[str, str]
    compiled: list[str]
    losses: dict[str, tuple[str, ...]]
    rows: list[Row]
    allocations: list[Allocations]


class Inputs(NamedTuple):
    """What a library works on in a round."""

    values: Sequence[Any]
    data: Sequence[bytes]
    objects: Sequence[Any]
    """Built by the library from the values; empty where nothing is encoded."""


def clock(operation: Callable[[Any], Any], items: Sequence[Any]) -> float:
    """Return the nanoseconds of this process that the operation takes for an item; its results are dropped."""
    begun = process_time_ns()
    for item in items:
        operation(item)
    return (process_time_ns() - begun) / len(items)


def clock_both(first: Callable[[Any], Any], second: Callable[[Any], Any], items: Sequence[Any]) -> float:
    """As `clock`, for one operation on what another returns."""
    begun = process_time_ns()
    for item in items:
        second(first(item))
    return (process_time_ns() - begun) / len(items)


def timed(codec: Codec, measure: Measure, inputs: Inputs, part: slice) -> float:
    """Return the nanoseconds that a library takes for one operation on a part of the inputs."""
    if measure is BUILD:
        return clock(codec.build, inputs.values[part])
    if measure is ENCODE:
        return clock(codec.encode, inputs.objects[part])
    if measure is BUILD_AND_ENCODE:
        return clock_both(codec.build, codec.encode, inputs.values[part])
    if measure in (DECODE, WALK):
        return clock(codec.decode, inputs.data[part])
    return clock_both(codec.decode, codec.values, inputs.data[part])


def measure_case(case: Case, random: Random, subjects: Mapping[str, Subject], samples: Samples) -> None:
    """Time every library once on the case, on values that none has seen yet."""
    values = [case.make(random) for _ in range(case.batch)]
    data = [bytes(reference(subjects, case, value)) for value in values]
    codecs = {
        name: subject.codecs[case.key] for name, subject in subjects.items() if case.key in subject.codecs
    }
    for measure in case.measures:
        inputs = {
            # What is encoded is made anew each time: a message must not profit from an earlier encoding of it.
            name: Inputs(values, data, [codec.build(value) for value in values] if measure is ENCODE else [])
            for name, codec in codecs.items()
        }
        taken: dict[str, list[float]] = {name: [] for name in codecs}
        gc.collect()
        gc.disable()
        try:
            # They take turns many times in a round: the speed of a shared machine changes within milliseconds.
            for start in range(0, case.batch, case.turn):
                for name in random.sample(list(codecs), len(codecs)):
                    part = slice(start, start + case.turn)
                    taken[name].append(timed(codecs[name], measure, inputs[name], part))
        finally:
            gc.enable()
        for name, turns in taken.items():
            samples[case.key, measure.key][name].append(fmean(turns))


def measure_round(
    number: int, random: Random, cases: Sequence[Case], subjects: Mapping[str, Subject], samples: Samples
) -> None:
    """Time every library once on those cases that this round has."""
    for case in cases:
        if number % case.every == 0:
            measure_case(case, random, subjects, samples)


def measure_all(rounds: int, seed: int, cases: Sequence[Case], subjects: Mapping[str, Subject]) -> Samples:
    """Run a round that does not count and then the rounds."""
    random = Random(seed)
    measure_round(0, random, cases, subjects, defaultdict(lambda: defaultdict(list)))
    samples: Samples = defaultdict(lambda: defaultdict(list))
    for number in range(rounds):
        _progress(f"round {number + 1} of {rounds}")
        measure_round(number, random, cases, subjects, samples)
    _progress("")
    return samples


def _progress(text: str) -> None:
    """Overwrite the line of the terminal, where there is one."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def rows(samples: Samples, cases: Sequence[Case], subjects: Mapping[str, Subject]) -> Iterator[Row]:
    """Put the samples into rows."""
    for case in cases:
        for measure in case.measures:
            of_row = samples[case.key, measure.key]
            times = {
                name: Time(median(taken) / 1000, spread(taken), ratio(of_row[OURS], taken))
                for name, taken in of_row.items()
            }
            fastest = _fastest(times, [name for name in times if name != OURS])
            pure = _fastest(
                times, [name for name in times if name != OURS and not subjects[name].is_compiled]
            )
            goal = GOALS.get((case.key, measure.key))
            against = None if goal is None else {FASTEST: fastest, PURE: pure}.get(goal.against, goal.against)
            yield Row(
                row=case.row,
                case=case.key,
                measure=measure.key,
                title=f"{case.title}: {measure.title}",
                times={name: times[name] for name in subjects if name in times},
                fastest=fastest,
                fastest_pure=pure,
                goal=None if goal is None else goal.at_least,
                goal_against=against,
                reached=times[against].ratio if against in times else None,
            )


def _fastest(times: Mapping[str, Time], names: Sequence[str]) -> str | None:
    return min(names, key=lambda name: times[name].microseconds, default=None)


def run(rounds: int, seed: int, letters: Sequence[str]) -> Result:
    """Verify the libraries, then measure them. Raises Wrong."""
    subjects = {subject.name: subject for subject in load()}
    cases = tuple(case for case in CASES if case.row in letters)
    verify(subjects, cases)
    samples = measure_all(rounds, seed, cases, subjects)
    return Result(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        machine=platform.machine(),
        cores=os.cpu_count(),
        rounds=rounds,
        seed=seed,
        libraries={name: subject.version for name, subject in subjects.items()},
        compiled=[name for name, subject in subjects.items() if subject.is_compiled],
        losses={name: subject.losses for name, subject in subjects.items() if subject.losses},
        rows=list(rows(samples, cases, subjects)),
        allocations=[
            row
            for case in cases
            if case.key == "message"
            for row in allocations(case, subjects, Random(seed))
        ],
    )


def main(arguments: list[str]) -> int:
    """Measure and print the result; exit code 1 when a library fails the verification."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runner")
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--rows", required=True)
    options = parser.parse_args(arguments)
    try:
        result = run(options.rounds, options.seed, options.rows.split(","))
    except Wrong as error:
        print(f"verification failed: {error}", file=sys.stderr)
        return 1
    json.dump(asdict(result), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
