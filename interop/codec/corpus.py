"""The corpus: every type at its boundaries, alone, in lists, maps, arrays and described, then nested at random."""

from random import Random

from interop.codec.trees import Tree

SEED = 1
NESTED = 2_000
_BITS = {
    "ubyte": (8, False),
    "ushort": (16, False),
    "uint": (32, False),
    "ulong": (64, False),
    "byte": (8, True),
    "short": (16, True),
    "int": (32, True),
    "long": (64, True),
    "timestamp": (64, True),
}
_EDGES = sorted({sign * ((1 << bits) + by) for bits in range(65) for by in (-1, 0, 1) for sign in (1, -1)})
_HEX = {
    "float": ("00000000", "80000000", "3fc00000", "7f800000", "ff800000", "7fc00000", "7f7fffff", "00000001"),
    "double": (
        *("0000000000000000", "8000000000000000", "3ff8000000000000", "fff0000000000000", "7ff8000000000000"),
        *("7fefffffffffffff", "0000000000000001", "3fb999999999999a"),
    ),
    "decimal32": ("32800001", "b2800001", "78000000", "7c000000", "6cb8967f"),
    "decimal64": ("31c0000000000001", "f800000000000000", "0000000000000000"),
    "decimal128": ("30400000000000000000000000000001", "b040000000000000000000000000007b", "7c" + "00" * 15),
    "uuid": ("00" * 16, "ff" * 16, "00112233445566778899aabbccddeeff"),
    "binary": ("", "00", "ff" * 255, "ab" * 256),
}
_TEXTS = ("", "a", "\0", "x" * 255, "y" * 256)


def scalars() -> dict[str, list[Tree]]:
    """Return the boundary values of every type that is not compound."""
    found: dict[str, list[Tree]] = {
        "null": [["null", None]],
        "boolean": [["boolean", True], ["boolean", False]],
        "char": [["char", str(code)] for code in (0, 0x41, 0xE9, 0xD7FF, 0xE000, 0x1F600, 0x10FFFF)],
        "string": [["string", text] for text in (*_TEXTS, "süß", "\U0001f600", "é" * 128)],
        "symbol": [["symbol", text] for text in _TEXTS],
    }
    for name, (bits, signed) in _BITS.items():
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        found[name] = [[name, str(n)] for n in _EDGES if low <= n <= high]
    for name, contents in _HEX.items():
        found[name] = [[name, content] for content in contents]
    return found


def arrays(kinds: dict[str, list[Tree]]) -> list[Tree]:
    """Return arrays of every type: of none, one and all boundary values, and of compound ones."""
    found: list[Tree] = []
    for name, values in kinds.items():
        found += [["array", name, items, None] for items in ([], values[:1], values, [values[-1]] * 300)]
    lists: list[Tree] = [["list", []], ["list", [["int", "1"], ["string", "x"]]]]
    maps: list[Tree] = [["map", []], ["map", [[["symbol", "k"], ["ulong", "256"]]]]]
    inner: list[Tree] = [
        ["array", "ubyte", [["ubyte", "1"]], None],
        ["array", "ubyte", [["ubyte", "2"]], None],
    ]
    found += [["array", "list", lists, None], ["array", "map", maps, None], ["array", "array", inner, None]]
    found.append(["array", "string", [["string", "a"]], ["symbol", "x:y"]])
    found.append(["array", "int", [["int", "1"], ["int", "-1"]], ["ulong", "1311768467463790320"]])
    return found


def corpus() -> list[Tree]:
    """Return all values, the same ones in every run."""
    kinds = scalars()
    flat = [value for values in kinds.values() for value in values]
    rng = Random(SEED)
    compounds: list[Tree] = [["list", []], ["map", []], ["list", [["null", None]] * 300]]
    compounds += [["list", values] for values in kinds.values()]
    compounds += [["map", [[value, ["boolean", True]]]] for value in flat]
    one: Tree = ["boolean", True]
    keys: list[Tree] = [one, ["int", "1"], ["double", "3ff0000000000000"], ["ulong", "1"], ["symbol", "1"]]
    compounds += [["map", [[key, one] for key in keys]], ["map", [[["list", keys], one]]]]
    described: list[Tree] = [["described", ["symbol", "x:y"], value] for value in flat[::5]]
    described += [["described", ["ulong", str(code)], ["list", []]] for code in (0, 200, 1 << 40)]
    nested = [_nested(rng, flat, 4) for _ in range(NESTED)]
    return [*flat, *arrays(kinds), *compounds, *described, *nested]


def _nested(rng: Random, flat: list[Tree], depth: int) -> Tree:
    chosen = rng.random() if depth else 1.0
    if chosen < 0.3:
        return ["list", [_nested(rng, flat, depth - 1) for _ in range(rng.randrange(4))]]
    if chosen < 0.5:
        pairs = {str(n): _nested(rng, flat, depth - 1) for n in rng.sample(range(9), rng.randrange(4))}
        return ["map", [[["string", key], value] for key, value in pairs.items()]]
    if chosen < 0.6:
        return ["described", ["symbol", "x:y"], _nested(rng, flat, depth - 1)]
    return rng.choice(flat)
