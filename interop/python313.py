"""The project's test suite on the Python of Debian 13, in the system that RabbitMQ 4.0 lives in."""

import hashlib
import sys
from pathlib import Path

from interop.debian import inside, inside_environment
from interop.peers.rabbitmq4 import RabbitMq4
from interop.processes import run, spawn

_PROJECT = Path(__file__).parents[1]
_THERE = "/srv/project"
_VERSION = "3.13"


async def run_tests(home: Path, arguments: list[str]) -> int:
    """Run pytest with the arguments and return its exit code. Raises InteropError when it cannot be had."""
    debian = RabbitMq4(home)
    await debian.install()
    await _install_packages(debian)
    pytest = ["env", f"--chdir={_THERE}", "python3", "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    process = await spawn(
        inside(debian.root, pytest, folders={_PROJECT: _THERE}),
        owner=debian.folder,
        output=sys.stdout.buffer,
        # What Python and hypothesis keep would lie in the project's folder.
        environment=inside_environment(
            HOME="/root", PYTHONDONTWRITEBYTECODE="1", HYPOTHESIS_STORAGE_DIRECTORY="/root/hypothesis"
        ),
    )
    try:
        return await process.wait()
    finally:
        await debian.stop()
        await process.wait()


async def _install_packages(debian: RabbitMq4) -> None:
    """Put what the tests need where that Python looks, by our pip: that system has none."""
    stamp = debian.folder / f"python{_VERSION}"
    wanted = hashlib.sha256((_PROJECT / "pyproject.toml").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    target = debian.root / f"usr/local/lib/python{_VERSION}/dist-packages"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"]
    where = ["--target", str(target), "--python-version", _VERSION, "--only-binary=:all:"]
    await run([*pip, *where, f"{_PROJECT}[test]"], owner=debian.folder, log=debian.install_log)
    stamp.write_text(wanted)
