"""The beginning and the end of accepting clients."""

import asyncio
from contextlib import suppress
from typing import Final

__all__ = ["start_accepting", "stop_accepting"]

_TURNS: Final = 4
"""Turns of the loop from the acceptance of a client until its transport is closed again, for one that came last."""


async def start_accepting(server: asyncio.Server) -> None:
    """Have *server* accept clients; it was made with ``start_serving=False``.

    Who waits for that may be cancelled, and with ``create_server`` alone a server would go on that nobody knows.
    """
    try:
        await server.start_serving()
    except BaseException:
        server.close()
        raise


async def stop_accepting(server: asyncio.Server) -> None:
    """Close *server*; what it has accepted lives on.

    Up to Python 3.12 a server that closes while a client is being accepted leaves that one's socket open: so no more
    are accepted first, and the last ones are waited for.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        # Other loops than those with selectors have no readers, and see to it themselves.
        with suppress(NotImplementedError):
            loop.remove_reader(listening.fileno())
    try:
        for _ in range(_TURNS):
            await asyncio.sleep(0)
    finally:
        server.close()
