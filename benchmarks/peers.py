"""The peers' virtual environment: made on first use, and again when the peers or Python change."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = (
    "python-qpid-proton==0.40.0",
    "azure-servicebus==7.15.0",
    "rabbitmq-amqp-python-client==2.0.0b2",
)
# proton comes as source; its codec needs no SASL, but its build looks for what is there.
_DEBIAN: Final = ("gcc", "libc6-dev", "libssl-dev", "libsasl2-dev", "pkg-config")
_RECIPE: Final = f"1 {' '.join(PACKAGES)} {sys.version}"


class SetupFailed(Exception):
    """The peers could not be installed; str() says what to do."""


def folder() -> Path:
    """Return the folder of the environment, beside those of the interop peers."""
    home = Path(os.environ.get("AMQP_PEERS") or ROOT / ".peers").resolve()
    return home / "bench"


def python() -> Path:
    """Return the environment's Python."""
    return folder() / "venv" / "bin" / "python"


def set_up() -> None:
    """Make the environment unless it is there. Raises SetupFailed."""
    stamp = folder() / "installed"
    if stamp.is_file() and stamp.read_text() == _RECIPE:
        return
    print(f"Installing the peers into {folder()}: {', '.join(PACKAGES)}", file=sys.stderr, flush=True)
    folder().mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    log = folder() / "install.log"
    log.unlink(missing_ok=True)
    run([sys.executable, "-m", "venv", "--clear", str(folder() / "venv")], log)
    try:
        _install(log)
    except SetupFailed:
        _install_build_tools(log)
        _install(log)
    stamp.write_text(_RECIPE)


def environment() -> dict[str, str]:
    """Return the environment variables in which the peers' Python finds this tree as well."""
    paths = (ROOT, ROOT / "src", ROOT / "generated")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}


def _install(log: Path) -> None:
    pip = [str(python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, *PACKAGES], log)


def _install_build_tools(log: Path) -> None:
    """Install what proton's build needs, where that is possible: by apt, as root."""
    headers = Path(sysconfig.get_path("include"), "Python.h").is_file()
    needs = [*_DEBIAN, *(() if headers else (f"python3.{sys.version_info.minor}-dev",))]
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise SetupFailed(
            f"the peers could not be installed: see {log}. python-qpid-proton is built from source and needs a C"
            f" compiler and Python's headers; on Debian and Ubuntu: apt-get install {' '.join(needs)}"
        )
    install_packages(needs, log)


def install_packages(names: Sequence[str], log: Path) -> None:
    """Install packages of Debian on this machine, which takes root. Raises SetupFailed."""
    run(["apt-get", "update"], log)
    run(["apt-get", "install", "--yes", "--no-install-recommends", *names], log)


def run(command: list[str], log: Path) -> None:
    """Run a command, its output appended to the log. Raises SetupFailed with the end of it."""
    with log.open("ab") as output:
        output.write(f"$ {' '.join(command)}\n".encode())
        output.flush()
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode != 0:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise SetupFailed(f"{command[0]} ended with {done.returncode}; {log} ends:\n{end}")
