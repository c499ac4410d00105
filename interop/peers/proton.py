"""A broker on Qpid proton, the engine in C under many brokers and clients, by its Python binding."""

import os
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import ClassVar

from interop.debian import install
from interop.errors import PeerFailed
from interop.peers.base import HOST, Peer
from interop.processes import run

_SCRIPT = Path(__file__).with_name("proton_broker.py")
_PACKAGE = "python-qpid-proton==0.40.0"
# It comes as source. Cyrus SASL must be there when it is built, or its server side knows no PLAIN.
_BUILD_NEEDS = [
    "gcc",
    "libc6-dev",
    "libssl-dev",
    "libsasl2-dev",
    "libsasl2-modules",
    "pkg-config",
    "sasl2-bin",
]


class Proton(Peer):
    """The broker of proton_broker.py."""

    name: ClassVar[str] = "proton"
    title: ClassVar[str] = "proton 0.40"
    default_port: ClassVar[int] = 21713
    ready_line: ClassVar[str] = "ready"
    has_scram: ClassVar[bool] = True
    recipe: ClassVar[str] = f"1 {_PACKAGE} {sys.version}"

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.python = self.folder / "venv" / "bin" / "python"

    async def fetch(self) -> None:
        """Build proton in a virtual environment of its own."""
        await install([*_BUILD_NEEDS, *_python_headers()], owner=self.folder, log=self.install_log)
        venv = [sys.executable, "-m", "venv", "--clear", str(self.folder / "venv")]
        await run(venv, owner=self.folder, log=self.install_log)
        # Not from pip's cache, where a build without Cyrus SASL may lie.
        pip = [
            str(self.python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-cache-dir",
        ]
        await run([*pip, _PACKAGE], owner=self.folder, log=self.install_log)
        check = "import proton, sys; sys.exit(None if proton.SASL.extended() else 'proton was built without Cyrus SASL')"
        await run([str(self.python), "-c", check], owner=self.folder, log=self.install_log)

    def prepare(self) -> None:
        """Write what Cyrus SASL reads: the mechanisms, and the users with their passwords."""
        passwords = self.run_folder / "sasldb"
        (self.run_folder / "proton-server.conf").write_text(
            "pwcheck_method: auxprop\n"
            "auxprop_plugin: sasldb\n"
            f"sasldb_path: {passwords}\n"
            "mech_list: ANONYMOUS PLAIN SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512\n"
        )
        made = subprocess.run(
            ["saslpasswd2", "-p", "-c", "-f", str(passwords), "-u", socket.gethostname(), "guest"],
            input=b"guest",
            capture_output=True,
            check=False,
        )
        if made.returncode != 0:
            raise PeerFailed(
                f"saslpasswd2 ended with {made.returncode}: {made.stderr.decode(errors='replace').strip()}"
            )

    def command(self) -> list[str]:
        """Return the command line of the broker."""
        # -P: without the script's own folder, where this file would pass for proton itself.
        return [str(self.python), "-u", "-P", str(_SCRIPT), HOST, str(self.port)]

    def environment(self) -> dict[str, str]:
        """Return our environment and where Cyrus SASL finds its configuration."""
        return {**os.environ, "PN_SASL_CONFIG_PATH": str(self.run_folder)}


def _python_headers() -> list[str]:
    """Return the package of this Python's headers when they are missing."""
    if Path(sysconfig.get_path("include"), "Python.h").is_file():
        return []
    return [f"python3.{sys.version_info.minor}-dev"]
