"""1.6.23 ``map``: keys of any type, kept apart by type, in order."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, MutableMapping, ValuesView
from typing import Any, ClassVar, Self, cast

from .display import Shown, show_pairs
from .identity import Keyed, Token, key_token
from .scalars import Byte, Long, Short, Symbol, UByte, UInt, ULong, UShort

_WIDTHS = (Long, ULong, UInt, UShort, UByte, Short, Byte)

_Entries = dict[Token, tuple[Any, Any]]


def _equal(one: Any, other: Any) -> bool:
    # Like dict: an object equals itself, a NaN too.
    return one is other or bool(one == other)


class _Items(ItemsView[Any, Any]):
    """The pairs of a map, without a look-up for each."""

    _mapping: Map

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return self._mapping.each_pair()


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

    __slots__ = ("_as_read", "_entries", "_flat", "_had_duplicates", "_texts")
    AMQP_TYPE: ClassVar[str] = "map"

    # What the map holds is in one of three places, and where that is `_texts`, the other two are not set. `_texts` is
    # for keys that are str or Symbol, no two of the same text: then a dict answers every look-up with a str.
    _texts: dict[str, Any] | None
    _flat: list[Any] | None
    _entries: _Entries | None
    _had_duplicates: bool
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
        self._entries = None
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
        self._entries = entries
        return entries

    def _settled(self) -> _Entries:
        """The entries by token; made from the texts or the flat list when that has not happened yet."""
        texts = self._texts
        if texts is not None:
            self._flat = None
            self._entries = {
                key if type(key) is str else (Symbol, key): (key, value) for key, value in texts.items()
            }
            # Last, so that a thread that finds the texts gone finds the entries.
            self._texts = None
        flat = self._flat
        if flat is None:
            return cast("_Entries", self._entries)
        items = iter(flat)
        entries = self._index(zip(items, items, strict=True))
        self._flat = None  # last, as above
        return entries

    @property
    def had_duplicates(self) -> bool:
        """Whether the map was made from pairs in which a key stood twice; the last one won (1.6.23 forbids it)."""
        if self._texts is None:
            self._settled()
        return self._had_duplicates

    @property
    def as_read(self) -> bool:
        """Whether a decoder made the map and nothing was changed since: its keys are then written as they came."""
        return self._as_read

    def note_duplicates(self) -> None:
        """For decoders: of keys that stood twice, only the last one was handed in."""
        self._settled()
        self._had_duplicates = True

    def unread_items(self) -> list[Any] | None:
        """Keys and values while the tokens are not known. For comparing nested maps; of no use elsewhere."""
        texts = self._texts
        return self._flat if texts is None else [part for pair in texts.items() for part in pair]

    def key_tokens(self) -> Iterable[Token]:
        """The tokens of the keys, in order. For comparing nested maps; of no use elsewhere."""
        return self._settled()

    def _find(self, key: Any) -> tuple[Any, Any] | None:
        """The stored key and value that a look-up finds."""
        entries = self._entries if self._texts is None else None
        if entries is None:
            entries = self._settled()
        token = key if type(key) is str else key_token(key)
        pair = entries.get(token)
        if pair is not None:
            return pair
        if isinstance(token, str):
            return entries.get((Symbol, token))
        if token[0] is int or (token[0] is Long and not isinstance(key, Long)):
            found = [pair for width in _WIDTHS if (pair := entries.get((width, token[1])))]
            return found[0] if len(found) == 1 else None
        return None

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
        return len(self._settled() if texts is None else texts)

    def pairs(self) -> ValuesView[tuple[Any, Any]]:
        """A view of the ``(key, value)`` pairs in order; quicker than `items`, and no set."""
        return self._settled().values()

    def each_pair(self) -> Iterator[tuple[Any, Any]]:
        """Each ``(key, value)`` pair in order, as the map is now; quicker than `pairs`."""
        texts = self._texts
        return iter(self._settled().values() if texts is None else texts.items())

    def items(self) -> ItemsView[Any, Any]:
        """A view of the ``(key, value)`` pairs in order."""
        return _Items(self)

    def values(self) -> ValuesView[Any]:
        """A view of the values in order."""
        return _Values(self)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Map):
            mine, theirs = self._settled(), other._settled()
            return mine.keys() == theirs.keys() and all(
                _equal(pair[1], theirs[token][1]) for token, pair in mine.items()
            )
        if isinstance(other, dict):
            pairs = cast("Mapping[Any, Any]", other)
            return len(self) == len(pairs) and all(map(self._agrees, pairs.keys(), pairs.values()))
        return NotImplemented

    def _agrees(self, key: Any, value: Any) -> bool:
        try:
            pair = self._find(key)
        except (TypeError, ValueError):
            return False
        return pair is not None and _equal(pair[1], value)

    def show_with(self, show: Callable[[object], str]) -> str:
        """The text of the map, like that of a dict."""
        return f"{type(self).__name__}({show_pairs(self.pairs(), show)})"
