"""The catalogue of requirements is well formed, and tests and faults are marked with ids that can be looked up."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tools.requirements import CATALOGUE, PARTS, read_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]
# A star: the text states it without the keyword.
LEVELS = {"MUST", "MUST*", "MUST NOT", "MUST NOT*", "SHOULD", "SHOULD*", "MAY"}
SIDES = {"any peer", "client", "server", "sender", "receiver", "controller", "resource"}
# S: black-box against a server, C: against a client, U: in process.
TESTABLE = {"S", "C", "U", "S C", "S U", "C U", "S C U"}


ROWS = read_catalogue(REPOSITORY / CATALOGUE)
IDS = {row.id for row in ROWS}


# --- The catalogue -------------------------------------------------------------------------------------------------


def test_the_catalogue_is_whole() -> None:
    assert (REPOSITORY / CATALOGUE).read_text(encoding="utf-8").endswith("\n")
    assert len(ROWS) == 400
    assert len(IDS) == 400


def test_an_id_is_made_of_part_section_and_number() -> None:
    wrong: list[str] = []
    for row in ROWS:
        found = re.fullmatch(r"([a-z]+)-([1-9]\d*(?:\.[1-9]\d*)*)-(\d\d)", row.id)
        if found is None or found[2] != row.section or PARTS.get(found[1]) != row.section[0]:
            wrong.append(row.id)
    assert wrong == []


def test_numbers_run_without_gaps_in_each_section() -> None:
    # Ids are frozen: a new row goes to the end of its section, and none is renumbered.
    seen = Counter[str]()
    for row in ROWS:
        seen[row.section] += 1
        assert int(row.id[-2:]) == seen[row.section], row.id


def test_rows_stand_in_the_order_of_their_sections() -> None:
    numbers = [tuple(map(int, row.section.split("."))) for row in ROWS]
    assert numbers == sorted(numbers)


def test_values_come_from_closed_sets() -> None:
    assert {row.level for row in ROWS} <= LEVELS
    assert {row.side for row in ROWS} <= SIDES
    assert {row.testable for row in ROWS} <= TESTABLE


def test_no_cell_is_empty_or_padded() -> None:
    assert [row.id for row in ROWS for cell in row if not cell or cell != cell.strip()] == []


# --- The marks of the tests ----------------------------------------------------------------------------------------

KINDS = {"requirement", "fault"}
FAULT = re.compile(r"[A-F]\d+|R\d+")


class Mark(NamedTuple):
    """One use of a mark; no value where the argument is not a literal."""

    kind: str
    value: str | None
    line: int


def marks(source: str) -> Iterator[Mark]:
    """Find every `pytest.mark.requirement(...)` and `pytest.mark.fault(...)`, wherever it stands."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="mark"), attr=kind)) if kind in KINDS:
                arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
                for value in [_literal(argument) for argument in arguments] or [None]:
                    yield Mark(kind, value, node.lineno)
            case _:
                pass


def _literal(expression: ast.expr) -> str | None:
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        return expression.value
    return None


def known(mark: Mark) -> bool:
    """Return whether the mark names something that exists."""
    if mark.value is None:
        return False
    return mark.value in IDS if mark.kind == "requirement" else FAULT.fullmatch(mark.value) is not None


def test_every_mark_names_what_exists() -> None:
    unknown = [
        f"{file.relative_to(REPOSITORY)}:{mark.line}: {mark.kind} {mark.value or 'that is no literal'}"
        for file in sorted((REPOSITORY / "tests").rglob("*.py"))
        for mark in marks(file.read_text(encoding="utf-8"))
        if not known(mark)
    ]
    assert unknown == []


@pytest.mark.parametrize(
    ("source", "good"),
    [
        ('@pytest.mark.requirement("types-1.2-03")\ndef f(): ...', True),
        ('@pytest.mark.requirement("types-1.2-99")\ndef f(): ...', False),
        ('@pytest.mark.requirement("types-1.2-03", "nonsense")\ndef f(): ...', False),
        ("@pytest.mark.requirement()\ndef f(): ...", False),
        ("@pytest.mark.requirement(ID)\ndef f(): ...", False),
        ('p = pytest.param(1, marks=[pytest.mark.requirement("nonsense")])', False),
        ('pytestmark = pytest.mark.fault("F31")', True),
        ('pytestmark = pytest.mark.fault("R16")', True),
        ('pytestmark = pytest.mark.fault("G1")', False),
        ('pytestmark = pytest.mark.fault("C9b")', False),
    ],
)
def test_a_mark_is_found_and_judged(source: str, good: bool) -> None:
    found = list(marks(source))
    assert found
    assert all(known(mark) for mark in found) == good
