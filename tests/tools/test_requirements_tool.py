"""`make requirements` counts as proved what a test that passed has claimed, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.requirements import CATALOGUE, Row, read_catalogue

REPOSITORY = Path(__file__).parents[2]
ROWS = (
    ("types-1.2-01", "U"),
    ("types-1.2-02", "S U"),
    ("messaging-3.1-01", "S C U"),
    ("messaging-3.1-02", "S"),
)
INI = """[pytest]
markers = requirement(id): the row
"""


def run(folder: Path, tests: str, *arguments: str) -> tuple[int, str]:
    """Run the plugin on *tests* and a catalogue of four rows, three of them testable in process."""
    catalogue = folder / CATALOGUE
    catalogue.parent.mkdir(exist_ok=True)
    lines = ["\t".join(Row._fields)]
    lines += [
        "\t".join((row, "1", "MUST", f"rule of {row}", "any peer", "do it", where)) for row, where in ROWS
    ]
    catalogue.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "pytest.ini").write_text(INI, encoding="utf-8")
    (folder / "test_it.py").write_text(
        f"import pytest\nclaims = pytest.mark.requirement\n{tests}", encoding="utf-8"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tools.requirements", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout


ALL = """
@claims("types-1.2-01")
@claims("types-1.2-02")
def test_two(): pass
@pytest.mark.parametrize("row", [pytest.param(1, marks=claims("messaging-3.1-01"))])
def test_three(row): pass
"""
PLAIN = """
def test_plain(): pass
"""
BROKEN = """
@pytest.fixture
def broken():
    yield
    raise ValueError
"""


def test_all_rows_are_proved(tmp_path: Path) -> None:
    code, output = run(tmp_path, ALL + PLAIN, "--requirements=gate")
    assert code == 0
    assert "3 passed" in output
    assert "part 1  types           2 of   2 rows proved" in output
    assert "part 3  messaging       1 of   1 rows proved" in output
    assert "all                     3 of   3 rows proved" in output


def test_only_the_tests_with_a_claim_run(tmp_path: Path) -> None:
    code, output = run(tmp_path, ALL + PLAIN, "--requirements=only")
    assert code == 0
    assert "2 passed, 1 deselected" in output


def test_without_the_option_nothing_is_counted(tmp_path: Path) -> None:
    code, output = run(tmp_path, PLAIN)
    assert code == 0
    assert "rows proved" not in output


@pytest.mark.parametrize(
    ("more", "code", "line"),
    [
        ("", 1, "types-1.2-01: no test claims it"),
        (
            '@claims("types-1.2-01")\ndef test_it(): assert False',
            1,
            "types-1.2-01: fails: test_it.py::test_it",
        ),
        (
            '@claims("types-1.2-01")\ndef test_it(): pytest.skip()',
            1,
            "types-1.2-01: skipped: test_it.py::test_it",
        ),
        (
            # One that passes does not make up for one that fails.
            '@claims("types-1.2-01")\n@pytest.mark.parametrize("n", [0, 1])\ndef test_it(n): assert n',
            1,
            "types-1.2-01: fails: test_it.py::test_it[0]",
        ),
        (
            BROKEN + '@claims("types-1.2-01")\ndef test_it(broken): pass',
            1,
            "types-1.2-01: fails: test_it.py::test_it",
        ),
    ],
)
def test_a_row_that_is_not_proved_fails_the_run(tmp_path: Path, more: str, code: int, line: str) -> None:
    others = '@claims("types-1.2-02", "messaging-3.1-01")\ndef test_others(): pass\n'
    ended, output = run(tmp_path, others + more, "--requirements=gate")
    assert ended == code
    assert line in output
    assert "    MUST: rule of types-1.2-01" in output
    assert "part 1  types           1 of   2 rows proved" in output


def test_an_unknown_row_fails_the_run(tmp_path: Path) -> None:
    code, output = run(tmp_path, ALL + '@claims("types-9.9-99")\ndef test_x(): pass', "--requirements=gate")
    assert code == 1
    assert "types-9.9-99: no row of spec/requirements.tsv, claimed by test_it.py::test_x" in output


def test_a_row_for_servers_alone_may_be_claimed_and_is_not_counted(tmp_path: Path) -> None:
    code, output = run(
        tmp_path, ALL + '@claims("messaging-3.1-02")\ndef test_x(): pass', "--requirements=gate"
    )
    assert code == 0
    assert "all                     3 of   3 rows proved" in output


def test_other_columns_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "rows.tsv"
    file.write_text("id\tsection\n", encoding="utf-8")
    with pytest.raises(ValueError, match="the columns are to be id, section, level"):
        read_catalogue(file)
