"""Tokens that are put over a connection that is up, and renewed."""

from __future__ import annotations

import math
from threading import Event, Thread, current_thread
from types import TracebackType
from typing import Self

import amqp.sync  # Connection is not there yet
from amqp.client.connection import ClientConnection
from amqp.client.settings import CLOSE_TIMEOUT
from amqp.client.tokens import TokenKeeper
from amqp.client.views import AuthorizationView
from amqp.sync.requester import Requester

__all__ = ["Authorization"]


class Authorization(AuthorizationView):
    """Keeps a connection authorized by tokens; made by :meth:`Connection.authorize`.

    It renews them when nine tenths of the life of the first to expire are over. A renewal that fails is logged to
    ``amqp.security`` and tried again until that one has expired; then it ends, and ``error`` says why. ``with``
    closes it. It ends with its connection.
    """

    def __init__(self, keeper: TokenKeeper, connection: ClientConnection, requester: Requester) -> None:
        super().__init__(keeper, connection)
        self._requester = requester
        self._stop = Event()
        self._thread: Thread | None = None

    def renew(self, *, timeout: float | None = None) -> None:
        """Ask the provider for a token for each audience, and put it, now.

        Args:
            timeout: seconds for each answer; None is the connection's ``operation_timeout``.

        Raises:
            TokenRefused: the peer did not take it; ``status`` says why.
            OperationTimeout: no answer came in time.
            NotSent, InDoubt: the connection or the links for it are gone.
            LocalError: the provider returned no Token, or one that has expired.

        What the provider raises is raised here.
        """
        keeper = self._keeper
        for audience in keeper.audiences:
            token = keeper.check(audience, keeper.provider(audience))
            reply = self._requester.request(keeper.request(audience, token), timeout=timeout)
            keeper.taken(audience, token, reply)
        keeper.renewed()

    def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Renew no more, and detach; the tokens stay valid until they expire. Closing twice does nothing.

        Raises:
            OperationTimeout: the peer did not answer within *timeout* seconds; it is closed here.
        """
        self._ended = True
        self._stop.set()
        self._requester.close(timeout=timeout)
        if self._thread is not None and self._thread is not current_thread():
            self._thread.join(timeout)

    def keep(self, connection: amqp.sync.Connection) -> None:
        """Begin to renew, as long as *connection* is open."""
        stop = self._stop
        connection.add_close_callback(lambda _: stop.set())
        self._thread = Thread(target=self._keep, name="amqp tokens", daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        while True:
            wait = self._keeper.wait()
            if self._stop.wait(None if math.isinf(wait) else wait):
                break
            try:
                self.renew()
            except Exception as error:  # noqa: BLE001  # a provider may raise anything, and is asked again
                if self._stop.is_set() or not self._keeper.failed(error):
                    break
        self._ended = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
