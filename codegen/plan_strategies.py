"""Step 5c, plan the strategies: one function for each type, that makes values for property-based tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codegen.forms import (
    ANNOTATION_KEYED,
    STRING_KEYED,
    SYMBOL_KEYED,
    enumeration_name,
    enumeration_of,
    literal,
)
from codegen.names import camel, snake

if TYPE_CHECKING:
    from codegen.resolve import Composite, Field, Restricted, Specification

# What a package that rests on another has of it: its strategies, and its classes.
BASE = "_base."
BASE_TYPES = "_types."

# Functions of these names would hide what Python has; like reserved words they get an underscore.
BUILTINS = frozenset({"float", "int", "list", "map", "open"})


@dataclass(frozen=True, slots=True)
class StrategyPlan:
    """A function without arguments that returns the strategy of a type."""

    name: str
    annotation: str
    title: str
    expression: str


def plan_strategies(specification: Specification) -> tuple[StrategyPlan, ...]:
    """Return the strategies of what is made of the XML, primitives apart, in document order."""
    plans: list[StrategyPlan] = []
    for part in specification.own_parts:
        for node in part.types:
            if node.name in specification.composites:
                plans.append(_composite(specification.composites[node.name], specification))
            elif node.name in specification.restricted:
                plans.append(_restricted(specification.restricted[node.name], specification))
    return tuple(plans)


def strategy_name(name: str) -> str:
    """Return the function of a type."""
    text = snake(name)
    return text + "_" if text in BUILTINS else text


def _composite(composite: Composite, specification: Specification) -> StrategyPlan:
    kind = camel(composite.name)
    fields = ", ".join(f"{snake(f.name)}={_field(f, specification)}" for f in composite.fields)
    return StrategyPlan(strategy_name(composite.name), kind, composite.name, f"st.builds({kind}, {fields})")


def _restricted(restricted: Restricted, specification: Specification) -> StrategyPlan:
    name = strategy_name(restricted.name)
    chosen = enumeration_of(restricted.name, specification)
    if chosen is not None:
        kind = enumeration_name(chosen)
        return StrategyPlan(name, kind, restricted.name, f"st.sampled_from({kind})")
    source = _of_chain((restricted.name, *restricted.chain), specification)
    if restricted.descriptor is not None:
        kind = camel(restricted.name)
        return StrategyPlan(name, kind, restricted.name, f"st.builds({kind}, {source})")
    return StrategyPlan(name, "", restricted.name, source)


def _of_chain(chain: tuple[str, ...], specification: Specification) -> str:
    shared = BASE if specification.base else ""
    if chain[-1] == "*":
        return f"{shared}values()"
    if chain[-1] == "map" and not {*SYMBOL_KEYED, *ANNOTATION_KEYED}.isdisjoint(chain):
        return f"{shared}symbol_maps()"
    if chain[-1] == "map" and not set(STRING_KEYED).isdisjoint(chain):
        return f"{shared}simple_maps()"
    return f"{shared}{strategy_name(chain[-1])}()"


def _field(field: Field, specification: Specification) -> str:
    """Return the expression of a field: None or the default where it may be left out."""
    providers = specification.archetypes[field.requires[0]] if field.requires else ()
    if field.type != "*":
        base = _drawn(field.type, specification)
    elif providers:
        base = f"st.one_of({', '.join(_drawn(p, specification) for p in providers)})"
    else:
        values = _of_chain(("*",), specification)
        base = values if field.mandatory else f"{values}.filter(_is_some)"
    if field.multiple:
        # Nothing and an empty array are the same, and read as None.
        base = f"st.lists({base}, min_size=1, max_size=3).map(tuple)"
    if field.mandatory:
        return base
    default = literal(field, specification)
    if default is None:
        return f"st.none() | {base}"
    chosen = enumeration_of(field.type, specification)
    if chosen is not None and not specification.is_own(chosen.name):
        default = BASE_TYPES + default
    return f"st.just({default}) | {base}"


def _drawn(name: str, specification: Specification) -> str:
    """Return what draws a value of a type; of a composite only when it is needed, because it may hold itself."""
    function = strategy_name(name)
    if not specification.is_own(name):
        return f"{BASE}{function}()"
    return f"_later({function})" if name in specification.composites else f"{function}()"
