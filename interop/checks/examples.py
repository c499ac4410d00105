"""The programs in examples/, against the servers that they are for."""

import asyncio
import os
import sys
from pathlib import Path

from interop.expect import check
from interop.fronts import Front
from interop.peers import Peer
from interop.peers.rabbitmq4 import EXAMPLE_LOG, RabbitMq4

EXAMPLES = Path(__file__).parents[2] / "examples"
SECONDS = 60


def programs(peer: Peer) -> list[list[str]]:
    """Return which of them are for this server, with what they are told behind its URL."""
    if isinstance(peer, RabbitMq4):
        return [["rabbitmq_management.py"], ["rabbitmq_streams.py", EXAMPLE_LOG]]
    if peer.topic is None:
        return []
    return [
        ["durable_subscription.py", peer.topic],
        ["transactions.py", peer.address("inbox"), peer.address("outbox")],
        ["request_reply.py", peer.address("shout")],
    ]


def has_examples(peer: Peer) -> bool:
    """Say whether there are any."""
    return bool(programs(peer))


async def examples(peer: Peer, _front: Front, _messages: int) -> str:
    """Each ends well."""
    for name, *arguments in programs(peer):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(EXAMPLES / name),
            peer.url,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(os.environ),
        )
        try:
            async with asyncio.timeout(SECONDS):
                written, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        check(process.returncode == 0, f"{name} ended with {process.returncode}: {written.decode()}")
    return ", ".join(name for name, *_ in programs(peer))
