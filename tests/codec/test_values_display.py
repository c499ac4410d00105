"""Texts of nested values."""

from typing import Any

import pytest

from amqp_spec.display import MAX_DEPTH, show
from amqp_spec.values import Array, Described, Map, Symbol, UInt


def test_the_text_reads_like_python() -> None:
    value = Map({"a": [1, (2,), (3, 4), ()], Symbol("b"): {"c": UInt(5)}, 1: Described(Symbol("d"), None)})
    assert repr(value) == (
        "Map({'a': [1, (2,), (3, 4), ()], Symbol('b'): {'c': UInt(5)}, 1: Described(Symbol('d'), None)})"
    )
    assert repr(Map()) == "Map({})"


@pytest.mark.fault("A7")
@pytest.mark.parametrize(
    "wrap",
    [
        lambda value: Map({1: value}),
        lambda value: Map([(value, 1)]),
        lambda value: Described(1, value),
        lambda value: Described(value, 1),
        lambda value: Array(list, [[value]]),
        lambda value: Array("map", [{1: value}]),
        lambda value: Described(1, [value]),
        lambda value: Described(1, (value,)),
    ],
)
def test_deep_nesting_is_cut(wrap: Any) -> None:
    value: Any = 1
    for _ in range(900):
        value = wrap(value)
    text = repr(value)
    assert text.count("...") == 1
    assert len(text) < 50 * MAX_DEPTH
    value = 1
    for _ in range(MAX_DEPTH // 2):
        value = wrap(value)
    assert "..." not in repr(value)


def test_a_value_that_contains_itself_is_cut() -> None:
    value = Map({"a": 1})
    value["self"] = [value, value]
    assert repr(value) == "Map({'a': 1, 'self': [..., ...]})"
    described = Described(1, None)
    described.value = described
    assert repr(described) == "Described(1, ...)"


def test_a_value_that_stands_twice_is_shown_twice() -> None:
    part = [1]
    assert repr(Described(part, part)) == "Described([1], [1])"
    assert show("x") == "'x'"
