"""`python -m tools.bites --seed 1 [--guards 100]`, or `--guards all` of them."""

from __future__ import annotations

import argparse
import multiprocessing
import queue
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.bites.guards import Guard, guards_of, mutants_of
from tools.bites.record import MUTATED, Record, record
from tools.bites.tables import SetMutant, TableMutant, rule_mutants, set_mutants
from tools.bites.work import NOT_MADE, NOTICED, SURVIVED, Case, Unspoilt, work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EQUIVALENT = Path(__file__).with_name("equivalent.txt")
WORKERS = 2
SHOWN = 6  # of the files whose tests ran, in the report of a survivor
ONLY_DATA = ("strategies.py",)  # what tests draw from; no run-time code


def equivalents() -> dict[str, str]:
    """Return the mutants that no test can notice, with the reason."""
    found: dict[str, str] = {}
    for line in EQUIVALENT.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, reason = line.split(" | ")
            found[name] = reason
    return found


def chosen_guards(seed: int, number: int | None) -> list[Guard]:
    """Return *number* guards, half of them of the engine, half of the generated codec; None: all there are."""
    chosen: list[Guard] = []
    shares = (None, None) if number is None else (number - number // 2, number // 2)
    for folder, share in zip(MUTATED, shares, strict=True):
        files = sorted(
            file for file in Path.cwd().joinpath(folder).rglob("*.py") if file.name not in ONLY_DATA
        )
        guards = [guard for file in files for guard in guards_of(file)]
        chosen += guards if share is None else random.Random(seed).sample(guards, min(share, len(guards)))
    return chosen


def table_cases(recorded: Record) -> Iterator[Case]:
    """Yield the entries of the tables; the tests of the engine can see any of them."""
    engine = recorded.tests_under("tests/engine/")
    engine.sort(
        key=lambda test: not test.startswith(("tests/engine/test_tables.py", "tests/engine/test_states.py"))
    )
    whole = sum(recorded.seconds[test] for test in engine)
    entries: list[TableMutant | SetMutant] = [*rule_mutants(), *set_mutants()]
    for entry in entries:
        yield Case(entry, entry.file, entry.line, engine, whole)


def guard_cases(guards: Iterable[Guard], recorded: Record) -> Iterator[Case]:
    """Yield what is made of these guards."""
    for guard in guards:
        tests = recorded.tests_of(guard.file, guard.line, guard.last)
        seconds = sum(recorded.seconds[test] for test in tests)
        for mutant in mutants_of(guard):
            yield Case(mutant, guard.file, guard.line, tests, seconds)


def control_cases(recorded: Record) -> Iterator[Case]:
    """Yield all tests with nothing spoilt, a share for each worker: a test that fails then would notice anything."""
    for share in range(WORKERS):
        tests = list(recorded.seconds)[share::WORKERS]
        seconds = sum(recorded.seconds[test] for test in tests)
        yield Case(Unspoilt(share), Path(__file__).resolve(), 1, tests, seconds)


def number_of(text: str) -> int | None:
    """Return how many guards an option asks for; None for all."""
    return None if text == "all" else int(text)


def main() -> int:
    """Run, report, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.bites", description="Whether the tests bite.")
    parser.add_argument("--seed", type=int, default=1, help="which guards are chosen")
    parser.add_argument(
        "--without",
        default="",
        help="a part of the names of tests to leave out, such as test_tables.py to see what only it notices",
    )
    parser.add_argument("--guards", type=number_of, default=100, help="how many, or all, whatever the seed")
    parser.add_argument("--no-tables", action="store_true", help="leave out the entries of the tables")
    options = parser.parse_args()
    begun = time.monotonic()
    process = multiprocessing.get_context("spawn")
    with process.Pool(1) as pool:
        recorded = pool.apply(record)
    print(
        f"recorded what {len(recorded.seconds)} tests execute: {time.monotonic() - begun:.0f} s", flush=True
    )
    for test in recorded.left_out:
        print(f"left out, for it fails under coverage: {test}")
    known = equivalents()
    if options.without:
        recorded = recorded.without(options.without)
    entries = [] if options.no_tables else [*table_cases(recorded)]
    guards = guard_cases(chosen_guards(options.seed, options.guards), recorded)
    control = [*control_cases(recorded)]
    tried = [case for case in (*entries, *guards) if case.mutant.name not in known]
    codes = try_all(control, tried, begun)
    if any(codes.get(case.mutant.name) != SURVIVED for case in control):
        print("tests fail with nothing spoilt, so this run says nothing: see which, with pytest")
        return 1
    return report(tried, codes, time.monotonic() - begun, len(known))


def try_all(control: list[Case], tried: list[Case], begun: float) -> dict[str, int]:
    """Return what became of each mutant; of those of a control that fails, nothing."""
    process = multiprocessing.get_context("spawn")
    results: Any = process.Queue()
    workers = [
        process.Process(target=work, args=(control[n], tried[n::WORKERS], results)) for n in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    codes: dict[str, int] = {}
    controls = {case.mutant.name for case in control}
    running = WORKERS
    while running and any(worker.is_alive() for worker in workers):
        try:
            result = results.get(timeout=5)
        except queue.Empty:
            continue
        if result is None:
            running -= 1
        else:
            name, code = result
            codes[name] = code
            if name in controls:
                continue
            if code != NOTICED or len(codes) % 50 == 0:
                # What is told here is told in full at the end: this is for those who wait.
                what = name if code != NOTICED else "tried"
                print(
                    f"{time.monotonic() - begun:4.0f} s, {len(codes)} of {len(tried) + WORKERS}: {what}",
                    flush=True,
                )
    for worker in workers:
        worker.join()
    return codes


def report(tried: list[Case], codes: dict[str, int], seconds: float, known: int) -> int:
    """Print what became of the mutants."""
    bad = 0
    for case in tried:
        code = codes.get(case.mutant.name)
        if code == NOTICED:
            continue
        bad += 1
        what = {SURVIVED: "survived", NOT_MADE: "could not be made"}.get(code or 0, "was not tried")
        if code is None:
            what = "was not tried"
        print(f"{case.file.relative_to(Path.cwd())}:{case.line}: {case.mutant.name}: {what}")
        files = sorted({test.split("::")[0] for test in case.tests})
        named = ", ".join(files[:SHOWN]) or "no file"
        more = f" and {len(files) - SHOWN} more files" if len(files) > SHOWN else ""
        print(f"    {len(case.tests)} tests ran, of {named}{more}")
    print(f"{len(tried)} mutants, {bad} survivors, {known} known to be equivalent: {seconds:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
