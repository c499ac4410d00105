"""Map: keys by type and bits, forgiving look-up, hostile keys."""

import copy
import pickle
import sys
import time
import uuid
from collections.abc import Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amqp_spec.identity import key_token
from amqp_spec.values import (
    Array,
    Byte,
    Decimal32,
    Decimal64,
    Decimal128,
    Described,
    Float,
    Long,
    Map,
    Short,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
    identical,
)
from tests.codec.value_strategies import values

NAN = float("nan")


class Key(Symbol, Enum):
    X = "x"


class Text(StrEnum):
    X = "x"


class TestKeys:
    @pytest.mark.fault("B3")
    def test_keys_that_python_takes_for_equal_stay_apart(self) -> None:
        keys = [
            True,
            1,
            1.0,
            Float(1.0),
            UInt(1),
            ULong(1),
            Long(1),
            Timestamp(1),
            Decimal32.from_decimal(1),
            0.0,
            -0.0,
        ]
        keys += [NAN, -NAN, "1", Symbol("1"), b"1", None, False, 0]
        pairs = [(key, number) for number, key in enumerate(keys)]
        mapping = Map(pairs)
        assert len(mapping) == len(keys)
        assert not mapping.had_duplicates
        for key, number in pairs:
            assert mapping[key] == number
        assert identical(list(mapping), keys)

    @pytest.mark.fault("B2")
    def test_what_cannot_be_hashed_is_a_key(self) -> None:
        keys: list[Any] = [[1, [2]], Map({1: 2}), Array(list, [[1]]), Described(Symbol("x"), [1]), []]
        mapping = Map([(key, number) for number, key in enumerate(keys)])
        for number, key in enumerate(copy.deepcopy(keys)):
            assert mapping[key] == number
        assert [1, [UInt(2)]] not in mapping
        assert mapping[(1, (2,))] == 0
        assert mapping[{1: 2}] == 1

    def test_what_is_no_value_is_no_key(self) -> None:
        with pytest.raises(TypeError, match="object is not an AMQP type"):
            Map({object(): 1})
        with pytest.raises(TypeError, match="set"):
            Map()[{1}]

    def test_members_of_enumerations_count_as_what_they_are(self) -> None:
        mapping = Map([(Key.X, 1)])
        assert mapping[Symbol("x")] == mapping["x"] == mapping[Key.X] == mapping[Text.X] == 1
        assert Map({"x": 2})[Text.X] == 2


class TestLookUp:
    def test_text_finds_a_symbol_when_no_text_is_there(self) -> None:
        mapping = Map([(Symbol("x"), 1)])
        assert mapping["x"] == mapping.get("x") == mapping[Symbol("x")] == 1
        assert "x" in mapping
        mapping.put("x", 2)
        assert (mapping["x"], mapping[Symbol("x")]) == (2, 1)

    def test_a_symbol_finds_only_a_symbol(self) -> None:
        mapping = Map({"x": 1})
        assert Symbol("x") not in mapping
        with pytest.raises(KeyError):
            mapping[Symbol("x")]

    def test_a_number_finds_the_one_key_of_another_width(self) -> None:
        mapping = Map([(ULong(1), "ulong"), (UByte(2), "ubyte"), (UInt(2), "uint"), (Long(2**40), "long")])
        assert mapping[1] == "ulong"
        assert mapping[2**40] == "long"
        assert 2 not in mapping
        mapping.put(2, "int")
        assert mapping[2] == "int"
        mapping.put(2**41, "plain")
        assert mapping[Long(2**41)] == mapping[2**41] == "plain"
        mapping.put(ULong(2**42), "ulong")
        assert mapping[2**42] == "ulong"

    @pytest.mark.parametrize("key", [UInt(1), Long(1), True, 1.0, Timestamp(1), "1"])
    def test_other_keys_find_only_themselves(self, key: Any) -> None:
        assert key not in Map([(ULong(1), 1)])
        assert key not in Map([(1, 1)])

    def test_what_is_missing(self) -> None:
        mapping = Map()
        for key in ("x", 1, None, [1]):
            assert mapping.get(key) is None
            assert mapping.get(key, 5) == 5
            with pytest.raises(KeyError):
                mapping[key]
            with pytest.raises(KeyError):
                del mapping[key]
        with pytest.raises(KeyError):
            mapping.popitem()

    def test_a_null_value_is_a_value(self) -> None:
        assert Map({"x": None}).get("x", 5) is None


class TestChange:
    def test_assigning_changes_what_a_look_up_finds(self) -> None:
        mapping = Map([(Symbol("x"), 1), (ULong(1), 2)])
        mapping["x"] += 10
        mapping[1] = 20
        mapping["y"] = 30
        assert identical(list(mapping.items()), [(Symbol("x"), 11), (ULong(1), 20), ("y", 30)])
        assert mapping.pop("x") == 11
        del mapping[1]
        assert mapping.setdefault("y", 5) == 30
        assert mapping.setdefault("z", 5) == 5
        assert mapping.popitem() == ("z", 5)
        mapping.update({"y": 31, "w": 1})
        assert mapping == {"y": 31, "w": 1}
        mapping.clear()
        assert not mapping

    def test_a_key_keeps_its_place(self) -> None:
        mapping = Map({"a": 1, "b": 2})
        mapping["a"] = 3
        assert list(mapping.items()) == [("a", 3), ("b", 2)]

    def test_changing_while_iterating_is_an_error(self) -> None:
        mapping = Map({"a": 1, "c": 3})
        keys = iter(mapping)
        assert next(keys) == "a"
        mapping["b"] = 2
        with pytest.raises(RuntimeError):
            next(keys)

    def test_a_copy_is_another_map(self) -> None:
        mapping = Map([(Symbol("a"), [1])])
        for same in (
            mapping.copy(),
            copy.copy(mapping),
            Map(mapping),
            copy.deepcopy(mapping),
            pickle.loads(pickle.dumps(mapping)),
        ):
            assert identical(same, mapping)
            same["b"] = 2
            assert "b" not in mapping


class TestViews:
    def test_they_are_live_and_in_order(self) -> None:
        mapping = Map({"b": 1})
        keys, items, content = mapping.keys(), mapping.items(), mapping.values()
        mapping["a"] = 2
        assert (list(keys), list(items), list(content)) == (["b", "a"], [("b", 1), ("a", 2)], [1, 2])
        assert list(mapping.pairs()) == list(items)
        assert ("a", 2) in items
        assert 2 in content
        assert "a" in keys
        assert len(items) == 2

    def test_it_is_a_mutable_mapping_and_no_dict(self) -> None:
        assert isinstance(Map(), MutableMapping)
        assert isinstance(Map(), Mapping)
        assert not isinstance(Map(), dict)
        with pytest.raises(TypeError):
            hash(Map())


class TestEquality:
    def test_order_does_not_matter_to_equality_and_does_to_identity(self) -> None:
        one, other = Map([(1, 2), (3, 4)]), Map([(3, 4), (1, 2)])
        assert one == other
        assert not identical(one, other)

    def test_keys_by_type_values_by_equality(self) -> None:
        assert Map({1: 2}) == Map({1: UInt(2)})
        assert Map({1: 2}) != Map({UInt(1): 2})
        assert Map({1: 2}) != Map({1: 3})
        assert Map({1: 2}) != Map({1: 2, 3: 4})
        assert Map() != []
        assert Map({1: NAN}) == Map({1: NAN}) == {1: NAN}

    def test_a_dict_is_equal_when_each_key_finds_its_value(self) -> None:
        assert Map([(Symbol("x"), 1), (ULong(5), Map({"y": 2}))]) == {"x": 1, 5: {"y": 2}}
        assert Map({"x": 1}) == {"x": 1}
        assert Map({"x": 1}) != {"x": 2}
        assert Map({"x": 1}) != {"x": 1, "y": 2}
        assert Map({"x": 1}) != {"y": 1}
        assert Map([(1, "a"), (True, "b")]) != {1: "a"}
        assert Map({1: "a"}) != {True: "a"}
        assert Map({1: "a"}) != {object(): "a"}


class TestFromFlat:
    def test_the_list_is_read_when_the_map_is_used(self) -> None:
        mapping = Map.from_flat([Symbol("x"), 1, [2], 3])
        assert mapping.unread_items() is not None
        assert identical(mapping, Map([(Symbol("x"), 1), ([2], 3)]))
        assert mapping.unread_items() is None
        assert len(Map.from_flat([])) == 0

    @pytest.mark.fault("A6")
    def test_the_last_of_identical_keys_wins_and_the_map_says_so(self) -> None:
        for mapping in (Map.from_flat(["a", 1, "b", 2, "a", 3]), Map([("a", 1), ("b", 2), ("a", 3)])):
            assert mapping.had_duplicates
            assert list(mapping.items()) == [("a", 3), ("b", 2)]
        assert not Map.from_flat([1, 1, True, 1]).had_duplicates

    @pytest.mark.parametrize(
        "use",
        [
            len,
            list,
            repr,
            copy.deepcopy,
            lambda m: m == {},
            lambda m: m.get("x"),
            lambda m: m.put(1, 1),
            lambda m: m.clear(),
        ],
    )
    def test_every_use_reads_it(self, use: Any) -> None:
        mapping = Map.from_flat(["x", 1])
        use(mapping)
        assert repr(mapping) == {"put": "Map({'x': 1, 1: 1})", "clear": "Map({})"}.get(
            "put" if len(mapping) == 2 else "clear" if not mapping else "", "Map({'x': 1})"
        )

    def test_it_can_be_pickled_before_it_is_read(self) -> None:
        assert pickle.loads(pickle.dumps(Map.from_flat([1, 2]))) == Map({1: 2})

    def test_threads_that_use_it_first_at_once_see_all_of_it(self) -> None:
        switch = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            with ThreadPoolExecutor(8) as pool:
                for _ in range(50):
                    mapping = Map.from_flat([part for number in range(100) for part in (number, None)])
                    assert set(pool.map(lambda _, mapping=mapping: len(mapping), range(8))) == {100}
        finally:
            sys.setswitchinterval(switch)


def crafted(kind: Any, count: int) -> list[Any]:
    """Keys whose Python hashes are all equal: hash(n) is n modulo 2**61 - 1."""
    return [kind(number * ((1 << 61) - 1)) for number in range(1, count + 1)]


class TestHostileKeys:
    @pytest.mark.fault("B1")
    @pytest.mark.parametrize(
        ("kind", "count"),
        [
            (lambda number: uuid.UUID(int=number), 10_000),
            (Decimal128, 10_000),
            (Decimal64, 7),
            (ULong, 7),
            (lambda number: [number], 10_000),
            (lambda number: Described(number, number), 10_000),
        ],
    )
    def test_keys_crafted_to_collide_do_not(self, kind: Any, count: int) -> None:
        keys = crafted(kind, count)
        assert len({hash(key_token(key)) for key in keys}) > 0.99 * count
        mapping = Map((key, None) for key in keys)
        assert len(mapping) == count
        assert keys[-1] in mapping

    @pytest.mark.fault("B1")
    def test_numbers_crafted_for_the_same_buckets_do_not_meet(self) -> None:
        tokens = [hash(key_token(ULong(number << 44))) % 4096 for number in range(4096)]
        assert len(set(tokens)) > 2000

    def test_a_key_is_held_as_a_short_token(self) -> None:
        for key in (list(range(10_000)), b"x" * 10_000, Symbol("x" * 10_000), Decimal128(5)):
            assert len(key_token(key)) < 22

    @pytest.mark.measures
    @pytest.mark.fault("A7")
    def test_keys_nested_in_keys_neither_recurse_nor_multiply(self) -> None:
        def chain(depth: int, content: Any) -> Map:
            key: Any = content
            for _ in range(depth):
                key = Map.from_flat([[key], 1])
            return Map.from_flat([key, 1])

        def seconds(depth: int) -> float:
            best = 1e9
            for _ in range(3):
                mapping = chain(depth, [None] * 3000)
                start = time.perf_counter()
                assert len(mapping) == 1
                best = min(best, time.perf_counter() - start)
            return best

        assert len(chain(3000, [])) == 1
        assert identical(chain(3000, []), chain(3000, []))
        assert not identical(chain(3000, []), chain(3000, [1]))
        # Reading the content once per level would take 60 times as long.
        assert seconds(60) < 15 * seconds(1)

    def test_a_key_that_stands_twice_in_a_key(self) -> None:
        shared = Map.from_flat([[1], 2])
        assert Map.from_flat([[shared, shared], 1])[[{(1,): 2}, Map([([1], 2)])]] == 1


WIDTHS = (UByte, UShort, UInt, ULong, Byte, Short, Long)


class Model:
    """What Map promises, said with a list of pairs."""

    def __init__(self) -> None:
        self.pairs: list[tuple[Any, Any]] = []

    def exact(self, key: Any) -> int | None:
        return next((at for at, (other, _) in enumerate(self.pairs) if identical(key, other)), None)

    def find(self, key: Any) -> int | None:
        at = self.exact(key)
        if at is None and type(key) is str and key.isascii():
            return self.exact(Symbol(key))
        if at is None and type(key) is int:
            found = [self.exact(kind(key)) for kind in WIDTHS if kind.MIN <= key <= kind.MAX]
            known = [at for at in found if at is not None]
            return known[0] if len(known) == 1 else None
        return at

    def put(self, key: Any, value: Any) -> None:
        at = self.exact(key)
        if at is None:
            self.pairs.append((key, value))
        else:
            self.pairs[at] = (key, value)


few_keys = st.sampled_from(
    [
        1,
        True,
        1.0,
        UByte(1),
        UInt(1),
        ULong(1),
        Long(2**40),
        2**40,
        "x",
        Symbol("x"),
        "y",
        None,
        NAN,
        -NAN,
        0.0,
        -0.0,
        [1],
        [UInt(1)],
        Map({1: 1}),
    ]
)


@given(
    st.lists(
        st.tuples(st.sampled_from(["put", "set", "del", "get"]), few_keys | values, st.integers()),
        max_size=25,
    )
)
def test_it_behaves_like_a_list_of_pairs_with_identical_keys(steps: list[tuple[str, Any, int]]) -> None:
    mapping, model = Map(), Model()
    for step, key, value in steps:
        at = model.find(key)
        if step == "put":
            model.put(key, value)
            mapping.put(key, value)
        elif step == "set":
            model.put(key if at is None else model.pairs[at][0], value)
            mapping[key] = value
        elif step == "del":
            if at is not None:
                del model.pairs[at]
                del mapping[key]
            else:
                assert mapping.pop(key, "none") == "none"
        assert (key in mapping) == (model.find(key) is not None)
        assert len(mapping) == len(model.pairs)
    assert identical(list(mapping.items()), model.pairs)
    assert identical(Map(model.pairs), mapping)
    assert identical(Map.from_flat([part for pair in model.pairs for part in pair]), mapping)


@given(st.lists(st.tuples(values, values), max_size=6))
def test_pairs_come_back_the_last_of_each_key(pairs: list[tuple[Any, Any]]) -> None:
    model = Model()
    for key, value in pairs:
        model.put(key, value)
    mapping = Map(pairs)
    assert identical(list(mapping.pairs()), model.pairs)
    assert mapping.had_duplicates == (len(model.pairs) < len(pairs))
    assert mapping == Map(reversed(model.pairs))


def decoded(pairs: list[tuple[Any, Any]]) -> Map:
    """The map as a decoder leaves it."""
    return Map.from_flat([part for pair in pairs for part in pair])


class TestDecoded:
    """A map that was decoded holds a list, whether of one pair, of few or of many, and is like any other."""

    @pytest.mark.parametrize("count", [1, 2, 8, 9, 30])
    def test_what_look_ups_find(self, count: int) -> None:
        keys: list[Any] = [
            [1],
            ULong(7),
            Symbol("s"),
            "t",
            uuid.UUID(int=1),
            b"x" * 50,
            Map({1: 2}),
            None,
            True,
        ]
        keys = [*keys, *range(100, 130)][:count]
        mapping = decoded([(key, str(key)) for key in keys])
        for key in keys:
            assert mapping[copy.deepcopy(key)] == mapping.get(key) == str(key)
        assert (mapping.get(7), mapping.get("s")) == (
            ("7", "s") if count > 2 else ("7" if count > 1 else None, None)
        )
        assert all(key not in mapping for key in ("s?", 8, Long(7), [2], {1: 3}, b"x", False, Symbol("t")))
        assert (len(mapping), mapping.had_duplicates) == (count, False)
        assert mapping == Map(mapping) == decoded(list(mapping.items())[::-1])
        assert mapping != Map({**dict.fromkeys(range(count))})
        assert mapping.as_read

    @pytest.mark.parametrize("count", [1, 2, 8, 9, 30])
    @pytest.mark.parametrize("more", [[], [(5, "a"), (5, "b")]])
    def test_it_can_be_changed(self, count: int, more: list[tuple[Any, Any]]) -> None:
        pairs = [*more, *((number, "x") for number in range(count))]
        changes: list[Callable[[Map], object]] = [
            lambda m: m.update({0: "y", "new": "z"}),
            lambda m: m.pop(0),
            lambda m: m.popitem(),
            lambda m: m.clear(),
            lambda m: m.put([0], "y"),
        ]
        for change in changes:
            mapping, model = decoded(pairs), Map(pairs)
            change(mapping)
            change(model)
            assert identical(mapping, model)
            assert mapping.had_duplicates == model.had_duplicates
            assert not mapping.as_read

    @pytest.mark.parametrize("count", [1, 3, 20])
    def test_changing_while_iterating_is_an_error(self, count: int) -> None:
        mapping = decoded([(number, None) for number in range(count)])
        pairs = iter(mapping.items())
        assert next(pairs) == (0, None)
        mapping["new"] = 1
        with pytest.raises(RuntimeError, match="changed during iteration"):
            next(pairs)

    def test_the_only_key_is_found_like_any(self) -> None:
        assert decoded([(Symbol("s"), 1)])["s"] == decoded([(ULong(7), 1)])[7] == decoded([(7, 1)])[7] == 1
        for key, other in (
            (Symbol("s"), "t"),
            ("s", Symbol("s")),
            (ULong(7), 8),
            (ULong(7), UInt(7)),
            ("7", 7),
        ):
            assert other not in decoded([(key, 1)])
        assert Long(2**40) in decoded([(2**40, 1)])
        assert 2**40 in decoded([(ULong(2**40), 1)])
        assert Long(2**40) not in decoded([(ULong(2**40), 1)])
        with pytest.raises(TypeError, match="object is not an AMQP type"):
            decoded([(1, 2)])[object()]

    @pytest.mark.measures
    @pytest.mark.fault("A10")
    def test_a_look_up_costs_nothing_for_the_size_of_a_key(self) -> None:
        mappings = [
            decoded([([None] * 300_000, 1), *((number, 2) for number in range(more))]) for more in (0, 1, 20)
        ]
        assert [len(mapping) for mapping in mappings] == [1, 2, 21]
        began = time.thread_time()
        for mapping in mappings:
            assert not any(key in mapping for key in ("a", 99, [1], None) for _ in range(20))
        # To look at each key once takes longer than this.
        assert time.thread_time() - began < 0.1

    def test_the_pairs_are_a_view(self) -> None:
        mapping = decoded([([1], 2), (3, 4)])
        pairs = mapping.pairs()
        assert ([1], 2) in pairs
        assert ([1], 3) not in pairs
        mapping[5] = 6
        assert len(pairs) == 3

    @pytest.mark.parametrize("count", [1, 2, 9])
    def test_as_a_key_it_is_the_same_as_one_made_by_a_program(self, count: int) -> None:
        pairs: list[tuple[Any, Any]] = [([number], number) for number in range(count - 1)]
        pairs.append(({"a": [1]}, Map({"b": 5})))
        for made in (decoded(pairs), Map(pairs), Map(decoded(pairs))):
            assert key_token(made) == key_token(decoded(pairs))
            assert key_token([made]) == key_token([Map(pairs)])
        assert key_token(decoded(pairs)) != key_token(decoded([*pairs[:-1], ({"a": [2]}, Map({"b": 5}))]))
        assert key_token(decoded(pairs)) != key_token(decoded([*pairs[:-1], ({"a": [1]}, Map({"b": 6}))]))

    def test_a_list_that_contains_itself_is_no_key(self) -> None:
        inside_itself: list[Any] = []
        inside_itself.append(Map.from_flat([inside_itself, 1]))
        with pytest.raises(ValueError, match="nested deeper than 1000"):
            Map()[inside_itself]


@pytest.mark.fault("A6")
@given(st.lists(st.tuples(few_keys | values, st.integers()), max_size=14), few_keys)
def test_decoded_pairs_are_those_of_a_map_made_of_them(pairs: list[tuple[Any, Any]], key: Any) -> None:
    mapping, model = decoded(pairs), Map(pairs)
    assert identical(mapping.get(key), model.get(key))
    assert mapping.had_duplicates == model.had_duplicates
    assert identical(list(mapping.items()), list(model.items()))
    assert mapping == model
    assert key_token(mapping) == key_token(model) == key_token(dict_like(pairs, model))


def dict_like(pairs: list[tuple[Any, Any]], model: Map) -> Any:
    """The same as a dict, where a dict can hold it."""
    try:
        plain = dict(pairs)
    except TypeError:
        return model
    return plain if identical(plain, model) else model
