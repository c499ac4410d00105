"""Hypothesis strategies for every composite, made from the XML rather than from the generated code."""

import functools
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import amqp_spec
from codegen.forms import enumeration_name, enumeration_of
from codegen.layouts import PYTHON
from codegen.load import load
from codegen.names import camel, snake
from codegen.resolve import Field, Specification, resolve
from tests.codec.value_strategies import ascii_text, scalar_characters, scalars, values

SPEC = Path(__file__).parents[2] / "spec" / "amqp-1.0-xml"


@functools.cache
def specification() -> Specification:
    return resolve(load([SPEC]))


def described_names() -> list[str]:
    """The XML names of all composites and of the restricted types that have a descriptor."""
    spec = specification()
    return [*spec.composites, *(name for name, r in spec.restricted.items() if r.descriptor)]


def _integers(primitive: str) -> st.SearchStrategy[int]:
    bits = PYTHON[primitive].bits
    low, high = (
        (0, 2**bits - 1)
        if PYTHON[primitive].family == "unsigned"
        else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    )
    edges = [n for n in (0, 1, 127, 128, 255, 256, high) if low <= n <= high]
    return st.sampled_from(edges) | st.integers(low, high)


symbols = ascii_text
strings = st.text(scalar_characters, max_size=6)
binaries = st.binary(max_size=40)
entries = st.lists(st.tuples(ascii_text.map(amqp_spec.Symbol), values), max_size=3).map(
    lambda pairs: amqp_spec.Map(dict(pairs))
)
simple_entries = st.dictionaries(st.text(scalar_characters, max_size=3), scalars, max_size=3).map(
    amqp_spec.Map
)
maps = st.lists(st.tuples(values, values), max_size=3).map(amqp_spec.Map)


def _of_primitive(primitive: str, chain: tuple[str, ...]) -> st.SearchStrategy[Any]:
    if primitive == "map":
        if "application-properties" in chain:
            return simple_entries
        return entries if {"fields", "filter-set", "annotations"} & set(chain) else maps
    if PYTHON[primitive].family in ("unsigned", "signed", "timestamp"):
        return _integers(primitive)
    simple: dict[str, st.SearchStrategy[Any]] = {
        "boolean": st.booleans(),
        "string": strings,
        "symbol": symbols,
        "binary": binaries,
        "uuid": st.uuids(),
        "list": st.lists(values, max_size=3),
    }
    return simple[primitive]


def of_type(name: str) -> st.SearchStrategy[Any]:
    """Values of a type, as a field of that type holds them."""
    spec = specification()
    if name == "*":
        return values
    if name in spec.composites:
        return composite(name)
    chosen = enumeration_of(name, spec)
    if chosen is not None:
        return st.sampled_from(list(getattr(amqp_spec, enumeration_name(chosen))))
    restricted = spec.restricted.get(name)
    chain = (name, *restricted.chain) if restricted else (name,)
    return values if chain[-1] == "*" else _of_primitive(chain[-1], chain)


def of_field(field: Field) -> st.SearchStrategy[Any]:
    """Values that a field holds, None where it is optional."""
    providers = specification().archetypes[field.requires[0]] if field.requires else ()
    if field.type == "*" and field.requires and not providers:
        base = values.filter(lambda value: value is not None)
    elif field.type == "*" and providers:
        base = st.one_of(*map(of_type, providers))
    else:
        base = of_type(field.type)
    if field.multiple:
        # Nothing and an empty array are the same, and read as None.
        base = st.lists(base, min_size=1, max_size=3).map(tuple)
    return base if field.mandatory or field.default is not None else st.none() | base


@functools.cache
def composite(name: str) -> st.SearchStrategy[Any]:
    """Values of a generated class, by the XML name of its type."""
    spec = specification()
    kind = getattr(amqp_spec, camel(name))
    if name in spec.restricted:
        return of_section(name).map(kind)
    fields = spec.composites[name].fields
    required = {snake(f.name): of_field(f) for f in fields if f.mandatory}
    optional = {snake(f.name): of_field(f) for f in fields if not f.mandatory}
    return st.fixed_dictionaries(required, optional=optional).map(lambda given: kind(**given))


def of_section(name: str) -> st.SearchStrategy[Any]:
    restricted = specification().restricted[name]
    chain = (name, *restricted.chain)
    return values if chain[-1] == "*" else _of_primitive(chain[-1], chain)
