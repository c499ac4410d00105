"""The common server: the broker among the examples of Debian's Qpid Proton, in C, with a larger credit window."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.peers import SetupFailed, folder, install_packages, run
from benchmarks.throughput.workload import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator

CREDIT: Final = 1000
_SOURCE: Final = Path("/usr/share/proton/examples/c/broker.c")
_PACKAGES: Final = ("gcc", "libc6-dev", "libqpid-proton11-dev", "libqpid-proton11-dev-examples")
# As it comes it grants 5, which measures round trips and nothing else.
_WINDOW: Final = "const int WINDOW=5;"


def build() -> Path:
    """Return the broker's program, made unless it is there. Raises SetupFailed."""
    home = folder() / "qpid-broker"
    program = home / f"broker-{CREDIT}"
    if program.is_file():
        return program
    home.mkdir(parents=True, exist_ok=True)
    log = home / "build.log"
    _install(log)
    text = _SOURCE.read_text()
    if _WINDOW not in text:
        raise SetupFailed(f"{_SOURCE} has no line '{_WINDOW}': its credit window cannot be set")
    source = home / "broker.c"
    source.write_text(text.replace(_WINDOW, f"const int WINDOW={CREDIT};"))
    unfinished = home / "unfinished"
    examples = f"-I{_SOURCE.parent}"
    run(["gcc", "-O2", examples, "-o", str(unfinished), str(source), "-lqpid-proton", "-lpthread"], log)
    unfinished.rename(program)
    return program


@contextmanager
def running(program: Path) -> Iterator[int]:
    """Run the broker and yield its port. Raises SetupFailed when it does not come up."""
    port = _free_port()
    with subprocess.Popen(
        [str(program), HOST, str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said: list[str] = []
            for line in process.stdout:
                said.append(line)
                if line.startswith("listening"):
                    break
            else:
                raise SetupFailed(f"the broker did not come up; it says: {''.join(said)}")
            yield port
        finally:
            process.kill()


def _install(log: Path) -> None:
    if _SOURCE.is_file() and shutil.which("gcc") is not None:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise SetupFailed(
            f"the broker is built from {_SOURCE}, which is not here: on Debian 12, apt-get install {' '.join(_PACKAGES)}"
        )
    install_packages(_PACKAGES, log)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port
