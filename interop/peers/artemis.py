"""ActiveMQ Artemis."""

from typing import ClassVar

from interop.peers.base import HOST, QUEUES
from interop.peers.java import JavaBroker, quoted

_VERSION = "2.44.0"
_LOGGING = """\
rootLogger.level = WARN
rootLogger.appenderRef.console.ref = console
logger.server.name = org.apache.activemq.artemis.core.server
logger.server.level = INFO
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %-5level [%logger] %msg%n
"""
_LOGIN = """\
activemq {
  org.apache.activemq.artemis.spi.core.security.jaas.PropertiesLoginModule sufficient
    org.apache.activemq.jaas.properties.user="users.properties"
    org.apache.activemq.jaas.properties.role="roles.properties";
  org.apache.activemq.artemis.spi.core.security.jaas.GuestLoginModule sufficient
    credentialsInvalidate=true
    org.apache.activemq.jaas.guest.user="guest"
    org.apache.activemq.jaas.guest.role="everybody";
};
"""
_BOOTSTRAP = """\
<broker xmlns="http://activemq.apache.org/schema">
  <jaas-security domain="activemq"/>
  <server configuration="{configuration}"/>
</broker>
"""
_MANAGEMENT = '<management-context xmlns="http://activemq.apache.org/schema"/>\n'
_PERMISSIONS = (
    *("createNonDurableQueue", "deleteNonDurableQueue", "createDurableQueue", "deleteDurableQueue"),
    *("createAddress", "deleteAddress", "consume", "browse", "send", "manage"),
)
_BROKER = """\
<configuration xmlns="urn:activemq">
  <core xmlns="urn:activemq:core">
    <name>artemis</name>
    <persistence-enabled>false</persistence-enabled>
    <security-enabled>true</security-enabled>
    <acceptors>
      <acceptor name="amqp">tcp://{host}:{port}?protocols=AMQP</acceptor>
    </acceptors>
    <security-settings>
      <security-setting match="#">
        {permissions}
      </security-setting>
    </security-settings>
    <address-settings>
      <address-setting match="#">
        <dead-letter-address>dead-letters</dead-letter-address>
        <default-address-routing-type>ANYCAST</default-address-routing-type>
        <default-queue-routing-type>ANYCAST</default-queue-routing-type>
      </address-setting>
      <address-setting match="full">
        <max-size-messages>2</max-size-messages>
        <address-full-policy>FAIL</address-full-policy>
      </address-setting>
      <address-setting match="missing">
        <auto-create-addresses>false</auto-create-addresses>
        <auto-create-queues>false</auto-create-queues>
      </address-setting>
    </address-settings>
    <addresses>
      {addresses}
    </addresses>
  </core>
</configuration>
"""
_ADDRESS = '<address name="{name}"><anycast><queue name="{name}"/></anycast></address>'


class Artemis(JavaBroker):
    """Artemis with an acceptor for AMQP alone, in memory."""

    name: ClassVar[str] = "artemis"
    title: ClassVar[str] = f"Artemis {_VERSION.rpartition('.')[0]}"
    default_port: ClassVar[int] = 21723
    artifact: ClassVar[str] = f"org.apache.activemq:apache-artemis:{_VERSION}:tar.gz:bin"
    recipe: ClassVar[str] = f"1 {artifact}"
    # AMQ221007: the server is live.
    ready_line: ClassVar[str] = "AMQ221007"
    topic: ClassVar[str | None] = "news"
    refused_address: ClassVar[str] = "missing"
    rejecting_address: ClassVar[str | None] = "full"
    modifying_address: ClassVar[str | None] = None
    unroutable_address: ClassVar[str] = "missing"

    def prepare(self) -> None:
        """Write the configuration, the users and the queues."""
        permissions = "\n        ".join(
            f'<permission type="{name}" roles="everybody"/>' for name in _PERMISSIONS
        )
        addresses = "\n      ".join(_ADDRESS.format(name=name) for name in (*QUEUES, "dead-letters"))
        self.write(
            "broker.xml",
            _BROKER.format(host=HOST, port=self.port, permissions=permissions, addresses=addresses),
        )
        # A URI, in which a space of the path is escaped.
        configuration = (self.run_folder / "broker.xml").as_uri()
        self.write("bootstrap.xml", _BOOTSTRAP.format(configuration=quoted(configuration)))
        self.write("management.xml", _MANAGEMENT)
        self.write("login.config", _LOGIN)
        self.write("users.properties", "guest = guest\n")
        self.write("roles.properties", "everybody = guest\n")
        self.write("log4j2.properties", _LOGGING)

    def command(self) -> list[str]:
        """Return the command line of the broker."""
        properties = {
            "artemis.home": self.unpacked,
            "artemis.instance": self.run_folder,
            "artemis.instance.etc": self.run_folder,
            "artemis.instance.uri": self.run_folder.as_uri() + "/",
            "artemis.instance.etc.uri": self.run_folder.as_uri() + "/",
            "java.security.auth.login.config": self.run_folder / "login.config",
            "log4j2.configurationFile": (self.run_folder / "log4j2.properties").as_uri(),
        }
        boot = self.unpacked / "lib" / "artemis-boot.jar"
        return self.java(boot, "org.apache.activemq.artemis.boot.Artemis", "run", **properties)
