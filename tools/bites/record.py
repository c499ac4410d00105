"""Which lines each test executes, and how long it takes: one run under coverage, a context for each test."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import coverage
import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

MUTATED = ("src/amqp/engine", "generated/amqp_spec")
TESTS = ("tests/engine", "tests/codec", "tests/message")
# What measures time or memory fails for other reasons too; the table of the document runs nothing.
APART = ("tests/codec/test_hostile_cost.py", "tests/codec/test_reliability_document.py")
ARGUMENTS = [
    *TESTS,
    *(f"--ignore={file}" for file in APART),
    *("-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-o", "timeout=0"),
]
CACHE = Path(".bites")


def draw_the_same() -> None:
    """Let hypothesis draw the same values every time, while recording and with mutants."""
    import hypothesis  # not above: pytest wants to rewrite it first

    hypothesis.settings.register_profile("bites", derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile("bites")


class Recorder:
    """Switches the context of coverage from test to test."""

    def __init__(self, measuring: coverage.Coverage) -> None:
        self.measuring = measuring
        self.seconds: dict[str, float] = defaultdict(float)
        self.failed: set[str] = set()

    def pytest_configure(self) -> None:
        """Let hypothesis draw what it will draw with mutants."""
        draw_the_same()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Name the context after the test."""
        self.measuring.switch_context(item.nodeid)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the time of a test."""
        self.seconds[report.nodeid] += report.duration
        if report.failed:
            self.failed.add(report.nodeid)


class Record:
    """What was recorded."""

    def __init__(
        self,
        lines: dict[str, dict[str, list[int]]],
        tests: list[str],
        seconds: dict[str, float],
        left_out: list[str],
    ) -> None:
        self.lines = lines
        """By file and line, the tests that execute it, as places in *tests*."""
        self.tests = tests
        self.seconds = seconds
        self.left_out = left_out
        """The tests that fail while coverage looks on."""

    def without(self, part: str) -> Record:
        """Return the record without the tests that have *part* in their names."""
        kept = {index for index, test in enumerate(self.tests) if part not in test}
        lines = {
            file: {line: [test for test in found if test in kept] for line, found in of_file.items()}
            for file, of_file in self.lines.items()
        }
        seconds = {test: spent for test, spent in self.seconds.items() if part not in test}
        return Record(lines, self.tests, seconds, self.left_out)

    def tests_of(self, file: Path, first: int, last: int) -> list[str]:
        """Return the tests that execute any of these lines, the quickest first."""
        lines = self.lines.get(str(file.relative_to(Path.cwd())), {})
        found = {test for number in range(first, last + 1) for test in lines.get(str(number), ())}
        return sorted((self.tests[test] for test in found), key=lambda test: (self.seconds[test], test))

    def tests_under(self, folder: str) -> list[str]:
        """Return the tests of a folder, the quickest first."""
        found = [test for test in self.seconds if test.startswith(folder)]
        return sorted(found, key=lambda test: (self.seconds[test], test))


def digest() -> str:
    """Return what the record depends on."""
    state = hashlib.sha256()
    for folder in ("src", "generated", "tests"):
        for file in sorted(Path(folder).rglob("*.py")):
            state.update(str(file).encode() + b"\0" + file.read_bytes() + b"\0")
    return state.hexdigest()[:16]


def record() -> Record:
    """Return the record of this tree; made anew where a file of it has changed."""
    file = CACHE / f"{digest()}.json"
    if not file.exists():
        made = _make()
        CACHE.mkdir(exist_ok=True)
        for old in CACHE.glob("*.json"):
            old.unlink()
        file.write_text(json.dumps(made), "utf-8")
    read = json.loads(file.read_text("utf-8"))
    return Record(read["lines"], read["tests"], read["seconds"], read["left_out"])


def _make() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        measuring = coverage.Coverage(
            data_file=f"{folder}/data", source=list(MUTATED), branch=False, config_file=False
        )
        recorder = Recorder(measuring)
        measuring.start()
        pytest.main(ARGUMENTS, plugins=[recorder])
        measuring.stop()
        # What measures may fail under coverage: it says nothing about mutants then.
        seconds = {test: spent for test, spent in recorder.seconds.items() if test not in recorder.failed}
        data = measuring.get_data()
        tests = list(seconds)
        number = {test: index for index, test in enumerate(tests)}
        lines: dict[str, dict[int, list[int]]] = {}
        for name in data.measured_files():
            lines[str(Path(name).relative_to(Path.cwd()))] = {
                line: [number[test] for test in found if test in number]
                for line, found in data.contexts_by_lineno(name).items()
            }
    return {"lines": lines, "tests": tests, "seconds": seconds, "left_out": sorted(recorder.failed)}
