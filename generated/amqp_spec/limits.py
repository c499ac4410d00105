# Generated from codegen/support/limits.py
#   sha256 07947013f2d4b57641c6625b02e350259ad824da37397f4cf142d7279cb17a23
# Do not edit: change the source and run `python -m codegen`.

"""Bounds on what a decoder accepts: they stop input that is small on the wire and large in memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a decoder refuses to exceed. Every bound is checked before memory or stack is spent.

    `depth`: levels of values inside values (lists, maps, arrays, described values), 64.
    `map_nodes`: values in one map of a performative, keys and nested values counted, 1024.
    """

    depth: int = 64
    map_nodes: int = 1024

    def __post_init__(self) -> None:
        """Refuse bounds that would refuse everything."""
        if self.depth < 1 or self.map_nodes < 1:
            raise ValueError("limits are at least 1")


DEFAULT_LIMITS = Limits()
