"""Maps whose keys are short texts of one type are read in line; the rest as before, and both give the same."""

import copy
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amqp_spec import (
    DecodeError,
    EncodeError,
    Map,
    Modified,
    Symbol,
    UInt,
    decode_value,
    encode_value,
    identical,
)
from amqp_spec.primitives import (
    KNOWN_STRINGS,
    KNOWN_SYMBOLS,
    _any_items,
    map_items,
    write_annotations,
    write_fields,
    write_map,
)
from amqp_spec.reading import (
    CONTENT,
    FAULTS,
    FEW_ITEMS,
    KNOWN_KEYS,
    PERFORMATIVE,
    Scope,
    fault,
)
from amqp_spec.writing import FEW_PAIRS, STRING_KEYS, SYMBOL_KEYS
from tests.codec.value_strategies import ascii_text, values

if TYPE_CHECKING:
    from collections.abc import Callable

relaxed = settings(max_examples=200, deadline=None)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
symbols = ascii_text.map(Symbol)
long_text = st.just("k" * 300)
usual_values = (
    texts | st.integers(-300, 300) | st.booleans() | st.floats(allow_nan=False) | st.just("v" * 300) | values
)


def pairs_of(keys: st.SearchStrategy[Any]) -> st.SearchStrategy[list[tuple[Any, Any]]]:
    return st.lists(st.tuples(keys, usual_values), max_size=6)


pair_lists = (
    pairs_of(texts)
    | pairs_of(symbols)
    | pairs_of(st.sampled_from(["a", "b", Symbol("a"), Symbol("c"), 1]))
    | pairs_of(texts | symbols | long_text | values)
)


def items_on_wire(pairs: list[tuple[Any, Any]]) -> bytes:
    return b"".join(encode_value(part) for pair in pairs for part in pair)


def map_on_wire(pairs: list[tuple[Any, Any]]) -> bytes:
    items = items_on_wire(pairs)
    return b"\xd1" + (len(items) + 4).to_bytes(4, "big") + (2 * len(pairs)).to_bytes(4, "big") + items


@relaxed
@given(pair_lists)
def test_pairs_come_back(pairs: list[tuple[Any, Any]]) -> None:
    expected = Map(pairs)
    found = decode_value(map_on_wire(pairs))
    assert found.had_duplicates == expected.had_duplicates
    assert identical(found, expected)
    assert identical(list(found.pairs()), list(expected.pairs()))
    again = decode_value(map_on_wire(pairs))
    assert identical(list(again.items()), list(expected.items()))
    assert identical(decode_value(encode_value(again)), expected)


def outcome(read: Any, data: bytes, end: int, count: int, scope: Scope, *more: Any) -> Any:
    try:
        return read(data, 0, end, count, 10, scope, *more)
    except FAULTS as error:
        # What encloses it says where Python's own exceptions come from.
        found = fault(error, 0)
        return str(found), found.offset, found.path


def same_either_way(data: bytes, end: int, count: int, scope: Scope) -> None:
    if end > len(data) or count > end or count % 2:
        return
    found = outcome(map_items, data, end, count, scope)
    expected = outcome(_any_items, data, end, count, scope, {}, 0)
    if isinstance(expected[0], str):
        assert found == expected
    else:
        assert identical(found[0], expected[0])
        assert found[0].had_duplicates == expected[0].had_duplicates
        assert found[1] == expected[1]


@relaxed
@given(pair_lists, st.data())
def test_same_faults_at_the_same_place(pairs: list[tuple[Any, Any]], data: st.DataObject) -> None:
    octets = bytearray(items_on_wire(pairs))
    for _ in range(data.draw(st.integers(0, 2)) if octets else 0):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    there = data.draw(st.integers(0, len(octets)) | st.just(len(octets)))
    end = data.draw(st.integers(0, there) | st.just(there))
    count = 2 * len(pairs) + data.draw(st.sampled_from([0, 0, 2, -2]))
    scope = data.draw(st.sampled_from([CONTENT, PERFORMATIVE]))
    same_either_way(bytes(octets[:there]), end, max(count, 0), scope)


@relaxed
@given(st.binary(max_size=30), st.integers(0, 10), st.sampled_from([b"\xa1\x01k", b"\xa3\x01k", b""]))
def test_same_for_random_octets(octets: bytes, count: int, before: bytes) -> None:
    data = before + octets
    same_either_way(data, len(data), count, CONTENT)


@pytest.mark.parametrize(
    ("items", "count", "text"),
    [
        # Text that claims more than there is: as a value, as the last value, as a key.
        ("a1016b a14076 a10178 40", 4, '["k"]: string claims 64 bytes, 5 are left at offset 4'),
        ("a1016b a10576", 2, '["k"]: string claims 5 bytes, 1 are left at offset 4'),
        ("a1ff6b 40", 2, "[key 0]: string claims 255 bytes, 2 are left at offset 1"),
        ("a1016b 40 a3", 4, "[key 1]: the data ends inside a value at offset 4"),
        ("a1016b 41 a1", 4, "[key 1]: the data ends inside a value at offset 4"),
        ("a1016b a10176", 4, "[key 1]: the data ends inside a value at offset 6"),
        ("a101ff 40", 2, "[key 0]: text is not UTF-8 (invalid start byte) at offset 0"),
        ("a3016b a101ff", 2, '["k"]: text is not UTF-8 (invalid start byte) at offset 3'),
        ("a301ff 40", 2, "[key 0]: text is not ASCII (ordinal not in range(128)) at offset 0"),
        ("a1016b 71ff", 2, '["k"]: the data ends inside a value at offset 3'),
        ("a1016b c0", 2, '["k"]: the data ends inside a value at offset 3'),
        ("a1016b 99", 2, '["k"]: unknown constructor 0x99 at offset 3'),
        ("a1016b c10702a1016ba101ff", 2, '["k"]["k"]: text is not UTF-8 (invalid start byte) at offset 9'),
        ("a1016b 40 a1016c 40 54", 4, "map ends at offset 9 by its size, at 8 by its items at offset 9"),
        ("a1016b 40 54 08 99", 4, "[8]: unknown constructor 0x99 at offset 6"),
        ("a1016b 40 a1016b 40 99", 6, "[key 2]: unknown constructor 0x99 at offset 8"),
    ],
)
def test_faults_in_words(items: str, count: int, text: str) -> None:
    data = bytes.fromhex(items.replace(" ", ""))
    with pytest.raises(DecodeError) as caught:
        map_items(data, 0, len(data), count, 10, CONTENT)
    assert str(caught.value) == text


def test_keys_stand_twice_before_one_of_another_type() -> None:
    pairs = [("a", 1), ("a", 2), ("b", 3), (Symbol("a"), 4), (5, 6)]
    found = decode_value(map_on_wire(pairs))
    assert found.had_duplicates
    assert identical(found, Map([("a", 2), ("b", 3), (Symbol("a"), 4), (5, 6)]))


def decoded(pairs: list[tuple[Any, Any]]) -> Map:
    found: Map = decode_value(map_on_wire(pairs))
    return found


class TestTexts:
    """A map whose texts are kept in a dict is like any other."""

    def test_what_a_look_up_finds(self) -> None:
        mapping = decoded([(Symbol("a"), 1), (Symbol("b"), 2)])
        assert mapping["a"] == mapping.get("a") == 1
        assert "a" in mapping
        assert "c" not in mapping
        assert mapping.get("c", 5) == 5
        assert len(mapping) == 2
        with pytest.raises(KeyError):
            mapping["c"]
        assert mapping[Symbol("a")] == 1
        assert 1 not in mapping
        texts_map = decoded([("a", 1)])
        assert Symbol("a") not in texts_map
        assert texts_map["a"] == 1

    def test_a_value_is_set_under_the_key_that_is_there(self) -> None:
        mapping = decoded([(Symbol("a"), 1)])
        mapping["a"] = 2
        mapping["b"] = 3
        assert identical(mapping, Map([(Symbol("a"), 2), ("b", 3)]))
        assert identical(list(mapping), [Symbol("a"), "b"])

    def test_a_key_may_stand_next_to_one_of_the_same_letters(self) -> None:
        mapping = decoded([(Symbol("a"), 1)])
        mapping.put("a", 2)
        assert identical(mapping, Map([(Symbol("a"), 1), ("a", 2)]))
        assert mapping["a"] == 2
        assert mapping[Symbol("a")] == 1

    def test_removal(self) -> None:
        mapping = decoded([("a", 1), ("b", 2), ("c", 3)])
        del mapping["a"]
        assert mapping.popitem() == ("c", 3)
        assert mapping == {"b": 2}
        mapping.clear()
        assert not mapping

    def test_views_show_what_becomes_of_the_map(self) -> None:
        mapping = decoded([("a", 1)])
        pairs, items, found = mapping.pairs(), mapping.items(), mapping.values()
        mapping["b"] = 2
        mapping.put(Symbol("b"), 3)
        assert list(pairs) == list(items) == [("a", 1), ("b", 2), (Symbol("b"), 3)]
        assert list(found) == [1, 2, 3]

    def test_a_key_added_during_a_walk_ends_it_as_with_a_dict(self) -> None:
        mapping = decoded([("a", 1), ("b", 2)])
        keys = iter(mapping)
        mapping[next(keys) + "x"] = 0
        with pytest.raises(RuntimeError, match="changed size"):
            next(keys)

    def test_copies(self) -> None:
        ways: list[Callable[[Map], Map]] = [
            Map.copy,
            copy.copy,
            copy.deepcopy,
            lambda mapping: pickle.loads(pickle.dumps(mapping)),
        ]
        for duplicate in ways:
            mapping = decoded([("a", [1]), ("b", 2)])
            other = duplicate(mapping)
            other["c"] = 3
            assert mapping == {"a": [1], "b": 2}
            assert other == {"a": [1], "b": 2, "c": 3}

    def test_nested_as_a_key(self) -> None:
        key = {"a": [decoded([(Symbol("b"), 1)])]}
        mapping = decoded([("x", 1)])
        mapping[key] = 2
        assert mapping[{"a": [Map({Symbol("b"): 1})]}] == 2
        assert {"a": [Map({"b": 1})]} not in mapping
        keyed = Map.from_flat([decoded([("a", 1)]), 5])
        assert keyed[{"a": 1}] == 5
        assert keyed.unread_items() is None

    def test_from_texts(self) -> None:
        mapping = Map.from_texts({"a": 1}, had_duplicates=True)
        assert mapping.had_duplicates
        assert identical(mapping, Map({"a": 1}))
        assert mapping.had_duplicates
        assert Map.from_texts({}, had_duplicates=False).unread_items() is None

    def test_threads_that_use_it_first_at_once_see_all_of_it(self) -> None:
        switch = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        uses = [len, lambda m: m.get("7"), lambda m: m.get(Symbol("7")), lambda m: len(m.pairs())]
        try:
            with ThreadPoolExecutor(8) as pool:
                for _ in range(50):
                    mapping = decoded([(Symbol(str(number)), 7) for number in range(100)])
                    found = set(pool.map(lambda use, mapping=mapping: use(mapping), uses * 2))
                    assert found == {100, 7}
        finally:
            sys.setswitchinterval(switch)


class TestKnownKeys:
    """Keys that came before are not read or written again; nobody can tell, and they are few."""

    def test_a_decoded_map_is_nobody_elses(self) -> None:
        data = map_on_wire([(Symbol("x-opt"), "v"), (Symbol("y"), [1])])
        one, other = decode_value(data), decode_value(data)
        one["x-opt"] = 2
        one["y"].append(3)
        assert other == {"x-opt": "v", "y": [1]}

    def test_keys_are_known_up_to_a_number(self) -> None:
        for number in range(2 * KNOWN_KEYS + 100):
            decoded([(Symbol(f"key-{number}"), 1)])
            decoded([(f"key-{number}", 1)])
            assert len(KNOWN_SYMBOLS) <= KNOWN_KEYS
            assert len(KNOWN_STRINGS) <= KNOWN_KEYS
        octets = encode_value(Symbol(f"key-{number}"))
        assert KNOWN_SYMBOLS[octets] is next(iter(decoded([(Symbol(f"key-{number}"), 1)])))

    def test_keys_that_cannot_be_read_are_not_kept(self) -> None:
        for items in (b"\xa1\x01\xff\x40", b"\xa3\x01\xff\x40"):
            with pytest.raises(DecodeError, match="text is not"):
                map_items(items, 0, 4, 2, 10, CONTENT)
        assert b"\xa1\x01\xff" not in KNOWN_STRINGS
        assert b"\xa3\x01\xff" not in KNOWN_SYMBOLS

    @pytest.mark.parametrize("octets", [b"\xa1\x02x", b"\xa1\x00x", b"\xa3\x01x", b"\x54\x00", b"\xb1\x00"])
    def test_what_is_no_whole_key_is_not_found(self, octets: bytes) -> None:
        with pytest.raises(DecodeError, match="no key"):
            KNOWN_STRINGS[octets]
        assert octets not in KNOWN_STRINGS

    def test_keys_of_a_large_map_are_not_kept(self) -> None:
        KNOWN_SYMBOLS.clear()
        KNOWN_STRINGS.clear()
        for kind in (Symbol, str):
            mapping = decoded([(kind(f"k{number}"), number) for number in range(FEW_ITEMS)])
            assert mapping["k5"] == 5
        assert not KNOWN_SYMBOLS
        assert not KNOWN_STRINGS
        STRING_KEYS.clear()
        assert len(write_map({f"k{number}": 1 for number in range(FEW_PAIRS + 1)})) > FEW_PAIRS
        assert not STRING_KEYS

    def test_encoded_keys_are_few_and_short(self) -> None:
        for number in range(3000):
            write_map({f"key-{number}": 1})
            assert len(STRING_KEYS) <= 1024
        write_map({"k" * 300: 1})
        assert "k" * 300 not in STRING_KEYS

    def test_the_same_letters_as_string_and_as_symbol(self) -> None:
        for _ in range(2):
            assert write_map({"same": 1}) == b"\xc1\x09\x02\xa1\x04same\x54\x01"
            assert write_fields({"same": 1}) == b"\xc1\x09\x02\xa3\x04same\x54\x01"
            assert write_annotations({"same": 1}) == write_fields({"same": 1})
        assert set(STRING_KEYS) >= {"same"} <= set(SYMBOL_KEYS)

    def test_a_key_that_cannot_be_written_is_not_kept(self) -> None:
        for _ in range(2):
            with pytest.raises(EncodeError, match="not ASCII"):
                write_fields({"é": 1})
        assert "é" not in SYMBOL_KEYS


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "value",
    [
        *("x" * 255, "x" * 256, "é" * 128, 127, 128, -128, -129, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1),
        *(True, False, 1.5, None, UInt(5), [1], {"a": {}}, Text("x")),
    ],
)
def test_a_value_in_a_map_is_written_as_anywhere(value: Any) -> None:
    for key in ("k", Text("k"), 1, Symbol("k")):
        assert write_map({key: value})[3 if len(encode_value(value)) < 200 else 9 :] == (
            encode_value(key) + encode_value(value)
        )


@pytest.mark.parametrize("value", [object(), 2**63, "\ud800"])
def test_a_fault_names_the_key(value: Any) -> None:
    with pytest.raises(EncodeError) as caught:
        encode_value({"a": 1, "b": value})
    assert caught.value.path == '["b"]'


def test_what_is_no_map_has_no_key_to_name() -> None:
    wrong: Any = "abc"
    with pytest.raises(EncodeError) as caught:
        Modified(message_annotations=wrong).encode()
    assert str(caught.value) == "modified.message-annotations: expected a map (Map or dict), got str 'abc'"


def test_only_maps_are_written_as_maps() -> None:
    with pytest.raises(EncodeError, match="expected a map"):
        write_annotations([("a", 1)])  # type: ignore[arg-type]  # on purpose
