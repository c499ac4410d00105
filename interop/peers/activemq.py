"""ActiveMQ Classic."""

from typing import ClassVar

from interop.peers.base import HOST, QUEUES
from interop.peers.java import JavaBroker, quoted

_VERSION = "5.17.6"
_BROKER = """\
<beans xmlns="http://www.springframework.org/schema/beans" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.springframework.org/schema/beans http://www.springframework.org/schema/beans/spring-beans.xsd
  http://activemq.apache.org/schema/core http://activemq.apache.org/schema/core/activemq-core.xsd">
  <broker xmlns="http://activemq.apache.org/schema/core" brokerName="activemq" dataDirectory="{data}" persistent="false"
    useJmx="false" schedulerSupport="false" advisorySupport="true" useShutdownHook="true">
    <destinationPolicy>
      <policyMap>
        <policyEntries>
          <policyEntry queue="&gt;" usePrefetchExtension="false"/>
        </policyEntries>
      </policyMap>
    </destinationPolicy>
    <plugins>
      <simpleAuthenticationPlugin anonymousAccessAllowed="true" anonymousUser="guest" anonymousGroup="everybody">
        <users>
          <authenticationUser username="guest" password="guest" groups="everybody"/>
        </users>
      </simpleAuthenticationPlugin>
      <authorizationPlugin>
        <map>
          <authorizationMap>
            <authorizationEntries>
              <authorizationEntry topic="&gt;" read="everybody" write="everybody" admin="everybody"/>
              {queues}
            </authorizationEntries>
            <tempDestinationAuthorizationEntry>
              <tempDestinationAuthorizationEntry read="everybody" write="everybody" admin="everybody"/>
            </tempDestinationAuthorizationEntry>
          </authorizationMap>
        </map>
      </authorizationPlugin>
    </plugins>
    <transportConnectors>
      <transportConnector name="amqp" uri="amqp://{host}:{port}?transport.transformer=jms"/>
    </transportConnectors>
  </broker>
</beans>
"""
# Entries add up, so that a queue without one is the only way to have a queue that is refused.
_QUEUE = '<authorizationEntry queue="{name}" read="everybody" write="everybody" admin="everybody"/>'
_LOGGING = """\
rootLogger.level = INFO
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %-5level [%logger] %msg%n
"""


class ActiveMq(JavaBroker):
    """ActiveMQ Classic with a connector for AMQP alone, in memory."""

    name: ClassVar[str] = "activemq"
    title: ClassVar[str] = f"ActiveMQ {_VERSION.rpartition('.')[0]}"
    default_port: ClassVar[int] = 21733
    artifact: ClassVar[str] = f"org.apache.activemq:apache-activemq:{_VERSION}:tar.gz:bin"
    recipe: ClassVar[str] = f"1 {artifact}"
    ready_line: ClassVar[str] = ") started"
    topic: ClassVar[str | None] = "topic://news"
    refused_address: ClassVar[str] = "forbidden"
    refusal_condition: ClassVar[str] = "amqp:unauthorized-access"
    rejecting_address: ClassVar[str | None] = None
    modifying_address: ClassVar[str | None] = None
    unroutable_address: ClassVar[str] = "missing"

    def prepare(self) -> None:
        """Write the configuration; queues are made on use."""
        names = (*QUEUES, "ActiveMQ.DLQ", "made.&gt;")
        queues = "\n              ".join(_QUEUE.format(name=name) for name in names)
        data = quoted(self.run_folder / "data")
        self.write("activemq.xml", _BROKER.format(host=HOST, port=self.port, data=data, queues=queues))
        self.write("log4j2.properties", _LOGGING)

    def command(self) -> list[str]:
        """Return the command line of the broker."""
        properties = {
            "activemq.home": self.unpacked,
            "activemq.base": self.run_folder,
            "activemq.conf": self.run_folder,
            "activemq.data": self.run_folder / "data",
            "log4j2.configurationFile": (self.run_folder / "log4j2.properties").as_uri(),
        }
        configuration = f"xbean:{(self.run_folder / 'activemq.xml').as_uri()}"
        launcher = self.unpacked / "bin" / "activemq.jar"
        return self.java(launcher, "org.apache.activemq.console.Main", "start", configuration, **properties)
