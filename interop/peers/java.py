"""Brokers written in Java, as their projects publish them: an archive that Maven fetches."""

import os
import shutil
import tarfile
from pathlib import Path
from typing import ClassVar
from xml.sax.saxutils import escape

from interop.debian import install
from interop.peers.base import Peer
from interop.processes import run

# The folder of this Java's tools comes first in Debian's path.
_TOOLS = {"java": "default-jre-headless", "mvn": "maven"}


class JavaBroker(Peer):
    """A broker in an archive of Maven's coordinates, unpacked as it is."""

    artifact: ClassVar[str]
    """Group and name, version, type and classifier, with colons."""
    is_scripted: ClassVar[bool] = False

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.unpacked = self.folder / "broker"

    async def fetch(self) -> None:
        """Fetch and unpack the archive, and install Java and Maven where the machine has none."""
        missing = [package for tool, package in _TOOLS.items() if shutil.which(tool) is None]
        if missing:
            await install(missing, owner=self.folder, log=self.install_log)
        archives = self.folder / "archive"
        shutil.rmtree(archives, ignore_errors=True)
        await run(
            [
                *("mvn", "--batch-mode", "--quiet", "dependency:copy"),
                *(f"-Dartifact={self.artifact}", f"-DoutputDirectory={archives}"),
            ],
            owner=self.folder,
            log=self.install_log,
        )
        (archive,) = archives.iterdir()
        self._unpack(archive)
        shutil.rmtree(archives)

    def _unpack(self, archive: Path) -> None:
        half_done = self.folder / "unpacking"
        shutil.rmtree(half_done, ignore_errors=True)
        with tarfile.open(archive) as content:
            content.extractall(half_done, filter="data")
        shutil.rmtree(self.unpacked, ignore_errors=True)
        (inner,) = half_done.iterdir()
        inner.rename(self.unpacked)
        half_done.rmdir()

    def write(self, name: str, text: str) -> None:
        """Write a file of the run folder."""
        (self.run_folder / name).write_text(text)

    def java(self, classes: Path, *arguments: str, **properties: object) -> list[str]:
        """Return a command line that runs a main class found in *classes*, with system properties."""
        return [
            *("java", "-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            f"-Djava.io.tmpdir={self.run_folder}",
            *(f"-D{name}={value}" for name, value in properties.items()),
            *("-cp", str(classes), *arguments),
        ]

    def environment(self) -> dict[str, str]:
        """Return our environment."""
        return dict(os.environ)


def quoted(value: object) -> str:
    """Return a value as it stands between the quotes of an XML attribute."""
    return escape(str(value), {'"': "&quot;"})
