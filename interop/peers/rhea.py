"""A broker on rhea, an AMQP 1.0 library for Node."""

import os
import shutil
from pathlib import Path
from typing import ClassVar

from interop.debian import install
from interop.peers.base import HOST, Peer, choose_port
from interop.processes import run

_SCRIPT = Path(__file__).with_name("rhea_broker.js")
_PACKAGES = ("rhea@3.0.5", "ws@8.18.0")


class Rhea(Peer):
    """The broker of rhea_broker.js."""

    name: ClassVar[str] = "rhea"
    title: ClassVar[str] = "rhea 3.0"
    default_port: ClassVar[int] = 21703
    ready_line: ClassVar[str] = "ready"
    has_websocket: ClassVar[bool] = True
    recipe: ClassVar[str] = f"1 {' '.join(_PACKAGES)}"

    async def fetch(self) -> None:
        """Install rhea into the peer's folder, and Node when the machine has none."""
        if shutil.which("npm") is None:
            await install(["nodejs", "npm"], owner=self.folder, log=self.install_log)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "package.json").write_text('{"private": true}\n')
        await run(
            ["npm", "install", "--prefix", str(self.folder), "--no-fund", "--no-audit", *_PACKAGES],
            owner=self.folder,
            log=self.install_log,
        )

    def prepare(self) -> None:
        """Choose the port for WebSocket; the broker reads no file."""
        self.websocket_port = choose_port("", self.port + 1000)

    def command(self) -> list[str]:
        """Return the command line of the broker."""
        return ["node", str(_SCRIPT), HOST, str(self.port), str(self.websocket_port)]

    def environment(self) -> dict[str, str]:
        """Return our environment and where rhea is."""
        return {**os.environ, "NODE_PATH": str(self.folder / "node_modules")}
