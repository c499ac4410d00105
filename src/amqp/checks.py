"""Whether a value that a caller gave is what an option takes: told at the call, not where it would do harm later."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

from amqp.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = [
    "check_bool",
    "check_bytes",
    "check_instance",
    "check_int",
    "check_map",
    "check_number",
    "check_octets",
    "check_options",
    "check_seconds",
    "check_session",
    "check_str",
    "check_strs",
    "check_text",
    "check_urls",
    "wrong_type",
]


_ELSEWHERE = {
    "heartbeat": "idle_timeout",
    "user": "sasl",
    "username": "sasl",
    "password": "sasl",
    "vhost": "hostname",
    "virtual_host": "hostname",
    "ssl": "ssl_context",
    "selector": "filters",
    "prefetch": "credit",
    "prefetch_count": "credit",
    "auto_ack": "auto_accept",
}
"""What other libraries call an option, and what it is called here."""


def wrong_type(name: str, value: object, wanted: str) -> LocalError:
    """Return the error for a *value* that is not what the option *name* takes. It does not repeat the value."""
    return LocalError(f"{name} takes {wanted}, not {type(value).__name__}")


def check_options(
    call: str, given: Collection[str], known: Collection[str], named: Collection[str] = ()
) -> None:
    """Refuse an option that *call* does not have, as a function without ``**options`` would.

    Args:
        call: the function.
        given: the names that came in ``**options``.
        known: those that may.
        named: its other options, each a parameter of its own: for the text alone.

    Raises:
        TypeError: one of the names *given* is not *known*.
    """
    for name in given:
        if name not in known:
            every = sorted({*known, *named})
            alike = _alike(name, every)
            meant = f"did you mean {' or '.join(alike)}? It has" if alike else "it has"
            raise TypeError(f"{call}() has no option {name!r}: {meant} {', '.join(every)}")


def _alike(name: str, known: list[str]) -> list[str]:
    if _ELSEWHERE.get(name) in known:
        return [_ELSEWHERE[name]]
    longer = [each for each in known if name in each.split("_") or name == each.replace("_", "")]
    return longer or get_close_matches(name, known, n=1, cutoff=0.75)


def check_instance(name: str, value: object, kinds: type | tuple[type, ...], wanted: str) -> None:
    """Refuse what is of none of the *kinds*.

    Raises:
        LocalError: *value* is of another type.
    """
    if not isinstance(value, kinds):
        raise wrong_type(name, value, wanted)


def check_int(name: str, value: object, low: int, high: int) -> None:
    """Refuse what is no integer from *low* to *high*; True and False are none.

    Raises:
        LocalError: *value* is of another type or out of range.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type(name, value, f"an int from {low} to {high}")
    if not low <= value <= high:
        raise LocalError(f"{name}={value} is out of range: give a number from {low} to {high}")


def check_number(name: str, value: object, wanted: str) -> float:
    """Return *value* if it is an int or a float; NaN is a float too.

    Raises:
        LocalError: *value* is of another type.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise wrong_type(name, value, wanted)
    return value


def check_octets(name: str, value: object) -> None:
    """Refuse what is not bytes-like.

    Raises:
        TypeError: *value* is of another type.
    """
    if not isinstance(value, bytes | bytearray | memoryview):
        raise TypeError(f"{name} takes bytes, bytearray or memoryview, not {type(value).__name__}")


def check_urls(name: str, value: object) -> None:
    """Refuse what is neither a string nor a sequence; what a sequence holds is looked at as it is read.

    Raises:
        LocalError: *value* is of another type.
    """
    if isinstance(value, bytes) or not isinstance(value, Sequence):
        raise wrong_type(name, value, "a URL as a str, such as amqp://localhost, or a list of them")


def check_seconds(name: str, value: object) -> None:
    """Refuse a timeout that is no number of seconds.

    Raises:
        LocalError: *value* is of another type, negative or NaN.
    """
    seconds = check_number(name, value, "seconds as an int or a float")
    if math.isnan(seconds) or seconds < 0:
        raise LocalError(f"{name}={seconds} is out of range: give seconds, 0 or more, or math.inf")


def check_session(value: object) -> None:
    """Refuse what stands for no session, where *value* is none itself.

    Raises:
        LocalError: *value* is neither None nor ``"own"``.
    """
    if value is not None and value != "own":
        given = repr(value) if isinstance(value, str) else type(value).__name__
        raise LocalError(f"session takes a Session of this connection, 'own' or None, not {given}")


def check_bool(name: str, value: object) -> None:
    """Refuse what is neither True nor False.

    Raises:
        LocalError: *value* is of another type.
    """
    check_instance(name, value, bool, "True or False")


def check_str(name: str, value: object) -> None:
    """Refuse what is neither a string nor None.

    Raises:
        LocalError: *value* is of another type.
    """
    check_instance(name, value, (str, type(None)), "a str or None")


def check_text(name: str, value: object) -> None:
    """Refuse what is no string, and one that UTF-8 cannot carry: surrogates, as of what the system could not decode.

    Raises:
        LocalError: *value* is of another type or holds surrogates. It is not repeated, nor is it kept in the cause.
    """
    check_instance(name, value, str, "a str")
    if any("\ud800" <= character <= "\udfff" for character in cast("str", value)):
        raise LocalError(f"{name} holds what is no text (surrogates): decode it as what it was encoded with")


def check_bytes(name: str, value: object) -> None:
    """Refuse what is neither bytes nor None.

    Raises:
        LocalError: *value* is of another type.
    """
    check_instance(name, value, (bytes, type(None)), "bytes or None")


def check_strs(name: str, value: object) -> None:
    """Refuse what is neither a sequence of strings nor None. A single string is no sequence of them.

    Raises:
        LocalError: *value* is of another type, or holds one that is.
    """
    wanted = "a list or tuple of str, or None"
    if value is None:
        return
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise wrong_type(name, value, wanted)
    for item in cast("Sequence[object]", value):
        if not isinstance(item, str):
            raise LocalError(f"{name} takes {wanted}, and one of its items is of type {type(item).__name__}")


def check_map(name: str, value: object) -> None:
    """Refuse what is neither a mapping nor None. What its keys and values may be is the encoder's to say.

    Raises:
        LocalError: *value* is of another type.
    """
    if value is not None and not isinstance(cast("Any", value), Mapping):
        raise wrong_type(name, value, "a dict or another mapping, or None")
