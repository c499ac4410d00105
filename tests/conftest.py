"""What all tests need."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator

# Where this process was started with SIGINT ignored (in the background, by some CI), the programs that the tests start
# would inherit that and not see their Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine takes what time it likes: how long one example took, or how long it was drawn, says nothing of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let coverage look away where a test measures: its own time and memory would count."""
    before = sys.gettrace()
    if before is None or item.get_closest_marker("measures") is None:
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(before)
