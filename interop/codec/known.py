"""Where other codecs are known to disagree, each with the section of the standard that decides it.

A disagreement that is not here fails the step, and so does one that is here and does not show any more.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from interop.codec.trees import Tree

Way = Literal["reads", "writes"]
_EXACT = 1 << 53
_LAST_DATE = 8_640_000_000_000_000
_INTEGERS = ("ubyte", "ushort", "uint", "ulong", "byte", "short", "int", "long", "timestamp")


@dataclass(frozen=True)
class Disagreement:
    """What a library does with the values that are concerned."""

    library: str
    way: Way
    section: str
    says: str
    concerns: Callable[[Tree], bool]
    """Of a value: whether it is one of them."""
    becomes: Callable[[Tree], Tree] | None = None
    """What such a value becomes; None where it cannot be said, and whatever contains it is lost."""


def _is(*names: str) -> Callable[[Tree], bool]:
    return lambda tree: tree[0] in names


def _is_array(holds: Callable[[Tree], bool]) -> Callable[[Tree], bool]:
    return lambda tree: tree[0] == "array" and holds(tree)


def _is_beyond(limit: int, *names: str) -> Callable[[Tree], bool]:
    return lambda tree: tree[0] in names and abs(int(tree[1])) > limit


def _doubly_described(tree: Tree) -> bool:
    return bool(tree[0] == "described" and tree[2][0] == "described")


def _is_described_map(tree: Tree) -> bool:
    return bool(tree[0] == "described" and tree[2][0] == "map")


def _has_unusual_keys(tree: Tree) -> bool:
    if tree[0] != "map":
        return False
    keys = [key for key, _ in tree[1]]
    return any(key[0] in ("list", "map", "array") for key in keys) or len({key[0] for key in keys}) > 1


def _drops_content(tree: Tree) -> bool:
    """Whether an element of an array has an encoding that is a constructor alone (1.6.2, 1.6.5, 1.6.6)."""
    zeros = tree[1] in ("uint", "ulong") and ["0"] in [item[1:] for item in tree[2]]
    return zeros or tree[1] == "null" or (tree[1] == "boolean" and len(tree[2]) > 1)


def _octets(tree: Tree) -> Tree:
    return ["bytes", tree[1] if tree[0] == "binary" else tree[1].encode().hex()]


def _real(tree: Tree) -> Tree:
    if tree[0] == "double":
        return ["real", tree[1]]
    return ["real", struct.pack(">d", *struct.unpack(">f", bytes.fromhex(tree[1]))).hex()]


KNOWN: tuple[Disagreement, ...] = (
    Disagreement(
        *(
            "proton",
            "reads",
            "1.2",
            "takes what follows a described value into it, where its value is described too",
        ),
        _doubly_described,
    ),
    Disagreement(
        *("rhea", "reads", "1.6.6, 1.6.10", "rounds integers just beyond 2^53"),
        _is_beyond(_EXACT - 1, "ulong", "long"),
    ),
    Disagreement(
        *(
            "rhea",
            "reads",
            "1.6.17",
            "has no timestamps beyond JavaScript's dates, and none of eight full octets",
        ),
        _is_beyond(_LAST_DATE, "timestamp"),
    ),
    Disagreement(
        *("rhea", "reads", "1.2", "keeps the outermost descriptor of a value that has several"),
        _doubly_described,
        lambda tree: [*tree[:2], tree[2][2]],
    ),
    Disagreement(
        *("rhea", "writes", "1.2", "writes one descriptor of a value that has several"), _doubly_described
    ),
    Disagreement(
        *("rhea", "writes", "1.6.24", "cannot write arrays of arrays"),
        _is_array(lambda tree: tree[1] == "array"),
    ),
    Disagreement(
        *("pyamqp", "reads", "1.6.3 to 1.6.10, 1.6.17", "does not tell integers and timestamps apart"),
        _is(*_INTEGERS),
        lambda tree: ["integer", tree[1]],
    ),
    Disagreement(
        *("pyamqp", "reads", "1.6.11, 1.6.12", "does not tell float and double apart"),
        _is("float", "double"),
        _real,
    ),
    Disagreement(
        *("pyamqp", "reads", "1.6.19 to 1.6.21", "does not tell binary, string and symbol apart"),
        _is("binary", "string", "symbol"),
        _octets,
    ),
    Disagreement(
        *("pyamqp", "reads", "1.6.24", "makes a list of an array"),
        _is("array"),
        lambda tree: ["list", tree[2]],
    ),
    Disagreement(
        *("pyamqp", "reads", "1.2", "puts the descriptor of a described map among the map's entries"),
        _is_described_map,
        lambda tree: [*tree[:2], ["map", [*tree[2][1], [["string", "descriptor"], tree[1]]]]],
    ),
    Disagreement(
        *("pyamqp", "reads", "1.2", "drops descriptors that it does not know"),
        _is("described"),
        lambda tree: tree[2],
    ),
    Disagreement(*("pyamqp", "reads", "1.6.16", "has no char"), _is("char")),
    Disagreement(
        *("pyamqp", "reads", "1.6.13, 1.6.14", "has no decimal32 and decimal64"),
        _is("decimal32", "decimal64"),
    ),
    Disagreement(
        *(
            "pyamqp",
            "reads",
            "1.6.15",
            "misreads decimal128: it takes binary coefficients for decimal digits",
        ),
        _is("decimal128"),
    ),
    Disagreement(
        *("pyamqp", "reads", "1.6.24", "leaves the element constructor of an empty array unread"),
        _is_array(lambda tree: not tree[2]),
    ),
    Disagreement(
        *("pyamqp", "reads", "1.6.24", "cannot read arrays of described values"),
        _is_array(lambda tree: tree[3] is not None),
    ),
    Disagreement(
        *("pyamqp", "reads", "1.6.23", "makes one of keys that Python holds equal, takes no compound ones"),
        _has_unusual_keys,
    ),
    Disagreement(*("pyamqp", "writes", "1.6.16", "has no char"), _is("char")),
    Disagreement(
        *(
            "pyamqp",
            "writes",
            "1.6.13 to 1.6.15",
            "has no decimal32 and decimal64, and no way to give the bits of a decimal128",
        ),
        _is("decimal32", "decimal64", "decimal128"),
    ),
    Disagreement(
        *("pyamqp", "writes", "1.6.24", "writes no element constructor in an empty array"),
        _is_array(lambda tree: not tree[2]),
    ),
    Disagreement(
        *("pyamqp", "writes", "1.6.24", "writes nulls, booleans and zeros of arrays with a constructor each"),
        _is_array(_drops_content),
    ),
    Disagreement(
        *("pyamqp", "writes", "1.6.24", "cannot write arrays of described values"),
        _is_array(lambda tree: tree[3] is not None),
    ),
)
