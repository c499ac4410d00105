"""What both RabbitMQs have in common: a Debian of their own in a folder, configuration, users and queues.

The folder rather than this machine's own packages, because each Debian release has one RabbitMQ, and because
the package would start a service of this machine.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import ClassVar

from interop import certificates
from interop.debian import bootstrap, inside, inside_environment
from interop.errors import PeerFailed
from interop.peers.base import HOST, QUEUES, Peer, choose_port

# A queue for one message, which refuses the next.
FULL: dict[str, object] = {"x-max-length": 1, "x-overflow": "reject-publish"}
# The run folder as the broker sees it.
_RUN = Path("/srv/peer")


class RabbitMq(Peer):
    """A RabbitMQ of some Debian release."""

    release: ClassVar[str]
    packages: ClassVar[list[str]]
    plugins: ClassVar[list[str]]
    settings: ClassVar[dict[str, str]]
    queue_arguments: ClassVar[dict[str, dict[str, object]]] = {"full": FULL}
    """Arguments of the queues that are not plain classic ones."""
    more_queues: ClassVar[dict[str, dict[str, object]]] = {}
    """Queues of its own, beside those that all peers have, with their arguments."""
    ready_line: ClassVar[str] = "Server startup complete"
    refusal_ends_session: ClassVar[bool] = True
    modifying_address: ClassVar[str | None] = None
    is_scripted: ClassVar[bool] = False
    has_tls: ClassVar[bool] = True

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.root = self.folder / "root"
        # Inside its system, and so at a path without spaces, which its scripts do not take.
        self.run_folder = self.root / _RUN.relative_to("/")

    async def fetch(self) -> None:
        """Make the folder a Debian with the broker in it."""
        await bootstrap(self.root, self.release, self.packages, owner=self.folder, log=self.install_log)

    def prepare(self) -> None:
        """Write the configuration, the plug-ins and the definitions of users and queues."""
        self.distribution_port = choose_port("", self.port + 1000)
        self.port_mapper_port = choose_port("", self.port + 2000)
        self.tls_port = choose_port("", self.port + 3000)
        for name in ("home", "data", "tls"):
            (self.run_folder / name).mkdir()
        self.certificates = certificates.write(self.run_folder / "tls")
        settings = {
            "listeners.tcp.1": f"{HOST}:{self.port}",
            "listeners.ssl.1": f"{HOST}:{self.tls_port}",
            "ssl_options.cacertfile": f"{_RUN}/tls/ca.pem",
            "ssl_options.certfile": f"{_RUN}/tls/server.pem",
            "ssl_options.keyfile": f"{_RUN}/tls/server.key",
            # Who has a certificate is asked for it, who has none may come by other mechanisms.
            "ssl_options.verify": "verify_peer",
            "ssl_options.fail_if_no_peer_cert": "false",
            "ssl_cert_login_from": "common_name",
            "load_definitions": f"{_RUN}/definitions.json",
            "log.console": "true",
            "log.console.level": "info",
            "log.file": "false",
            "disk_free_limit.absolute": "50MB",
            "vm_memory_high_watermark.absolute": "1GB",
            **self.settings,
        }
        self._write("rabbitmq.conf", "".join(f"{name} = {value}\n" for name, value in settings.items()))
        self._write("advanced.config", "[].\n")
        plugins = [*self.plugins, "rabbitmq_auth_mechanism_ssl"]
        self._write("enabled_plugins", f"[{','.join(plugins)}].\n")
        self._write("definitions.json", json.dumps(self._definitions(), indent=1))

    def command(self) -> list[str]:
        """Return the command line of the broker's own start script, in its system."""
        found = sorted(self.root.glob("usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server"))
        if not found:
            raise PeerFailed(
                f"{self.title}: {self.root} holds no RabbitMQ: remove {self.folder}, and run again"
            )
        return inside(self.root, [f"/{found[-1].relative_to(self.root)}"])

    def environment(self) -> dict[str, str]:
        """Return the variables that keep the node and its port mapper on loopback and in the run folder."""
        return inside_environment(
            HOME=f"{_RUN}/home",
            RABBITMQ_NODENAME=f"{self.name}@localhost",
            RABBITMQ_DIST_PORT=str(self.distribution_port),
            RABBITMQ_CONF_ENV_FILE="/dev/null",
            RABBITMQ_CONFIG_FILE=f"{_RUN}/rabbitmq.conf",
            RABBITMQ_ADVANCED_CONFIG_FILE=f"{_RUN}/advanced.config",
            RABBITMQ_ENABLED_PLUGINS_FILE=f"{_RUN}/enabled_plugins",
            RABBITMQ_MNESIA_BASE=f"{_RUN}/data",
            RABBITMQ_LOG_BASE=f"{_RUN}/data",
            RABBITMQ_PID_FILE=f"{_RUN}/pid",
            RABBITMQ_GENERATED_CONFIG_DIR=f"{_RUN}/data",
            RABBITMQ_FEATURE_FLAGS_FILE=f"{_RUN}/feature_flags",
            # Two schedulers are enough here and leave the other cores to the client.
            RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +S 2:2",
            ERL_EPMD_PORT=str(self.port_mapper_port),
            ERL_EPMD_ADDRESS=HOST,
            ERL_CRASH_DUMP="/dev/null",
        )

    def _write(self, name: str, text: str) -> None:
        (self.run_folder / name).write_text(text)

    def _definitions(self) -> dict[str, object]:
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        guest = {
            "name": "guest",
            "password_hash": _password_hash("guest"),
            "hashing_algorithm": "rabbit_password_hashing_sha256",
            "tags": "administrator",
        }
        # EXTERNAL makes it of the client certificate; it has no password.
        client = {
            "name": certificates.CLIENT,
            "password_hash": "",
            "hashing_algorithm": "rabbit_password_hashing_sha256",
            "tags": "",
        }
        queues = {name: self.queue_arguments.get(name, {}) for name in QUEUES} | self.more_queues
        definitions = [
            {
                "name": name,
                "vhost": "/",
                "durable": True,
                "auto_delete": False,
                "arguments": arguments,
            }
            for name, arguments in queues.items()
        ]
        return {
            "vhosts": [{"name": "/"}],
            "users": [guest, client],
            "permissions": [{"user": user["name"], "vhost": "/", **everything} for user in (guest, client)],
            "queues": definitions,
        }


def _password_hash(password: str) -> str:
    """Return RabbitMQ's form of a password: a salt of four bytes and the SHA-256 of salt and password, in base64."""
    salt = b"amqp"
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
