"""The table of features and servers: complete, and in the documentation as it is known."""

from __future__ import annotations

import re
from pathlib import Path

from interop.checks import CHECKS
from interop.features import FEATURES
from interop.features.known import KNOWN
from interop.features.table import DOCUMENT, documented
from interop.peers import ALL_PEERS


def test_the_documentation_has_the_table() -> None:
    assert DOCUMENT.read_text() == documented(), "run: python -m interop table"


def test_what_is_known_is_of_a_feature_and_a_server() -> None:
    features = {feature.__name__ for feature in FEATURES}
    assert len(features) == len(FEATURES)
    assert set(KNOWN) <= features
    assert {peer for known in KNOWN.values() for peer in known} <= {peer.name for peer in ALL_PEERS}


def test_every_feature_says_what_it_is() -> None:
    assert all(feature.__doc__ for feature in FEATURES)


def test_what_peers_do_differently_is_shown_by_something() -> None:
    part = DOCUMENT.read_text().partition("## What the peers do differently")[2].partition("\n## ")[0]
    rows = [line for line in part.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) > 30
    tests = "".join(path.read_text() for path in Path(__file__).parents[1].rglob("test_*.py"))
    known = {check.name.replace("-", "_") for check in CHECKS} | set(re.findall(r"def (test_\w+)", tests))
    for row in rows:
        shown_by = re.findall(r"`([^`]+)`", row.split(" | ")[-1])
        assert shown_by, row
        unknown = {name.replace("-", "_") for name in shown_by} - known
        assert not unknown, row
