"""Between typed values and plain Python: what a test writes, and what it compares with.

Numbers, str, bytes, bool, None, UUID, list and dict are themselves; a composite is a :class:`Composite`. Restricted
types with named values appear by name: a role is ``"sender"``, a settle mode ``"first"``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeGuard, cast
from uuid import UUID

from amqp.testing.octets import ArrayValue, Malformed, Typed, decode, encode
from amqp.testing.table import ALIASES, BY_DESCRIPTOR, CHOICES, FORMS, SHORT, Form

if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview[int]

__all__ = [
    "Composite",
    "Unknown",
    "composite",
    "described",
    "plain",
    "plain_fields",
    "show",
    "typed",
    "typed_form",
]

_INT: Final = range(-(2**31), 2**31)
# A bool is an int to Python, so it is looked for first.
_BY_KIND: Final[tuple[tuple[type, str], ...]] = (
    (bool, "boolean"),
    (int, "int"),
    (float, "double"),
    (str, "string"),
    (UUID, "uuid"),
)


class Composite:
    """A composite, by name, with the fields that are present: ``Composite("error", condition="amqp:not-found")``."""

    __slots__ = ("fields", "name")

    def __init__(self, name: str, /, **fields: Any) -> None:
        self.name = name
        self.fields: dict[str, Any] = fields

    def __getitem__(self, field: str) -> Any:
        """Return a field, or what its absence means; KeyError where the type has no such field."""
        if field in self.fields:
            return self.fields[field]
        declared = FORMS[self.name].field(field)
        return named(declared.type, declared.default)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Composite) and (self.name, self.fields) == (other.name, other.fields)

    __hash__ = None  # type: ignore[assignment]  # it can be changed, and may hold maps

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={show(value)}' for name, value in self.fields.items())})"


class Unknown(NamedTuple):
    """A described value whose descriptor is not the standard's."""

    descriptor: Any
    value: Any


# -- to plain


def named(kind: str, value: Any) -> Any:
    """Return the name of a value of a restricted type, or the value where it has none."""
    for name, number in CHOICES.get(kind, {}).items():
        if number == value:
            return name
    return value


def plain(value: Typed) -> Any:
    """Return *value* without its types."""
    kind, content = value
    if kind == "list":
        return [plain(item) for item in content]
    if kind == "array":
        array = cast("ArrayValue", content)
        if array.nulls:
            return Unknown("nulls", array.nulls)
        return [plain(_behind(array.descriptors, item)) for item in array.items]
    if kind == "map":
        return _plain_map(cast("tuple[tuple[Typed, Typed], ...]", content))
    if kind == "described":
        return _plain_described(value)
    return content


def _behind(descriptors: tuple[Typed, ...], item: Typed) -> Typed:
    for descriptor in reversed(descriptors):
        item = Typed("described", (descriptor, item))
    return item


def _plain_map(pairs: tuple[tuple[Typed, Typed], ...]) -> Any:
    found = [(plain(key), plain(entry)) for key, entry in pairs]
    try:
        as_dict = dict(found)
    except TypeError:
        return found
    # A symbol and a string may be two keys of one map.
    return as_dict if len(as_dict) == len(found) else found


def _plain_described(value: Typed) -> Any:
    form, content = described(value)
    if form is None:
        descriptor, inner = cast("tuple[Typed, Typed]", value.value)
        return Unknown(plain(descriptor), plain(inner))
    return Composite(form.name, **plain_fields(form, content))


def described(value: Typed) -> tuple[Form | None, Typed]:
    """Return the form that a described value has, None where it is not the standard's, and what is described."""
    descriptor, content = cast("tuple[Typed, Typed]", value.value)
    form = BY_DESCRIPTOR.get((descriptor.type, descriptor.value))
    if form is not None and form.composite and content.type != "list":
        form = None
    return form, content


def plain_fields(form: Form, content: Typed) -> dict[str, Any]:
    """Return the fields that are not null, by name.

    Raises:
        Malformed: there are more than the type has.
    """
    if not form.composite:
        return {"value": plain(content)}
    items = cast("tuple[Typed, ...]", content.value)
    if len(items) > len(form.fields):
        raise Malformed(f"{form.name} has {len(form.fields)} fields, here are {len(items)}")
    return {
        field.name: _plain_field(field.type, item)
        for field, item in zip(form.fields, items, strict=False)
        if item.type != "null"
    }


def _plain_field(kind: str, value: Typed) -> Any:
    found = plain(value)
    if kind.endswith("[]") and not isinstance(found, list):
        return [found]
    return named(kind, found)


def is_mapping(value: Any) -> TypeGuard[Mapping[Any, Any]]:
    """Whether *value* is a mapping, of whatever."""
    return isinstance(value, Mapping)


def is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether *value* is a list or a tuple, of whatever."""
    return isinstance(value, list | tuple)


def is_octets(value: Any) -> TypeGuard[Buffer]:
    """Whether *value* is octets in one of Python's ways."""
    return isinstance(value, bytes | bytearray | memoryview)


def show(value: Any) -> str:
    """Write a plain value for a trace: long ones are cut."""
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:100]}... ({len(text)} characters)"


# -- from plain


def composite(value: Any) -> Any:
    """Return an object of the library's own (a Source, an outcome) as what its octets say; anything else as it is."""
    if hasattr(value, "DESCRIPTOR") and hasattr(value, "encode"):
        return plain(decode(value.encode())[0])
    return value


def typed(kind: str, value: Any) -> Typed:
    """Return plain *value* as a value of the type that a field has.

    Raises:
        Malformed: it cannot be one.
    """
    value = composite(value)
    if isinstance(value, Typed):
        return value
    if value is None:
        return Typed("null")
    if isinstance(value, Composite):
        return typed_form(value.name, value.fields)
    if isinstance(value, Unknown):
        return Typed("described", (_descriptor(value.descriptor), _by_itself(value.value)))
    if kind.endswith("[]"):
        several: list[Any] = [value] if isinstance(value, str) else list(value)
        items = tuple(typed(kind[:-2], item) for item in several)
        return Typed("array", ArrayValue(kind[:-2], items))
    if kind in CHOICES and isinstance(value, str):
        if value not in CHOICES[kind]:
            raise Malformed(f"{value!r} is none of {', '.join(map(repr, CHOICES[kind]))}")
        value = CHOICES[kind][value]
    if kind == "state":
        return typed_form(value, {}) if isinstance(value, str) else _by_itself(value)
    if kind in FORMS:
        return _form_of(kind, value)
    if kind in ("*", "message-id"):
        if kind == "message-id" and isinstance(value, int):
            return Typed("ulong", value)
        return _by_itself(value)
    if kind in ("map", "fields", "annotations"):
        return _map(kind, value)
    kind = ALIASES.get(kind, kind)
    return Typed(kind, str(value) if isinstance(value, str) else int(value) if _is_enum(value) else value)


def _descriptor(value: Any) -> Typed:
    # 1.2 leaves it open, but the standard and all who add to it take symbols and ulongs.
    if isinstance(value, str):
        return Typed("symbol", str(value))
    return Typed("ulong", int(value)) if _is_enum(value) and value >= 0 else _by_itself(value)


def _is_enum(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _form_of(kind: str, value: Any) -> Typed:
    if isinstance(value, str):
        return typed_form(kind, {SHORT[kind]: value})
    if isinstance(value, Mapping):
        return typed_form(kind, cast("Mapping[str, Any]", value))
    return _by_itself(value)


def _map(kind: str, value: Any) -> Typed:
    pairs = cast("Iterable[tuple[Any, Any]]", value.items() if isinstance(value, Mapping) else value)
    text = "string" if kind == "map" else "symbol"
    return Typed("map", tuple((_key(text, key), _by_itself(entry)) for key, entry in pairs))


def _key(text: str, key: Any) -> Typed:
    if isinstance(key, str):
        return Typed(text, str(key))
    if text == "symbol" and isinstance(key, int):
        return Typed("ulong", key)
    return _by_itself(key)


def _by_itself(value: Any) -> Typed:
    """The type that a plain value has where the standard leaves it open."""
    value = composite(value)
    if isinstance(value, Typed):
        return value
    if value is None or isinstance(value, Composite | Unknown):
        return typed("*", value)
    kind = next((name for kinds, name in _BY_KIND if isinstance(value, kinds)), None)
    if kind == "int":
        # As a plain int: a range looks through all of itself for an object of a subclass.
        return Typed("int" if int(value) in _INT else "long", int(value))
    if kind is not None:
        return Typed(kind, str(value) if kind == "string" else value)
    if is_octets(value):
        return Typed("binary", bytes(value))
    if is_mapping(value):
        return _map("map", value)
    if is_sequence(value):
        return Typed("list", tuple(_by_itself(item) for item in value))
    raise Malformed(f"{value!r} has no type by itself: write Typed(type, value)")


def typed_form(name: str, fields: Mapping[str, Any]) -> Typed:
    """Return a composite as a described list, without the nulls at its end.

    Raises:
        Malformed: there is no such type, or a value cannot be of its field's type.
        TypeError: the type has no such field.
    """
    form = FORMS.get(name)
    if form is None:
        raise Malformed(f"{name!r} is no composite of the standard")
    known = [field.name for field in form.fields]
    for field in fields:
        if field not in known:
            raise TypeError(f"{name} has no field {field!r}, only {', '.join(known) or 'none at all'}")
    descriptor = Typed("ulong", form.code)
    if not form.composite:
        return Typed("described", (descriptor, typed(form.fields[0].type, fields["value"])))
    items = [_field(form, field.name, field.type, fields.get(field.name)) for field in form.fields]
    while items and items[-1].type == "null":
        items.pop()
    return Typed("described", (descriptor, Typed("list", tuple(items))))


def _field(form: Form, name: str, kind: str, value: Any) -> Typed:
    try:
        found = typed(kind, value)
        # Written once in vain, so that the error names the field.
        encode(found)
    except (Malformed, ValueError, AttributeError) as error:
        raise Malformed(f"{form.name}.{name}: {error}") from error
    return found
