"""The driver between a transport that is full and a peer that goes on asking."""

from __future__ import annotations

import asyncio

import pytest

from amqp.aio.driver import HIGH_WATER, EngineDriver
from amqp.engine import ConnectionOpened, Engine, Event, SessionRequested
from amqp_spec import Begin, End, Error, Open

HEADER = b"AMQP\x00\x01\x00\x00"


def frame(performative: Open | Begin | End) -> bytes:
    body = performative.encode()
    return (len(body) + 8).to_bytes(4, "big") + b"\x02\x00\x00\x00" + body


class FullTransport(asyncio.Transport):
    """Takes everything, and counts how often it is told to read or not."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self.paused = 0
        self.resumed = 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.taken += len(data)

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.paused += 1

    def resume_reading(self) -> None:
        self.resumed += 1


@pytest.mark.fault("C10")
async def test_who_floods_and_does_not_read_is_read_no_further_until_the_answers_are_gone() -> None:
    engine = Engine(role="server")

    def answer(events: list[Event]) -> None:
        for event in events:
            if isinstance(event, ConnectionOpened):
                engine.open()
            elif isinstance(event, SessionRequested):
                event.session.end(Error(condition="amqp:not-allowed", description="x" * 300))

    driver = EngineDriver(engine, answer)
    transport = FullTransport()
    driver.connection_made(transport)
    driver.data_received(HEADER + frame(Open(container_id="flood")))
    driver.pause_writing()
    ask = frame(Begin(next_outgoing_id=0, incoming_window=1, outgoing_window=1)) + frame(End())
    asked = 0
    while not transport.paused:
        driver.data_received(ask * 10)
        asked += 10
        assert asked < HIGH_WATER // 300
    assert HIGH_WATER < engine.pending_octets < HIGH_WATER + 20_000
    driver.resume_writing()
    assert (transport.paused, transport.resumed) == (1, 1)
    assert transport.taken > HIGH_WATER
    driver.connection_lost(None)
