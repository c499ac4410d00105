"""Step 4c, plan the items of maps: the usual keys and values are read and written in line, without a call for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codegen.plan_hot import if_chain, read_branches
from codegen.plan_primitives import byte_text, code_text

if TYPE_CHECKING:
    from codegen.resolve import Primitive, Specification

# What most values are. Their classes in Python are the same whether the type of a value is known or open.
USUAL = ("string", "int", "boolean", "double")

# The writer of a map whose keys are restricted -> the table of usual keys that were read before.
KNOWN_KEYS = {"annotations": "KNOWN_SYMBOLS", "fields": "KNOWN_SYMBOLS", "simple_map": "KNOWN_STRINGS"}


@dataclass(frozen=True, slots=True)
class MapsPlan:
    """What is in line in the reader and the writer of the items of a map."""

    # Constructors of the keys that are read in line; -1 where there is none.
    text_key: str
    symbol_key: str
    # An if over `code`: it reads the value at `at`, and moves it.
    read: tuple[str, ...]
    # Classes of values, each with the expression of the encoding.
    write: tuple[tuple[str, str], ...]


def plan_maps(specification: Specification) -> MapsPlan:
    """Return the plan of the items of maps."""
    primitives = specification.primitives
    writes = (
        ("str", _text_write(primitives["string"])),
        ("int", _int_write(primitives["int"])),
        ("bool", _bool_write(primitives["boolean"])),
        ("float", f"pack_f64({code_text(primitives['double'].encodings[0].code)}, value)"),
    )
    return MapsPlan(
        text_key=_code(primitives["string"], 1) or "-1",
        symbol_key=_code(primitives["symbol"], 1) or "-1",
        read=if_chain(read_branches([primitives[name] for name in USUAL], "texts[key]")),
        write=tuple((kind, expression) for kind, expression in writes if expression),
    )


def _code(primitive: Primitive, width: int) -> str:
    return next((code_text(e.code) for e in primitive.encodings if e.width == width), "")


def _text_write(string: Primitive) -> str:
    if not _code(string, 1):
        return ""
    return "STRING_HEADS[len(body)] + body if len(body := value.encode()) <= 0xff else write_string(value)"


def _int_write(number: Primitive) -> str:
    wide = _code(number, 4)
    if not _code(number, 1) or not wide:
        return ""
    small = "INT_BYTES[value] if -0x80 <= value <= 0x7f"
    return (
        f"{small} else pack_i32({wide}, value) if -0x80000000 <= value <= 0x7fffffff else write_long(value)"
    )


def _bool_write(boolean: Primitive) -> str:
    empty = {e.name: e.code for e in boolean.encodings if e.width == 0}
    if not {"true", "false"} <= empty.keys():
        return ""
    return f"{byte_text(empty['true'])} if value else {byte_text(empty['false'])}"
