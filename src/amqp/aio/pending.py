"""The fate of a submitted message, to be awaited."""

# client_of belongs to the class, and is not in it because applications get its objects.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from amqp.aio.waiting import Deadline, check_loop, until_done
from amqp.client import pending as pending_of_client
from amqp.errors import Scope, SendError
from amqp_spec import Accepted, DeliveryState, Outcome

__all__ = ["Pending"]


class Pending:
    """What became, or becomes, of a message that was submitted.

    It ends with ``Accepted``; with None, where the message was sent settled and so has no outcome, once its last
    octet was handed to the transport; or with an error: ``MessageRejected``, ``MessageReleased``,
    ``MessageModified``, ``NotSent`` or ``InDoubt``. An error that nobody asked for is raised by ``close()``.

    ``await pending`` is the same as ``await pending.result()``. Who stops waiting, by a timeout of his own or because he
    is cancelled, changes nothing for the message.
    """

    __slots__ = ("_client",)

    def __init__(self, client: pending_of_client.Pending) -> None:
        self._client = client

    @property
    def tag(self) -> bytes | None:
        """The delivery-tag (2.8.7); None while the message waits for credit."""
        return self._client.tag

    @property
    def outcome(self) -> Outcome | None:
        """The outcome that the peer told (3.4), whichever it is; None while there is none. Looking raises nothing."""
        return self._client.outcome

    @property
    def state(self) -> DeliveryState | None:
        """The state that the peer told last, whichever it is, such as ``Received`` on the way to an outcome (3.4.1)."""
        return self._client.state

    def abort(self) -> bool:
        """Take the message back, if some of it is still here; return whether that is so.

        It then ends with ``NotSent``, which counts as looked at: what had left of it is void for the peer (2.6.14).
        Where all of it has left, or its fate is known, nothing changes.
        """
        check_loop(self._client.sender.connection)
        return self._client.abort()

    def done(self) -> bool:
        """Tell whether the fate of the message is known."""
        return self._client.done()

    async def result(self, timeout: float | None = None) -> Accepted | None:
        """Wait; then return ``Accepted`` (None: it was sent settled), or raise what became of the message.

        Args:
            timeout: seconds to wait; None waits for as long as the connection lives, 0 looks only.

        Raises:
            DeliveryNotAccepted: the peer decided otherwise; the subclass and ``outcome`` tell how.
            NotSent: no octet of it left: sending it again cannot duplicate it.
            InDoubt: it left and no outcome came.
            OperationTimeout: its fate was not known in time; nothing was changed.
        """
        check_loop(self._client.sender.connection)
        deadline = None if timeout is None else Deadline(timeout)
        if not await until_done(self._client, deadline) and deadline is not None:
            raise deadline.expired(f"the fate of {self!r}", Scope.DELIVERY)
        return self._client.result()

    def exception(self) -> SendError | None:
        """Return the error that :meth:`result` would raise, or None where it was accepted, or is not done yet."""
        return self._client.exception()

    def add_done_callback(self, callback: Callable[[Pending], object]) -> None:
        """Have *callback* called with this object when it is done; at once if it is. What it raises is logged."""
        self._client.add_done_callback(lambda _: callback(self))

    def __await__(self) -> Generator[Any, None, Accepted | None]:
        if not self._client.done():
            check_loop(self._client.sender.connection)
            yield from until_done(self._client).__await__()
        return self._client.result()

    def __repr__(self) -> str:
        return f"<Pending {self._client}>"


def client_of(pending: Pending) -> pending_of_client.Pending:
    """Return what the client layer knows of *pending*. It is no method: those are for applications."""
    return pending._client
