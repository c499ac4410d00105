"""Medians, spreads and ratios."""

from __future__ import annotations

from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def spread(samples: Sequence[float]) -> float:
    """Return the distance between the quartiles as a share of the median; 0 for fewer than two samples."""
    if len(samples) < 2:
        return 0.0
    low, _, high = quantiles(samples, n=4)
    return (high - low) / median(samples)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return how many times as fast we are: the median over the rounds, in each of which both were timed."""
    return median(their / our for our, their in zip(ours, theirs, strict=True))
