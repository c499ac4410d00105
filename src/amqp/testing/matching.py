"""Compares what came with what a test expected, and says where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from amqp.testing.octets import Typed
from amqp.testing.plain import Composite, composite, is_mapping, is_sequence, named, plain, show
from amqp.testing.table import FORMS, SHORT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ABSENT", "ANY", "PRESENT", "differences", "matches"]


class _Marker:
    """An expectation that is no value."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


ANY: Final = _Marker("ANY")
"""Matches everything, absence too."""
PRESENT: Final = _Marker("PRESENT")
"""Matches everything but absence."""
ABSENT: Final = _Marker("ABSENT")
"""Matches a field that is null or left out, whatever its default; None does the same."""


def matches(expected: Any, actual: Any, kind: str = "*") -> bool:
    """Whether *actual*, a plain value or None for absence, is as *expected*.

    A callable is a predicate. A mapping names entries, or the fields of a composite, that must be as it says, and
    lets others be; a str stands for a composite as it does when one is sent.

    Args:
        expected: a value, a predicate, or ANY, PRESENT, ABSENT.
        actual: what came.
        kind: the type of the field.
    """
    expected = composite(expected)
    if expected is ANY:
        return True
    if expected is PRESENT:
        return actual is not None
    if expected is None or expected is ABSENT:
        return actual is None
    if isinstance(expected, Typed):
        expected = plain(expected)
    if isinstance(actual, Composite):
        return _matches_composite(expected, actual)
    if callable(expected):
        return bool(cast("Callable[[Any], object]", expected)(actual))
    if is_mapping(expected) and is_mapping(actual):
        return all(matches(value, actual.get(key)) for key, value in expected.items())
    if kind.endswith("[]") and isinstance(expected, str):
        expected = [expected]
    if is_sequence(expected) and is_sequence(actual):
        return len(expected) == len(actual) and all(map(matches, expected, actual))
    value = named(kind, expected)
    # A bool is an int to Python, not to AMQP.
    return bool(value == actual) and isinstance(value, bool) == isinstance(actual, bool)


def _matches_composite(expected: Any, actual: Composite) -> bool:
    if isinstance(expected, str):
        short = SHORT.get(actual.name)
        return expected == (actual.name if short is None else actual.fields.get(short))
    if isinstance(expected, Composite):
        return expected.name == actual.name and _matches_composite(expected.fields, actual)
    if is_mapping(expected):
        return not differences(expected, actual.name, actual.fields)
    return callable(expected) and bool(cast("Callable[[Any], object]", expected)(actual))


def differences(expected: Mapping[str, Any], name: str, fields: Mapping[str, Any]) -> list[str]:
    """Compare the fields of a composite; return a line for each that is not as *expected*."""
    found: list[str] = []
    for field in FORMS[name].fields:
        if field.name not in expected:
            continue
        wanted, actual = expected[field.name], fields.get(field.name)
        # A null stands for the default, unless absence itself is asked for.
        if actual is None and wanted is not None and wanted is not ABSENT and wanted is not PRESENT:
            actual = named(field.type, field.default)
        if not matches(wanted, actual, field.type):
            found.append(f"{field.name}: expected {describe(wanted)}, got {show(actual)}")
    return found


def describe(expected: Any) -> str:
    """Write what was expected; a predicate by its name."""
    if callable(expected) and not isinstance(expected, type):
        return f"<{getattr(expected, '__name__', 'predicate')}>"
    return show(expected)
