"""tools.bites: which guards and entries it finds, what it makes of them, and that a fork with one is noticed."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from amqp.engine.states import CONNECTION_RULES, LINK_RULES, SESSION_RULES
from tools.bites.__main__ import chosen_guards, equivalents
from tools.bites.guards import GuardMutant, changed, guards_of, mutants_of
from tools.bites.tables import rule_mutants, set_mutants

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = """
def check(size, limit):
    if size > limit:
        raise ValueError("too large")
    if size:
        print(size)
    return size


class Box:
    def put(self, size):
        def inner():
            if size < 0 or size > 9:
                return self.fault_of(size)
        return inner()

    def fault_of(self, size):
        return "fault"
"""


@pytest.fixture
def spoilt(tmp_path: Path) -> Iterator[Any]:
    """A module of guards that a test may spoil."""
    file = tmp_path / "guarded.py"
    file.write_text(SOURCE, "utf-8")
    spec = importlib.util.spec_from_file_location("guarded", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["guarded"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["guarded"]


def mutant(module: Any, function: str, change: str) -> GuardMutant:
    (guard,) = (guard for guard in guards_of(Path(module.__file__)) if guard.function == function)
    (found,) = (each for each in mutants_of(guard) if each.change == change)
    return found


def test_guards_are_ifs_that_say_no(spoilt: Any) -> None:
    found = [(guard.function, guard.line, guard.condition) for guard in guards_of(Path(spoilt.__file__))]
    assert found == [("check", 3, "size > limit"), ("Box.put.inner", 13, "size < 0 or size > 9")]


def test_what_is_made_of_a_guard(spoilt: Any) -> None:
    names = [each.change for guard in guards_of(Path(spoilt.__file__)) for each in mutants_of(guard)]
    assert names == [
        *("negated", "dropped", "comparison 0 Gt to GtE"),
        *("negated", "dropped", "comparison 0 Lt to LtE", "comparison 1 Gt to GtE"),
    ]
    condition = ast.parse("a < b <= c", mode="eval").body
    assert ast.unparse(changed(condition, "comparison 1 LtE to Lt")) == "a < b < c"
    assert ast.unparse(changed(condition, "negated")) == "not a < b <= c"
    assert ast.unparse(changed(condition, "dropped")) == "a < b <= c and False"


def test_live_functions_get_the_changed_code(spoilt: Any) -> None:
    assert spoilt.check(5, 5) == 5
    mutant(spoilt, "check", "comparison 0 Gt to GtE").apply()
    with pytest.raises(ValueError, match="too large"):
        spoilt.check(5, 5)
    assert spoilt.Box().put(10) == "fault"
    mutant(spoilt, "Box.put.inner", "dropped").apply()
    assert spoilt.Box().put(10) is None


def test_every_entry_of_the_tables_is_spoilt() -> None:
    found = [each for each in rule_mutants() if each.side != "condition"]
    tables: tuple[Any, ...] = (CONNECTION_RULES, SESSION_RULES, LINK_RULES)
    rules = [rule for table in tables for rule in table.values()]
    assert len(found) == 2 * sum(len(rule.sends) + len(rule.receives) for rule in rules)
    lines = found[0].file.read_text("utf-8").splitlines()
    for each in found:
        line = lines[each.line - 1]
        assert each.entry in line or "_ON_" in line
    assert {each.table for each in set_mutants()} >= {"_CLOSING", "_ON_SESSION", "_DETACHING", "_ENDING"}


def test_a_seed_chooses_the_same_guards() -> None:
    chosen = chosen_guards(1, 100)
    assert len(chosen) == 100
    assert chosen_guards(1, 100) == chosen != chosen_guards(2, 100)


def test_what_is_equivalent_is_there() -> None:
    root = Path(__file__).parents[1]
    names = {each.name for each in rule_mutants()} | {each.name for each in set_mutants()}
    for folder in ("src/amqp/engine", "generated/amqp_spec"):
        for file in (root / folder).glob("*.py"):
            names |= {each.name for guard in guards_of(file) for each in mutants_of(guard)}
    assert set(equivalents()) <= names
    assert all(len(reason) > 20 for reason in equivalents().values())
