"""Which rows of spec/requirements.tsv are proved: a plugin of pytest, so that a claim is a test that passed.

`python -m tools.requirements` runs the tests that claim a row and prints the count. `pytest -p tools.requirements
--requirements=gate` runs all tests, and fails where a row that can be tested in process (U) is not proved.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

CATALOGUE = "spec/requirements.tsv"
PARTS = {"types": "1", "transport": "2", "messaging": "3", "transactions": "4", "security": "5"}
SHOWN = 100


class Row(NamedTuple):
    """One requirement."""

    id: str
    section: str
    level: str
    requirement: str
    side: str
    test: str
    testable: str

    @property
    def part(self) -> str:
        """The name of the part of the standard."""
        return self.id.split("-", 1)[0]

    @property
    def in_process(self) -> bool:
        """Whether the engine or the codec can prove it without a server or a client."""
        return "U" in self.testable.split()


def read_catalogue(file: Path) -> list[Row]:
    """Return the rows of the catalogue.

    Raises:
        ValueError: its header or a row has other columns.
    """
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    if tuple(header.split("\t")) != Row._fields:
        raise ValueError(f"{file}: the columns are to be {', '.join(Row._fields)}")
    return [Row(*line.split("\t")) for line in lines]


class Claims:
    """The tests that claim a row, and what became of them."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = {row.id: row for row in rows}
        self.claimed: dict[str, list[str]] = {}
        """The tests (node ids) that claim each row."""
        self.failed: set[str] = set()
        self.passed: set[str] = set()
        self.skipped: set[str] = set()

    def claim(self, test: str, row_id: str) -> None:
        """Note that *test* claims a row."""
        self.claimed.setdefault(row_id, []).append(test)

    @property
    def unknown(self) -> list[str]:
        """What is claimed and stands in no row."""
        return sorted(set(self.claimed) - set(self.rows))

    def shortfall(self, row: Row) -> str | None:
        """Return why *row* is not proved: every claim has to pass, and one to be there."""
        tests = self.claimed.get(row.id, [])
        failed = [test for test in tests if test in self.failed]
        if failed:
            return f"fails: {failed[0]}"
        if any(test in self.passed for test in tests):
            return None
        if not tests:
            return "no test claims it"
        return f"{'skipped' if tests[0] in self.skipped else 'not run'}: {tests[0]}"

    def report(self) -> Iterator[str]:
        """Yield the lines that say how far each part is proved, and what is missing."""
        total, proved = Counter[str](), Counter[str]()
        missing: list[tuple[Row, str]] = []
        for row in self.rows.values():
            if row.in_process:
                why = self.shortfall(row)
                total[row.part] += 1
                proved[row.part] += why is None
                if why is not None:
                    missing.append((row, why))
        for part, number in PARTS.items():
            yield f"part {number}  {part:13}{proved[part]:4} of {total[part]:3} rows proved"
        yield f"{'all':21}{proved.total():4} of {total.total():3} rows proved"
        for row, why in missing:
            yield f"{row.id}: {why}"
            yield f"    {row.level}: {row.requirement:.{SHOWN}}"
        for row_id in self.unknown:
            yield f"{row_id}: no row of {CATALOGUE}, claimed by {self.claimed[row_id][0]}"

    @property
    def complete(self) -> bool:
        """Whether all rows that can be are proved, and nothing else is claimed."""
        return not self.unknown and all(
            self.shortfall(row) is None for row in self.rows.values() if row.in_process
        )


class ClaimsPlugin:
    """Fills :class:`Claims` while pytest runs."""

    def __init__(self, claims: Claims, *, only: bool) -> None:
        self.claims = claims
        self.only = only

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Note the claims of what was collected; with *only*, leave out the tests without one."""
        claiming: list[pytest.Item] = []
        for item in items:
            ids = [str(row_id) for mark in item.iter_markers("requirement") for row_id in mark.args]
            for row_id in ids:
                self.claims.claim(item.nodeid, row_id)
            if ids:
                claiming.append(item)
        if self.only:
            chosen = set(claiming)
            config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
            items[:] = claiming

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what became of a test; a failure before or behind it counts."""
        if report.failed:
            self.claims.failed.add(report.nodeid)
        elif report.skipped:
            self.claims.skipped.add(report.nodeid)
        elif report.when == "call":
            self.claims.passed.add(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that passed otherwise."""
        if session.exitstatus == pytest.ExitCode.OK and not self.claims.complete:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the count."""
        terminalreporter.section("requirements")
        for line in self.claims.report():
            terminalreporter.write_line(line)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says what the plugin is to do."""
    parser.addoption(
        "--requirements",
        choices=("only", "gate"),
        help="count the rows of spec/requirements.tsv that are proved: run only the tests that claim one, or all",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start counting where it is asked for."""
    mode = config.getoption("--requirements")
    if mode is not None:
        claims = Claims(read_catalogue(config.rootpath / CATALOGUE))
        config.pluginmanager.register(ClaimsPlugin(claims, only=mode == "only"))


def main() -> int:
    """Run the tests that claim a row; return 1 where one fails, a row is not proved, or what is claimed is none."""
    return int(pytest.main(["-q", "-p", "tools.requirements", "--requirements=only", *sys.argv[1:]]))


if __name__ == "__main__":
    sys.exit(main())
