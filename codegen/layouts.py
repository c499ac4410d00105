"""What the generator knows of the primitives that the XML does not say: their Python side, and the octets of a value.

The XML gives each encoding a code, a category and a width. How a value is laid out in that width is in the prose of
part 1; here it is data. An encoding without an entry cannot be generated, which validation reports.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Python:
    """How a primitive appears in Python."""

    annotation: str  # of a field whose type is known
    open: str  # the class of a decoded value where the type is open
    family: str  # which layouts it has
    literal: str = ""  # how the XML writes a value of it: bool, int, float or text
    bits: int = 0  # of an integer


PYTHON: dict[str, Python] = {
    "null": Python("None", "NoneType", "null"),
    "boolean": Python("bool", "bool", "boolean", "bool"),
    "ubyte": Python("int", "UByte", "unsigned", "int", 8),
    "ushort": Python("int", "UShort", "unsigned", "int", 16),
    "uint": Python("int", "UInt", "unsigned", "int", 32),
    "ulong": Python("int", "ULong", "unsigned", "int", 64),
    "byte": Python("int", "Byte", "signed", "int", 8),
    "short": Python("int", "Short", "signed", "int", 16),
    "int": Python("int", "int", "signed", "int", 32),
    "long": Python("int", "Long", "signed", "int", 64),
    "float": Python("Float", "Float", "float", "float"),
    "double": Python("float", "float", "double", "float"),
    "decimal32": Python("Decimal32", "Decimal32", "decimal"),
    "decimal64": Python("Decimal64", "Decimal64", "decimal"),
    "decimal128": Python("Decimal128", "Decimal128", "decimal"),
    "char": Python("Char", "Char", "char"),
    "timestamp": Python("int", "Timestamp", "timestamp", "int", 64),
    "uuid": Python("UUID", "UUID", "uuid"),
    "binary": Python("bytes", "bytes", "binary", "text"),
    "string": Python("str", "str", "string", "text"),
    "symbol": Python("str", "Symbol", "symbol", "text"),
    "list": Python("list[Value]", "list", "list"),
    "map": Python("Mapping[Any, Any]", "Map", "map"),
    "array": Python("Array", "Array", "array"),
}

# (family, category, width) for which there is a reader and a writer.
LAYOUTS: frozenset[tuple[str, str, int]] = frozenset(
    {
        ("null", "fixed", 0),
        ("boolean", "fixed", 0),
        ("boolean", "fixed", 1),
        *(("unsigned", "fixed", width) for width in (0, 1, 2, 4, 8)),
        *(("signed", "fixed", width) for width in (0, 1, 2, 4, 8)),
        ("float", "fixed", 4),
        ("double", "fixed", 8),
        ("decimal", "fixed", 4),
        ("decimal", "fixed", 8),
        ("decimal", "fixed", 16),
        ("char", "fixed", 4),
        ("timestamp", "fixed", 8),
        ("uuid", "fixed", 16),
        *((family, "variable", width) for family in ("binary", "string", "symbol") for width in (1, 4)),
        ("list", "fixed", 0),
        *((family, "compound", width) for family in ("list", "map") for width in (1, 4)),
        ("array", "array", 1),
        ("array", "array", 4),
    }
)

# The form of each primitive that holds all its values: (category, width).
FULL: dict[str, tuple[str, int]] = {
    "null": ("fixed", 0),
    "boolean": ("fixed", 1),
    **dict.fromkeys(("ubyte", "byte"), ("fixed", 1)),
    **dict.fromkeys(("ushort", "short"), ("fixed", 2)),
    **dict.fromkeys(("uint", "int", "float", "decimal32", "char"), ("fixed", 4)),
    **dict.fromkeys(("ulong", "long", "double", "decimal64", "timestamp"), ("fixed", 8)),
    **dict.fromkeys(("decimal128", "uuid"), ("fixed", 16)),
    **dict.fromkeys(("binary", "string", "symbol"), ("variable", 4)),
    **dict.fromkeys(("list", "map"), ("compound", 4)),
    "array": ("array", 4),
}

# 1.2: the high half of a code says the category and the width.
SUBCATEGORIES: dict[int, tuple[str, int]] = {
    0x4: ("fixed", 0),
    0x5: ("fixed", 1),
    0x6: ("fixed", 2),
    0x7: ("fixed", 4),
    0x8: ("fixed", 8),
    0x9: ("fixed", 16),
    0xA: ("variable", 1),
    0xB: ("variable", 4),
    0xC: ("compound", 1),
    0xD: ("compound", 4),
    0xE: ("array", 1),
    0xF: ("array", 4),
}
