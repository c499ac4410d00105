"""Step 4a, plan the primitives: one reader and one writer per type, one table entry per encoding, as lines of Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codegen.layouts import PYTHON, Python

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codegen.resolve import Encoding, Primitive, Specification

NUMBERS = {"b": "i8", "h": "i16", "H": "u16", "i": "i32", "I": "u32", "q": "i64", "Q": "u64", "d": "f64"}
UNSIGNED = {1: "B", 2: "H", 4: "I", 8: "Q"}
SIGNED = {1: "b", 2: "h", 4: "i", 8: "q"}


@dataclass(frozen=True, slots=True)
class Case:
    """What follows one constructor."""

    code: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """The table's reader of one encoding: `at` is behind the constructor, the value is an open one."""

    code: str
    name: str
    annotation: str
    # Empty when support code has the reader under that name.
    lines: tuple[str, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class PrimitivePlan:
    """The functions of one primitive type."""

    name: str
    article: str
    annotation: str
    doc: str
    nested: bool
    cases: tuple[Case, ...]
    leaves: tuple[Leaf, ...]
    writer: tuple[str, ...]
    parameters: str
    tables: tuple[str, ...]
    table_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrimitivesPlan:
    """The module primitives."""

    primitives: tuple[PrimitivePlan, ...]
    null_code: str
    small_descriptor: str  # ulong of one byte
    narrow_list: str  # list with one byte of size; empty when there is none
    narrow_map: str  # the same of a map
    is_array: str  # condition over `code`
    # Struct letters and the name of what packs and unpacks them.
    structs: tuple[tuple[str, str], ...]
    list_head: tuple[Case, ...]
    list_form: tuple[str, ...]
    map_form: tuple[str, ...]
    descriptor_cases: tuple[Case, ...]
    keyed: tuple[tuple[str, str, str], ...]
    number_writer: tuple[str, ...]
    scalars: tuple[tuple[str, str], ...]
    elements: tuple[tuple[str, str, str], ...]
    element_forms: tuple[tuple[str, str, str], ...]
    empty_forms: tuple[tuple[str, str, str], ...]


def plan_primitives(specification: Specification) -> PrimitivesPlan:
    """Return the plan of the module primitives."""
    primitives = specification.primitives
    every = [(p, e) for p in primitives.values() for e in p.encodings]
    return PrimitivesPlan(
        primitives=tuple(_primitive(p) for p in primitives.values()),
        null_code=code_text(primitives["null"].encodings[0].code),
        small_descriptor=next(
            (code_text(e.code) for e in primitives["ulong"].encodings if e.width == 1), "-1"
        ),
        narrow_list=next((code_text(e.code) for e in primitives["list"].encodings if e.width == 1), ""),
        narrow_map=next((code_text(e.code) for e in primitives["map"].encodings if e.width == 1), ""),
        is_array=code_in([e.code for e in primitives["array"].encodings]),
        structs=(*NUMBERS.items(), ("II", "head")),
        list_head=tuple(_head_case(e) for e in by_use(primitives["list"])),
        list_form=_form(primitives["list"]),
        map_form=_form(primitives["map"]),
        descriptor_cases=tuple(
            _case(primitives[name], e, PYTHON[name])
            for name in ("ulong", "symbol")
            for e in by_use(primitives[name])
        ),
        keyed=(
            ("fields", "FIELD_KEYS, SYMBOL_KEYS", "Write a map whose str keys are symbols (2.8.14)."),
            (
                "annotations",
                "ANNOTATION_KEYS, SYMBOL_KEYS",
                "Write a map whose str keys are symbols and whose int keys are ulongs (3.2.10).",
            ),
            (
                "simple_map",
                "PROPERTY_KEYS, STRING_KEYS, write_simple",
                "Write a map whose keys are strings and whose values are scalars (3.2.5).",
            ),
        ),
        # Where the type is open, an int is written by class: no check, and what is no int is a long.
        number_writer=_integer_writer(primitives["int"], PYTHON["int"])[2:-1],
        scalars=_scalars(primitives),
        elements=tuple((code_text(e.code), p.name, _elements_reader(p, e)) for p, e in every),
        element_forms=tuple(_element_form(p) for p in primitives.values()),
        empty_forms=tuple((p.name, _empty_value(p, e), code_text(e.code)) for p, e in every if e.width == 0),
    )


def _scalars(primitives: dict[str, Primitive]) -> tuple[tuple[str, str], ...]:
    """Return the classes of scalars, each with its writer."""
    classes = [
        (PYTHON[name].open, f"write_{name}")
        for name in primitives
        if PYTHON[name].family not in ("list", "map", "array") and PYTHON[name].open != "int"
    ]
    classes += [
        ("int", "write_number"),
        ("bytearray", "write_binary"),
        ("memoryview", "write_binary"),
        ("datetime", "write_timestamp"),
    ]
    return tuple(classes)


def _empty_value(primitive: Primitive, encoding: Encoding) -> str:
    family = PYTHON[primitive.name].family
    if family == "boolean":
        return {"true": "True", "false": "False"}[encoding.name]
    return "None" if family in ("null", "list") else "0"


def _elements_reader(primitive: Primitive, encoding: Encoding) -> str:
    """Return the expression of what reads array elements of an encoding."""
    python = PYTHON[primitive.name]
    width = encoding.width
    if width == 0:
        value = "[]" if python.family == "list" else _empty_value(primitive, encoding)
        return f"repeated({value})"
    match python.family:
        case "boolean":
            return "pieces(1, truth)"
        case "unsigned":
            return f'numbers("{UNSIGNED[width]}", {width})'
        case "signed" | "timestamp":
            return f'numbers("{SIGNED[width]}", {width})'
        case "float":
            return "floats"
        case "double":
            return 'numbers("d", 8)'
        case "decimal":
            return f"pieces({width}, decimal_of({python.open}))"
        case "char":
            return "pieces(4, code_point)"
        case "uuid":
            return "pieces(16, uuid_of)"
        case "binary":
            return f"variable({width}, bytes)"
        case "string":
            return f"variable({width}, utf8)"
        case "symbol":
            return f"variable({width}, ascii_text)"
        case _:
            return f"each({code_text(encoding.code)})"


def _element_form(primitive: Primitive) -> tuple[str, str, str]:
    """Return type, constructor and the expression of what writes array elements in their widest form."""
    python = PYTHON[primitive.name]
    widest = max(primitive.encodings, key=lambda e: e.width)
    code = code_text(widest.code)
    match python.family:
        case "null":
            writer = "nothing"
        case "boolean":
            writer = "booleans"
        case "unsigned":
            writer = f'packed("{UNSIGNED[widest.width]}")'
        case "signed" | "timestamp":
            writer = f'packed("{SIGNED[widest.width]}")'
        case "float":
            writer = "float_words"
        case "double":
            writer = 'packed("d")'
        case "decimal":
            writer = f"decimals({widest.width})"
        case "char":
            writer = "characters"
        case "uuid":
            writer = "uuids"
        case "binary" | "string" | "symbol":
            narrow, wide = (_code_of_width(primitive, width) for width in (1, 4))
            encode = {"binary": "bytes", "string": "str.encode", "symbol": "symbol_bytes"}[python.family]
            return (primitive.name, "None", f"sized({narrow}, {wide}, {encode})")
        case "list":
            writer = "compounds(items_of)"
        case "map":
            writer = "compounds(write_pairs)"
        case _:
            writer = "arrays"
    return (primitive.name, code, writer)


def code_text(code: int) -> str:
    """Return a constructor as Python writes it."""
    return f"0x{code:02x}"


def code_in(codes: Sequence[int]) -> str:
    """Return the condition that `code` is one of these."""
    texts = ", ".join(code_text(code) for code in codes)
    return f"code in ({texts})" if len(codes) > 1 else f"code == {texts}"


def byte_text(*octets: int) -> str:
    """Return a bytes literal, every octet in hexadecimal."""
    return 'b"' + "".join(f"\\x{octet:02x}" for octet in octets) + '"'


def by_use(primitive: Primitive) -> tuple[Encoding, ...]:
    """Return the encodings, those that peers write most first: narrow ones before wide ones, empty ones last."""
    return tuple(sorted(primitive.encodings, key=lambda e: (e.width == 0, e.width)))


def _primitive(primitive: Primitive) -> PrimitivePlan:
    python = PYTHON[primitive.name]
    nested = python.family in ("list", "map", "array")
    return PrimitivePlan(
        name=primitive.name,
        article=("an " if primitive.name in ("int", "array") else "a ") + primitive.name,
        annotation=python.annotation,
        doc=primitive.doc,
        nested=nested,
        cases=tuple(_case(primitive, e, python) for e in by_use(primitive)),
        leaves=tuple(_leaf(primitive, e, python) for e in primitive.encodings),
        writer=_writer(primitive, python),
        parameters=", depth: int = DEPTH" if nested else "",
        tables=_tables(primitive, python),
        table_names=tuple(line.split(" = ")[0] for line in _tables(primitive, python)),
    )


# Reading ---------------------------------------------------------------------------------------------------------


def _at(offset: int) -> str:
    return f"at + {offset}" if offset else "at"


def _case(primitive: Primitive, encoding: Encoding, python: Python) -> Case:
    code = code_text(encoding.code)
    if encoding.category in ("compound", "array") or (python.family == "list"):
        return Case(code, (f"return {_support(python, encoding)}(data, at + 1, depth, scope)",))
    return Case(code, _lines(primitive, encoding, python, 1, open_value=False))


def _leaf(primitive: Primitive, encoding: Encoding, python: Python) -> Leaf:
    code = code_text(encoding.code)
    if python.family in ("list", "map", "array"):
        return Leaf(code, _support(python, encoding), "", (), encoding.doc)
    annotation = "None" if python.open == "NoneType" else python.open
    lines = _lines(primitive, encoding, python, 0, open_value=True)
    return Leaf(code, f"_{primitive.name}_{encoding.code:02x}", annotation, lines, encoding.doc)


def _support(python: Python, encoding: Encoding) -> str:
    return f"{python.family}{encoding.width * 8}"


def _lines(
    primitive: Primitive, encoding: Encoding, python: Python, offset: int, *, open_value: bool
) -> tuple[str, ...]:
    """Return the lines that read a value standing `offset` bytes behind `at`."""
    if encoding.category == "variable":
        return _variable_lines(primitive, encoding, python, offset, open_value=open_value)
    after = _at(offset + encoding.width)
    return (f"return {_fixed(encoding, python, offset, open_value=open_value)}, {after}",)


def _variable_lines(
    primitive: Primitive, encoding: Encoding, python: Python, offset: int, *, open_value: bool
) -> tuple[str, ...]:
    start = offset + encoding.width
    size = f"data[{_at(offset)}]" if encoding.width == 1 else f"unpack_u32(data, {_at(offset)})[0]"
    value = f"data[{_at(start)} : stop]"
    if python.family == "string":
        value = f"{value}.decode()"
    elif python.family == "symbol":
        value = f'new_str(Symbol, {value}, "ascii")' if open_value else f'str({value}, "ascii")'
    return (
        f"stop = {_at(start)} + {size}",
        "if stop > len(data):",
        f'    raise truncated("{primitive.name}", at, stop - at - {start}, len(data) - at - {start})',
        f"return {value}, stop",
    )


def _fixed(encoding: Encoding, python: Python, offset: int, *, open_value: bool) -> str:
    """Return the expression of a value of fixed width."""
    at = _at(offset)
    width = encoding.width
    family = python.family
    if family == "null":
        return "None"
    if family == "boolean":
        return f"boolean(data, {at})" if width else {"true": "True", "false": "False"}[encoding.name]
    if family in ("unsigned", "signed", "timestamp"):
        return _integer(width, python, at, open_value=open_value)
    if family == "float":
        return f"Float.from_bits(unpack_u32(data, {at})[0])"
    if family == "double":
        return f"unpack_f64(data, {at})[0]"
    if family == "char":
        return f"new_str(Char, scalar_value(unpack_u32(data, {at})[0]))"
    octets = f"data[{at} : {_at(offset + width)}]"
    if family == "uuid":
        return f"UUID(bytes={octets})"
    return f'{python.open}(int.from_bytes({octets}, "big"))'


def _integer(width: int, python: Python, at: str, *, open_value: bool) -> str:
    wrapped = open_value and python.open != "int"
    if width == 1 and wrapped:
        return f"_{python.open.upper()}S[data[{at}]]"
    letters = UNSIGNED if python.family == "unsigned" else SIGNED
    if width == 0:
        value = "0"
    elif width == 1:
        value = f"data[{at}]" if python.family == "unsigned" else f"SIGNED_OCTETS[data[{at}]]"
    else:
        value = f"unpack_{NUMBERS[letters[width]]}(data, {at})[0]"
    return f"new_int({python.open}, {value})" if wrapped else value


def _head_case(encoding: Encoding) -> Case:
    """Return the lines that read the head of a list: its count, where its first item is, where it ends."""
    code = code_text(encoding.code)
    if encoding.width == 0:
        return Case(code, ("return 0, at + 1, at + 1",))
    if encoding.width == 1:
        lines = ("count = data[at + 2]", "start = at + 3", "end = at + 2 + data[at + 1]")
    else:
        lines = ("size, count = unpack_head(data, at + 1)", "start = at + 9", "end = at + 5 + size")
    return Case(code, lines)


# Writing ---------------------------------------------------------------------------------------------------------


def _tables(primitive: Primitive, python: Python) -> tuple[str, ...]:
    """Return the tables that a type's functions look small values up in."""
    lines: list[str] = []
    by_width = {e.width: e for e in primitive.encodings}
    name = primitive.name.upper()
    if python.family in ("unsigned", "signed") and 1 in by_width:
        code = by_width[1].code
        if 0 in by_width:
            zero = byte_text(by_width[0].code)
            lines.append(f"{name}_BYTES = ({zero}, *(bytes(({code_text(code)}, n)) for n in range(1, 256)))")
        else:
            lines.append(f"{name}_BYTES = tuple(bytes(({code_text(code)}, n)) for n in range(256))")
        if python.open != "int":
            numbers = "range(256)" if python.family == "unsigned" else "SIGNED_OCTETS"
            lines.append(f"_{python.open.upper()}S = tuple(new_int({python.open}, n) for n in {numbers})")
    for width, encoding in sorted(by_width.items()):
        if encoding.category == "variable" and width == 1:
            lines.append(f"{name}_HEADS = tuple(bytes(({code_text(encoding.code)}, n)) for n in range(256))")
    return tuple(lines)


def _writer(primitive: Primitive, python: Python) -> tuple[str, ...]:
    if python.family in ("unsigned", "signed"):
        return _integer_writer(primitive, python)
    if python.family in ("binary", "string", "symbol"):
        return _variable_writer(primitive, python)
    if python.family == "boolean":
        return _boolean_writer(primitive)
    if python.family == "list":
        return ("parts = items_of(value, depth)", "return list_form(len(parts), parts)")
    if python.family == "map":
        return ("parts = write_pairs(value, depth)", "return map_form(len(parts), parts)")
    if python.family == "array":
        narrow, wide = (_code_of_width(primitive, width) for width in (1, 4))
        return (f"return array_form({narrow}, {wide}, value, depth)",)
    encoding = primitive.encodings[0]
    code = byte_text(encoding.code)
    match python.family:
        case "null":
            return ("if value is not None:", '    raise expected("null (None)", value)', f"return {code}")
        case "float":
            return (f'return pack_u32({code_text(encoding.code)}, float_bits(real("float", value)))',)
        case "double":
            return (
                "if type(value) is not float:",
                '    value = real("double", value)',
                f"return pack_f64({code_text(encoding.code)}, value)",
            )
        case "char":
            return (f"return pack_u32({code_text(encoding.code)}, character(value))",)
        case "timestamp":
            return (f"return pack_i64({code_text(encoding.code)}, milliseconds(value))",)
        case "uuid":
            return (
                "if type(value) is not UUID:",
                '    value = instance(UUID, "uuid", value)',
                f"return {code} + value.bytes",
            )
        case _:
            return (
                f"if type(value) is not {python.open}:",
                f'    value = instance({python.open}, "{primitive.name}", value)',
                f'return {code} + value.bits.to_bytes({encoding.width}, "big")',
            )


def _code_of_width(primitive: Primitive, width: int) -> str:
    for encoding in primitive.encodings:
        if encoding.width == width:
            return code_text(encoding.code)
    return "None"


def _bounds(width: int, *, signed: bool) -> tuple[str, str]:
    bits = width * 8
    if signed:
        return f"-0x{1 << bits - 1:x}", f"0x{(1 << bits - 1) - 1:x}"
    return "0", f"0x{(1 << bits) - 1:x}"


def _integer_writer(primitive: Primitive, python: Python) -> tuple[str, ...]:
    signed = python.family == "signed"
    lines = ["if type(value) is not int:", f'    value = whole("{primitive.name}", value)']
    widths = {e.width: e for e in primitive.encodings}
    for width, encoding in sorted(widths.items()):
        if width == 0 and 1 in widths:
            continue  # the table of small values has it
        if width == 0:
            lines += ["if value == 0:", f"    return {byte_text(encoding.code)}"]
            continue
        lowest, highest = _bounds(min(width, python.bits // 8), signed=signed)
        lines.append(f"if {lowest} <= value <= {highest}:")
        if width == 1:
            lines.append(f"    return {primitive.name.upper()}_BYTES[value]")
        else:
            letter = (SIGNED if signed else UNSIGNED)[width]
            lines.append(f"    return pack_{NUMBERS[letter]}({code_text(encoding.code)}, value)")
    lowest, highest = _bounds(python.bits // 8, signed=signed)
    lines.append(f'raise out_of_range("{primitive.name}", value, {lowest}, {highest})')
    return tuple(lines)


def _variable_writer(primitive: Primitive, python: Python) -> tuple[str, ...]:
    widths = {e.width: e for e in primitive.encodings}
    if python.family == "binary":
        lines = ["body = value if type(value) is bytes else octets(value)"]
    else:
        encode = "value.encode()" if python.family == "string" else 'value.encode("ascii")'
        lines = [
            "if type(value) is not str:",
            f'    value = text("{primitive.name}", value)',
            f"body = {encode}",
        ]
    lines.append("size = len(body)")
    if 1 in widths:
        lines += ["if size <= 0xff:", f"    return {primitive.name.upper()}_HEADS[size] + body"]
    if 4 in widths:
        lines += [
            "if size <= 0xffffffff:",
            f"    return pack_u32({code_text(widths[4].code)}, size) + body",
        ]
    lines.append(f'raise too_large("{primitive.name}", size)')
    return tuple(lines)


def _boolean_writer(primitive: Primitive) -> tuple[str, ...]:
    true = false = b""
    for encoding in sorted(primitive.encodings, key=lambda e: -e.width):
        if encoding.width == 1:
            true, false = bytes((encoding.code, 1)), bytes((encoding.code, 0))
        elif encoding.name == "true":
            true = bytes((encoding.code,))
        else:
            false = bytes((encoding.code,))
    return (
        "if value is True:",
        f"    return {byte_text(*true)}",
        "if value is False:",
        f"    return {byte_text(*false)}",
        'raise expected("boolean (bool)", value)',
    )


def _form(primitive: Primitive) -> tuple[str, ...]:
    """Return the lines that put the smallest head before the written parts of a list or map."""
    widths = {e.width: e for e in primitive.encodings}
    lines: list[str] = []
    if 0 in widths:
        lines += ["if count == 0:", f"    return {byte_text(widths[0].code)}"]
    lines += ['body = b"".join(parts)', "size = len(body)"]
    if 1 in widths:
        lines += [
            "if size < 0xff and count <= 0xff:",
            f"    return bytes(({code_text(widths[1].code)}, size + 1, count)) + body",
        ]
    if 4 in widths:
        lines += [
            "if size <= 0xffffffff - 4 and count <= 0xffffffff:",
            f"    return pack_head({code_text(widths[4].code)}, size + 4, count) + body",
        ]
    lines.append(f'raise too_large("{primitive.name}", size)')
    return tuple(lines)
