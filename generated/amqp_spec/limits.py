# Generated from codegen/support/limits.py
#   sha256 80c6c190f94325e08fab6d7f0188be4bb6b796107e6f3d8853ed79174ab3224e
# Do not edit: change the source and run `python -m codegen`.

"""Bounds on what a decoder accepts: they stop input that is small on the wire and large in memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a decoder refuses to exceed. Every bound is checked before memory or stack is spent.

    `depth`: levels of values inside values (lists, maps, arrays, described values), 64.
    `map_nodes`: values in one map of a performative, keys and nested values counted, 1024.
    `sections`: sections of a message, 10,000, at least 7, as a message may have one of each kind (3.2). What reads
    sections one by one does not look at it.
    """

    depth: int = 64
    map_nodes: int = 1024
    sections: int = 10_000

    def __post_init__(self) -> None:
        """Refuse bounds that would refuse everything."""
        if self.depth < 1 or self.map_nodes < 1:
            raise ValueError("limits are at least 1")
        if self.sections < 7:
            raise ValueError("a message may have one section of each of seven kinds: allow 7 at least")


DEFAULT_LIMITS = Limits()
