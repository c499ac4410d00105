"""What a link asks of its ends and what it gets: filters, what outlives it, redirects; on both front ends."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.testing import ABSENT, BlockingPeer, Typed
from amqp_spec import NoLocalFilter, SelectorFilter, SessionFilter, SqlFilter, StreamFilter
from tests.contract.front import SOON, Front, Raising

if TYPE_CHECKING:
    from collections.abc import Iterator


SESSION_FILTER = "com.microsoft:session-filter"
SELECTOR = SelectorFilter("colour = 'red'")
DURABLE = amqp.Source(
    address="news",
    durable=amqp.TerminusDurability.UNSETTLED_STATE,
    expiry_policy=amqp.TerminusExpiryPolicy.NEVER,
    capabilities=("topic",),
)


@pytest.fixture
def scripted() -> Iterator[BlockingPeer]:
    """A server to be scripted; it has answered the open and a begin."""
    with BlockingPeer() as peer:
        peer.handshake()
        peer.accept_session()
        yield peer


def goodbye(scripted: BlockingPeer) -> None:
    """Let the client close the connection."""
    scripted.expect_close().respond()


def in_force(filters: dict[Any, Any] | None) -> dict[str, Any]:
    """The attach of a source with these filters."""
    return {"source": amqp.Source(address="q", filter=filters), "initial_delivery_count": 0}


# -- filters (3.5.8)


def test_filters_with_a_name_a_descriptor_and_a_value(front: Front, scripted: BlockingPeer) -> None:
    own = amqp.Described(amqp.Symbol("com.example:odd"), 3)
    attach = scripted.accept_receiver()
    goodbye(scripted)
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q", filters={"jms-selector": SELECTOR, "own": own})
        assert receiver.filters == {"jms-selector": SELECTOR, "own": own}
        assert receiver.declined_filters == ()
    asked = attach.frame["source"].fields["filter"]
    assert (asked["own"].descriptor, asked["own"].value) == ("com.example:odd", 3)
    assert (asked["jms-selector"].descriptor, asked["jms-selector"].value) == (0x468C00000004, SELECTOR.value)


def test_filters_by_their_usual_names_beside_those_of_the_source(
    front: Front, scripted: BlockingPeer
) -> None:
    attach = scripted.accept_receiver()
    goodbye(scripted)
    filters = [SELECTOR, SqlFilter("TRUE"), NoLocalFilter([]), StreamFilter("a")]
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver(
            amqp.Source(address="q", filter={"mine": SessionFilter("s"), "sql-filter": None}), filters=filters
        )
        assert set(receiver.filters) == {
            *("mine", "sql-filter", "jms-selector", "no-local", "rabbitmq:stream-filter")
        }
    assert attach.frame["source"].fields["filter"]["sql-filter"].value == "TRUE"


@pytest.mark.parametrize("granted", ["session-7", amqp.Described(amqp.Symbol(SESSION_FILTER), "session-7")])
@pytest.mark.parametrize("asked", [None, amqp.undescribed("session-7"), SessionFilter(None)])
def test_a_filter_without_descriptor_and_one_that_is_null(
    front: Front, scripted: BlockingPeer, asked: Any, granted: Any
) -> None:
    """Service Bus: the id of a session, or null for the next one; the answer names the one that was granted."""
    value = amqp.Encoded(b"\xa1\x09session-7") if granted == "session-7" else granted
    attach = scripted.accept_receiver(**in_force({SESSION_FILTER: value}))
    goodbye(scripted)
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q", filters={SESSION_FILTER: asked}, require_filters=True)
        held = receiver.filters[SESSION_FILTER]
        assert held == "session-7" or held.value == "session-7"
        assert receiver.declined_filters == ()
    sent = attach.frame["source"].fields["filter"]
    if isinstance(asked, SessionFilter):
        described = sent.pop(SESSION_FILTER)
        assert (described.descriptor, described.value) == (SessionFilter.DESCRIPTOR, None)
        assert sent == {}
    else:
        assert sent == {SESSION_FILTER: None if asked is None else "session-7"}


def test_filters_that_were_left_out_are_told(front: Front, scripted: BlockingPeer) -> None:
    """RabbitMQ leaves out what it does not know, and sends everything."""
    scripted.accept_receiver(**in_force({"sql-filter": SqlFilter("TRUE")}))
    scripted.accept_receiver(**in_force(None))
    goodbye(scripted)
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q", filters=[SELECTOR, SqlFilter("TRUE")])
        assert receiver.declined_filters == ("jms-selector",)
        receiver = connection.open_receiver("q", filters=[SELECTOR, SqlFilter("TRUE")])
        assert receiver.declined_filters == ("jms-selector", "sql-filter")
        assert receiver.filters == {}


def test_a_filter_under_another_name_is_in_force(front: Front, scripted: BlockingPeer) -> None:
    """ActiveMQ Artemis has one name for no-local, whatever it was asked for by."""
    scripted.accept_receiver(**in_force({"no-local": NoLocalFilter([])}))
    goodbye(scripted)
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver(
            "q", filters={"not-mine": NoLocalFilter([]), "own": amqp.Described(amqp.Symbol("a:b"), 1)}
        )
        assert receiver.declined_filters == ("own",)


def test_required_filters_that_were_left_out_are_an_error(front: Front, scripted: BlockingPeer) -> None:
    scripted.accept_receiver(**in_force(None))
    scripted.expect_detach(closed=True).respond()
    goodbye(scripted)
    with front.connect(scripted.url) as connection:
        with pytest.raises(amqp.FiltersDeclined, match="required: jms-selector, own") as caught:
            connection.open_receiver(
                "q", filters={"jms-selector": SELECTOR, "own": None}, require_filters=True
            )
        assert caught.value.names == ("jms-selector", "own")
        assert not caught.value.retryable


def test_filters_that_are_none(front: Front, broker: str) -> None:
    wrong: Any
    with front.connect(broker) as connection:
        for wrong, words in (
            ("colour = 'red'", "filters takes a mapping of names to filters, or a list"),
            (7, "filters takes a mapping of names to filters, or a list"),
            ([3], "3, which has no usual name"),
            ([SELECTOR, SelectorFilter("TRUE")], "two of 'jms-selector'"),
            ({SESSION_FILTER: "plain"}, "no described value"),
        ):
            with pytest.raises(amqp.LocalError, match=words):
                connection.open_receiver("q", filters=wrong)
        with pytest.raises(amqp.LocalError, match="None as the address"):
            connection.open_receiver(None, filters=[SELECTOR])
        wrong = 1
        with pytest.raises(amqp.LocalError, match="require_filters takes"):
            connection.open_receiver("q", require_filters=wrong)


def test_the_embedded_broker_has_no_filters(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        assert connection.open_receiver("q", require_filters=True).declined_filters == ()
        assert connection.open_receiver("q", filters=[SELECTOR]).declined_filters == ("jms-selector",)
        with pytest.raises(amqp.FiltersDeclined):
            connection.open_receiver("q", filters=[SELECTOR], require_filters=True)


# -- what outlives a link (2.6.4, 3.5.5, 3.5.6)


def test_detaching_keeps_what_the_peer_has(front: Front, scripted: BlockingPeer) -> None:
    scripted.accept_sender(name="out")
    scripted.expect_detach(closed=False).respond()
    scripted.accept_receiver(name="in")
    scripted.expect_detach(closed=False).respond()
    goodbye(scripted)
    with front.connect(scripted.url) as connection:
        sender = connection.open_sender("news", name="out")
        sender.detach()
        receiver = connection.open_receiver("news", name="in")
        receiver.detach()
        assert not sender.is_open
        assert (sender.error, receiver.error) == (None, None)
        with pytest.raises(amqp.LinkDetached):
            receiver.receive(timeout=0)
        receiver.close()


def test_a_peer_that_does_not_answer_a_detach(front: Front, scripted: BlockingPeer) -> None:
    scripted.accept_receiver()
    scripted.expect_detach(closed=False)
    goodbye(scripted)
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("news")
        with pytest.raises(amqp.OperationTimeout, match="the peer's detach"):
            receiver.detach(timeout=0.01)


@pytest.mark.parametrize("fails", [False, True])
def test_leaving_a_with_keeps_what_is_durable(front: Front, scripted: BlockingPeer, fails: bool) -> None:
    for closed in (False, False, True):
        if closed:
            scripted.accept_sender()
        else:
            scripted.accept_receiver()
        scripted.expect_detach(closed=closed).respond()
    scripted.accept_sender()
    scripted.expect_detach(closed=False).respond()
    goodbye(scripted)
    volatile = amqp.Source(address="news", expiry_policy=amqp.TerminusExpiryPolicy.NEVER)
    kept = amqp.Target(address="news", durable=amqp.TerminusDurability.CONFIGURATION)
    with front.connect(scripted.url) as connection:
        for opening, address in (
            (connection.open_receiver, DURABLE),
            (connection.open_receiver, volatile),
            (connection.open_sender, "news"),
            (connection.open_sender, kept),
        ):
            try:
                with opening(address):
                    if fails:
                        raise LookupError
            except LookupError:
                assert fails


def test_a_durable_subscription_is_not_ended_because_its_answer_came_late(
    front: Front, scripted: BlockingPeer
) -> None:
    scripted.expect_attach(role="receiver", name="sub")
    late = scripted.gate()
    scripted.remote_attach(
        name="sub", role="sender", handle=0, source=DURABLE, target=amqp.Target(), initial_delivery_count=0
    )
    scripted.expect_detach(closed=False).respond()
    detached = threading.Event()
    scripted.do("note it", detached.set)
    goodbye(scripted)
    scripted.ignore("flow")
    with front.connect(scripted.url) as connection:
        with pytest.raises(amqp.OperationTimeout):
            connection.open_receiver(DURABLE, name="sub", timeout=0.05)
        late.open()
        assert detached.wait(SOON)


def test_a_durable_subscription_is_attached_again_and_ended(front: Front, scripted: BlockingPeer) -> None:
    asked = {"durable": "unsettled-state", "expiry_policy": "never", "capabilities": ["topic"]}
    scripted.accept_receiver(name="sub", source=asked)
    scripted.expect_detach(closed=False).respond()
    scripted.accept_receiver(name="sub", source=asked)
    scripted.expect_detach(closed=True).respond()
    goodbye(scripted)
    with front.connect(scripted.url, container_id="me") as connection:
        with connection.open_receiver(DURABLE, name="sub"):
            pass
        connection.open_receiver(DURABLE, name="sub").close()


def test_what_the_peer_keeps_is_looked_up_without_a_source(front: Front, scripted: BlockingPeer) -> None:
    found = {"source": DURABLE, "initial_delivery_count": 0}
    scripted.expect_attach(role="receiver", name="sub", source=ABSENT).respond(**found)
    scripted.expect_detach(closed=False).respond()
    for _ in range(2):
        scripted.expect_attach(role="receiver", name="sub", source=ABSENT).respond(**found)
        scripted.expect_detach(closed=True).respond()
    goodbye(scripted)
    with front.connect(scripted.url) as connection:
        with connection.open_receiver(None, name="sub", credit=0) as receiver:
            assert receiver.address == "news"
            assert receiver.source.durable is amqp.TerminusDurability.UNSETTLED_STATE
            assert receiver.source.capabilities == ("topic",)
        receiver.session.unsubscribe("sub")
        connection.unsubscribe("sub")


@pytest.mark.parametrize("condition", ["amqp:not-found", "amqp:invalid-field", None])
def test_nothing_is_found_of_that_name(front: Front, scripted: BlockingPeer, condition: str | None) -> None:
    """RabbitMQ 4.3 looks nothing up, and says so by invalid-field."""
    scripted.expect_attach(role="receiver", source=ABSENT).refuse(condition)
    scripted.expect_detach(closed=True)
    goodbye(scripted)
    with front.connect(scripted.url) as connection:
        with pytest.raises(amqp.AttachRefused) as caught:
            connection.unsubscribe("sub")
        assert caught.value.condition == condition
        assert not caught.value.retryable


def test_the_embedded_broker_keeps_nothing(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        with connection.open_receiver(DURABLE, name="sub") as receiver:
            assert receiver.source.durable is amqp.TerminusDurability.NONE
        with pytest.raises(amqp.AttachRefused) as caught:
            connection.unsubscribe("sub")
        assert caught.value.condition == "amqp:not-found"
        connection.open_receiver(DURABLE, name="sub").close()


def raise_end(connection: Any) -> None:
    """Wait until the connection is gone, and raise why."""
    raise connection.wait_closed()


# -- redirects and what may be tried again


@pytest.mark.fault("E7")
@pytest.mark.fault("F11")
def test_a_link_is_redirected(front: Front, scripted: BlockingPeer) -> None:
    info = {
        "hostname": "vhost",
        "network-host": "other.example",
        "port": Typed("ushort", 5671),
        "address": "b",
    }
    scripted.expect_attach().refuse({"condition": "amqp:link:redirect", "info": info})
    scripted.expect_detach(closed=True).optional()
    goodbye(scripted)
    with front.connect(scripted.url) as connection:
        with pytest.raises(amqp.AttachRefused) as caught:
            connection.open_sender("a")
        assert caught.value.redirect == amqp.Redirect(
            hostname="vhost", network_host="other.example", port=5671, address="b"
        )


@pytest.mark.fault("E7")
@pytest.mark.fault("F11")
def test_a_connection_is_redirected(front: Front) -> None:
    info = {"network-host": "other.example", "port": True, "hostname": 3, "address": "not for connections"}
    with BlockingPeer() as scripted:
        scripted.handshake()
        scripted.remote_close({"condition": "amqp:connection:redirect", "info": info})
        scripted.expect_close()
        scripted.expect_gone()
        error = Raising(lambda: raise_end(front.connect(scripted.url))).error()
        assert isinstance(error, amqp.RemoteClosed)
        assert error.redirect == amqp.Redirect(network_host="other.example")
        assert not error.retryable


def test_a_link_that_was_detached_for_being_idle_can_be_attached_again(
    front: Front, scripted: BlockingPeer
) -> None:
    scripted.accept_receiver()
    scripted.remote_detach({"condition": "amqp:link:detach-forced", "description": "idle for 10 minutes"})
    scripted.expect_detach()
    scripted.accept_receiver()
    goodbye(scripted)
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver("q")
        error = receiver.wait_closed()
        assert isinstance(error, amqp.LinkDetached)
        assert error.retryable
        assert error.redirect is None
        assert connection.open_receiver("q").is_open


# -- senders without an address


def test_the_anonymous_relay(front: Front, broker: str) -> None:
    with front.connect(broker) as connection:
        assert "ANONYMOUS-RELAY" in connection.remote_offered_capabilities
        sender = connection.open_sender(None)
        assert sender.address is None
        for to in ("a", "b"):
            receiver = connection.open_receiver(to)
            message = amqp.Message(to.encode(), properties=amqp.Properties(to=to))
            assert sender.send(message) == amqp.Accepted()
            assert receiver.receive(timeout=SOON).message.body == to.encode()
        with pytest.raises(amqp.MessageRejected, match="no queue that there is"):
            sender.send(amqp.Message(b"lost", properties=amqp.Properties(to="nowhere")))


def test_the_anonymous_relay_needs_an_address_in_each_message(front: Front, broker: str) -> None:
    nowhere = amqp.Message(b"lost", properties=amqp.Properties(subject="no address"))
    with front.connect(broker) as connection:
        sender = connection.open_sender(None)
        for message in (amqp.Message(b"lost"), nowhere):
            with pytest.raises(amqp.LocalError, match=r"properties\.to"):
                sender.send(message)
        with pytest.raises(amqp.LocalError, match=r"properties\.to"):
            sender.send_stream([b"lost"])
        assert sender.is_open


@pytest.mark.parametrize("offered", [True, False])
def test_a_server_without_an_anonymous_relay(front: Front, offered: bool) -> None:
    with BlockingPeer() as scripted:
        scripted.handshake(offered_capabilities=["ANONYMOUS-RELAY"] if offered else None)
        scripted.accept_session()
        scripted.expect_attach(role="sender", target={"address": ABSENT}).refuse("amqp:not-allowed")
        scripted.expect_detach(closed=True)
        goodbye(scripted)
        with front.connect(scripted.url) as connection:
            with pytest.raises(amqp.AttachRefused) as caught:
                connection.open_sender(None)
            assert caught.value.condition == "amqp:not-allowed"
            assert ("does not offer ANONYMOUS-RELAY" in str(caught.value)) is not offered


# -- nodes that are made for a link (3.5.3, 3.5.9)


def test_a_dynamic_node_with_properties(front: Front, scripted: BlockingPeer) -> None:
    wishes = {"lifetime-policy": amqp.DeleteOnNoLinks(), "supported-dist-modes": amqp.Symbol("move")}
    attach = scripted.accept_receiver(
        source=amqp.Source(address="made", dynamic=True, dynamic_node_properties=wishes),
        initial_delivery_count=0,
        properties={"granted": 1},
        offered_capabilities=["temporary-queue"],
        desired_capabilities=["b"],
    )
    goodbye(scripted)
    with front.connect(scripted.url) as connection:
        receiver = connection.open_receiver(
            amqp.Source(dynamic=True, dynamic_node_properties=wishes, capabilities=("temporary-queue",)),
            properties={"asked": 2},
            desired_capabilities=["temporary-queue"],
            offered_capabilities=["a"],
        )
        assert receiver.address == "made"
        assert receiver.source.dynamic_node_properties == wishes
        assert receiver.remote_properties == {"granted": 1}
        assert receiver.remote_offered_capabilities == ("temporary-queue",)
        assert receiver.remote_desired_capabilities == ("b",)
    asked = attach.frame
    assert asked["properties"] == {"asked": 2}
    assert (asked["desired_capabilities"], asked["offered_capabilities"]) == (["temporary-queue"], ["a"])
    source = asked["source"].fields
    assert (source["dynamic"], source["capabilities"]) == (True, ["temporary-queue"])
    assert source["dynamic_node_properties"]["supported-dist-modes"] == "move"


# -- batches, and the filters of streams


def test_a_batch_travels_as_one_message(front: Front, broker: str) -> None:
    messages = [amqp.Message(b"%d" % number) for number in range(3)]
    with front.connect(broker) as connection:
        connection.open_sender("q").send(amqp.azure.batch(messages))
        delivery = connection.open_receiver("q").receive(timeout=SOON)
        assert delivery.format == amqp.azure.BATCH_FORMAT
        assert [message.body for message in amqp.azure.messages_of(delivery.message)] == [b"0", b"1", b"2"]


def test_a_stream_of_rabbitmq(front: Front, scripted: BlockingPeer) -> None:
    filters = amqp.rabbitmq.stream_filters(offset=7, values=["a", "b"], match_unfiltered=True)
    attach = scripted.accept_receiver()
    scripted.accept_receiver(source=amqp.Source(address="/queues/log"), initial_delivery_count=0)
    goodbye(scripted)
    with front.connect(scripted.url) as connection:
        address = amqp.rabbitmq.queue("log")
        receiver = connection.open_receiver(address, filters=filters, require_filters=True)
        assert receiver.filters == filters
        declined = connection.open_receiver(address, filters=filters).declined_filters
        assert declined == tuple(filters)
    asked = attach.frame["source"].fields["filter"]
    assert {name: (each.descriptor, each.value) for name, each in asked.items()} == {
        "rabbitmq:stream-offset-spec": ("rabbitmq:stream-offset-spec", 7),
        "rabbitmq:stream-filter": ("rabbitmq:stream-filter", ["a", "b"]),
        "rabbitmq:stream-match-unfiltered": ("rabbitmq:stream-match-unfiltered", True),
    }
