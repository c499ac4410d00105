"""docs/engine.md: the diagrams are what the tables say, and the program runs."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import amqp.engine
from amqp.broker import Broker
from amqp.engine.states import CONNECTION_RULES, LINK_RULES, SESSION_RULES
from tools.diagrams import DOCUMENT, arrows, drawn, main

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "engine.py"
TEXT = DOCUMENT.read_text("utf-8")


def test_the_diagrams_are_what_the_tables_say() -> None:
    assert drawn(TEXT) == TEXT
    assert main(["--check"]) == 0
    # And an arrow that is gone would be missed.
    assert drawn(TEXT.replace("OPEN_SENT --> OPENED: receive open\n", "")) == TEXT


def test_every_entry_of_the_tables_is_drawn() -> None:
    tables: tuple[Any, ...] = (CONNECTION_RULES, SESSION_RULES, LINK_RULES)
    for rules in tables:
        entries = sum(len(rule.sends) + len(rule.receives) for rule in rules.values())
        assert sum(map(len, arrows(rules).values())) == entries
        for state, rule in rules.items():
            assert f"| {state.name} | {state.value} |" in TEXT
            assert f"`{rule.condition!s}`" in TEXT
        for state, following, direction in arrows(rules):
            assert state is following or f"{state.name} --> {following.name}: {direction} " in TEXT


def test_every_event_is_told_of() -> None:
    events = [
        name for name in amqp.engine.__all__ if hasattr(getattr(amqp.engine, name), "__dataclass_fields__")
    ]
    assert len(events) > 15
    assert [name for name in events if f"`{name}`" not in TEXT] == []


async def test_the_example_runs_against_the_broker() -> None:
    program = EXAMPLE.read_text("utf-8")
    assert len(program.splitlines()) < 40
    assert f"```python\n{program}```" in TEXT
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT / "generated")])
    async with Broker() as broker, broker.listen() as listener:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(EXAMPLE), listener.host, str(listener.port)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        output, errors = await process.communicate()
        assert (process.returncode, output.strip(), errors) == (0, b"b'Hello, world'", b"")
