# Generated from codegen/support/mapping.py
#   sha256 ca47956f3661f10bf4d0c9536f0d9c74cc75ee1b3333f5238e80d13c2c8d7f0f
# Do not edit: change the source and run `python -m codegen`.

"""1.6.23 ``map``: keys of any type, kept apart by type, in order."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, MutableMapping, ValuesView
from typing import Any, ClassVar, Self, cast

from .display import Shown, show_pairs
from .identity import CELL, Keyed, Token, cell, identical, integer_token, key_token, kind_of, symbol_token
from .scalars import Byte, Long, Short, Symbol, UByte, UInt, ULong, UShort

_WIDTHS = (Long, ULong, UInt, UShort, UByte, Short, Byte)

_Entries = dict[Token, tuple[Any, Any]]

FEW = 8
"""Of so few pairs a decoded map keeps no dict: an input of many small maps would take too much memory."""


def _equal(one: Any, other: Any) -> bool:
    # Like dict: an object equals itself, a NaN too.
    return one is other or bool(one == other)


def _find_text(texts: dict[str, Any], key: Any) -> tuple[Any, Any] | None:
    """The pair that a look-up finds where all keys are str, or all Symbol."""
    kind = Symbol if type(key) is Symbol else kind_of(key)
    if kind is not str and kind is not Symbol:
        # TypeError for what is no AMQP value.
        key_token(key)
        return None
    are_symbols = type(next(iter(texts), None)) is Symbol
    text = str.__str__(key)
    if text not in texts or (kind is Symbol and not are_symbols):
        return None
    return (Symbol(text) if are_symbols else text), texts[text]


def _find_only(stored: Any, value: Any, key: Any) -> tuple[Any, Any] | None:
    """The pair that a look-up finds where there is but one; its key may be large, and no token of it is kept."""
    # TypeError for what is no AMQP value.
    key_token(key)
    kind = kind_of(key)
    if identical(stored, key):
        found = True
    elif kind is str:
        found = kind_of(stored) is Symbol and str.__str__(stored) == str.__str__(key)
    elif kind is int or (kind is Long and not isinstance(key, Long)):
        found = kind_of(stored) in _WIDTHS and int(stored) == int(key)
    else:
        found = False
    return (stored, value) if found else None


class _Items(ItemsView[Any, Any]):
    """The pairs of a map, without a look-up for each."""

    _mapping: Map

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return self._mapping.each_pair()


class _Pairs(ValuesView[tuple[Any, Any]]):
    """The pairs of a map, which need not be hashable."""

    _mapping: Map

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return self._mapping.each_pair()

    def __contains__(self, value: object) -> bool:
        return any(pair == value for pair in self._mapping.each_pair())


class _Values(ValuesView[Any]):
    """The values of a map, without a look-up for each."""

    _mapping: Map

    def __iter__(self) -> Iterator[Any]:
        return (value for _, value in self._mapping.each_pair())


class Map(Shown, Keyed, MutableMapping[Any, Any]):  # noqa: PLW1641 - it can change, so it has no hash
    """1.6.23 ``map``: an ordered mapping that keeps AMQP's keys apart and takes any value as a key.

    ``True``, ``1``, ``1.0``, ``UInt(1)`` and ``"1"`` are five keys, ``0.0`` and ``-0.0`` two, a NaN is found by its
    bits, and lists, maps and arrays are keys like others (and must not be changed meanwhile). Keys are the same
    when they are `identical`. Hashes are salted for keys of every type, so no peer can make look-ups slow.

    Look-up is forgiving where that is not ambiguous: ``m["x"]`` finds the key ``"x"`` or else ``Symbol("x")``;
    ``m[1]`` finds the key ``1`` or else the one key of another integer type that is 1. Assigning and deleting
    by key act on the entry that a look-up finds; only without one is a key added as given. `put` takes a key
    exactly as it is, as do ``Map(mapping)`` and ``Map(pairs)``, where the last of identical keys wins.

    Where the standard restricts the keys (in fields, annotations and application-properties), a str and an int become
    what is due when the map is written, and other keys are refused. A map that was decoded, and not changed, is written
    with the keys that it came with, whatever they are: `as_read`.

    A key that is no AMQP value raises TypeError. Maps are equal when they have identical keys with equal
    values in whatever order; a dict is equal when each of its keys finds an equal value and none is left over.
    """

    __slots__ = ("_as_read", "_flat", "_had_duplicates", "_known", "_texts")
    AMQP_TYPE: ClassVar[str] = "map"

    # What the map holds is in one of three places; the two others are None, or not set.
    # `_texts`: keys that are str or Symbol, no two of the same text; a dict answers every look-up with a str.
    # `_flat`: as a decoder left it. Before its keys have been read, `_had_duplicates` is None. Then `_known` tells where
    # in the list each key is: a dict by token, or for a few keys a row of their cells, or for one key nothing.
    # `_known`: a dict of the pairs by token, once the map is made or changed by a program.
    # Three places, so that whatever a peer sends, what comes of it takes at most 80 times the memory.
    _texts: dict[str, Any] | None
    _flat: list[Any] | None
    _known: _Entries | dict[Token, int] | bytes | None
    _had_duplicates: bool | None
    _as_read: bool

    def __init__(self, content: Mapping[Any, Any] | Iterable[tuple[Any, Any]] = (), /) -> None:
        pairs = cast(
            "Iterable[tuple[Any, Any]]", content.items() if isinstance(content, Mapping) else content
        )
        self._as_read = False
        self._texts = None
        self._flat = None
        self._index(pairs)

    @classmethod
    def from_flat(cls, items: list[Any]) -> Self:
        """For decoders: the map of ``[key, value, key, value, ...]``, which the map then owns.

        Takes constant time: the keys are looked at when the map is first used.
        """
        self = cls.__new__(cls)
        self._as_read = True
        self._texts = None
        self._flat = items
        self._known = None
        self._had_duplicates = None
        return self

    @classmethod
    def from_texts(cls, texts: dict[str, Any], *, had_duplicates: bool) -> Self:
        """For decoders: the map of a dict whose keys are all `str`, or all `Symbol`, which the map then owns."""
        self = cls.__new__(cls)
        self._as_read = True
        self._texts = texts
        self._had_duplicates = had_duplicates
        return self

    def _index(self, pairs: Iterable[tuple[Any, Any]]) -> _Entries:
        entries: _Entries = {}
        count = 0
        for key, value in pairs:
            entries[key if type(key) is str else key_token(key)] = (key, value)
            count += 1
        self._had_duplicates = len(entries) < count
        self._known = entries
        return entries

    def _read(self) -> list[Any] | None:
        """The flat list, each key in it once; None when the map is held in another way."""
        flat = self._flat
        if flat is not None and self._had_duplicates is None:
            self.read_keys()
            flat = self._flat
        return flat

    def read_keys(self) -> None:
        """Find out where the keys are in the flat list, and drop what a later pair replaces."""
        flat = cast("list[Any]", self._flat)
        had_duplicates = False
        if len(flat) > 2:
            places: dict[Token, int] = {}
            for place in range(0, len(flat), 2):
                places[key_token(flat[place])] = place
            had_duplicates = 2 * len(places) < len(flat)
            if had_duplicates:
                self._flat = [part for place in places.values() for part in flat[place : place + 2]]
                places = {token: 2 * number for number, token in enumerate(places)}
            self._known = b"".join(map(cell, places)) if len(places) <= FEW else places
        # Last, so that a thread that finds the keys read finds all else.
        self._had_duplicates = had_duplicates

    def _place(self, token: Token) -> int:
        """Where in the flat list a key is, -2 for nowhere. For a map whose keys have been read."""
        known = cast("dict[Token, int] | bytes | None", self._known) or b""
        if isinstance(known, dict):
            return known.get(token, -2)
        wanted = cell(token)
        return next(
            (at // CELL * 2 for at in range(0, len(known), CELL) if known[at : at + CELL] == wanted), -2
        )

    def _settled(self) -> _Entries:
        """The pairs by token, from now on: for a map that a program changes."""
        texts = self._texts
        if texts is not None:
            self._flat = None
            self._known = {
                key if type(key) is str else symbol_token(key): (key, value) for key, value in texts.items()
            }
            # Last, so that a thread that finds the texts gone finds the entries.
            self._texts = None
        flat = self._read()
        if flat is not None:
            had_duplicates = self._had_duplicates
            self._index(self.each_pair())
            self._had_duplicates = had_duplicates
            self._flat = None
            # Ends whatever goes through it.
            flat.clear()
        return cast("_Entries", self._known)

    @property
    def had_duplicates(self) -> bool:
        """Whether the map was made from pairs in which a key stood twice; the last one won (1.6.23 forbids it)."""
        if self._had_duplicates is None:
            self.read_keys()
        return bool(self._had_duplicates)

    @property
    def as_read(self) -> bool:
        """Whether a decoder made the map and nothing was changed since: its keys are then written as they came."""
        return self._as_read

    def note_duplicates(self) -> None:
        """For decoders: of keys that stood twice, only the last one was handed in."""
        self._read()
        self._had_duplicates = True

    def unread_items(self) -> list[Any] | None:
        """Keys and values while the keys have not been read. For comparing nested maps; of no use elsewhere."""
        return self._flat if self._texts is None and self._had_duplicates is None else None

    def key_cells(self) -> Iterable[bytes] | None:
        """The tokens of the keys, in order, when they are kept. For comparing nested maps; of no use elsewhere."""
        known = None if self._texts is not None else self._known
        if isinstance(known, bytes):
            return (known[at : at + CELL] for at in range(0, len(known), CELL))
        return None if known is None else map(cell, known)

    def _find(self, key: Any) -> tuple[Any, Any] | None:
        """The stored key and value that a look-up finds."""
        texts = self._texts
        if texts is not None and self._as_read:
            return _find_text(texts, key)
        flat = self._read() if texts is None else None
        if flat is not None and len(flat) == 2:
            return _find_only(flat[0], flat[1], key)
        token = key if type(key) is str else key_token(key)
        pair = self._pair(token)
        if pair is not None:
            return pair
        if isinstance(token, str):
            return self._pair(symbol_token(token))
        kind = kind_of(key)
        if kind is int or (kind is Long and not isinstance(key, Long)):
            number = int(key)
            found = [pair for width in _WIDTHS if (pair := self._pair(integer_token(width, number)))]
            return found[0] if len(found) == 1 else None
        return None

    def _pair(self, token: Token) -> tuple[Any, Any] | None:
        flat = self._read() if self._texts is None else None
        if flat is None:
            return self._settled().get(token)
        place = self._place(token)
        return None if place < 0 else (flat[place], flat[place + 1])

    def __getitem__(self, key: Any) -> Any:
        if type(key) is str:
            texts = self._texts
            if texts is not None:
                return texts[key]
        pair = self._find(key)
        if pair is None:
            raise KeyError(key)
        return pair[1]

    def get(self, key: Any, default: Any = None) -> Any:
        """The value at a key, or the default."""
        if type(key) is str:
            texts = self._texts
            if texts is not None:
                return texts.get(key, default)
        pair = self._find(key)
        return default if pair is None else pair[1]

    def __contains__(self, key: object) -> bool:
        if type(key) is str:
            texts = self._texts
            if texts is not None:
                return key in texts
        return self._find(key) is not None

    def __setitem__(self, key: Any, value: Any) -> None:
        if type(key) is str:
            texts = self._texts
            if texts is not None:
                self._as_read = False
                texts[key] = value  # under the Symbol, where there is one
                return
        pair = self._find(key)
        self.put(key if pair is None else pair[0], value)

    def put(self, key: Any, value: Any) -> None:
        """Set the value of exactly this key, next to what a look-up of it may find."""
        self._settled()[key_token(key)] = (key, value)
        self._as_read = False

    def __delitem__(self, key: Any) -> None:
        pair = self._find(key)
        if pair is None:
            raise KeyError(key)
        del self._settled()[key_token(pair[0])]
        self._as_read = False

    def popitem(self) -> tuple[Any, Any]:
        """Remove and return the last pair; KeyError when the map is empty."""
        self._as_read = False
        return self._settled().popitem()[1]

    def clear(self) -> None:
        """Remove everything."""
        self._as_read = False
        self._settled().clear()

    def copy(self) -> Self:
        """A map of the same keys and values."""
        copied = type(self)(self)
        copied._as_read = self._as_read
        return copied

    __copy__ = copy

    def __iter__(self) -> Iterator[Any]:
        return (key for key, _ in self.each_pair())

    def __len__(self) -> int:
        texts = self._texts
        if texts is not None:
            return len(texts)
        flat = self._read()
        return len(self._settled()) if flat is None else len(flat) >> 1

    def pairs(self) -> ValuesView[tuple[Any, Any]]:
        """A view of the ``(key, value)`` pairs in order; quicker than `items`, and no set."""
        return _Pairs(self)

    def each_pair(self) -> Iterator[tuple[Any, Any]]:
        """Each ``(key, value)`` pair in order, as the map is now; quicker than `pairs`."""
        texts = self._texts
        if texts is not None:
            return iter(texts.items())
        flat = self._read()
        return iter(self._settled().values()) if flat is None else self._flat_pairs(flat)

    def _flat_pairs(self, flat: list[Any]) -> Iterator[tuple[Any, Any]]:
        items = iter(flat)
        yield from zip(items, items, strict=True)
        if self._flat is None:
            raise RuntimeError("map changed during iteration")

    def items(self) -> ItemsView[Any, Any]:
        """A view of the ``(key, value)`` pairs in order."""
        return _Items(self)

    def values(self) -> ValuesView[Any]:
        """A view of the values in order."""
        return _Values(self)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Map):
            return len(self) == len(other) and all(other._holds(*pair) for pair in self.each_pair())
        if isinstance(other, dict):
            pairs = cast("Mapping[Any, Any]", other)
            return len(self) == len(pairs) and all(map(self._agrees, pairs.keys(), pairs.values()))
        return NotImplemented

    def _holds(self, key: Any, value: Any) -> bool:
        pair = self._find(key)
        # What a look-up finds instead of an identical key is one of another kind.
        return pair is not None and kind_of(pair[0]) is kind_of(key) and _equal(pair[1], value)

    def _agrees(self, key: Any, value: Any) -> bool:
        try:
            pair = self._find(key)
        except (TypeError, ValueError):
            return False
        return pair is not None and _equal(pair[1], value)

    def show_with(self, show: Callable[[object], str]) -> str:
        """The text of the map, like that of a dict."""
        return f"{type(self).__name__}({show_pairs(self.pairs(), show)})"
