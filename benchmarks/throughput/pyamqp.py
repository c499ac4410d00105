"""The client inside azure-servicebus, pure Python: pipelined as its own senders and receivers call it."""

from __future__ import annotations

from importlib import import_module
from queue import Empty
from time import perf_counter
from types import SimpleNamespace
from typing import Any, Final

from benchmarks.throughput.workload import CREDIT, HOST, IN_FLIGHT, KEY, Times, Wrong, body, check, task, tell

_PACKAGE: Final = "azure.servicebus._pyamqp"
_client: Final[Any] = import_module(f"{_PACKAGE}.client")
_message: Final[Any] = import_module(f"{_PACKAGE}.message")
_sasl: Final[Any] = import_module(f"{_PACKAGE}.sasl")
_KEY: Final = KEY.encode()


def _options() -> dict[str, Any]:
    # All that it reads of its authentication objects, among which none is for SASL ANONYMOUS.
    auth = SimpleNamespace(sasl=_sasl.SASLAnonymousCredential(), auth_type=None)
    return {"auth": auth, "use_tls": False}


def _send(address: str, queue: str, messages: int) -> float:
    client = _client.SendClient(address, queue, **_options())
    client.open()
    while not client.client_ready():
        pass
    settled = 0
    failed: list[Any] = []

    def on_complete(reason: Any, state: Any) -> None:
        nonlocal settled
        settled += 1
        if not state or b"accepted" not in {str(key).encode() for key in state}:
            failed.append((reason, state))

    began = perf_counter()
    sent = 0
    while settled < messages:
        while sent < messages and sent - settled < IN_FLIGHT:
            message = _message.Message(data=[body(sent)], application_properties={KEY: sent})
            client._link.send_transfer(message, on_send_complete=on_complete, send_async=True)
            sent += 1
        client.do_work()
    taken = perf_counter() - began
    client.close()
    if failed:
        raise Wrong(f"{len(failed)} messages were not accepted, the first: {failed[0]}")
    return taken


def _receive(address: str, queue: str, messages: int) -> float:
    client = _client.ReceiveClient(address, queue, link_credit=CREDIT, **_options())
    client.open()
    count = total = octets = 0
    began = perf_counter()
    while count < messages:
        client.do_work(batch=CREDIT)
        while True:
            try:
                frame, message = client._received_messages.get_nowait()
            except Empty:
                break
            total += message.application_properties[_KEY]
            octets += sum(len(part) for part in message.data)
            if not frame[4]:
                client.settle_messages(frame[1], frame[2], "accepted")
            count += 1
    taken = perf_counter() - began
    client.close()
    check(count, total, octets)
    return taken


def main() -> None:
    """Do the task."""
    what = task()
    address = f"{HOST}:{what.port}"
    times = Times(what.messages)
    for queue in what.batches(times):
        times.sent.append(_send(address, queue, what.messages))
        times.received.append(_receive(address, queue, what.messages))
    tell(times)


if __name__ == "__main__":
    main()
