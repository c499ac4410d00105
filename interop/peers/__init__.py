"""The peers, in the order in which they are checked."""

from interop.peers.base import Peer
from interop.peers.proton import Proton
from interop.peers.rabbitmq3 import RabbitMq3
from interop.peers.rabbitmq4 import RabbitMq4
from interop.peers.rhea import Rhea

__all__ = ["PEERS", "Peer", "Proton", "Rhea"]

PEERS: tuple[type[Peer], ...] = (RabbitMq3, RabbitMq4, Rhea, Proton)
