"""The newest RabbitMQ that Debian has, for what 4.0 has not."""

from typing import ClassVar

from interop.peers.rabbitmq4 import RabbitMq4


class RabbitMq43(RabbitMq4):
    """RabbitMQ 4.3 of Debian's next release, which moves."""

    name: ClassVar[str] = "rabbitmq43"
    title: ClassVar[str] = "RabbitMQ 4.3"
    default_port: ClassVar[int] = 21693
    release: ClassVar[str] = "forky"
    packages: ClassVar[list[str]] = ["rabbitmq-server"]
    recipe: ClassVar[str] = f"1 {release} {packages}"
    # It detaches the link, as 2.6.3 has it.
    refusal_ends_session: ClassVar[bool] = False
