"""Build the sdist and from it the wheel, install the wheel alone into a new environment, and import from there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMPORTS = """
import importlib.metadata, pathlib, sys
import amqp, amqp_spec
home = pathlib.Path(sys.prefix)
for module in (amqp, amqp_spec):
    where = pathlib.Path(module.__file__)
    assert home in where.parents, f"{module.__name__} was imported from {where}"
    assert (where.parent / "py.typed").is_file(), f"{module.__name__} has no py.typed"
assert "asyncio" not in sys.modules, "importing amqp loads asyncio"
assert amqp.__version__ == importlib.metadata.version("amqp10")
for name in amqp.__all__:
    getattr(amqp, name)
print(f"amqp10 {amqp.__version__}: {len(amqp.__all__)} names of amqp, {len(amqp_spec.__all__)} of amqp_spec")
"""


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    """Run *command* and stop when it fails."""
    subprocess.run([str(part) for part in command], check=True, cwd=cwd)


def main() -> int:
    """Return 0 when the wheel, built from the sdist, can be used on its own."""
    with tempfile.TemporaryDirectory(prefix="amqp10 package ") as folder:
        work = Path(folder)
        run(sys.executable, "-m", "build", "--outdir", work / "dist", ROOT)
        (wheel,) = (work / "dist").glob("*.whl")
        home = work / "venv"
        venv.create(home, with_pip=True)
        python = home / "bin" / "python"
        run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", wheel)
        run(python, "-I", "-c", IMPORTS, cwd=work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
