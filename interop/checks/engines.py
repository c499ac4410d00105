"""Our engine and proton's, pumped against each other in memory by a process of proton's own Python."""

import asyncio
import os
from pathlib import Path

from interop.errors import CheckFailed
from interop.fronts import Front
from interop.peers import Peer
from interop.peers.proton import Proton

_ROOT = Path(__file__).parents[2]
_SCRIPT = _ROOT / "interop" / "proton_engine.py"


async def engines(peer: Peer, _front: Front, _messages: int) -> str:
    """Run both roles with the octets whole, one at a time and in random pieces; no difference is allowed."""
    assert isinstance(peer, Proton)
    path = os.pathsep.join([str(_ROOT / "src"), str(_ROOT / "generated")])
    process = await asyncio.create_subprocess_exec(
        *(str(peer.python), str(_SCRIPT)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    said = output.decode().splitlines()
    if process.returncode != 0:
        raise CheckFailed("\n".join(said))
    return f"{len(said)} runs as expected: two roles, octets whole, one at a time, in random pieces"
