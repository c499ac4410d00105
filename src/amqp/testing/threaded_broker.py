"""The embedded broker in a thread, for tests that have no loop, or want theirs for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from amqp.broker import Broker
from amqp.testing.threads import LoopThread

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

    from amqp.broker import BrokerOptions

__all__ = ["ThreadedBroker"]


class ThreadedBroker:
    """An embedded broker on loopback: ``with ThreadedBroker() as broker: ... connect(broker.url)``.

    Args:
        options: of the broker.
        host: where to listen.
        ssl_context: TLS with this.
        timeout: seconds that starting and stopping may take.
    """

    def __init__(
        self,
        options: BrokerOptions | None = None,
        host: str = "127.0.0.1",
        *,
        ssl_context: ssl.SSLContext | None = None,
        timeout: float = 10.0,
    ) -> None:
        self.broker = Broker(options)
        """The broker; it lives on the loop of its thread."""
        self._listener = self.broker.listen(host, 0, ssl_context=ssl_context)
        self._timeout = timeout
        self._thread: LoopThread | None = None

    @property
    def url(self) -> str:
        """What to give to ``amqp.connect``.

        Raises:
            LocalError: it is not started.
        """
        return self._listener.url

    @property
    def port(self) -> int:
        """The port.

        Raises:
            LocalError: it is not started.
        """
        return self._listener.port

    def __enter__(self) -> Self:
        self._thread = thread = LoopThread("broker", self._timeout)
        try:
            thread.run(self._listener.start())
        except BaseException:
            thread.stop()
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            try:
                thread.run(self._listener.close())
            finally:
                thread.stop()
