"""Imports run one way; the source says so itself, and this reads it."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [*(ROOT / "src" / "amqp").rglob("*.py"), *(ROOT / "codegen").rglob("*.py")]
GENERATED = list((ROOT / "generated" / "amqp_spec").rglob("*.py"))

# What each part of src/amqp may import besides itself and the standard library.
GROUND = {"amqp_spec", "errors"}
ENGINE_LEVEL = GROUND | {"checks", "options", "message", "sasl", "engine", "transport"}
CLIENT_LEVEL = ENGINE_LEVEL | {"client"}
FRONT_LEVEL = CLIENT_LEVEL | {"aio", "sync"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": {"amqp_spec"},
    "checks": {"errors"},
    "options": GROUND | {"checks"},
    "sections": GROUND,
    "message": GROUND | {"checks", "sections"},
    "azure": GROUND | {"checks", "message"},
    "rabbitmq": GROUND | {"checks", "message"},
    "sasl": GROUND | {"checks"},
    "transport": {"errors"},
    "engine": GROUND | {"options", "sasl"},
    "client": ENGINE_LEVEL,
    "aio": CLIENT_LEVEL,
    "sync": CLIENT_LEVEL,
    "broker": FRONT_LEVEL,
    "testing": FRONT_LEVEL | {"amqp", "broker"},
    "conformance": FRONT_LEVEL | {"amqp", "broker", "testing"},
    "cli": FRONT_LEVEL | {"amqp", "broker", "testing", "conformance"},
    "__main__": {"cli"},
}
# Packages from elsewhere, each behind an extra of pyproject.toml.
EXTRAS: dict[str, set[str]] = {"cli": {"rich"}, "testing": {"pytest", "hypothesis"}}

PERFORMATIVES = {
    *("Open", "Begin", "Attach", "Flow", "Transfer", "Disposition", "Detach", "End", "Close"),
    *("SaslMechanisms", "SaslInit", "SaslChallenge", "SaslResponse", "SaslOutcome"),
}


class Import(NamedTuple):
    module: str
    names: tuple[str, ...]
    line: int


def imports(path: Path, package: str) -> Iterator[Import]:
    """Every import of a file, those for type checkers too, with relative ones made absolute."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, (), node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield Import(module, tuple(alias.name for alias in node.names), node.lineno)


def part_of(path: Path, root: Path) -> str:
    """The first name below src/amqp: a package or a module."""
    return path.relative_to(root).parts[0].removesuffix(".py")


def destinations(found: Import) -> Iterator[str]:
    """What an import leads to: a part of amqp, 'amqp' for its face, or a top-level package."""
    top, _, rest = found.module.partition(".")
    if top != "amqp":
        yield top
    elif rest:
        yield rest.partition(".")[0]
    else:
        for name in found.names or ("",):
            yield name if name in MAY_IMPORT else "amqp"


def wrong_arrows(path: Path, root: Path) -> list[str]:
    """The imports of one file of src/amqp that go where they may not."""
    part = part_of(path, root)
    package = ".".join(["amqp", *path.relative_to(root).parts[:-1]])
    allowed = MAY_IMPORT.get(part, set()) | EXTRAS.get(part, set()) | {part}
    return [
        f"{path.name}:{found.line}: {part} may not import {to}"
        for found in imports(path, package)
        for to in destinations(found)
        if to not in allowed and to not in sys.stdlib_module_names
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_a_hall(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 600


def test_every_part_of_the_package_has_its_place() -> None:
    root = ROOT / "src" / "amqp"
    parts = {part_of(path, root) for path in root.rglob("*.py")} - {"__init__"}
    assert parts <= set(MAY_IMPORT), "say in MAY_IMPORT what the new part may import"


def test_imports_of_the_package_run_one_way() -> None:
    root = ROOT / "src" / "amqp"
    wrong = [
        line
        for path in root.rglob("*.py")
        if path != root / "__init__.py"
        for line in wrong_arrows(path, root)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_face_of_the_package_imports_nothing_at_run_time_but_the_standard_library() -> None:
    tree = ast.parse((ROOT / "src" / "amqp" / "__init__.py").read_text("utf-8"))
    at_run_time = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert at_run_time
    assert {node.module for node in at_run_time if isinstance(node, ast.ImportFrom)} <= {
        "__future__",
        "importlib",
        "typing",
    }


def test_front_ends_know_no_performatives() -> None:
    for part in ("aio", "sync"):
        for path in (ROOT / "src" / "amqp" / part).rglob("*.py"):
            for found in imports(path, f"amqp.{part}"):
                known = (
                    PERFORMATIVES & set(found.names) if found.module.startswith("amqp_spec") else set[str]()
                )
                assert not known, f"{path.name}:{found.line}: {sorted(known)} belong to the engine"
                assert found.module != "amqp_spec.transport", (
                    f"{path.name}:{found.line}: import from amqp_spec"
                )


def test_the_generated_package_imports_only_itself() -> None:
    for path in GENERATED:
        allowed = {"amqp_spec"} | ({"hypothesis"} if path.name == "strategies.py" else set())
        for found in imports(path, "amqp_spec"):
            top = found.module.partition(".")[0]
            assert top in allowed or top in sys.stdlib_module_names, (
                f"{path.name}:{found.line}: {found.module}"
            )
            assert found.module != "amqp_spec.strategies", "hypothesis is not there when the library runs"


def test_the_generator_imports_nothing_of_the_package() -> None:
    for path in (ROOT / "codegen").rglob("*.py"):
        package = ".".join(path.relative_to(ROOT).parts[:-1])
        for found in imports(path, package):
            top = found.module.partition(".")[0]
            assert top not in {"amqp", "amqp_spec"}, f"{path.name}:{found.line}: {found.module}"
            if "support" in path.parts:
                assert top == "codegen" or top in sys.stdlib_module_names, (
                    f"{path.name}:{found.line}: {found.module}"
                )


def test_nothing_imports_the_generator() -> None:
    for path in [*(ROOT / "src").rglob("*.py"), *GENERATED]:
        for found in imports(path, "none"):
            assert found.module.partition(".")[0] != "codegen", f"{path.name}:{found.line}"


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("engine", "from amqp.client.url import parse_url"),
        ("engine", "import amqp.aio"),
        ("client", "from amqp import aio"),
        ("client", "from ..aio.driver import EngineDriver"),
        ("aio", "from amqp.broker import Broker"),
        ("aio", "import amqp"),
        ("message", "from amqp.engine import Engine"),
        ("engine", "import attrs"),
        ("client", "if TYPE_CHECKING:\n    from amqp.aio import Sender"),
    ],
)
def test_an_arrow_the_other_way_is_seen(part: str, line: str, tmp_path: Path) -> None:
    folder = tmp_path / part
    folder.mkdir()
    file = folder / "wrong.py"
    file.write_text(line, "utf-8")
    assert len(wrong_arrows(file, tmp_path)) == 1
