"""Rules about maps in performatives that their types do not show: what their keys may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.engine.faults import ConnectionFault
from amqp_spec import AmqpErrorCondition, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["check_symbols", "check_tags"]


def check_symbols(name: str, keys: Iterable[object] | None) -> None:
    """Check the keys of a map of type fields (2.8.13); None is no map.

    Raises:
        ConnectionFault: one is no symbol.
    """
    _check(name, keys, Symbol, "a symbol")


def check_tags(name: str, keys: Iterable[object] | None) -> None:
    """Check the keys of an unsettled map (2.7.3); None is no map.

    Raises:
        ConnectionFault: one is no delivery-tag.
    """
    _check(name, keys, bytes, "a delivery-tag")


def _check(name: str, keys: Iterable[object] | None, kind: type, what: str) -> None:
    for key in keys or ():
        if not isinstance(key, kind):
            raise ConnectionFault(
                AmqpErrorCondition.DECODE_ERROR, f"{name} has the key {key!r:.40}, which is not {what}"
            )
