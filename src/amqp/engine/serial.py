"""Serial numbers of 32 bits (RFC 1982), as 2.8.10 uses them for transfer-ids, delivery-ids and delivery-counts."""

from __future__ import annotations

__all__ = ["MASK", "distance"]

MASK = 0xFFFF_FFFF
"""``(a + n) & MASK`` is the n-th number behind *a*."""

_HALF = 0x8000_0000


def distance(start: int, end: int) -> int:
    """Return how far *end* lies ahead of *start*; negative where it lies behind. In -2^31 to 2^31-1."""
    return ((end - start + _HALF) & MASK) - _HALF
