"""Sessions and links: opening them, what both ends said, and what each is lost with."""

from __future__ import annotations

import asyncio
import time

import pytest

import amqp
from amqp.engine import LinkEnded, LinkRequested, ReceiverLink, SessionEnded, SessionRequested
from amqp.options import ConnectionOptions
from tests.aio.peer import SOON, Peer


async def test_a_session_and_what_both_said() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        async with connection.open_session(
            incoming_window=5, handle_max=3, properties={"a": 1}, offered_capabilities=["X"]
        ) as session:
            assert session.is_open
            assert session.connection is connection
            begin = peer.session().remote_begin
            assert begin is not None
            assert (begin.incoming_window, begin.handle_max) == (5, 3)
            assert begin.properties == {"a": 1}
            assert session.remote_properties is None
            assert list(session.remote_offered_capabilities) == []
            assert list(session.remote_desired_capabilities) == []
            assert "channel 0, open" in repr(session)
        await peer.until_told(SessionEnded)
        assert "closed" in repr(session)


async def test_a_sender_and_what_both_said() -> None:
    async with Peer(silent=("attach",)) as peer, amqp.connect(peer.url) as connection:
        opening = asyncio.create_task(_sender(connection, "q", name="n", properties={"a": 1}))
        link = (await peer.until_told(LinkRequested)).link
        assert isinstance(link, ReceiverLink)
        link.accept(
            target=amqp.Target(address="made-up"),
            max_message_size=1_000,
            offered_capabilities=["X"],
            properties={"b": 2},
            credit=7,
        )
        peer.flush()
        sender = await opening
        assert sender.name == "n"
        assert sender.address == "made-up"
        assert sender.max_message_size == 1_000
        assert sender.remote_properties == {"b": 2}
        assert list(sender.remote_offered_capabilities) == ["X"]
        assert list(sender.remote_desired_capabilities) == []
        assert sender.snd_settle_mode is amqp.SenderSettleMode.MIXED
        assert sender.rcv_settle_mode is amqp.ReceiverSettleMode.FIRST
        assert isinstance(sender.source, amqp.Source)
        assert sender.session.connection is connection
        remote = link.remote_attach
        assert remote is not None
        assert remote.properties == {"a": 1}
        assert isinstance(remote.source, amqp.Source)
        assert remote.source.outcomes is not None
        assert "amqp:modified:list" in remote.source.outcomes
        assert repr(sender).startswith("<Sender to 'made-up', open, credit ")


async def _sender(connection: amqp.Connection, address: str, **options: object) -> amqp.Sender:
    return await connection.open_sender(address, **options)  # type: ignore[arg-type]  # the test's own keywords


async def test_a_receiver_of_a_dynamic_address() -> None:
    async with Peer(silent=("attach",)) as peer, amqp.connect(peer.url) as connection:

        async def open_receiver() -> amqp.Receiver:
            return await connection.open_receiver(amqp.Source(dynamic=True))

        opening = asyncio.create_task(open_receiver())
        await peer.until_told(LinkRequested)
        peer.sender().accept(source=amqp.Source(address="temporary-1", dynamic=True))
        peer.flush()
        receiver = await opening
        assert receiver.address == "temporary-1"
        assert repr(receiver) == "<Receiver from 'temporary-1', open, credit 100, unread 0>"


async def test_links_share_a_session_or_have_their_own() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        one, two = await connection.open_sender("a"), await connection.open_receiver("b")
        own = await connection.open_sender("c", session="own")
        session = await connection.open_session()
        given = await connection.open_receiver("d", session=session)
        direct = await session.open_sender("e")
        assert given.session is session
        assert direct.session is session
        assert len(peer.driver.engine.sessions) == 3
        await own.close()
        await peer.until_told(SessionEnded)
        assert len(peer.driver.engine.sessions) == 2
        assert one.is_open
        assert two.is_open


async def test_a_session_of_another_connection_is_refused() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as one, amqp.connect(peer.url) as other:
        session = await other.open_session()
        with pytest.raises(amqp.LocalError, match="give one of its own sessions"):
            await one.open_sender("q", session=session)


async def test_opening_many_at_once() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        senders = await asyncio.gather(*(_sender(connection, f"q{n}") for n in range(50)))
        assert len(peer.driver.engine.sessions) == 1
        assert [sender.address for sender in senders] == [f"q{n}" for n in range(50)]


# -- refused, ended


@pytest.mark.fault("F9")
async def test_a_refused_attach_leaves_the_rest_alive() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        peer.silent.add("attach")
        opening = asyncio.create_task(_sender(connection, "nowhere"))
        await peer.until(lambda: len(peer.told(LinkRequested)) == 2)
        peer.told(LinkRequested)[1].link.refuse(
            amqp.Error(condition="amqp:not-found", description="no nowhere")
        )
        peer.flush()
        with pytest.raises(amqp.AttachRefused, match="no nowhere") as caught:
            await opening
        assert caught.value.condition == "amqp:not-found"
        assert caught.value.scope is amqp.Scope.LINK
        assert caught.value.blame is amqp.Blame.REMOTE
        await sender.send(amqp.Message(b""))


@pytest.mark.fault("F10")
async def test_a_refused_attach_that_ends_the_session() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        other = await connection.open_sender("q", session="own")
        peer.silent.add("attach")
        opening = asyncio.create_task(_sender(connection, "nowhere"))
        await peer.until(lambda: len(peer.told(LinkRequested)) == 3)
        peer.session().end(amqp.Error(condition="amqp:not-found", description="no nowhere"))
        peer.flush()
        with pytest.raises(amqp.SessionEnded, match="no nowhere") as caught:
            await opening
        assert caught.value.condition == "amqp:not-found"
        assert not sender.is_open
        with pytest.raises(amqp.NotSent) as refused:
            await sender.send(amqp.Message(b""))
        assert isinstance(refused.value.__cause__, amqp.SessionEnded)
        await other.send(amqp.Message(b""))
        peer.silent.clear()
        again = await connection.open_sender("q")
        await again.send(amqp.Message(b""))


async def test_an_attach_that_is_detached_at_once() -> None:
    async with Peer(silent=("attach",)) as peer, amqp.connect(peer.url) as connection:
        opening = asyncio.create_task(_sender(connection, "q"))
        await peer.until_told(LinkRequested)
        peer.receiver().accept()
        peer.receiver().detach(error=amqp.Error(condition="amqp:unauthorized-access"))
        peer.flush()
        with pytest.raises(amqp.LinkDetached) as caught:
            await opening
        assert caught.value.condition == "amqp:unauthorized-access"


async def test_a_settle_mode_that_is_not_honoured() -> None:
    async with Peer(silent=("attach",)) as peer, amqp.connect(peer.url) as connection:
        opening = asyncio.create_task(
            _sender(connection, "q", rcv_settle_mode=amqp.ReceiverSettleMode.SECOND)
        )
        await peer.until_told(LinkRequested)
        peer.receiver().accept(rcv_settle_mode=amqp.ReceiverSettleMode.FIRST)
        peer.flush()
        with pytest.raises(amqp.LinkError, match="SECOND was asked for"):
            await opening
        await peer.until_told(LinkEnded)


async def test_options_out_of_range() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        with pytest.raises(amqp.LocalError, match="credit=-1"):
            await connection.open_receiver("q", credit=-1)
        with pytest.raises(amqp.LocalError, match="max_message_size"):
            await connection.open_sender("q", max_message_size=-1)
        with pytest.raises(amqp.LocalError, match="incoming_window"):
            await connection.open_session(incoming_window=0)
        with pytest.raises(amqp.LocalError, match="timeout=-1"):
            await connection.open_sender("q", timeout=-1)
        with pytest.raises(TypeError, match="credits"):
            await _sender(connection, "q", credits=5)
        with pytest.raises(amqp.EncodeError):
            await connection.open_sender("q", properties={"x": object()})
        await connection.open_sender("q")


async def test_more_sessions_than_there_are_channels() -> None:
    options = ConnectionOptions(container_id="peer", channel_max=0)
    async with Peer(options=options) as peer, amqp.connect(peer.url) as connection:
        await connection.open_sender("q")
        with pytest.raises(amqp.LocalError, match="channel"):
            await connection.open_sender("q", session="own")


# -- silent


@pytest.mark.fault("F13")
@pytest.mark.parametrize("stage", ["begin", "attach"])
async def test_silent_when_something_is_opened(stage: str) -> None:
    async with Peer(silent=(stage,)) as peer, amqp.connect(peer.url) as connection:
        start = time.monotonic()
        with pytest.raises(amqp.OperationTimeout, match=rf"the peer's {stage}.* did not come within 0.2 s"):
            await connection.open_sender("q", timeout=0.2)
        assert time.monotonic() - start < 2
        assert connection.is_open


@pytest.mark.fault("F13")
async def test_the_time_of_the_connection_holds_where_none_is_given() -> None:
    async with (
        Peer(silent=("begin",)) as peer,
        amqp.connect(peer.url, operation_timeout=0.1) as connection,
    ):
        with pytest.raises(amqp.OperationTimeout, match=r"0.1 s"):
            await connection.open_session()
        with pytest.raises(amqp.OperationTimeout, match="the peer's begin"):
            await connection.open_receiver("q")


@pytest.mark.fault("F14")
@pytest.mark.parametrize("how", ["cancel", "timeout"])
async def test_a_late_attach_is_answered_with_a_detach(how: str) -> None:
    async with Peer(silent=("attach",)) as peer, amqp.connect(peer.url) as connection:
        opening = asyncio.create_task(_sender(connection, "q", timeout=SOON if how == "cancel" else 0.1))
        link = (await peer.until_told(LinkRequested)).link
        if how == "cancel":
            opening.cancel()
        with pytest.raises((asyncio.CancelledError, amqp.OperationTimeout)):
            await opening
        assert isinstance(link, ReceiverLink)
        link.accept(credit=1)
        peer.flush()
        ended = await peer.until_told(LinkEnded)
        assert ended.link is link
        assert connection.is_open
        peer.silent.clear()
        sender = await connection.open_sender("q")
        await sender.send(amqp.Message(b""))


@pytest.mark.fault("F14")
async def test_a_late_begin_is_answered_with_an_end() -> None:
    async with Peer(silent=("begin",)) as peer, amqp.connect(peer.url) as connection:
        with pytest.raises(amqp.OperationTimeout):
            await connection.open_session(timeout=0.1)
        session = (await peer.until_told(SessionRequested)).session
        session.accept()
        peer.flush()
        await peer.until_told(SessionEnded)
        peer.silent.clear()
        await connection.open_sender("q")


@pytest.mark.fault("F14")
async def test_who_leaves_does_not_take_the_shared_session_from_those_who_stay() -> None:
    async with Peer(silent=("begin",)) as peer, amqp.connect(peer.url) as connection:
        staying = asyncio.create_task(_sender(connection, "q"))
        leaving = asyncio.create_task(_sender(connection, "q"))
        session = (await peer.until_told(SessionRequested)).session
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        session.accept()
        peer.flush()
        sender = await staying
        await sender.send(amqp.Message(b""))


# -- using what is gone


async def test_opening_on_what_is_closed() -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        session = await connection.open_session()
        await session.close()
        with pytest.raises(amqp.SessionEnded, match="the session was closed"):
            await session.open_sender("q")
        await connection.close()
        for opening in (
            connection.open_session(),
            connection.open_sender("q"),
            connection.open_receiver("q"),
        ):
            with pytest.raises(amqp.ConnectionClosed, match="the connection was closed"):
                await opening
