"""Frames in a readable form, for people: the logger ``amqp.frames`` and ``AMQP_TRACE=1``.

A frame is shown by its performative and the size of its payload. The content of messages is never shown, and what
proves an identity in the SASL layer comes blanked from the engine (E6).
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from amqp.engine import Direction, FrameHook
    from amqp_spec import Frame, SaslFrame

__all__ = ["describe_frame", "frame_hook"]

LOGGER: Final = logging.getLogger("amqp.frames")

logger = logging.getLogger("amqp.client")

MAX_SHOWN: Final = 2_000
"""Characters of one frame; a peer's error text may have any length."""

VARIABLE: Final = "AMQP_TRACE"


def describe_frame(
    direction: Direction, channel: int, performative: Frame | SaslFrame | None, size: int
) -> str:
    """Return one line for a frame, such as ``-> 0 Begin(...)``; ``->`` is from here, ``<-`` from the peer.

    The number is the channel. Behind the performative stands the size of the payload in octets, if there is any.
    """
    arrow = "->" if direction == "out" else "<-"
    shown = "empty frame" if performative is None else repr(performative)
    if len(shown) > MAX_SHOWN:
        shown = f"{shown[:MAX_SHOWN]}... ({len(shown)} characters)"
    return f"{arrow} {channel} {shown}{f' +{size} octets' if size else ''}"


def frame_hook(given: FrameHook | None, label: str) -> FrameHook | None:
    """Return what is to see the frames of a new connection: *given*, the logger, both, or nobody.

    The logger counts if it takes DEBUG now; with the environment variable ``AMQP_TRACE=1`` it does, and writes to
    stderr where it has no handler of its own. *label* tells connections apart. What *given* raises is logged (F20).
    """
    if given is not None:
        given = _harmless(given, label)
    if os.environ.get(VARIABLE, "") not in ("", "0"):
        _show_on_stderr()
    if not LOGGER.isEnabledFor(logging.DEBUG):
        return given

    def log(direction: Direction, channel: int, performative: Frame | SaslFrame | None, size: int) -> None:
        LOGGER.debug("%s %s", label, describe_frame(direction, channel, performative, size))

    if given is None:
        return log

    def both(direction: Direction, channel: int, performative: Frame | SaslFrame | None, size: int) -> None:
        log(direction, channel, performative, size)
        given(direction, channel, performative, size)

    return both


def _harmless(given: FrameHook, label: str) -> FrameHook:
    def shown(direction: Direction, channel: int, performative: Frame | SaslFrame | None, size: int) -> None:
        try:
            given(direction, channel, performative, size)
        except Exception:
            logger.exception("on_frame of the connection with %s raised", label)

    return shown


def _show_on_stderr() -> None:
    LOGGER.setLevel(logging.DEBUG)
    if not LOGGER.hasHandlers():
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s.%(msecs)03d %(message)s", "%H:%M:%S"))
        LOGGER.addHandler(handler)
