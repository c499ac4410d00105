"""What ``import amqp`` offers: names that are there, lazily, and typed as what they are."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import amqp

ROOT = Path(__file__).resolve().parent.parent
FACE = ROOT / "src" / "amqp" / "__init__.py"


def names_for_type_checkers() -> set[str]:
    names: set[str] = set()
    for node in ast.parse(FACE.read_text("utf-8")).body:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for inner in node.body:
                assert isinstance(inner, ast.ImportFrom)
                names |= {alias.asname or alias.name for alias in inner.names}
    return names


@pytest.mark.parametrize("name", sorted(amqp.__all__))
def test_every_public_name_is_there(name: str) -> None:
    value = getattr(amqp, name)
    assert getattr(value, "__module__", "amqp").startswith(("amqp", "typing", "types", "uuid"))


def test_names_are_listed_once() -> None:
    assert len(set(amqp.__all__)) == len(amqp.__all__)


def test_type_checkers_see_the_names_that_are_lazy() -> None:
    assert names_for_type_checkers() == set(amqp.__all__) - {"__version__"}


def test_dir_lists_what_was_not_used_yet() -> None:
    assert set(amqp.__all__) <= set(dir(amqp))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = amqp.nonsense  # type: ignore[attr-defined]  # on purpose


def test_a_star_import_works() -> None:
    namespace: dict[str, object] = {}
    exec("from amqp import *", namespace)
    assert set(amqp.__all__) <= set(namespace)


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert amqp.__version__ == project["project"]["version"]


def run(code: str) -> str:
    path = f"import sys; sys.path[:0] = [{str(ROOT / 'src')!r}, {str(ROOT / 'generated')!r}]; "
    done = subprocess.run([sys.executable, "-c", path + code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_loads_no_asyncio() -> None:
    assert run("import amqp; print('asyncio' in sys.modules, 'amqp_spec' in sys.modules)") == "False False"


def test_messages_and_errors_load_no_asyncio() -> None:
    assert run("import amqp; amqp.Message(b''); amqp.LocalError; print('asyncio' in sys.modules)") == "False"


def test_the_engine_and_the_client_layer_load_no_asyncio() -> None:
    assert run("import amqp.engine, amqp.client.connection; print('asyncio' in sys.modules)") == "False"


def test_submodules_come_with_their_name() -> None:
    assert run("import amqp; print(amqp.aio.connect is amqp.connect)") == "True"
