"""The libraries that are measured: ours and its peers, each behind the same few functions."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from benchmarks.subjects.base import Subject

OURS: Final = "amqp10"
_MODULES: Final = ("ours", "proton", "pyamqp", "rabbitmq")


def load() -> tuple[Subject, ...]:
    """Import the libraries and return them, ours first. Raises ImportError where one is not installed."""
    return tuple(import_module(f"benchmarks.subjects.{module}").subject() for module in _MODULES)
