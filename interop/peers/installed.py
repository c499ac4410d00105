"""What is installed once into a folder of its own."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from interop.errors import InteropError
from interop.processes import end_all

TRIES = 3


class Installed(ABC):
    """Something in a folder, which holds what install made and install.log."""

    name: ClassVar[str]
    recipe: ClassVar[str]
    """All that decides what install makes: another recipe than the one installed is installed anew."""

    def __init__(self, home: Path) -> None:
        self.folder = home / self.name
        self.install_log = self.folder / "install.log"

    @abstractmethod
    async def fetch(self) -> None:
        """Get and build all that it needs. Runs again after a failure. Raises InteropError."""

    async def install(self) -> None:
        """Install it unless that is done. Tries three times, then raises InteropError with the log's end."""
        stamp = self.folder / "installed"
        if stamp.is_file() and stamp.read_text() == self.recipe:
            return
        await end_all(self.folder)
        stamp.unlink(missing_ok=True)
        self.install_log.unlink(missing_ok=True)
        for tried in range(1, TRIES + 1):
            try:
                await self.fetch()
                break
            except InteropError:
                if tried == TRIES:
                    raise
        stamp.write_text(self.recipe)
