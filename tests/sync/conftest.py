"""The servers of the contract suite, for what is tested of the blocking front end alone."""

from __future__ import annotations

from tests.contract.conftest import broker, nothing_is_logged, peer, serve, server, start_broker, start_peer

__all__ = ["broker", "nothing_is_logged", "peer", "serve", "server", "start_broker", "start_peer"]
