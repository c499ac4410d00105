"""The peers, in the order in which they are checked."""

from interop.peers.activemq import ActiveMq
from interop.peers.artemis import Artemis
from interop.peers.base import Peer
from interop.peers.proton import Proton
from interop.peers.rabbitmq3 import RabbitMq3
from interop.peers.rabbitmq4 import RabbitMq4
from interop.peers.rabbitmq43 import RabbitMq43
from interop.peers.rhea import Rhea

__all__ = ["ALL_PEERS", "PEERS", "Peer", "Proton", "Rhea"]

PEERS: tuple[type[Peer], ...] = (RabbitMq3, RabbitMq4, Rhea, Proton)
"""What every change is checked against."""
ALL_PEERS: tuple[type[Peer], ...] = (*PEERS, RabbitMq43, ActiveMq, Artemis)
"""What takes longer to install, or moves, besides."""
