"""RabbitMQ 3.10, whose AMQP 1.0 is a plug-in over its AMQP 0-9-1."""

from typing import ClassVar

from interop.peers.rabbitmq import RabbitMq


class RabbitMq3(RabbitMq):
    """RabbitMQ 3.10 of Debian 12."""

    name: ClassVar[str] = "rabbitmq3"
    title: ClassVar[str] = "RabbitMQ 3.10"
    default_port: ClassVar[int] = 21673
    refused_address: ClassVar[str] = "/amq/queue/missing"
    rejecting_address: ClassVar[str | None] = "/amq/queue/full"
    unroutable_address: ClassVar[str] = "/exchange/amq.direct/nowhere"
    release: ClassVar[str] = "bookworm"
    packages: ClassVar[list[str]] = ["rabbitmq-server"]
    recipe: ClassVar[str] = f"1 {release} {packages}"
    plugins: ClassVar[list[str]] = ["rabbitmq_amqp1_0"]
    settings: ClassVar[dict[str, str]] = {
        "amqp1_0.default_user": "guest",
        "auth_mechanisms.1": "PLAIN",
        "auth_mechanisms.2": "EXTERNAL",
    }

    def address(self, queue: str) -> str:
        """Return the address of a queue that exists: `/queue/x` would declare x anew, and fail on a durable x."""
        return f"/amq/queue/{queue}"

    def own_faults(self) -> int:
        """Return how often a process was gone that it needed for a link, by its own log."""
        return self.log.read_text(errors="replace").count("internal error in channel")
