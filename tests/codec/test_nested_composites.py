"""Performatives inside performatives: each level of nesting is read and written once."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any

import pytest

import amqp_spec
from amqp_spec import DecodeError, EncodeError, Flow

if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS = (10, 20)


def calls(step: Callable[[], object]) -> int:
    """Count the Python calls of a step; every level that is done twice doubles them."""
    count = 0

    def profile(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    gc.disable()  # what it finalizes calls too, and belongs to whoever ran before
    sys.setprofile(profile)
    try:
        step()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def nested(levels: int, innermost: Any) -> Flow:
    properties: dict[str, Any] = {"k": innermost}
    for _ in range(levels):
        flow = Flow(incoming_window=1, next_outgoing_id=0, outgoing_window=1, properties=properties)
        properties = {"k": flow}
    found: Flow = properties["k"]
    return found


def refused(step: Callable[[], object], kind: type[Exception]) -> Callable[[], object]:
    def run() -> None:
        with pytest.raises(kind):
            step()

    return run


@pytest.mark.fault("A10")
def test_writing_and_reading() -> None:
    few, many = (nested(levels, 1) for levels in LEVELS)
    assert calls(many.encode) < 3 * calls(few.encode)
    small, large = few.encode(), many.encode()
    assert calls(lambda: amqp_spec.decode_frame(large)) < 3 * calls(lambda: amqp_spec.decode_frame(small))
    assert amqp_spec.decode_frame(large)[0].encode() == large


@pytest.mark.fault("A10")
def test_reading_what_is_wrong_inside() -> None:
    # The long's constructor, which stands once, becomes one that there is not.
    small, large = (nested(levels, -1).encode().replace(b"\x54\xff", b"\x99\xff") for levels in LEVELS)
    few = calls(refused(lambda: amqp_spec.decode_frame(small), DecodeError))
    assert calls(refused(lambda: amqp_spec.decode_frame(large), DecodeError)) < 3 * few


@pytest.mark.fault("A10")
def test_writing_what_is_wrong_inside() -> None:
    few, many = (nested(levels, object()) for levels in LEVELS)
    count = calls(refused(few.encode, EncodeError))
    assert calls(refused(many.encode, EncodeError)) < 3 * count
