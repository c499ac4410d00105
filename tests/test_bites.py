"""tools.bites: which guards and entries it finds, what it makes of them, and that a fork with one is noticed."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from amqp.engine.states import CONNECTION_RULES, LINK_RULES, SESSION_RULES
from tools.bites import work
from tools.bites.__main__ import chosen_guards, equivalents
from tools.bites.guards import GuardMutant, changed, guards_of, mutants_of
from tools.bites.tables import rule_mutants, set_mutants
from tools.bites.work import NOTICED, SURVIVED, Case, Unspoilt, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
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


def test_all_guards_are_those_of_every_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    chosen = chosen_guards(1, None)
    assert chosen_guards(2, None) == chosen
    assert set(chosen_guards(1, 100)) <= set(chosen)
    files = {guard.file.relative_to(ROOT).as_posix() for guard in chosen}
    assert files >= {
        "src/amqp/engine/session.py",
        "src/amqp/engine/transactions/resource.py",
        "generated/amqp_spec/reading.py",
    }


def test_no_two_mutants_have_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names = Counter(each.name for guard in chosen_guards(1, None) for each in mutants_of(guard))
    names.update(each.name for each in rule_mutants())
    names.update(each.name for each in set_mutants())
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize(
    ("statement", "says_no"),
    [
        ("raise ValueError", True),
        ("self._fail(found)", True),
        ("reject_all(found)", True),
        ("return _failed(found)", True),
        ("return _error(found)", True),
        ("return LocalError(found)", True),
        ("return self.fault_of(found)", True),
        ("return found", False),
        ("return found.error", False),
        ("self.error = found", False),
        ("answer(found)", False),
    ],
)
def test_what_says_no(statement: str, says_no: bool, tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text(f"def check(self, found):\n    if found:\n        {statement}\n", "utf-8")
    assert bool(guards_of(file)) is says_no


def test_guards_that_look_alike_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "alike.py"
    guard = "    if size > 5:\n        raise ValueError\n"
    file.write_text(f"def check(size):\n{guard}    size -= 1\n{guard}", "utf-8")
    names = [next(mutants_of(found)).name for found in guards_of(file)]
    assert names == ["check: if size > 5: negated", "check: if size > 5 #2: negated"]


@pytest.mark.parametrize("control", [NOTICED, SURVIVED])
def test_nothing_is_tried_with_tests_that_fail_anyway(
    control: int, spoilt: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(case: Case, items: Sequence[pytest.Item]) -> int:
        assert items == [test]
        case.mutant.apply()
        return control if isinstance(case.mutant, Unspoilt) else int(spoilt.check(5, 5) != 5)

    monkeypatch.setattr(work, "try_one", tried)
    test: Any = SimpleNamespace(nodeid="test_it")
    session: Any = SimpleNamespace(items=[test])
    cases = [
        Case(each, Path(spoilt.__file__), 1, ["test_it"], 0.1)
        for each in (Unspoilt(0), mutant(spoilt, "check", "dropped"))
    ]
    told: list[tuple[str, int]] = []
    worker = Worker(cases[0], cases[1:], lambda case, code: told.append((case.mutant.name, code)))
    assert worker.pytest_runtestloop(session)
    tried_with = {NOTICED: cases[:1], SURVIVED: cases}[control]
    assert told == [(case.mutant.name, control) for case in tried_with]


def test_what_is_equivalent_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names = {each.name for each in rule_mutants()} | {each.name for each in set_mutants()}
    names |= {each.name for guard in chosen_guards(1, None) for each in mutants_of(guard)}
    assert set(equivalents()) <= names
    assert all(len(reason) > 20 for reason in equivalents().values())
