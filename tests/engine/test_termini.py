"""What a source and a target may say (3.5): of those that arrive, and of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from amqp.engine import LinkOpened, LinkRequested, SenderLink
from amqp.errors import LocalError
from amqp.options import LinkOptions
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Array,
    Attach,
    Close,
    DeleteOnClose,
    DeleteOnNoLinks,
    DeleteOnNoLinksOrMessages,
    DeleteOnNoMessages,
    Described,
    Modified,
    Rejected,
    Released,
    Role,
    SelectorFilter,
    Source,
    StdDistMode,
    Symbol,
    Target,
    TerminusDurability,
    TerminusExpiryPolicy,
)
from tests.engine.wire import (
    accept_session,
    begin_session,
    opened_client,
    opened_server,
    receiver_attach,
    sender_attach,
)

if TYPE_CHECKING:
    from amqp_spec import Frame

ADDRESS = pytest.mark.requirement("messaging-3.5.3-01")
UNASKED = pytest.mark.requirement("messaging-3.5.3-03")
FILTER = pytest.mark.requirement("messaging-3.5.8-01")
NODE = pytest.mark.requirement("messaging-3.5.9-01")

LIFETIME = Symbol("lifetime-policy")
MODES = Symbol("supported-dist-modes")

WRONG_SOURCES: list[Any] = [
    pytest.param({"dynamic": True, "address": "q"}, "source has an address", marks=ADDRESS),
    pytest.param(
        {"dynamic_node_properties": {LIFETIME: DeleteOnClose()}}, "without dynamic=true", marks=UNASKED
    ),
    pytest.param({"filter": {Symbol("x"): "plain"}}, "no described value", marks=FILTER),
    pytest.param(
        {"dynamic": True, "dynamic_node_properties": {LIFETIME: 0x2B}}, "no lifetime-policy", marks=NODE
    ),
    pytest.param(
        {"dynamic": True, "dynamic_node_properties": {MODES: "move"}},
        "supported-dist-modes are no symbols",
        marks=NODE,
    ),
    pytest.param(
        {"dynamic": True, "dynamic_node_properties": {MODES: Array("string", ["move"])}},
        "supported-dist-modes are no symbols",
        marks=NODE,
    ),
]
WRONG_KEYS: list[Any] = [
    pytest.param({"filter": {7: None}}, "the key 7, which is no symbol", marks=FILTER),
    pytest.param({"dynamic": True, "dynamic_node_properties": {1: 2}}, "the key 1", marks=NODE),
]
WRONG_TARGETS: list[Any] = [
    pytest.param({"dynamic": True, "address": "q"}, "target has an address", marks=ADDRESS),
    pytest.param(
        {"dynamic_node_properties": {LIFETIME: DeleteOnClose()}}, "without dynamic=true", marks=UNASKED
    ),
    pytest.param(
        {"dynamic": True, "dynamic_node_properties": {LIFETIME: Symbol("short")}},
        "no lifetime-policy",
        marks=NODE,
    ),
]


# -- those that arrive


def refused(attach: Attach, words: str) -> None:
    """Check that the link is refused for its terminus, with its session alive."""
    rig = opened_server()
    session = accept_session(rig)
    rig.receive(attach)
    # The application is not asked, so it is not told.
    assert rig.events() == []
    answer, detach = rig.sent()
    assert words in detach.error.description
    assert (answer.source, answer.target) == (None, None)
    assert (detach.closed, detach.error.condition) == (True, AmqpErrorCondition.INVALID_FIELD)
    assert session.channel is not None
    rig.receive(sender_attach("next", 1))
    assert rig.event(LinkRequested).link.name == "next"


@pytest.mark.parametrize(("fields", "words"), WRONG_SOURCES)
def test_a_receiver_that_asks_for_a_wrong_source_is_refused(fields: dict[str, Any], words: str) -> None:
    refused(receiver_attach(source=Source(**fields)), words)


@pytest.mark.parametrize(("fields", "words"), WRONG_TARGETS)
def test_a_sender_that_asks_for_a_wrong_target_is_refused(fields: dict[str, Any], words: str) -> None:
    refused(sender_attach(target=Target(**fields)), words)


@pytest.mark.requirement("messaging-3.5.3-06")
def test_a_default_outcome_that_is_none_cannot_be_read() -> None:
    rig = opened_server()
    accept_session(rig)
    body = receiver_attach(source=Source(default_outcome=Accepted())).encode()
    # 0x24 is accepted; 0x23, received, is a state and no outcome.
    assert body.count(b"\x00\x53\x24\x45") == 1
    received = body.replace(b"\x00\x53\x24\x45", b"\x00\x53\x23\x45")
    rig.raw((len(received) + 8).to_bytes(4, "big") + b"\x02\x00\x00\x00" + received)
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == AmqpErrorCondition.DECODE_ERROR


@pytest.mark.parametrize(
    "attach",
    [
        receiver_attach(source=Source(dynamic=True, dynamic_node_properties={LIFETIME: DeleteOnNoLinks()})),
        receiver_attach(source=Source(address="q", dynamic_node_properties={})),
        receiver_attach(
            source=Source(address="q", filter={Symbol("a"): None, Symbol("b"): SelectorFilter("x")})
        ),
        receiver_attach(source=Source(address="q", filter={Symbol("a"): Described(Symbol("my:own"), 1)})),
        # An extension may have outcomes that are not known here; its owner leaves them out of the answer.
        receiver_attach(source=Source(address="q", outcomes=("amqp:accepted:list", "my:own"))),
        sender_attach(
            target=Target(
                dynamic=True,
                dynamic_node_properties={
                    LIFETIME: DeleteOnNoMessages(),
                    MODES: Array("symbol", ["move", "copy"]),
                    Symbol("mine"): 1,
                },
            )
        ),
        sender_attach(target=Target(dynamic=True, dynamic_node_properties={MODES: Symbol("move")})),
        # What the sender says of its own source is no wish.
        sender_attach(source=Source(dynamic=True, address="made")),
        receiver_attach(source=Source(address="q"), target=Target(dynamic=True, address="made")),
    ],
)
def test_what_is_allowed_is_told(attach: Attach) -> None:
    rig = opened_server()
    accept_session(rig)
    rig.receive(attach)
    link = rig.event(LinkRequested).link
    assert (link.source, link.target) == (attach.source, attach.target)


def test_an_answer_is_not_held_against_a_peer() -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = session.attach_receiver(LinkOptions(name="in", source=Source(address="q")))
    echo = Source(address="q", filter={Symbol("x"): "plain"}, dynamic_node_properties={LIFETIME: 1})
    rig.forget()
    rig.receive(sender_attach("in", source=echo))
    rig.event(LinkOpened)
    assert link.source == echo
    assert rig.sent() == []


@FILTER
@NODE
@pytest.mark.parametrize(
    "fields",
    [
        {"filter": {Symbol("key"): None}},
        {"dynamic": True, "dynamic_node_properties": {Symbol("key"): None}},
    ],
)
@pytest.mark.parametrize(("key", "shown"), [(b"\xa1\x03key", "'key'"), (b"\x70\x00\x00\x00\x07", "UInt(7)")])
def test_a_key_that_is_no_symbol_is_refused(fields: dict[str, Any], key: bytes, shown: str) -> None:
    body = receiver_attach(source=Source(**fields)).encode()
    changed = body.replace(b"\xa3\x03key", key)
    assert changed != body
    rig = opened_server()
    accept_session(rig)
    rig.raw((len(changed) + 8).to_bytes(4, "big") + b"\x02\x00\x00\x00" + changed)
    detach = rig.sent()[-1]
    assert detach.error.condition == AmqpErrorCondition.INVALID_FIELD
    assert f"the key {shown}, which is no symbol" in detach.error.description


# -- our own


def quiet(ask: dict[str, Any], words: str, *, role: bool) -> None:
    """Check that a link is not asked for, and that nothing is changed for the mistake."""
    rig = opened_client()
    session = begin_session(rig)
    options = LinkOptions(name="l", **ask)
    with pytest.raises(LocalError, match=words):
        session.attach(role, options)
    rig.quiet()
    session.attach(role, LinkOptions(name="l", source=Source(address="q"), target=Target(address="q")))
    assert rig.one(Attach).handle == 0


@pytest.mark.parametrize(("fields", "words"), WRONG_SOURCES + WRONG_KEYS)
def test_a_wrong_source_is_not_asked_for(fields: dict[str, Any], words: str) -> None:
    quiet({"source": Source(**fields)}, words, role=Role.RECEIVER)


@pytest.mark.parametrize(("fields", "words"), WRONG_TARGETS)
def test_a_wrong_target_is_not_asked_for(fields: dict[str, Any], words: str) -> None:
    quiet({"target": Target(**fields)}, words, role=Role.SENDER)


@pytest.mark.requirement("messaging-3.5.3-06")
@pytest.mark.parametrize("name", ["accepted", "amqp:received:list", "nonsense"])
def test_a_name_of_no_outcome_is_not_told(name: str) -> None:
    words = f"source.outcomes has '{name}', which is no outcome: give amqp:accepted:list, amqp:declared:list"
    quiet({"source": Source(address="q", outcomes=("amqp:rejected:list", name))}, words, role=Role.RECEIVER)


@pytest.mark.requirement("messaging-3.5.3-06")
def test_outcomes_leave_as_an_array_of_symbols() -> None:
    rig = opened_client()
    outcomes = tuple(kind.SYMBOL for kind in (Accepted, Rejected, Released, Modified))
    options = LinkOptions(source=Source(address="q", outcomes=outcomes, default_outcome=Released()))
    begin_session(rig).attach_receiver(options)
    attach = rig.one(Attach)
    assert isinstance(attach.source, Source)
    assert attach.source.outcomes == outcomes
    # 1.3.4: an array of symbols, whose constructor is said once.
    assert b"\xa3" + b"".join(bytes((len(each),)) + each.encode() for each in outcomes) in attach.encode()
    assert attach.source.default_outcome == Released()


def answered(answer: dict[str, Any]) -> tuple[Any, list[Frame]]:
    rig = opened_server()
    accept_session(rig)
    rig.receive(receiver_attach())
    link = rig.event(LinkRequested).link
    assert isinstance(link, SenderLink)
    link.accept(**answer)
    return link, rig.sent()


@pytest.mark.requirement("messaging-3.5.8-01")
def test_a_wrong_answer_is_not_given() -> None:
    with pytest.raises(LocalError, match="no described value"):
        answered({"source": Source(address="q", filter={Symbol("x"): 1})})


def test_the_answer_tells_the_address_of_a_dynamic_node() -> None:
    source = Source(address="made", dynamic=True, dynamic_node_properties={LIFETIME: DeleteOnClose()})
    _, (attach,) = answered({"source": source})
    assert isinstance(attach, Attach)
    assert attach.source == source


# -- all of it


@pytest.mark.parametrize("lifetime", [DeleteOnClose(), DeleteOnNoLinksOrMessages()])
def test_every_field_of_a_terminus_reaches_the_peer(lifetime: Any) -> None:
    rig = opened_client()
    source = Source(
        dynamic=True,
        durable=TerminusDurability.UNSETTLED_STATE,
        expiry_policy=TerminusExpiryPolicy.CONNECTION_CLOSE,
        timeout=30,
        dynamic_node_properties={LIFETIME: lifetime, MODES: Symbol("copy")},
        distribution_mode=StdDistMode.COPY,
        filter={Symbol("f"): SelectorFilter("colour = 'red'")},
        default_outcome=Modified(delivery_failed=True),
        outcomes=(Accepted.SYMBOL,),
        capabilities=("queue",),
    )
    target = Target(
        address="t",
        durable=TerminusDurability.CONFIGURATION,
        expiry_policy=TerminusExpiryPolicy.NEVER,
        timeout=7,
        capabilities=("topic",),
    )
    begin_session(rig).attach_receiver(LinkOptions(source=source, target=target))
    attach = rig.one(Attach)
    assert attach.source == source
    assert attach.target == target
