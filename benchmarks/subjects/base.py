"""The interface of a measured library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Codec:
    """What a library does with the values of one case."""

    build: Callable[[Any], Any]
    """From the values of the case to what the library encodes, as its documentation has it."""
    encode: Callable[[Any], bytes | bytearray]
    decode: Callable[[bytes], Any]
    """Only as much of a decoding as the library does by itself; the rest happens in `values`."""
    values: Callable[[Any], Any]
    """Every value of what was decoded, in the order of the case."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A library."""

    name: str
    version: str
    is_compiled: bool
    codecs: Mapping[str, Codec]
    """By the key of the case. A case that the library has no public functions for is not here."""
    losses: tuple[str, ...] = ()
    """What its decoding does not give back."""
    text_is_bytes: bool = False
    """Whether it gives text back as bytes."""


def itself(value: Any) -> Any:
    """Return the value: where a library takes plain Python values there is nothing to build."""
    return value
