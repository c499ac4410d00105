"""A process that has collected the tests, and forks for each mutant."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tools.bites.record import ARGUMENTS, draw_the_same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
MEMORY = 3 * 1024**3
SURVIVED = 0
NOTICED = 1
NOT_MADE = 2


class Mutant(Protocol):
    """What is spoilt."""

    @property
    def name(self) -> str:
        """What it is called."""

    def apply(self) -> None:
        """Spoil it in this process."""


@dataclass(frozen=True)
class Unspoilt:
    """Nothing: what fails with this would fail with any mutant."""

    share: int

    @property
    def name(self) -> str:
        """What it is called."""
        return f"nothing spoilt, share {self.share}"

    def apply(self) -> None:
        """Leave this process as it is."""


@dataclass(frozen=True)
class Case:
    """A mutant, and the tests that can see it."""

    mutant: Mutant
    file: Path
    line: int
    tests: Sequence[str]
    seconds: float
    """How long they take when nothing is wrong."""


class Worker:
    """A plugin that runs no test itself: each mutant is tried in a fork."""

    def __init__(self, control: Case, cases: Sequence[Case], told: Callable[[Case, int], None]) -> None:
        self.control = control
        self.cases = cases
        self.told = told

    def pytest_configure(self) -> None:
        """Let hypothesis draw what it drew when it was recorded."""
        draw_the_same()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try each mutant, unless the tests fail without one."""
        items = {item.nodeid: item for item in session.items}
        for case in (self.control, *self.cases):
            chosen = [items[test] for test in case.tests if test in items]
            code = try_one(case, chosen)
            self.told(case, code)
            if case is self.control and code != SURVIVED:
                break
        return True


def try_one(case: Case, items: Sequence[pytest.Item]) -> int:
    """Return what became of a mutant."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        _run(case.mutant, items)
    until = time.monotonic() + 30 + 5 * case.seconds
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            # Killed by a signal or out of memory: noticed too.
            code = os.waitstatus_to_exitcode(status)
            return code if code in (SURVIVED, NOT_MADE) else NOTICED
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return NOTICED
        time.sleep(0.005)


class FirstFailure:
    """Ends the process at the first test that fails."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at a test."""
        if report.failed:
            os._exit(NOTICED)


def _run(mutant: Mutant, items: Sequence[pytest.Item]) -> None:
    """Spoil this process, run the tests in it, and end it."""
    code = NOT_MADE
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        mutant.apply()
        code = NOTICED
        if items:
            items[0].config.pluginmanager.register(FirstFailure())
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        code = SURVIVED
    finally:
        os._exit(code)


def work(control: Case, mine: Sequence[Case], results: Any) -> None:
    """Try some mutants in this process, and put the name and the fate of each into a queue; None is the end."""

    def told(case: Case, code: int) -> None:
        results.put((case.mutant.name, code))

    with Path(os.devnull).open("w") as nowhere:
        sys.stdout = nowhere
        pytest.main(ARGUMENTS, plugins=[Worker(control, mine, told)])
    results.put(None)
