"""How the demo shows what it does: a bar on a terminal with rich, plain lines elsewhere."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from amqp.cli.demo import Tally
from amqp.cli.progress import Bars, Lines, make_progress

if TYPE_CHECKING:
    import pytest


class Terminal(io.StringIO):
    """An output that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_file_gets_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with make_progress(20) as progress:
        assert isinstance(progress, Lines)
        for count in range(21):
            progress.show(count, count)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert lines[-1] == "  received 20 of 20"


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    with make_progress(20) as progress:
        assert isinstance(progress, Bars)
        progress.show(20, 19)
    assert "19/20" in terminal.getvalue()


def test_without_rich_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    assert isinstance(make_progress(20), Lines)
    assert "amqp10[cli]" in terminal.getvalue()


def test_the_tally_sees_what_is_wrong() -> None:
    tally = Tally(3, sent=3)
    for message_id in (0, 1, 1, "x", 3, -1):
        tally.note(message_id)
    assert (tally.received, tally.duplicates, tally.strange, tally.lost) == (2, 1, 3, 1)
    assert not tally.good


def test_the_tally_is_content_when_each_came_once() -> None:
    tally = Tally(2, sent=2)
    tally.note(1)
    tally.note(0)
    assert (tally.lost, tally.good) == (0, True)
