"""Step 7, format: the pinned ruff, through stdin, so that every run gives the same bytes."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from codegen.faults import Fault, Faults, Where

# The formatter decides the bytes of the output: another version may decide otherwise. pyproject.toml pins the same.
RUFF = "0.17.6"

_OPTIONS = ("--isolated", "--line-length", "110", "--target-version", "py311")


def format_files(files: dict[str, str]) -> dict[str, str]:
    """Return the files formatted, imports sorted and those without use taken out."""
    _check_version()
    names = [name for name in files if name.endswith(".py")]
    with ThreadPoolExecutor() as pool:
        texts = pool.map(_format, names, [files[name] for name in names])
        formatted = dict(zip(names, texts, strict=True))
    return {name: formatted.get(name, text) for name, text in files.items()}


def _check_version() -> None:
    done = _run(("--version",), "")
    found = done.stdout.strip().removeprefix("ruff ") if done.returncode == 0 else "not installed"
    if found != RUFF:
        what = f"ruff is {found}, the output is defined by {RUFF}"
        raise Faults([Fault(Where("codegen/format.py", 0), what, f"pip install ruff=={RUFF}")])


def _format(name: str, text: str) -> str:
    # __init__ imports names to hand them on.
    rules = "I" if name == "__init__.py" else "I,F401,TC"
    check = ("check", *_OPTIONS, "--select", rules, "--ignore", "TC006", "--fix-only", "--unsafe-fixes")
    return _ruff(("format", *_OPTIONS, *_input(name)), _ruff((*check, *_input(name)), text))


def _input(name: str) -> tuple[str, ...]:
    return ("--quiet", "--stdin-filename", name, "-")


def _ruff(arguments: tuple[str, ...], text: str) -> str:
    done = _run(arguments, text)
    if done.returncode != 0:
        raise Faults(
            [Fault(Where("ruff", 0), done.stderr.strip() or "failed", "this is a defect of the generator")]
        )
    return done.stdout


def _run(arguments: tuple[str, ...], text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter's ruff, fixed arguments
        [sys.executable, "-m", "ruff", *arguments],
        input=text,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
