"""Tokens that are put over a connection that is up, and renewed."""

from __future__ import annotations

import math
import weakref
from threading import Event, Lock, Thread, current_thread
from types import TracebackType
from typing import Self

import amqp.sync  # Connection is not there yet
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

    def __init__(self, keeper: TokenKeeper, connection: amqp.sync.Connection, requester: Requester) -> None:
        super().__init__(keeper, connection)
        # A connection that is forgotten is dropped, also while its tokens are renewed.
        self._home = weakref.ref(connection)
        self._requester = requester
        self._one_at_a_time = Lock()
        self._stop = Event()
        self._thread: Thread | None = None

    def renew(self, *, timeout: float | None = None) -> None:
        """Ask the provider for a token for each audience, and put it, now.

        Args:
            timeout: seconds for each answer; None is the connection's ``operation_timeout``.

        Raises:
            TokenRefused: the peer did not take it; ``status`` says why.
            OperationTimeout: no answer came in time.
            NotSent, InDoubt: the links for it were lost meanwhile.
            AttachRefused, SessionEnded, ConnectionClosed: they were lost before, and did not come up again.
            LocalError: the provider returned no Token, or one that has expired.

        What the provider raises is raised here.
        """
        with self._one_at_a_time:
            self._renew(timeout)

    def _renew(self, timeout: float | None) -> None:
        keeper = self._keeper
        for audience in keeper.audiences:
            token = keeper.check(audience, keeper.provider(audience))
            requester = self._links(timeout)
            reply = requester.request(keeper.request(audience, token), timeout=timeout)
            keeper.taken(audience, token, reply)
        keeper.renewed()

    def _links(self, timeout: float | None) -> Requester:
        connection = self._home()
        # A peer may take idle links away: Service Bus does so after ten minutes.
        if not self._requester.is_open and connection is not None:
            keeper = self._keeper
            self._requester = connection.open_requester(keeper.address, timeout=timeout, **keeper.links)
        return self._requester

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

    def keep(self) -> None:
        """Begin to renew, as long as the connection is open."""
        stop, connection = self._stop, self._home()
        if connection is not None:
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
