"""What the run prints: one line for each thing done, and at the end how many checks passed."""

import time
from dataclasses import dataclass, field


@dataclass
class Report:
    """Counts checks and prints lines of one form: peer, what was done, seconds, detail."""

    passed: int = 0
    failed: list[str] = field(default_factory=list[str])

    def line(self, peer: str, what: str, seconds: float, detail: str = "") -> None:
        """Print one line."""
        print(f"{peer:<10} {what:<32} {seconds:7.2f} s  {detail}".rstrip(), flush=True)

    def done(self, peer: str, what: str, seconds: float, detail: str) -> None:
        """Count and print a check that passed."""
        self.passed += 1
        self.line(peer, what, seconds, detail)

    def failure(self, peer: str, what: str, seconds: float, error: str) -> None:
        """Count and print a failure, all of its lines."""
        self.failed.append(f"{peer} {what}")
        self.line(peer, what, seconds, f"FAILED: {error}")

    @property
    def exit_code(self) -> int:
        """0 when nothing failed, else 1."""
        return 1 if self.failed else 0

    def summary(self) -> str:
        """Return the last line: how many passed and failed, and which failed above it."""
        names = "".join(f"failed: {name}\n" for name in self.failed)
        return f"{names}{self.passed} passed, {len(self.failed)} failed"


@dataclass
class Stopwatch:
    """Seconds since it was made."""

    begun: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.begun
