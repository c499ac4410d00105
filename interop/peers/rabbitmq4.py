"""RabbitMQ 4.0, which speaks AMQP 1.0 natively."""

from typing import ClassVar

from interop.peers.rabbitmq import FULL, RabbitMq

LOG = "log"
EXAMPLE_LOG = "example-log"
SINGLE = "single"
SLOW = "slow"
MORTAL = "mortal"
BURIED = "buried"
ODD_NAME = "a/b 50% ü"


class RabbitMq4(RabbitMq):
    """RabbitMQ 4.0 of Debian 13."""

    name: ClassVar[str] = "rabbitmq4"
    title: ClassVar[str] = "RabbitMQ 4.0"
    default_port: ClassVar[int] = 21683
    refused_address: ClassVar[str] = "/queues/missing"
    rejecting_address: ClassVar[str | None] = "/queues/full"
    unroutable_address: ClassVar[str] = "/exchanges/amq.direct/nowhere"
    release: ClassVar[str] = "trixie"
    # Python, because this system is also where the tests run on Debian 13's Python.
    packages: ClassVar[list[str]] = ["rabbitmq-server", "python3"]
    recipe: ClassVar[str] = f"1 {release} {packages}"
    plugins: ClassVar[list[str]] = []
    settings: ClassVar[dict[str, str]] = {
        "auth_mechanisms.1": "PLAIN",
        "auth_mechanisms.2": "ANONYMOUS",
        "auth_mechanisms.3": "EXTERNAL",
        "anonymous_login_user": "guest",
        "anonymous_login_pass": "guest",
    }
    more_queues: ClassVar[dict[str, dict[str, object]]] = {
        LOG: {"x-queue-type": "stream"},
        EXAMPLE_LOG: {"x-queue-type": "stream"},
        SINGLE: {"x-queue-type": "quorum", "x-single-active-consumer": True},
        MORTAL: {
            "x-queue-type": "quorum",
            "x-delivery-limit": 2,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": BURIED,
        },
        BURIED: {},
        SLOW: {"x-queue-type": "quorum"},
        ODD_NAME: {},
    }
    # The queue whose messages must not be lost is a replicated log, the others are classic queues.
    queue_arguments: ClassVar[dict[str, dict[str, object]]] = {
        "full": FULL,
        "unsettled": {"x-queue-type": "quorum"},
    }

    def address(self, queue: str) -> str:
        """Return the address of a queue that exists."""
        return f"/queues/{queue}"
