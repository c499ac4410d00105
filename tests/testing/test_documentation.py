"""The examples of docs/testing.md run as they stand there."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import amqp
import amqp.sync
from amqp.testing import BlockingPeer, Peer

TEXT = (Path(__file__).parents[2] / "docs" / "testing.md").read_text("utf-8")
PROGRAMS = [text for text in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL) if "def test_" in text]


@pytest.mark.parametrize("program", PROGRAMS, ids=["asyncio", "engine", "fixture"])
def test_an_example(program: str) -> None:
    # The one for a fixture stands without its imports.
    names: dict[str, Any] = {"amqp": amqp, "pytest": pytest}
    exec(compile(program, "testing.md", "exec"), names)
    (test,) = [value for name, value in names.items() if name.startswith("test_")]
    if inspect.iscoroutinefunction(test):
        asyncio.run(test())
    elif inspect.signature(test).parameters:
        with BlockingPeer() as peer:
            test(peer)
            peer.wait()
    else:
        test()


def test_every_method_of_the_peer_is_in_the_document() -> None:
    told = set(re.findall(r"\w+", TEXT)) | {
        f"{before}{name}"
        for before, after in (("expect", r"expect_open.*?;"), ("expect_sasl", r"expect_sasl_header.*?;"))
        for found in re.findall(after, TEXT, re.DOTALL)
        for name in re.findall(r"`(_\w+)`", found)
    }
    methods = {name for name in dir(Peer) if name.startswith(("expect_", "remote_", "accept_", "attach_"))}
    hidden = {name for name in methods if name.startswith("remote_sasl_")} | {"remote_max_frame_size"}
    assert methods - hidden - told == set()
    assert {"respond", "optional", "any_number", "then"} <= told
