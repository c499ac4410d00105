"""python-qpid-proton with its own event loop, the reactor."""

from __future__ import annotations

from importlib import import_module
from time import perf_counter
from typing import Any, Final

from benchmarks.throughput.workload import CREDIT, HOST, IN_FLIGHT, KEY, Times, body, check, task, tell

proton: Final[Any] = import_module("proton")
_MessagingHandler: Final[Any] = import_module("proton.handlers").MessagingHandler
_Container: Final[Any] = import_module("proton.reactor").Container


class _Sender(_MessagingHandler):  # type: ignore[misc]  # proton has no types
    """Sends a batch with a bounded number in flight."""

    def __init__(self, url: str, queue: str, messages: int) -> None:
        super().__init__()
        self.url, self.queue, self.messages = url, queue, messages
        self.sent = self.settled = 0
        self.began = self.taken = 0.0

    def on_start(self, event: Any) -> None:
        connection = event.container.connect(self.url, reconnect=False)
        event.container.create_sender(connection, self.queue)

    def on_sendable(self, event: Any) -> None:
        self._send(event.sender)

    def on_accepted(self, event: Any) -> None:
        self.settled += 1
        if self.settled == self.messages:
            self.taken = perf_counter() - self.began
            event.connection.close()
        else:
            self._send(event.link)

    def _send(self, sender: Any) -> None:
        if not self.sent:
            self.began = perf_counter()
        while sender.credit and self.sent < self.messages and self.sent - self.settled < IN_FLIGHT:
            sender.send(proton.Message(body=body(self.sent), properties={KEY: self.sent}, inferred=True))
            self.sent += 1


class _Receiver(_MessagingHandler):  # type: ignore[misc]  # proton has no types
    """Receives a batch and accepts it."""

    def __init__(self, url: str, queue: str, messages: int) -> None:
        super().__init__(prefetch=CREDIT, auto_accept=True)
        self.url, self.queue, self.messages = url, queue, messages
        self.count = self.total = self.octets = 0
        self.began = self.taken = 0.0

    def on_start(self, event: Any) -> None:
        event.container.connect(self.url, reconnect=False)

    def on_connection_opened(self, event: Any) -> None:
        self.began = perf_counter()
        event.container.create_receiver(event.connection, self.queue)

    def on_message(self, event: Any) -> None:
        message = event.message
        self.total += message.properties[KEY]
        self.octets += len(message.body)
        self.count += 1
        if self.count == self.messages:
            self.taken = perf_counter() - self.began
            event.connection.close()


def main() -> None:
    """Do the task."""
    what = task()
    url = f"amqp://{HOST}:{what.port}"
    times = Times(what.messages)
    for queue in what.batches(times):
        sender = _Sender(url, queue, what.messages)
        _Container(sender).run()
        times.sent.append(sender.taken)
        receiver = _Receiver(url, queue, what.messages)
        _Container(receiver).run()
        check(receiver.count, receiver.total, receiver.octets)
        times.received.append(receiver.taken)
    tell(times)


if __name__ == "__main__":
    main()
