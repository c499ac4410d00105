"""The filters of a receiver: how a caller gives them, and which of them the peer has put in force (3.5.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from amqp.checks import wrong_type
from amqp.errors import LocalError
from amqp_spec import Described, Encoded, NoLocalFilter, SelectorFilter, SqlFilter, Value, encode_value

Filters = Mapping[str, Any] | Iterable[Any]
"""By name, or as objects that have a usual name."""

_USUAL_NAMES: Final[Mapping[type, str]] = {
    # Where servers look for a name at all, it is that of JMS clients, or of the filter expressions.
    SelectorFilter: "jms-selector",
    NoLocalFilter: "no-local",
    SqlFilter: "sql-filter",
}


def undescribed(value: Value) -> Encoded:
    """Return *value* for a filter-set as it is, without a descriptor.

    The standard wants filters described (3.5.8), so that this has to be said. Azure Service Bus takes the id of a
    session so: ``filters={"com.microsoft:session-filter": undescribed("s-1")}``. Null needs nothing: write None.

    Raises:
        EncodeError: *value* has no encoding.
    """
    return Encoded(encode_value(value))


def filter_set(filters: Filters | object) -> dict[str, Any]:
    """Return the filter-set for what a caller gave.

    Raises:
        LocalError: it is neither a mapping nor filters in a row, or a filter without a usual name came without one.
    """
    if isinstance(filters, Mapping):
        return dict(cast("Mapping[str, Any]", filters))
    if isinstance(filters, str | bytes) or not isinstance(filters, Iterable):
        raise wrong_type("filters", filters, "a mapping of names to filters, or a list of filters")
    named: dict[str, Any] = {}
    for each in cast("Iterable[object]", filters):
        name = _usual_name(each)
        if name in named:
            raise LocalError(f"filters has two of {name!r}: give a mapping, with a name for each")
        named[name] = each
    return named


def declined(asked: Mapping[Any, Any] | None, in_force: Mapping[Any, Any] | None) -> tuple[str, ...]:
    """Return the names of the filters that were *asked* for and are not among those *in_force*.

    A filter counts as in force under its name, whatever its value: Service Bus answers null, the next session, with the
    session that it granted. Or it stands under another name with the descriptor that was asked for: Artemis has one
    name for no-local.
    """
    if not asked:
        return ()
    in_force = in_force or {}
    kinds = {kind for value in in_force.values() for kind in _descriptors(value)}
    return tuple(
        str(name)
        for name, value in asked.items()
        if name not in in_force and kinds.isdisjoint(_descriptors(value))
    )


def _usual_name(given: object) -> str:
    name = _USUAL_NAMES.get(type(given)) or getattr(given, "SYMBOL", None)
    if isinstance(name, str):
        return name
    raise LocalError(
        f"filters has {given!r:.60}, which has no usual name: give a mapping of names to filters"
    )


def _descriptors(value: object) -> set[object]:
    """Return the descriptors of a filter, by code and by symbol; none where it is not described."""
    if isinstance(value, Described):
        return {value.descriptor}
    kind = type(value)
    found: set[object] = {getattr(kind, "DESCRIPTOR", None), getattr(kind, "SYMBOL", None)}
    return found - {None}
