"""Debian's packages: on this machine by apt, and whole systems of another release in a folder by debootstrap."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from interop.errors import InteropError
from interop.processes import run

# apt and dpkg take one caller at a time.
_APT = asyncio.Lock()
_LISTS_READ = asyncio.Event()
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Its own mount namespace: what is mounted here ends with the last process in it, however that ends. /media, because
# the folder's own path may hold spaces, which debootstrap does not take.
_BOOTSTRAP = """
set -e
mount --bind "$1" /media
exec debootstrap --variant=minbase --include="$2" "$3" /media "$4" /usr/share/debootstrap/scripts/sid
"""
_ENTER = """
set -e
root=$1
shift
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
while [ "$1" != -- ]; do
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
  shift 2
done
shift
exec chroot "$root" "$@"
"""
_NAMESPACE = ["unshare", "--mount", "--propagation", "private", "sh", "-c"]


async def install(packages: list[str], *, owner: Path, log: Path) -> None:
    """Install those of the packages that this machine lacks. Raises InteropError."""
    async with _APT:
        missing = [name for name in packages if not _is_installed(name)]
        if not missing:
            return
        _need_root(f"installing {' '.join(missing)}")
        await _update(owner, log)
        # An apt that was killed leaves dpkg half done, and it then refuses all else.
        await run(["dpkg", "--configure", "-a"], owner=owner, log=log, environment=_quiet())
        await run(
            [
                "apt-get",
                "install",
                "--yes",
                "--no-install-recommends",
                "-o",
                "DPkg::Lock::Timeout=120",
                *missing,
            ],
            owner=owner,
            log=log,
            environment=_quiet(),
        )


async def bootstrap(root: Path, release: str, packages: list[str], *, owner: Path, log: Path) -> None:
    """Make root a system of a Debian release with the packages. Needs root, and starts afresh. Raises InteropError."""
    _need_root(f"a Debian {release} in a folder")
    await install(["debootstrap"], owner=owner, log=log)
    mirror = await _mirror(owner, log)
    _make_empty(root)
    await run(
        [*_NAMESPACE, _BOOTSTRAP, "sh", str(root), ",".join(packages), release, mirror],
        owner=owner,
        log=log,
        environment=_quiet(),
    )
    # Erlang asks for the address of localhost, and a Debian fresh from debootstrap may not know it.
    (root / "etc" / "hosts").write_text("127.0.0.1 localhost\n")
    for rest in ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc", "usr/share/man"):
        shutil.rmtree(root / rest, ignore_errors=True)


def inside(root: Path, command: list[str], *, folders: Mapping[Path, str] | None = None) -> list[str]:
    """Return the command line that runs command in the system at root.

    It sees /proc, /dev and the given folders of this machine, each at the path that is named for it.
    """
    _need_root("running a command in another Debian")
    mounts = [part for folder, there in (folders or {}).items() for part in (str(folder), there)]
    return [*_NAMESPACE, _ENTER, "sh", str(root), *mounts, "--", *command]


def inside_environment(**variables: str) -> dict[str, str]:
    """Return the environment of a command in another system: nothing of ours, for its paths mean nothing there."""
    return {"PATH": _SYSTEM_PATH, "LANG": "C.UTF-8", "TERM": "dumb", **variables}


def _need_root(what: str) -> None:
    if os.geteuid() != 0:
        raise InteropError(f"{what} needs root: run as root, or choose other peers with --peer")


def _is_installed(package: str) -> bool:
    query = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${db:Status-Abbrev}", package],
        capture_output=True,
        check=False,
    )
    return query.stdout.startswith(b"ii")


def _quiet() -> dict[str, str]:
    return {**os.environ, "PATH": _SYSTEM_PATH, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


async def _update(owner: Path, log: Path) -> None:
    """Read the package lists, once in a run: an old list names versions that the mirror has no more."""
    if not _LISTS_READ.is_set():
        await run(["apt-get", "update"], owner=owner, log=log, environment=_quiet())
        _LISTS_READ.set()


async def _mirror(owner: Path, log: Path) -> str:
    """Return the mirror that this machine's apt uses for Debian."""
    async with _APT:
        # apt knows whose packages a mirror has only when it has read its lists.
        if not _mirrors():
            await _update(owner, log)
    found = _mirrors()
    if not found:
        raise InteropError(
            "apt has no source of Debian's packages: add one to /etc/apt, or choose other peers with --peer"
        )
    return found[0]


def _mirrors() -> list[str]:
    query = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    )
    pairs = [line.split(maxsplit=1) for line in query.stdout.splitlines()]
    return [pair[1] for pair in pairs if len(pair) == 2 and pair[0] == "Debian"]


def _make_empty(folder: Path) -> None:
    """Remove a folder's content, but nothing that is mounted in it."""
    if folder.exists():
        subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)
    folder.mkdir(parents=True)
