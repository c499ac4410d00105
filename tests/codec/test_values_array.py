"""Array: construction, checks, the constant-size form, sequence behaviour."""

import copy
import math
import pickle
import sys
import tracemalloc
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amqp_spec.values import (
    Array,
    Char,
    Decimal32,
    Described,
    Float,
    Long,
    Map,
    Repeat,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    float_bits,
    float_from_bits,
    identical,
)

MOST = 0xFFFF_FFFF


class TestConstruction:
    @pytest.mark.parametrize(
        ("element", "name", "items", "held"),
        [
            (type(None), "null", [None], (None,)),
            (bool, "boolean", [True, False], (True, False)),
            (UByte, "ubyte", [0, UByte(255)], (0, 255)),
            (int, "int", [-(2**31), 2**31 - 1], (-(2**31), 2**31 - 1)),
            (Long, "long", [2**62], (2**62,)),
            (float, "double", [1.5, 2, Float(0.5)], (1.5, 2.0, 0.5)),
            (Float, "float", [0.1], (float(Float(0.1)),)),
            (Decimal32, "decimal32", [Decimal32(1)], (Decimal32(1),)),
            (Char, "char", ["x", Char("y")], ("x", "y")),
            (Timestamp, "timestamp", [5, Timestamp(6), datetime(1970, 1, 1, tzinfo=UTC)], (5, 6, 0)),
            (uuid.UUID, "uuid", [uuid.UUID(int=1)], (uuid.UUID(int=1),)),
            (bytes, "binary", [b"x", bytearray(b"y"), memoryview(b"z")], (b"x", b"y", b"z")),
            (str, "string", ["é", Symbol("x")], ("é", "x")),
            (Symbol, "symbol", ["x", Symbol("y")], ("x", "y")),
            (list, "list", [[1], (2,)], ([1], [2])),
            (Map, "map", [Map({1: 2}), {3: 4}], (Map({1: 2}), {3: 4})),
            (Array, "array", [Array(UInt, [1]), Array(str, ["x"])], (Array(UInt, [1]), Array(str, ["x"]))),
        ],
    )
    def test_by_class_and_by_name_elements_are_plain(
        self, element: type, name: str, items: Any, held: Any
    ) -> None:
        for array in (Array(element, items), Array(name, iter(items))):
            assert array.element_type == name
            assert tuple(array) == held
            assert list(map(type, array)) == list(map(type, held))
            assert (array.descriptors, array.code) == ((), None)

    def test_a_dict_names_the_map_too(self) -> None:
        assert Array(dict).element_type == "map"

    @pytest.mark.parametrize(
        ("element", "item", "error"),
        [
            (UByte, 256, ValueError),
            (UByte, -1, ValueError),
            (UByte, True, TypeError),
            (UByte, 1.0, TypeError),
            (UByte, "1", TypeError),
            (UByte, datetime(2024, 1, 1, tzinfo=UTC), TypeError),
            (int, 2**31, ValueError),
            (Timestamp, 2**63, ValueError),
            (Timestamp, datetime(2024, 1, 1), ValueError),
            (bool, 1, TypeError),
            (type(None), 0, TypeError),
            (float, "1", TypeError),
            (float, True, TypeError),
            (Float, 1e39, ValueError),
            (Float, None, TypeError),
            (Char, "xy", ValueError),
            (Char, 5, TypeError),
            (str, b"x", TypeError),
            (Symbol, "é", ValueError),
            (bytes, "x", TypeError),
            (bytes, 5, TypeError),
            (uuid.UUID, "x", TypeError),
            (Decimal32, 1, TypeError),
            (list, "x", TypeError),
            (Map, [(1, 2)], TypeError),
            (Array, [1], TypeError),
        ],
    )
    def test_an_element_of_another_type_is_refused(
        self, element: Any, item: Any, error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            Array(element, [item])

    @pytest.mark.parametrize("element", ["byt", "", object, Described, Sequence])
    def test_an_unknown_type_is_refused(self, element: Any) -> None:
        with pytest.raises(ValueError, match="not a type of array elements: one of null, boolean, ubyte"):
            Array(element)

    def test_a_nan_keeps_the_bits_of_its_float(self) -> None:
        array = Array(Float, [Float.from_bits(0x7F800001)])
        assert float_bits(array[0]) == 0x7F800001
        assert identical(array, Array.decoded("float", (float_from_bits(0x7F800001),)))


class TestWithoutContent:
    """A1: 2**32 - 1 elements that have no content are one value and a number."""

    @pytest.mark.fault("A1")
    @pytest.mark.parametrize(
        ("element", "value"), [("null", None), (bool, True), (bool, False), (UInt, 0), (ULong, 0), (list, [])]
    )
    @pytest.mark.measures
    def test_any_length_takes_constant_memory_and_time(self, element: Any, value: Any) -> None:
        tracemalloc.start()
        try:
            array = Array.repeated(element, value, MOST)
            assert len(array) == MOST
            assert array[0] == array[-1] == array[MOST - 1] == value
            assert next(iter(array)) == value
            assert value in array
            assert "x" not in array
            assert array.count(value) == MOST
            assert array.count("x") == 0
            assert array.index(value) == 0
            assert array == Array.repeated(element, value, MOST)
            assert array != Array.repeated(element, value, MOST - 1)
            assert identical(array, Array.repeated(element, value, MOST))
            assert len(array[10:-10:2]) == (MOST - 19) // 2
            assert repr(array).endswith("... 4294967295 in all])")
            assert len(repr(array)) < 1000
            assert len(pickle.dumps(array)) < 300
            assert tracemalloc.get_traced_memory()[1] < 64 * 1024
        finally:
            tracemalloc.stop()
        with pytest.raises(IndexError):
            array[MOST]
        with pytest.raises(ValueError, match="not in the array"):
            array.index("x")

    def test_where_a_value_stands(self) -> None:
        array = Array("uint", [1, 2, 1])
        assert array.index(1) == 0
        assert array.index(1, 1) == array.index(1, -1, 9) == 2
        for missing, rest in ((3, ()), ("1", ()), (3, (1, 2))):
            with pytest.raises(ValueError, match=rf"^{missing!r} is not in the array$"):
                array.index(missing, *rest)

    def test_elements_without_content_are_found_whoever_made_the_array(self) -> None:
        for array in (
            Array(bool, [True, True]),
            Array.decoded("boolean", (True, True), code=0x56),
            Array.repeated(bool, True, 2),
            Array(bool, Repeat(True, 2)),
        ):
            assert isinstance(array.elements, Repeat)
            assert array == Array(bool, [True, True])
            assert identical(array, Array(bool, [True, True]))

    def test_other_elements_are_held_one_by_one(self) -> None:
        for array in (
            Array(bool, [True, False]),
            Array(UInt, [0, 1, 0]),
            Array(UInt, [1, 1]),
            Array(UInt, Repeat(5, 2)),
            Array(UByte, [0, 0]),
            Array(list, [[], [1]]),
        ):
            assert type(array.elements) is tuple

    def test_an_empty_array_is_empty_however_made(self) -> None:
        assert Array.repeated("null", None, 0).elements == Array("null").elements == ()

    def test_empty_lists_are_not_shared(self) -> None:
        array = Array(list, [[], []])
        array[0].append(1)
        for item in array:
            item.append(2)
        assert list(array) == [[], []]

    @pytest.mark.parametrize(("element", "value"), [(UByte, 0), (UInt, 1), (str, ""), (list, [1])])
    def test_a_value_with_content_cannot_be_repeated(self, element: Any, value: Any) -> None:
        with pytest.raises(ValueError, match="has content"):
            Array.repeated(element, value, 2)

    @pytest.mark.parametrize("count", [-1, MOST + 1])
    def test_the_count_has_32_bits(self, count: int) -> None:
        with pytest.raises(ValueError, match="out of range for the length"):
            Array.repeated("null", None, count)

    @pytest.mark.fault("A2")
    def test_descriptors_cost_nothing_either(self) -> None:
        array = Array.repeated("null", None, MOST, descriptors=[Symbol("x:y")])
        assert array[MOST - 1] == Described(Symbol("x:y"), None)
        assert Described(Symbol("x:y"), None) in array
        assert None not in array
        assert array.count(Described(Symbol("x:y"), None)) == MOST


class TestDescribed:
    def test_elements_come_out_described_outermost_first(self) -> None:
        array = Array(str, ["a", "b"], descriptors=[Symbol("out"), ULong(5)])
        assert array[1] == Described(Symbol("out"), Described(ULong(5), "b"))
        assert list(array) == [array[0], array[1]]
        assert array.elements == ("a", "b")
        assert array.descriptors == (Symbol("out"), ULong(5))
        assert array[1:][0] == array[1]
        assert repr(array) == "Array('string', ['a', 'b'], descriptors=(Symbol('out'), ULong(5)))"
        assert array != Array(str, ["a", "b"])


class TestSequence:
    @given(st.lists(st.integers(0, 3), max_size=6), st.integers(-8, 8), st.slices(6), st.integers(0, 4))
    def test_it_behaves_like_the_tuple_of_its_elements(
        self, items: list[int], at: int, part: slice, value: int
    ) -> None:
        array, model = Array(UInt, items), tuple(items)
        assert len(array) == len(model)
        assert tuple(array[part]) == model[part]
        assert array[part].element_type == "uint"
        assert tuple(reversed(array)) == model[::-1]
        assert (value in array) == (value in model)
        assert array.count(value) == model.count(value)
        looks: list[Callable[[Any], Any]] = [
            lambda sequence: sequence[at],
            lambda sequence: sequence.index(value),
            lambda sequence: sequence.index(value, 1),
            lambda sequence: sequence.index(value, -2, 5),
        ]
        for look in looks:
            try:
                expected = look(model)
            except (IndexError, ValueError) as error:
                with pytest.raises(type(error)):
                    look(array)
            else:
                assert look(array) == expected

    def test_equality_includes_the_type_and_nothing_but_arrays(self) -> None:
        assert Array(UInt, [1, 2]) == Array(UInt, [1, 2])
        assert Array(UInt, [1, 2]) != Array(ULong, [1, 2])
        assert Array(UInt, [1, 2]) != Array(UInt, [1])
        assert Array(UInt, [1, 2]) != [1, 2]
        assert Array(UInt, [0]) != Array(UInt, [1])
        assert Repeat(0, 2) != (0, 0)

    def test_hashable_when_the_elements_are(self) -> None:
        assert len({Array(UInt, [1, 2]), Array(UInt, [1, 2]), Array(UInt, [0]), Array(UInt, [0, 0])}) == 3
        with pytest.raises(TypeError):
            hash(Array(list, [[1]]))

    def test_it_cannot_be_changed(self) -> None:
        array = Array(UInt, [1])
        with pytest.raises(TypeError):
            array[0] = 2  # type: ignore[index]  # the point of the test
        with pytest.raises(AttributeError):
            array.code = 5  # type: ignore[misc]  # the point of the test

    def test_what_the_decoder_knows_is_kept_and_not_compared(self) -> None:
        array = Array.decoded("uint", (1, 2), (Symbol("x"),), 0x52)
        assert array.code == array[:1].code == 0x52
        assert array == Array(UInt, [1, 2], descriptors=[Symbol("x")])
        assert identical(array, Array(UInt, [1, 2], descriptors=[Symbol("x")]))

    @pytest.mark.parametrize(
        "array", [Array(UInt, [1, 2], descriptors=[1]), Array("null", [None] * 3), Array(list, [[1]])]
    )
    def test_pickle_and_copy(self, array: Array) -> None:
        for same in (pickle.loads(pickle.dumps(array)), copy.copy(array), copy.deepcopy(array)):
            assert identical(same, array)
            assert same == array

    def test_repr_shows_the_first_hundred(self) -> None:
        assert repr(Array(UByte, [1, 2])) == "Array('ubyte', [1, 2])"
        assert repr(Array(UByte, range(101))).endswith(", 98, 99, ... 101 in all])")
        assert repr(Array(UByte, range(100))).endswith(", 98, 99])")
        assert eval(repr(Array(UByte, [1, 2]))) == Array(UByte, [1, 2])

    def test_a_large_array_of_numbers_costs_no_wrapper_each(self) -> None:
        array = Array.decoded("long", tuple(range(1000, 101_000)))
        assert sys.getsizeof(array) + sys.getsizeof(array.elements) < 8 * 100_000 + 500
        assert math.isclose(sum(array), sum(range(1000, 101_000)))
