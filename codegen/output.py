"""Step 8, write or compare: the whole package at once, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "amqp_spec"


def write(files: dict[str, str], out: Path) -> list[str]:
    """Write the package into the folder; files of an earlier run that are no longer made are removed."""
    folder = out / PACKAGE
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
        (folder / name).unlink()
        changed.append(name)
    return changed


def compare(files: dict[str, str], out: Path) -> list[str]:
    """Return what differs between the package in the folder and the one that was made: one line per file."""
    folder = out / PACKAGE
    found: list[str] = []
    for name in sorted(files):
        path = folder / name
        if not path.is_file():
            found.append(f"missing: {path.as_posix()}")
        elif path.read_bytes() != files[name].encode():
            found.append(f"drifted: {path.as_posix()}")
    found.extend(f"stray: {(folder / name).as_posix()}" for name in _strays(files, folder))
    return found


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
