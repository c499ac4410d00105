# Generated from codegen/support/registration.py
#   sha256 39a5c4050c36a8e37ee5ea53cf1cae810318b5539a3509923411c91909c53183
# Do not edit: change the source and run `python -m codegen`.

"""Described types that a user adds to those of the specification (1.3.3: anybody can name some)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from .classes import Record
from .errors import DecodeError, EncodeError, RegistrationError
from .reading import CLASSES, CONTENT, CONTENT_TYPES, KINDS, PERFORMATIVE, READERS, TYPES, Reader, Scope
from .skipping import skip_value
from .writing import COMPOUNDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from .values import Composite

C = TypeVar("C", bound="Composite")

# What a user's class may raise for a value that it does not take.
_REFUSALS = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)

_HIGHEST = (1 << 64) - 1


class Registry:
    """Classes for described values: what is decoded with a registry comes as its classes.

    In message content that is all that becomes a class; everything else stays ``Described``, byte for byte. In
    performatives the types of the specification and its extensions become their classes besides. Elements of an
    array go by the descriptor next to them.

    ``Registry(*classes)`` registers each. A class is one of these:

    - a generated one: of a module made with ``python -m codegen --base amqp_spec`` (all at once:
      ``Registry(*my_types.ALL_TYPES)``), or of this package, such as ``Declare`` or ``SqlFilter``;
    - one written by hand. It has ``DESCRIPTOR``, a number or the symbol where there is no number, and, where there
      is, its ``SYMBOL``; ``encode()``, which returns the whole described value, mostly
      ``encode_value(Described(ULong(...), ...))``; and a class method ``from_value(value)`` that makes an instance of
      the value behind the descriptor. A TypeError, ValueError, LookupError, AttributeError or ArithmeticError of
      ``from_value`` becomes a DecodeError.
    """

    __slots__ = ("_content_types", "_kinds", "_performative_types", "content", "performative")

    content: Scope
    """How message content is read."""
    performative: Scope
    """How performatives are read."""

    def __init__(self, *classes: type[Composite]) -> None:
        self._kinds: dict[int | str, type] = {}
        self._content_types: dict[int | str, Reader] = {}
        self._performative_types: dict[int | str, Reader] = {
            key: CLASSES[kind] for key, kind in KINDS.items()
        }
        self.content = Scope(types=self._content_types)
        self.performative = Scope(types=self._performative_types, strict=True)
        for kind in classes:
            self.register(kind)

    def register(self, kind: type[C]) -> type[C]:
        """Add a class and return it, so that this also serves as a decorator. Twice is as good as once.

        Raises RegistrationError when another class has the descriptor, here or in the specification (performatives,
        sections, SASL frames and all its other types cannot be replaced), when the class lacks what it needs, and
        when it comes from a generated package that has values and errors of its own.
        """
        known: type[Any] = kind
        reader = CLASSES.get(known) or _reader_of(kind)
        keys = _keys_of(kind)
        for key in keys:
            self._check_free(key, kind)
        for key in keys:
            self._kinds[key] = kind
            self._content_types[key] = self._performative_types[key] = reader
        COMPOUNDS.setdefault(kind, _write)
        return kind

    def _check_free(self, key: int | str, kind: type) -> None:
        known = KINDS.get(key)
        if known is not None and known is not kind:
            raise RegistrationError(
                f"descriptor {_shown(key)} of {kind.__name__} belongs to {known.__name__} of the specification, which "
                "cannot be replaced: choose a descriptor of your own domain"
            )
        other = self._kinds.get(key, kind)
        if other is not kind:
            raise RegistrationError(
                f"descriptor {_shown(key)} of {kind.__name__} belongs to {other.__name__} already: change one, or use "
                "another Registry"
            )

    def __contains__(self, kind: object) -> bool:
        return kind in self._kinds.values()

    def __repr__(self) -> str:
        names = dict.fromkeys(kind.__name__ for kind in self._kinds.values())
        return f"Registry({', '.join(names)})"


def _shown(key: int | str) -> str:
    return f"0x{key:02x}" if isinstance(key, int) else repr(str(key))


def _keys_of(kind: type) -> tuple[int | str, ...]:
    """Return what the class is found under: its number, its symbol, or both."""
    descriptor: object = getattr(kind, "DESCRIPTOR", None)
    symbol: object = getattr(kind, "SYMBOL", None)
    if isinstance(descriptor, int) and not isinstance(descriptor, bool) and 0 <= descriptor <= _HIGHEST:
        if symbol is None:
            return (int(descriptor),)
        if _is_symbol(symbol):
            return (int(descriptor), str(symbol))
    elif _is_symbol(descriptor) and symbol in (None, descriptor):
        return (str(descriptor),)
    raise RegistrationError(
        f"{kind.__name__} has the DESCRIPTOR {descriptor!r} and the SYMBOL {symbol!r}: the first is a number from 0 to "
        "2**64 - 1, the second ASCII text or left out; or the first is the symbol, and there is no second"
    )


def _is_symbol(text: object) -> bool:
    return isinstance(text, str) and text.isascii() and text != ""


def _reader_of(kind: type) -> Reader:
    """Return the reader of a class written by hand."""
    if getattr(kind, "_GENERATED", False) and not issubclass(kind, Record):
        raise RegistrationError(
            f"{kind.__name__} was generated with values and errors of its own, so nothing here would know them: make "
            f"the module {kind.__module__} again, with `python -m codegen --base amqp_spec`"
        )
    make = getattr(kind, "from_value", None)
    if not callable(make) or not callable(getattr(kind, "encode", None)):
        raise RegistrationError(
            f"{kind.__name__} lacks encode() or the class method from_value(value): see Registry"
        )
    return _own_reader(kind.__name__, make)


def _own_reader(name: str, make: Callable[[Any], Any]) -> Reader:
    def read(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Any, int]:
        value, after = READERS[data[at]](data, at + 1, depth, scope)
        if after > len(data):
            raise DecodeError("the data ends inside a value", offset=at)
        try:
            return make(value), after
        except _REFUSALS as error:
            raise DecodeError(f"{name} refuses the value ({type(error).__name__}: {error})", at) from error

    return read


def _write(value: Composite, depth: int) -> bytes:
    """Write a value of a class written by hand."""
    data = value.encode()
    # 1.2: 0x00 is the constructor of a described value.
    if type(data) is not bytes or data[:1] != b"\x00" or not _is_one_value(data):
        raise EncodeError(f"{type(value).__name__}.encode() did not return the bytes of a described value")
    return data


def _is_one_value(data: bytes) -> bool:
    try:
        return skip_value(data, 0, len(data)) == len(data)
    except DecodeError:
        return False


class _DefaultRegistry(Registry):
    """Reads with the scopes that there are without a registry."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self._content_types, self._performative_types = CONTENT_TYPES, TYPES
        self.content, self.performative = CONTENT, PERFORMATIVE


DEFAULT_REGISTRY: Registry = _DefaultRegistry()
"""What is used where no registry is named."""
