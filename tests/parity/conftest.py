"""Prints the table: each row, our name for it, the test that shows it, and whether that passed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.aio.peer import Peer
from tests.parity.rows import ROWS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HERE = Path(__file__).resolve().parent
_OUTCOMES: dict[str, list[str]] = {}
_PLACES: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if HERE.name not in report.nodeid or not (report.when == "call" or report.failed):
        return
    place = report.nodeid.partition("[")[0]
    name = place.rpartition("::")[2]
    _PLACES[name] = place
    _OUTCOMES.setdefault(name, []).append(report.outcome)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _OUTCOMES:
        return
    terminalreporter.section("parity")
    wide = max(len(row.theirs) for row in ROWS), max(len(row.ours) for row in ROWS)
    for row in ROWS:
        came = _OUTCOMES.get(row.test)
        state = "not run" if came is None else "ok" if set(came) == {"passed"} else "FAILED"
        place = _PLACES.get(row.test, row.test)
        terminalreporter.write_line(f"{row.theirs:{wide[0]}}  {row.ours:{wide[1]}}  {place}  {state}")


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    """A server that accepts all, and keeps what it was told."""
    async with Peer() as served:
        yield served
