"""Every row has its test, and there is nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.parity.rows import ROWS

HERE = Path(__file__).resolve().parent


def test_every_row_has_a_test_and_every_test_a_row() -> None:
    tests = [
        node.name
        for path in HERE.glob("test_*.py")
        if path != Path(__file__).resolve()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert sorted(tests) == sorted(row.test for row in ROWS)
