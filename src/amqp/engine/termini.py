"""Rules about a source and a target that their types do not show (3.5.3, 3.5.4, 3.5.8, 3.5.9).

They hold for the attach that asks for a link, where a breach is the asking side's mistake. What a peer answers is not
held against it: brokers give back what they were told, and the link works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from amqp.engine.faults import LinkFault
from amqp.errors import LocalError
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Array,
    Declared,
    Described,
    Encoded,
    LifetimePolicy,
    Modified,
    Rejected,
    Released,
    Role,
    Source,
    Symbol,
    Target,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from amqp_spec import AnySource, AnyTarget, Attach

__all__ = ["check_asked", "check_given"]

_OUTCOMES = frozenset(kind.SYMBOL for kind in (Accepted, Rejected, Released, Modified, Declared))
_LIFETIMES: tuple[type, ...] = get_args(LifetimePolicy)


class Breach(NamedTuple):
    """A rule that is broken."""

    what: str
    mend: str


def check_asked(attach: Attach) -> None:
    """Check the attach by which a peer asks for a link.

    Raises:
        LinkFault: one of its termini breaks a rule; the link is refused with ``amqp:invalid-field``.
    """
    for breach in _breaches(attach.source, attach.target, attach.role, Symbol):
        raise LinkFault(AmqpErrorCondition.INVALID_FIELD, f"attach.{breach.what}")


def check_given(source: AnySource | None, target: AnyTarget | None, role: bool | None) -> None:
    """Check what this side is about to say of a link, as the *role* that asks for it or, with None, in the answer.

    Raises:
        LocalError: it breaks a rule.
    """
    # A plain str is written as a symbol.
    for breach in _breaches(source, target, role, str):
        raise LocalError(f"the link's {breach.what}: {breach.mend}")
    # A peer may know outcomes that this side does not; this side uses none but these.
    for name in (source.outcomes or ()) if isinstance(source, Source) else ():
        if name not in _OUTCOMES:
            raise LocalError(
                f"the link's source.outcomes has {name!r:.60}, which is no outcome: give {', '.join(sorted(_OUTCOMES))}"
            )


def _breaches(
    source: AnySource | None, target: AnyTarget | None, role: bool | None, key_type: type[str]
) -> Iterator[Breach]:
    if isinstance(source, Source):
        # 3.5.3: a receiver asks for a dynamic source, and the sender tells its address; 3.5.4 the other way round.
        yield from _dynamic("source", source, key_type, asked=role is Role.RECEIVER)
        yield from _filter(source.filter, key_type)
    if isinstance(target, Target):
        yield from _dynamic("target", target, key_type, asked=role is Role.SENDER)


def _dynamic(name: str, terminus: Source | Target, key_type: type[str], *, asked: bool) -> Iterator[Breach]:
    if asked and terminus.dynamic and terminus.address is not None:
        yield Breach(f"{name} has an address though it asks for a dynamic node", "the peer gives the address")
    if terminus.dynamic_node_properties:
        if not terminus.dynamic:
            yield Breach(f"{name}.dynamic-node-properties are there without dynamic=true", "set dynamic=True")
        yield from _node(f"{name}.dynamic-node-properties", terminus.dynamic_node_properties, key_type)


def _node(name: str, properties: Mapping[Any, Any], key_type: type[str]) -> Iterator[Breach]:
    """3.5.9."""
    for key, value in properties.items():
        if not isinstance(key, key_type):
            yield Breach(f"{name} has the key {key!r:.30}, which is no symbol", "give a Symbol")
        elif key == "lifetime-policy" and not isinstance(value, _LIFETIMES):
            classes = ", ".join(f"{kind.__name__}()" for kind in _LIFETIMES)
            yield Breach(f"{name} has {value!r:.30}, which is no lifetime-policy", f"give one of {classes}")
        elif key == "supported-dist-modes" and not _is_symbols(value):
            yield Breach(
                f"{name}.supported-dist-modes are no symbols", "give a Symbol, or an Array of symbols"
            )


def _is_symbols(value: object) -> bool:
    """Whether it is one symbol, or an array of them (1.3.4)."""
    return value.element_type == "symbol" if isinstance(value, Array) else isinstance(value, Symbol)


def _filter(filters: Mapping[Any, Any] | None, key_type: type[str]) -> Iterator[Breach]:
    """3.5.8."""
    for key, value in (filters or {}).items():
        if not isinstance(key, key_type):
            yield Breach(f"source.filter has the key {key!r:.30}, which is no symbol", "give a Symbol")
        elif value is not None and not _is_described(value):
            yield Breach(
                f"source.filter has {value!r:.30}, which is no described value",
                "give a filter such as SelectorFilter(...), or a Described",
            )


def _is_described(value: object) -> bool:
    # Encoded is for who knows what the peer takes: Service Bus wants a filter undescribed. It never arrives.
    return isinstance(value, Described | Encoded) or hasattr(type(value), "DESCRIPTOR")
