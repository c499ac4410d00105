"""The programs in the README run as they stand there."""

from __future__ import annotations

import ast
import asyncio
import re
import sys
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, cast

import pytest

import amqp
from amqp.broker import Broker

if TYPE_CHECKING:
    from collections.abc import Awaitable

README = Path(__file__).parents[1] / "README.md"
PROGRAMS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("holds", ["asyncio.run", "amqp.sync.connect"])
async def test_the_programs_at_the_top(holds: str) -> None:
    (program,) = (text for text in PROGRAMS if holds in text)
    root = Path(__file__).parents[1]
    async with Broker() as broker, broker.listen() as listener:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            f"import sys; sys.path[:0] = {[str(root / 'src'), str(root / 'generated')]}\n"
            + program.replace("@localhost", f"@127.0.0.1:{listener.port}"),
            stdout=asyncio.subprocess.PIPE,
            env={"PYTHONUNBUFFERED": "1"},
        )
        output, _ = await process.communicate()
        assert (process.returncode, output.strip()) == (0, b"b'hello'")


async def test_the_broker_in_a_test() -> None:
    (program,) = (text for text in PROGRAMS if "broker.listen" in text)
    code = compile(program, str(README), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names: dict[str, Any] = {"amqp": amqp}
    await cast("Awaitable[None]", FunctionType(cast("CodeType", code), names)())
    assert names["broker"].opened == 0
