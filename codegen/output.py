"""Step 8, write or compare: the whole package at once, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen.faults import Fault, Faults, Where

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "amqp_spec"

# How a generated file begins.
HEADER = b"# Generated from "


def write(files: dict[str, str], folder: Path) -> list[str]:
    """Write the package into its folder; generated files of an earlier run that are no longer made are removed.

    Raises Faults, and writes nothing, when a file stands in the way that is not generated.
    """
    strange = [name for name in sorted(files) if _is_strange(folder / name)]
    if strange:
        what = "is not a generated file, and one would be written over it"
        raise Faults(
            [Fault(Where((folder / name).as_posix(), 1), what, "name another folder") for name in strange]
        )
    folder.mkdir(parents=True, exist_ok=True)
    changed: list[str] = []
    for name in sorted(files):
        path = folder / name
        data = files[name].encode()
        if path.is_file() and path.read_bytes() == data:
            continue
        # Renamed into place, so that no reader ever sees half a file.
        draft = folder / f"{name}.new"
        draft.write_bytes(data)
        draft.replace(path)
        changed.append(name)
    for name in _strays(files, folder):
        if not _is_strange(folder / name):
            (folder / name).unlink()
            changed.append(name)
    return changed


def compare(files: dict[str, str], folder: Path) -> list[str]:
    """Return what differs between the package in its folder and the one that was made: one line per file."""
    found: list[str] = []
    for name in sorted(files):
        path = folder / name
        if not path.is_file():
            found.append(f"missing: {path.as_posix()}")
        elif path.read_bytes() != files[name].encode():
            found.append(f"drifted: {path.as_posix()}")
    found.extend(f"stray: {(folder / name).as_posix()}" for name in _strays(files, folder))
    return found


def _is_strange(path: Path) -> bool:
    """Say whether there is a file with something in it that no generator wrote."""
    return path.is_file() and path.stat().st_size > 0 and not path.read_bytes().startswith(HEADER)


def _strays(files: dict[str, str], folder: Path) -> list[str]:
    """Return the files of the folder that the generator does not make; caches of Python are not looked at."""
    if not folder.is_dir():
        return []
    found = (
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    return sorted(path.as_posix() for path in found if path.as_posix() not in files)
