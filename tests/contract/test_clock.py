"""The wall clock may jump: nothing waits by it (F31)."""

from __future__ import annotations

import ast
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import amqp
from tests.contract.front import SOON

if TYPE_CHECKING:
    from tests.contract.front import Front

SOURCE = Path(amqp.__file__).parent
# How long a token lives is said in wall-clock time, by whoever makes it.
BY_THE_WALL = {"client/tokens.py": {"time"}}
WALL = {"time", "time_ns", "now", "utcnow", "today"}

pytestmark = pytest.mark.fault("F31")


@pytest.mark.parametrize("jump", [-1e9, 1e9], ids=["back", "forward"])
def test_a_jump_of_the_clock_changes_nothing(
    front: Front, broker: str, jump: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    with front.connect(broker, idle_timeout=30, operation_timeout=SOON) as connection:
        sender = connection.open_sender("q")
        sender.send(amqp.Message(1))
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + jump)
        sender.send(amqp.Message(2), timeout=SOON)
        receiver = connection.open_receiver("q", batch=10, batch_max_age=SOON)
        for body in (1, 2):
            delivery = receiver.receive(timeout=SOON)
            assert delivery.message.body == body
            delivery.accept()
        start = time.monotonic()
        with pytest.raises(amqp.OperationTimeout):
            receiver.receive(timeout=0.05)
        assert 0.04 < time.monotonic() - start < SOON
        receiver.close(timeout=SOON)
        assert connection.is_open


def test_nothing_asks_for_the_time_of_day() -> None:
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        asked = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("time", "datetime", "date")
            and node.attr in WALL
        }
        name = str(path.relative_to(SOURCE))
        assert asked <= BY_THE_WALL.get(name, set()), name
