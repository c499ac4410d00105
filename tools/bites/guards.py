"""The guards of a source file, and what can be made of each: negated, dropped, off by one."""

from __future__ import annotations

import ast
import copy
import functools
import gc
import types
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FAILING = ("fail", "reject", "refuse")
"""How the calls begin that put an end to something."""

ONE_OFF: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}


@dataclass(frozen=True)
class Guard:
    """An `if` whose body says no."""

    file: Path
    function: str
    """The qualified name of the innermost function that it stands in."""
    line: int
    last: int
    """The last line of its test."""
    condition: str
    nth: int
    """Which of the guards of this function with this condition, counted from 1."""


@dataclass(frozen=True)
class GuardMutant:
    """A guard, and what becomes of its condition."""

    guard: Guard
    change: str
    """`negated`, `dropped`, or `< to <=` with the number of the comparison."""

    @property
    def name(self) -> str:
        """What stands in reports and in the list of equivalent mutants."""
        nth = f" #{self.guard.nth}" if self.guard.nth > 1 else ""
        return f"{self.guard.function}: if {self.guard.condition}{nth}: {self.change}"

    def apply(self) -> None:
        """Give the functions of this process the changed code."""
        source = self.guard.file.read_text("utf-8")
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and _is(node, self.guard):
                node.test = changed(node.test, self.change)
        ast.fix_missing_locations(tree)
        replace_code(compile(tree, str(self.guard.file), "exec", dont_inherit=True))


def _is(node: ast.If, guard: Guard) -> bool:
    return node.lineno == guard.line and ast.unparse(node.test) == guard.condition


@functools.cache
def guards_of(file: Path) -> tuple[Guard, ...]:
    """Return the guards of a file in order."""
    found: list[Guard] = []
    same: Counter[tuple[str, str]] = Counter()
    for function, node in _guards(ast.parse(file.read_text("utf-8")), ""):
        condition = ast.unparse(node.test)
        same[function, condition] += 1
        last = node.test.end_lineno or node.lineno
        found.append(Guard(file, function, node.lineno, last, condition, same[function, condition]))
    return tuple(found)


def _guards(node: ast.AST, function: str) -> Iterator[tuple[str, ast.If]]:
    for child in ast.iter_child_nodes(node):
        name = function
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{function}.{child.name}" if function else child.name
        elif isinstance(child, ast.If) and function and any(map(_says_no, child.body)):
            yield function, child
        yield from _guards(child, name)


def _says_no(statement: ast.stmt) -> bool:
    """Whether a statement raises, fails something, or returns a fault."""
    if isinstance(statement, ast.Raise):
        return True
    if not isinstance(statement, ast.Expr | ast.Return) or not isinstance(statement.value, ast.Call):
        return False
    called = statement.value.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if isinstance(statement, ast.Return) and name.lower().endswith("error"):
        return True
    return name.lstrip("_").startswith(FAILING) or "fault" in name.lower()


def mutants_of(guard: Guard) -> Iterator[GuardMutant]:
    """Yield what is made of a guard."""
    yield GuardMutant(guard, "negated")
    yield GuardMutant(guard, "dropped")
    test = ast.parse(guard.condition, mode="eval").body
    for number, (comparison, at) in enumerate(_comparisons(test)):
        old = comparison.ops[at]
        new = ONE_OFF.get(type(old))
        if new is not None:
            yield GuardMutant(guard, f"comparison {number} {type(old).__name__} to {new.__name__}")


def _comparisons(test: ast.expr) -> Iterator[tuple[ast.Compare, int]]:
    for node in ast.walk(test):
        if isinstance(node, ast.Compare):
            for at in range(len(node.ops)):
                yield node, at


def changed(test: ast.expr, change: str) -> ast.expr:
    """Return the condition with a change."""
    test = copy.deepcopy(test)
    if change == "negated":
        return ast.UnaryOp(ast.Not(), test)
    if change == "dropped":
        # The condition is evaluated as before: it may bind a name.
        return ast.BoolOp(ast.And(), [test, ast.Constant(value=False)])
    comparison, at = list(_comparisons(test))[int(change.split()[1])]
    comparison.ops[at] = ONE_OFF[type(comparison.ops[at])]()
    return test


def replace_code(module: types.CodeType) -> None:
    """Give each live function of a module its code from a changed compilation; fails when none has changed."""
    codes = dict(_codes(module))
    found = 0
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and thing.__code__.co_filename == module.co_filename:
            new = codes.get((thing.__code__.co_qualname, thing.__code__.co_firstlineno))
            if new is not None and new != thing.__code__:
                thing.__code__ = new
                found += 1
    if not found:
        raise RuntimeError(f"no live function of {module.co_filename} has the guard")


def _codes(code: types.CodeType) -> Iterator[tuple[tuple[str, int], types.CodeType]]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield (constant.co_qualname, constant.co_firstlineno), constant
            yield from _codes(constant)
