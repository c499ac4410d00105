"""Run the test suite on every Python from 3.11 on that this machine has, each in a virtual environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("python3.11", "python3.12", "python3.13", "python3.14")


def environment() -> dict[str, str]:
    """Return an environment in which pyenv, where there is one, offers all of its versions at once."""
    found = dict(os.environ)
    if shutil.which("pyenv") is not None:
        listed = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True, check=True)
        found["PYENV_VERSION"] = ":".join(reversed(listed.stdout.split()))
    return found


def version_of(name: str, env: dict[str, str]) -> str | None:
    """Return the full version of the interpreter called *name*, or None where it does not run."""
    try:
        ran = subprocess.run(
            [name, "-c", "import platform, venv, ensurepip; print(platform.python_version())"],
            capture_output=True,
            text=True,
            check=True,
            env=env,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return ran.stdout.strip()


def prepare(name: str, version: str, env: dict[str, str]) -> Path:
    """Make, once, the virtual environment for *version*, and return its interpreter."""
    home = ROOT / ".pythons" / version
    python = home / "bin" / "python"
    stamp = home / "stamp"
    project = ROOT / "pyproject.toml"
    if not stamp.exists() or stamp.stat().st_mtime < project.stat().st_mtime:
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([name, "-m", "venv", str(home)], check=True, env=env)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--editable", f"{ROOT}[test]"], check=True)
        stamp.touch()
    return python


def main() -> int:
    """Test on each interpreter but the one that runs this, which `make test` has used; return 1 if one fails."""
    env = environment()
    failed: list[str] = []
    for name in NAMES:
        version = version_of(name, env)
        if version is None:
            print(f"{name}: not on this machine", flush=True)
            continue
        if version == ".".join(map(str, sys.version_info[:3])):
            print(f"{name}: {version}, the Python of `make test`", flush=True)
            continue
        print(f"{name}: {version}", flush=True)
        python = prepare(name, version, env)
        if subprocess.run([str(python), "-m", "pytest", "-q"], cwd=ROOT, check=False).returncode != 0:
            failed.append(version)
    if failed:
        print(f"the tests fail on Python {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
