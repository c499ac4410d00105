"""Completion: ends once, tells everybody, and lets nobody's error spread."""

from __future__ import annotations

import logging
import traceback

import pytest

from amqp.client.completion import Completion
from amqp.errors import ConnectionLost, LocalError


def test_it_has_no_result_before_it_is_done() -> None:
    completion: Completion[int] = Completion()
    assert not completion.done()
    assert completion.error() is None
    with pytest.raises(LocalError, match="no result yet"):
        completion.result()


def test_the_first_ending_counts() -> None:
    completion: Completion[int] = Completion()
    completion.resolve(1)
    completion.resolve(2)
    completion.fail(ConnectionLost("late"))
    assert completion.result() == 1
    assert completion.error() is None


def test_an_error_is_raised_by_result() -> None:
    completion: Completion[int] = Completion()
    error = ConnectionLost("gone")
    completion.fail(error)
    completion.resolve(1)
    assert completion.error() is error
    with pytest.raises(ConnectionLost, match="gone"):
        completion.result()


def test_an_error_does_not_keep_those_who_were_told_it() -> None:
    completion: Completion[int] = Completion()
    error = ConnectionLost("gone")
    completion.fail(error)
    depths: list[int] = []
    for _ in range(3):
        with pytest.raises(ConnectionLost):
            completion.result()
        depths.append(sum(1 for _ in traceback.walk_tb(error.__traceback__)))
    assert depths[0] == depths[1] == depths[2]


def test_callbacks_are_called_once_in_order_and_at_once_when_done() -> None:
    completion: Completion[str] = Completion()
    seen: list[object] = []
    completion.add_done_callback(lambda done: seen.append(("first", done.result())))
    completion.add_done_callback(lambda done: seen.append(("second", done.result())))
    assert seen == []
    completion.resolve("x")
    completion.add_done_callback(lambda done: seen.append(("late", done.result())))
    assert seen == [("first", "x"), ("second", "x"), ("late", "x")]


def test_a_removed_callback_is_not_called() -> None:
    completion: Completion[str] = Completion()
    seen: list[object] = []
    completion.remove_done_callback(seen.append)
    completion.add_done_callback(seen.append)
    callback = seen.append
    completion.add_done_callback(callback)
    completion.remove_done_callback(callback)
    completion.resolve("x")
    assert len(seen) == 1


@pytest.mark.fault("F20")
def test_a_callback_that_raises_is_logged_and_keeps_nobody_from_being_called(
    caplog: pytest.LogCaptureFixture,
) -> None:
    completion: Completion[str] = Completion()
    seen: list[object] = []

    def broken(_: object) -> None:
        raise ZeroDivisionError

    completion.add_done_callback(broken)
    completion.add_done_callback(seen.append)
    with caplog.at_level(logging.ERROR, "amqp"):
        completion.resolve("x")
    assert seen == [completion]
    assert "ZeroDivisionError" in caplog.text
