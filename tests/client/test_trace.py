"""Frames in a readable form: all of them, and nothing that is secret or somebody's message."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from amqp.client import trace
from amqp.client.trace import LOGGER, describe_frame, frame_hook
from amqp.engine.sasl import redacted
from amqp_spec import (
    Accepted,
    Begin,
    Error,
    SaslChallenge,
    SaslCode,
    SaslInit,
    SaslOutcome,
    SaslResponse,
    Transfer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amqp_spec import Frame, SaslFrame


@pytest.fixture(autouse=True)
def logger_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(trace.VARIABLE, raising=False)
    level, handlers = LOGGER.level, list(LOGGER.handlers)
    yield
    LOGGER.setLevel(level)
    LOGGER.handlers = handlers


def test_a_frame_is_one_line() -> None:
    transfer = Transfer(handle=1, delivery_id=2, more=True, state=Accepted())
    assert describe_frame("out", 3, transfer, 10) == (
        "-> 3 Transfer(handle=1, delivery_id=2, more=True, state=Accepted()) +10 octets"
    )
    assert describe_frame("in", 0, None, 0) == "<- 0 empty frame"


def test_a_frame_of_any_size_is_shown_in_short() -> None:
    begin = Begin(
        next_outgoing_id=0,
        incoming_window=1,
        outgoing_window=1,
        properties={"x": Error(condition="y" * 9_000)},
    )
    line = describe_frame("in", 0, begin, 0)
    assert len(line) < 2_100
    assert line.endswith("characters)")


@pytest.mark.parametrize(
    "secret",
    [
        SaslInit(mechanism="PLAIN", initial_response=b"\0user\0geheim"),
        SaslResponse(response=b"geheim"),
        SaslChallenge(challenge=b"geheim"),
        SaslOutcome(code=SaslCode.OK, additional_data=b"geheim"),
    ],
    ids=["init", "response", "challenge", "outcome"],
)
def test_what_proves_an_identity_is_not_shown(secret: SaslFrame) -> None:
    assert "geheim" not in describe_frame("out", 0, redacted(secret), 0)
    assert b"geheim" in secret.encode()
    assert b"geheim" not in redacted(secret).encode()


def test_nobody_looks_where_nobody_asked() -> None:
    assert frame_hook(None, "peer") is None


def test_the_logger_sees_frames_beside_the_hook(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[tuple[str, int, int]] = []

    def hook(direction: str, channel: int, _performative: Frame | SaslFrame | None, size: int) -> None:
        seen.append((direction, channel, size))

    with caplog.at_level(logging.DEBUG, "amqp.frames"):
        both, log = frame_hook(hook, "amqp://peer:1"), frame_hook(None, "amqp://peer:2")
        assert both is not None
        assert log is not None
        both("in", 1, None, 0)
        log("out", 0, None, 0)
    assert seen == [("in", 1, 0)]
    assert caplog.messages == ["amqp://peer:1 <- 1 empty frame", "amqp://peer:2 -> 0 empty frame"]


@pytest.mark.parametrize(("value", "on"), [("1", True), ("0", False), ("", False)])
def test_the_environment_turns_it_on(
    value: str, on: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(trace.VARIABLE, value)
    monkeypatch.setattr(LOGGER, "propagate", False)
    hook = frame_hook(None, "amqp://peer:1")
    assert (hook is not None) is on
    if hook is not None:
        hook("in", 1, None, 0)
    assert ("amqp://peer:1 <- 1 empty frame" in capsys.readouterr().err) is on


def test_a_handler_of_ones_own_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(trace.VARIABLE, "1")
    own = logging.NullHandler()
    LOGGER.addHandler(own)
    assert frame_hook(None, "peer") is not None
    assert LOGGER.handlers == [own]
