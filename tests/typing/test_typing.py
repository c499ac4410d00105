"""What users see of the types, through the type checkers that they use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
USERS = Path(__file__).with_name("users.py")


def test_mypy_sees_what_is_promised() -> None:
    # warn_unused_ignores is part of --strict: what should be refused and is not, is reported.
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(USERS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(120)
def test_pyright_sees_what_is_promised() -> None:
    pytest.importorskip("pyright")
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", str(USERS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    found = json.loads(done.stdout)["generalDiagnostics"]
    assert [f"{one['range']['start']['line'] + 1}: {one['message']}" for one in found] == []
