"""The fate of a submitted message, to be awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.aio.waiting import until_done
from amqp.client import pending

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from amqp_spec import Accepted

__all__ = ["Pending"]


class Pending(pending.Pending):
    """What became, or becomes, of a message that was submitted.

    ``await pending`` waits for the outcome, and returns or raises what :meth:`result` does. Who stops waiting, by a
    timeout of his own or because he is cancelled, changes nothing for the message.
    """

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, Accepted | None]:
        if not self._done:
            yield from until_done(self).__await__()
        return self.result()
