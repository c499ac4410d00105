"""The scripted peer shares nothing with what it tests, and costs nothing until it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

import amqp.testing
from amqp.testing import fields
from amqp.testing.table import FORMS

FOLDER = Path(amqp.testing.__file__).parent
# Only these may lead to the library: the ones on a network use its transports, never its codec or engine.
NETWORK = {"network.py": {"amqp.transport", "amqp.transport.accepting", "amqp.transport.memory"}}
ELSEWHERE = {"strategies.py", "pytest_plugin.py", "threaded_broker.py", "pipe.py"}
"""No parts of the peer."""


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(node.module or "")
    return found


PARTS = sorted(path.name for path in FOLDER.glob("*.py") if path.name not in ELSEWHERE)


@pytest.mark.parametrize("name", PARTS)
def test_no_part_of_the_peer_imports_the_generated_codec_or_the_engine(name: str) -> None:
    for module in imported(FOLDER / name):
        top = module.partition(".")[0]
        inside = module.startswith("amqp.testing") or module in NETWORK.get(name, set())
        assert inside or top in sys.stdlib_module_names, f"{name} imports {module}"


def test_the_core_runs_without_the_rest_of_the_library() -> None:
    program = (
        "import sys; from amqp.testing import Peer; peer = Peer(); peer.handshake();"
        "loaded = {m for m in sys.modules if m.split('.')[0] in ('amqp_spec', 'asyncio', 'pytest', 'hypothesis')"
        " or m.startswith('amqp.') and not m.startswith('amqp.testing')}; assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_package_alone_loads_nothing() -> None:
    program = (
        "import sys, amqp.testing; loaded = {m for m in sys.modules if m.startswith('amqp')};"
        "assert loaded == {'amqp', 'amqp.testing'}, loaded"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_public_name_is_there() -> None:
    for name in amqp.testing.__all__:
        assert getattr(amqp.testing, name) is not None
        assert name in dir(amqp.testing)
    with pytest.raises(AttributeError, match=r"'amqp\.testing' has no attribute 'Pear'"):
        _ = vars(amqp.testing)["__getattr__"]("Pear")


@pytest.mark.parametrize(
    ("keywords", "name"),
    [
        (getattr(fields, f"{name.title().replace('-', '')}Fields"), name)
        for name in (
            *("open", "begin", "attach", "flow", "transfer", "disposition", "detach", "end", "close"),
            *("sasl-init", "sasl-outcome"),
        )
    ],
)
def test_the_keywords_of_an_expectation_are_the_fields(keywords: type, name: str) -> None:
    extra = {"channel"} if name not in ("open", "close", "sasl-init", "sasl-outcome") else set[str]()
    if name == "transfer":
        extra |= {"payload", "body"}
    assert set(get_type_hints(keywords)) == {field.name for field in FORMS[name].fields} | extra
