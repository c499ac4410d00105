"""`python -m tools.bites --seed 1 [--guards 100]`."""

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
from tools.bites.work import NOT_MADE, NOTICED, SURVIVED, Case, work

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def chosen_guards(seed: int, number: int) -> list[Guard]:
    """Return *number* guards, half of them of the engine, half of the generated codec."""
    chosen: list[Guard] = []
    for folder, share in zip(MUTATED, (number - number // 2, number // 2), strict=True):
        files = sorted(
            file for file in Path.cwd().joinpath(folder).glob("*.py") if file.name not in ONLY_DATA
        )
        guards = [guard for file in files for guard in guards_of(file)]
        chosen += random.Random(seed).sample(guards, min(share, len(guards)))
    return chosen


def cases(seed: int, number: int, recorded: Record) -> Iterator[Case]:
    """Yield what is tried."""
    engine = recorded.tests_under("tests/engine/")
    engine.sort(
        key=lambda test: not test.startswith(("tests/engine/test_tables.py", "tests/engine/test_states.py"))
    )
    whole = sum(recorded.seconds[test] for test in engine)
    entries: list[TableMutant | SetMutant] = [*rule_mutants(), *set_mutants()]
    for entry in entries:
        yield Case(entry, entry.file, entry.line, engine, whole)
    for guard in chosen_guards(seed, number):
        tests = recorded.tests_of(guard.file, guard.line, guard.last)
        seconds = sum(recorded.seconds[test] for test in tests)
        for mutant in mutants_of(guard):
            yield Case(mutant, guard.file, guard.line, tests, seconds)


def main() -> int:
    """Run, report, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.bites", description="Whether the tests bite.")
    parser.add_argument("--seed", type=int, default=1, help="which guards are chosen")
    parser.add_argument(
        "--without",
        default="",
        help="a part of the names of tests to leave out, such as test_tables.py to see what only it notices",
    )
    parser.add_argument("--guards", type=int, default=100, help="how many")
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
    tried = [case for case in cases(options.seed, options.guards, recorded) if case.mutant.name not in known]
    results: Any = process.Queue()
    workers = [process.Process(target=work, args=(tried[n::WORKERS], results)) for n in range(WORKERS)]
    for worker in workers:
        worker.start()
    codes: dict[str, int] = {}
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
            if code != NOTICED or len(codes) % 50 == 0:
                # What is told here is told in full at the end: this is for those who wait.
                what = name if code != NOTICED else "tried"
                print(f"{time.monotonic() - begun:4.0f} s, {len(codes)} of {len(tried)}: {what}", flush=True)
    for worker in workers:
        worker.join()
    return report(tried, codes, time.monotonic() - begun, len(known))


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
