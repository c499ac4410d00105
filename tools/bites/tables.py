"""The entries of the engine's tables of legality, and what can be made of each: dropped, or leading elsewhere."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import amqp.engine
from amqp.engine import states

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = ("CONNECTION_RULES", "SESSION_RULES", "LINK_RULES")


@dataclass(frozen=True)
class TableMutant:
    """An entry of a table of rules."""

    file: Path
    line: int
    table: str
    state: str
    side: str
    """`sends`, `receives` or `condition`."""
    entry: str
    change: str
    """The state that follows instead, or `dropped`; for a condition, the other condition."""

    @property
    def name(self) -> str:
        """What stands in reports and in the list of equivalent mutants."""
        return f"{self.table}: {self.state} {self.side} {self.entry}: {self.change}"

    def apply(self) -> None:
        """Change the table of this process."""
        rules = getattr(states, self.table)
        (rule,) = (rule for state, rule in rules.items() if state.name == self.state)
        if self.side == "condition":
            object.__setattr__(rule, "condition", self.change)
            return
        entries: dict[type, Any] = getattr(rule, self.side)
        (kind,) = (kind for kind in entries if kind.__name__ == self.entry)
        if self.change == "dropped":
            del entries[kind]
        else:
            entries[kind] = type(entries[kind])[self.change]


@dataclass(frozen=True)
class SetMutant:
    """A member of a set of states or performatives, left out."""

    file: Path
    line: int
    module: str
    table: str
    member: str

    @property
    def name(self) -> str:
        """What stands in reports and in the list of equivalent mutants."""
        return f"{self.module.rpartition('.')[2]}.{self.table}: {self.member}: dropped"

    def apply(self) -> None:
        """Change the set of this process."""
        module = importlib.import_module(self.module)
        members = getattr(module, self.table)
        setattr(module, self.table, type(members)(each for each in members if _name(each) != self.member))


def _name(member: Any) -> str:
    name: str = member.name if isinstance(member, Enum) else member.__name__
    return name


def rule_mutants() -> Iterator[TableMutant]:
    """Yield what is made of each entry: dropped, and leading to the next state of the enumeration that it does not."""
    file = Path(str(states.__file__))
    lines = _rule_lines(ast.parse(file.read_text("utf-8")))
    for table in RULES:
        for state, rule in getattr(states, table).items():
            for side in ("sends", "receives"):
                for kind, following in getattr(rule, side).items():
                    line = lines[table, state.name, side, kind.__name__]
                    states_there = [*type(following).__members__.values()]
                    other = states_there[(states_there.index(following) + 1) % len(states_there)].name
                    for change in ("dropped", other):
                        yield TableMutant(file, line, table, state.name, side, kind.__name__, change)
            line = lines[table, state.name, "condition", ""]
            yield TableMutant(file, line, table, state.name, "condition", "", "amqp:internal-error")


def _rule_lines(tree: ast.Module) -> dict[tuple[str, str, str, str], int]:
    """Return where each entry stands, by table, state, side and performative."""
    groups = {
        node.targets[0].id: [each.id for each in node.value.elts if isinstance(each, ast.Name)]
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Tuple)
    }
    found: dict[tuple[str, str, str, str], int] = {}
    for node in tree.body:
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
            continue
        if node.target.id not in RULES or not isinstance(node.value, ast.Dict):
            continue
        for key, rule in zip(node.value.keys, node.value.values, strict=True):
            assert isinstance(key, ast.Attribute)
            assert isinstance(rule, ast.Call)
            place = (node.target.id, key.attr)
            for side, argument in zip(("sends", "receives"), rule.args, strict=False):
                for name, line in _entries(argument, groups):
                    found[*place, side, name] = line
            found[*place, "condition", ""] = rule.args[2].lineno
    return found


def _entries(argument: ast.expr, groups: dict[str, list[str]]) -> Iterator[tuple[str, int]]:
    for node in ast.walk(argument):
        if isinstance(node, ast.Name):
            for name in groups.get(node.id, [node.id]):
                yield name, node.lineno


def set_mutants() -> Iterator[SetMutant]:
    """Yield the members of each set of states or performatives at the level of a module of the engine."""
    for info in pkgutil.walk_packages(amqp.engine.__path__, "amqp.engine."):
        if info.name == states.__name__:
            continue
        module = importlib.import_module(info.name)
        file = Path(str(module.__file__))
        for node in ast.parse(file.read_text("utf-8")).body:
            if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)):
                continue
            members = getattr(module, node.targets[0].id, None)
            if isinstance(members, tuple | frozenset) and members and all(map(_is_legality, members)):
                for member in sorted(map(_name, members)):
                    yield SetMutant(file, node.lineno, info.name, node.targets[0].id, member)


def _is_legality(member: object) -> bool:
    # Choices of the standard that are texts, such as capabilities, say what is offered.
    return isinstance(member, Enum | type) and not isinstance(member, str)
