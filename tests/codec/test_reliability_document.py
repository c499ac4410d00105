"""docs/reliability.md says what is so: every row has its tests, every limit its default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from amqp.broker import BrokerOptions
from amqp.options import ConnectionOptions, SessionOptions
from amqp_spec import Limits

TESTS = Path(__file__).parents[1]
TEXT = (TESTS.parent / "docs" / "reliability.md").read_text("utf-8")
ROWS = [f"A{n}" for n in range(1, 19)] + [f"B{n}" for n in range(1, 9)]


@pytest.mark.parametrize("row", ROWS)
def test_row_names_the_tests_that_carry_it(row: str) -> None:
    (line,) = re.findall(rf"^\| {row} \|.*$", TEXT, re.MULTILINE)
    named = set(re.findall(r"`(\w+/test_\w+\.py)`", line))
    marker = f'fault("{row}")'
    carrying = {
        str(path.relative_to(TESTS))
        for path in TESTS.rglob("test_*.py")
        if marker in path.read_text("utf-8") and path != Path(__file__)
    }
    assert named
    assert named <= carrying


@pytest.mark.parametrize(
    ("name", "text", "value", "default"),
    [
        ("amqp.Limits(depth=)", "64", 64, Limits().depth),
        ("amqp.Limits(map_nodes=)", "1,024", 1024, Limits().map_nodes),
        ("amqp.Limits(sections=)", "10,000", 10_000, Limits().sections),
        (
            "ConnectionOptions(pre_open_max_frame_size=)",
            "8 KiB",
            8192,
            ConnectionOptions().pre_open_max_frame_size,
        ),
        ("ConnectionOptions(max_frame_size=)", "64 KiB", 65_536, ConnectionOptions().max_frame_size),
        ("ConnectionOptions(max_buffered=)", "64 MiB", 64 << 20, ConnectionOptions().max_buffered),
        (
            "ConnectionOptions(channel_max=)",
            "1,024 (broker: 64)",
            (1023, 63),
            (ConnectionOptions().channel_max, BrokerOptions().channel_max),
        ),
        (
            "SessionOptions(handle_max=)",
            "65,536 (broker: 256)",
            (65_535, 255),
            (SessionOptions().handle_max, BrokerOptions().handle_max),
        ),
        ("SessionOptions(incoming_window=)", "2,048", 2048, SessionOptions().incoming_window),
        ("ConnectionOptions(idle_timeout=)", "60 s", 60.0, ConnectionOptions().idle_timeout),
        ("BrokerOptions(max_message_size=)", "16 MiB", 16 << 20, BrokerOptions().max_message_size),
    ],
)
def test_limit_is_the_default(name: str, text: str, value: object, default: object) -> None:
    (line,) = [line for line in TEXT.splitlines() if f"`{name}`" in line]
    assert f"| {text} |" in line
    assert default == value


def test_recorded_fuzz_run_is_a_million_inputs_without_a_failure() -> None:
    total = re.search(r"^seed \d+: ([\d,]+) inputs, 0 failed$", TEXT, re.MULTILINE)
    assert total is not None
    assert int(total[1].replace(",", "")) >= 1_000_000
