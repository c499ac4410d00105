"""The libraries: where each comes from, and how its side of the step is run."""

import os
import sys
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from interop.peers import Proton, Rhea
from interop.peers.installed import Installed
from interop.processes import run

_SHIMS = Path(__file__).parent
_PACKAGE = "azure-servicebus==7.15.0"


class Library:
    """Something that runs a shim; its values travel as files in the folder of what is installed."""

    name: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, installed: Installed) -> None:
        self.installed = installed

    @property
    def folder(self) -> Path:
        """Where it is installed."""
        return self.installed.folder

    async def install(self) -> None:
        """Install it unless that is done. Raises InteropError."""
        await self.installed.install()

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command line of the shim, but for the two files."""

    def environment(self) -> dict[str, str]:
        """Return the shim's environment."""
        return dict(os.environ)

    async def run(self, asked: Path, answered: Path) -> None:
        """Run the shim: it reads one file and writes the other. Raises CommandFailed."""
        await run(
            [*self.command(), str(asked), str(answered)],
            owner=self.folder,
            log=self.folder / "codec.log",
            environment=self.environment(),
        )


class ProtonCodec(Library):
    """The codec of Qpid proton, in C."""

    name = "proton"
    title = Proton.title

    def __init__(self, home: Path) -> None:
        super().__init__(Proton(home))

    def command(self) -> list[str]:
        """Return the command line of the shim, but for the two files."""
        return [str(self.folder / "venv" / "bin" / "python"), "-P", str(_SHIMS / "proton_shim.py")]


class RheaCodec(Library):
    """The codec of rhea, in JavaScript."""

    name = "rhea"
    title = Rhea.title

    def __init__(self, home: Path) -> None:
        super().__init__(Rhea(home))

    def command(self) -> list[str]:
        """Return the command line of the shim, but for the two files."""
        return ["node", str(_SHIMS / "rhea_shim.js")]

    def environment(self) -> dict[str, str]:
        """Return the shim's environment, and where rhea is."""
        return {**os.environ, "NODE_PATH": str(self.folder / "node_modules")}


class _PyAmqp(Installed):
    """azure-servicebus in a virtual environment of its own."""

    name = "pyamqp"
    recipe = f"1 {_PACKAGE} {sys.version}"

    async def fetch(self) -> None:
        """Install it with pip."""
        venv = self.folder / "venv"
        await run(
            [sys.executable, "-m", "venv", "--clear", str(venv)], owner=self.folder, log=self.install_log
        )
        pip = [
            str(venv / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        await run([*pip, _PACKAGE], owner=self.folder, log=self.install_log)


class PyAmqpCodec(Library):
    """The codec inside azure-servicebus, in Python."""

    name = "pyamqp"
    title = "_pyamqp of azure-servicebus 7.14"

    def __init__(self, home: Path) -> None:
        super().__init__(_PyAmqp(home))

    def command(self) -> list[str]:
        """Return the command line of the shim, but for the two files."""
        return [str(self.folder / "venv" / "bin" / "python"), "-P", str(_SHIMS / "pyamqp_shim.py")]


LIBRARIES: tuple[type[ProtonCodec | PyAmqpCodec | RheaCodec], ...] = (ProtonCodec, PyAmqpCodec, RheaCodec)
