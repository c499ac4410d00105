"""Providers of tokens that do not come back: the connection and its end do not wait for them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

import amqp
from tests.aio.peer import SOON

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Provider:
    """Gives one token that lives for a moment; asked again, it waits for ever, or fails by a time-out of its own."""

    def __init__(self, *, fails: bool = False) -> None:
        self.asked = 0
        self.again = asyncio.Event()
        self.cancelled = asyncio.Event()
        self._fails = fails

    async def __call__(self, audience: str) -> amqp.Token:
        self.asked += 1
        if self.asked == 1:
            return amqp.Token("geheim", time.time() + 0.05)
        self.again.set()
        if self._fails:
            raise TimeoutError("the vault is slow")
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled.set()
        raise AssertionError


async def ended(authorization: amqp.Authorization) -> None:
    assert authorization._task is not None
    await asyncio.wait_for(authorization._task, SOON)
    assert not authorization.is_open


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A service that takes every token."""
    replies: list[amqp.Sender] = []

    async def serve(request: amqp.LinkRequest) -> None:
        if isinstance(request, amqp.SenderRequest):
            async with request.accept() as sender:
                replies.append(sender)
                await sender.wait_closed()
        else:
            async with request.accept() as receiver:
                async for delivery in receiver:
                    await delivery.accept()
                    asked = delivery.message.properties
                    properties = amqp.Properties(correlation_id=asked.message_id if asked else None)
                    told = {"status-code": 200}
                    await replies[-1].submit(
                        amqp.Message("", properties=properties, application_properties=told)
                    )

    async with amqp.listen("amqp://127.0.0.1:0", serve) as listener:
        yield listener.url


async def test_the_end_of_the_connection_takes_it_along(url: str) -> None:
    provider = Provider()
    async with amqp.connect(url) as connection:
        authorization = await connection.authorize(provider, "queue")
        await asyncio.wait_for(provider.again.wait(), SOON)
        assert authorization.is_open
    await asyncio.wait_for(provider.cancelled.wait(), SOON)
    assert not authorization.is_open


@pytest.mark.fault("F28")
async def test_the_token_does_not_expire_without_a_word(url: str, caplog: pytest.LogCaptureFixture) -> None:
    provider = Provider()
    async with amqp.connect(url, operation_timeout=0.2) as connection:
        authorization = await connection.authorize(provider, "queue")
        await asyncio.wait_for(provider.cancelled.wait(), SOON)
        await ended(authorization)
        assert isinstance(authorization.error, amqp.OperationTimeout)
        assert "the provider's token did not come within 0.2 s" in str(authorization.error)
        assert "OperationTimeout" in caplog.text
        assert connection.is_open


async def test_a_time_out_of_the_provider_is_its_own(url: str) -> None:
    async with amqp.connect(url) as connection:
        authorization = await connection.authorize(Provider(fails=True), "queue")
        await ended(authorization)
        assert repr(authorization.error) == "TimeoutError('the vault is slow')"
