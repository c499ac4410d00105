"""What a scripted peer says when a program does something else, and what its steps let pass."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.testing import ABSENT, ANY, PRESENT, Composite, Frame, Peer, Typed, message_octets
from amqp.testing.framing import frame_octets, make_frame
from amqp.testing.script import header_octets

AMQP = header_octets()


def frame(performative: str, /, *, channel: int = 0, payload: bytes = b"", **fields: Any) -> bytes:
    """What a program would write."""
    return make_frame(performative, fields, channel=channel, payload=payload).octets


def opened(peer: Peer | None = None, **fields: Any) -> Peer:
    """A peer with a connection and a session, fed by hand."""
    peer = peer or Peer()
    peer.handshake(**fields)
    peer.accept_session()
    peer.feed(AMQP + frame("open", container_id="me"))
    peer.feed(frame("begin", next_outgoing_id=0, incoming_window=5, outgoing_window=5))
    peer.done()
    peer.take()
    return peer


def attached(role: str = "sender") -> Peer:
    peer = opened()
    peer.expect_attach(role=role).respond()
    peer.feed(frame("attach", name="link", handle=0, role=role))
    peer.done()
    peer.take()
    return peer


def test_a_mismatch_prints_expected_actual_and_the_trace() -> None:
    peer = opened()
    peer.expect_attach(name="orders", role="sender", target={"address": "q"}, source=ABSENT)
    with pytest.raises(AssertionError) as raised:
        peer.feed(frame("attach", name="oders", handle=0, role="sender", target="p", source={}))
    assert str(raised.value).splitlines() == [
        "scripted peer: name: expected 'orders', got 'oders'",
        "  expected: attach(name='orders', role='sender', target={'address': 'q'}, source=ABSENT)",
        "  actual:   channel 0: attach(name='oders', handle=0, role='sender', source=source(), target=target(address='p'))",
        "  source: expected ABSENT, got source()",
        "  target: expected {'address': 'q'}, got target(address='p')",
        "trace (<- from the program under test, -> to it):",
        "   1 <- header AMQP 1.0.0",
        "   2 <- channel 0: open(container_id='me')",
        "   3 -> header AMQP 1.0.0",
        "   4 -> channel 0: open(container_id='peer')",
        "   5 <- channel 0: begin(next_outgoing_id=0, incoming_window=5, outgoing_window=5)",
        "   6 -> channel 0: begin(remote_channel=0, next_outgoing_id=0, incoming_window=2147483647, outgoing_window=2147483647)",
        "   7 <- channel 0: attach(name='oders', handle=0, role='sender', source=source(), target=target(address='p'))",
    ]
    assert peer.failure is raised.value
    with pytest.raises(AssertionError, match="oders"):
        peer.done()


def test_another_frame_than_the_one_expected() -> None:
    peer = opened()
    peer.expect_attach()
    with pytest.raises(AssertionError, match="expected attach, got end"):
        peer.feed(frame("end"))


def test_a_frame_behind_the_script() -> None:
    peer = opened()
    with pytest.raises(
        AssertionError,
        match=r"nothing more was expected\n  expected: nothing more\n  actual:   channel 0: end\(\)",
    ):
        peer.feed(frame("end"))


def test_a_frame_where_nothing_may_come() -> None:
    peer = opened()
    peer.expect_nothing()
    peer.done()
    peer.expect_nothing()
    with pytest.raises(AssertionError, match="expected nothing until the test goes on"):
        peer.feed(frame("end"))


def test_silence_ends_where_the_test_says() -> None:
    peer = opened()
    silence = peer.expect_nothing()
    peer.expect_end().respond()
    silence.open()
    peer.feed(frame("end"))
    peer.done()


def test_what_never_came_is_said() -> None:
    peer = opened()
    peer.expect_end()
    peer.remote_close()
    with pytest.raises(AssertionError) as raised:
        peer.done()
    assert "the script is not done\n  not come to: end()\n  not come to: remote_close\ntrace" in str(
        raised.value
    )


def test_the_end_of_the_stream_may_not_come_before_the_end_of_the_script() -> None:
    peer = opened()
    peer.expect_end()
    with pytest.raises(AssertionError, match="expected end, got gone"):
        peer.feed(b"")


def test_the_end_of_the_stream_is_expected_or_behind_the_script() -> None:
    peer = opened()
    gone = peer.expect_gone()
    peer.feed(b"")
    assert gone.count == 1
    peer = opened()
    peer.feed(b"")
    peer.done()


def test_octets_that_are_no_frame() -> None:
    peer = opened()
    peer.expect_end()
    with pytest.raises(
        AssertionError,
        match="what came is no frame\n  expected: end\\(\\)\n  9 octets that are no frame: its body is None",
    ):
        peer.feed(frame_octets(b"\x40"))


def test_a_frame_above_the_limit_that_this_peer_has_set() -> None:
    peer = opened(max_frame_size=600)
    peer.expect_transfer()
    with pytest.raises(AssertionError, match=r"a frame of 7\d\d octets is above the max-frame-size of 600"):
        peer.feed(frame("transfer", handle=0, payload=bytes(700)))


def test_another_header() -> None:
    peer = Peer()
    peer.expect_header()
    with pytest.raises(AssertionError, match=r"expected header AMQP 1\.0\.0, got header AMQP 1\.1\.0"):
        peer.feed(header_octets(0, (1, 1, 0)))


def test_a_header_of_ones_own_and_one_that_is_known_by_no_name() -> None:
    peer = Peer()
    peer.expect_header(lambda octets: octets[4] == 7).respond(b"no header")
    peer.feed(header_octets(7))
    assert peer.take() == b"no header"
    peer.expect_header(lambda octets: octets[4] == 7)
    with pytest.raises(AssertionError) as raised:
        peer.feed(header_octets(2))
    assert "expected header <<lambda>>, got header TLS 1.0.0" in str(raised.value)
    assert "<- header 7 1.0.0" in str(raised.value)


def test_the_first_failure_stays() -> None:
    peer = opened()
    peer.expect_end()
    for octets in (frame("close"), frame("end")):
        with pytest.raises(AssertionError, match="expected end, got close"):
            peer.feed(octets)


@pytest.mark.parametrize(
    ("expected", "matches"),
    [
        ({"link_credit": 5}, True),
        ({"link_credit": 6}, False),
        ({"link_credit": lambda credit: credit > 3}, True),
        ({"link_credit": lambda credit: credit > 5}, False),
        ({"link_credit": PRESENT}, True),
        ({"link_credit": ABSENT}, False),
        ({"link_credit": ANY}, True),
        ({"link_credit": True}, False),
        ({"link_credit": Typed("uint", 5)}, True),
        ({"available": None}, True),
        ({"available": PRESENT}, False),
        ({"available": ANY}, True),
        ({"available": 0}, False),
        ({"drain": False}, True),
        ({"drain": ABSENT}, True),
        ({"drain": True}, False),
        ({"drain": 0}, False),
        ({"properties": {"a": 1}}, True),
        ({"properties": {"a": 1, "c": None}}, True),
        ({"properties": {"a": 2}}, False),
        ({"properties": {"b": [1, ANY]}}, True),
        ({"properties": {"b": [1]}}, False),
        ({"properties": "a"}, False),
        ({"channel": 0}, True),
        ({"channel": 1}, False),
    ],
)
def test_a_field_matches_a_value_a_predicate_or_a_marker(expected: dict[str, Any], matches: bool) -> None:
    peer = opened()
    expectation = peer.expect_flow(**expected).optional()
    peer.ignore("flow")
    peer.feed(
        frame(
            "flow",
            incoming_window=1,
            next_outgoing_id=0,
            outgoing_window=1,
            link_credit=5,
            properties={"a": 1, "b": [1, 2]},
        )
    )
    assert expectation.count == matches


@pytest.mark.parametrize(
    ("state", "matches"),
    [
        ("accepted", False),
        ("rejected", True),
        (Composite("rejected"), True),
        (Composite("rejected", error="a:b"), True),
        (Composite("rejected", error="a:c"), False),
        ({"error": {"condition": "a:b"}}, True),
        ({"error": {"description": PRESENT}}, False),
        (lambda state: state["error"]["condition"] == "a:b", True),
        (7, False),
    ],
)
def test_a_composite_matches_by_name_by_fields_or_by_a_predicate(state: Any, matches: bool) -> None:
    peer = opened()
    expectation = peer.expect_disposition(state=state).optional()
    peer.ignore("disposition")
    peer.feed(frame("disposition", role="sender", first=0, state=Composite("rejected", error="a:b")))
    assert expectation.count == matches


def test_names_of_choices_and_their_numbers_match_alike() -> None:
    peer = opened()
    for role, mode in (("sender", "settled"), (False, 1)):
        peer.expect_attach(role=role, snd_settle_mode=mode, rcv_settle_mode="first")
        peer.feed(frame("attach", name=f"{role}", handle=0, role="sender", snd_settle_mode=1))
    peer.done()


def test_a_symbol_matches_the_only_one_of_several() -> None:
    peer = Peer()
    peer.handshake(expect={"desired_capabilities": "a", "offered_capabilities": ["b", "c"]})
    peer.feed(AMQP)
    peer.feed(frame("open", container_id="x", desired_capabilities="a", offered_capabilities=["b", "c"]))
    peer.done()


def test_optional_steps_are_skipped_and_repeated_ones_repeat() -> None:
    peer = opened()
    skipped = peer.expect_attach().optional()
    flows = peer.expect_flow().any_number()
    end = peer.expect_end()
    for _ in range(3):
        peer.feed(frame("flow", incoming_window=1, next_outgoing_id=0, outgoing_window=1))
    peer.feed(frame("end"))
    assert (skipped.count, flows.count, end.count) == (0, 3, 1)
    with pytest.raises(AssertionError, match=r"attach\(\) \(optional\) has not come yet"):
        _ = skipped.frame
    assert len(flows.frames) == 3
    peer.done()


def test_a_heartbeat_does_not_skip_what_is_optional() -> None:
    peer = opened()
    end = peer.expect_end().optional()
    peer.ignore("flow")
    peer.feed(frame_octets() + frame("flow", incoming_window=1, next_outgoing_id=0, outgoing_window=1))
    assert end.count == 0
    peer.feed(frame("end"))
    assert end.count == 1


def test_what_is_expected_comes_before_what_is_ignored() -> None:
    peer = opened()
    peer.ignore("flow")
    end = peer.expect_end().optional()
    flow = peer.expect_flow()
    peer.feed(frame("flow", incoming_window=1, next_outgoing_id=0, outgoing_window=1))
    assert (end.count, flow.count) == (0, 1)


def test_an_action_behind_something_optional_waits_until_that_is_decided() -> None:
    peer = opened()
    peer.expect_attach().optional()
    peer.remote_end()
    peer.expect_end()
    assert peer.take() == b""
    peer.feed(frame("end"))
    assert peer.take() == frame("end")
    peer.done()


def test_all_that_could_come_is_said() -> None:
    peer = opened()
    peer.expect_attach().optional()
    peer.expect_flow().any_number()
    peer.expect_end()
    with pytest.raises(AssertionError) as raised:
        peer.feed(frame("close"))
    assert str(raised.value).splitlines()[:4] == [
        "scripted peer: expected end, got close",
        "  expected: attach() (optional)",
        "       or: flow() any number of times",
        "       or: end()",
    ]


def test_a_predicate_that_raises_ends_the_script() -> None:
    peer = opened()
    peer.expect_attach(name=lambda name: name > 3)
    with pytest.raises(AssertionError, match="the script cannot go on\n  TypeError: '>' not supported"):
        peer.feed(frame("attach", name="x", handle=0, role="sender"))


def test_a_reply_may_assert() -> None:
    peer = opened()

    def reply(end: Frame) -> None:
        assert end.name == "beginning", "not what I want"

    peer.expect_end().then(reply)
    with pytest.raises(AssertionError, match="not what I want"):
        peer.feed(frame("end"))
    assert peer.failure is not None


def test_ignored_frames_come_at_any_time() -> None:
    peer = opened()
    peer.ignore("flow", link_credit=ABSENT)
    peer.expect_end()
    octets = frame("flow", incoming_window=1, next_outgoing_id=0, outgoing_window=1)
    peer.feed(octets + frame("end") + octets)
    peer.done()
    with pytest.raises(AssertionError, match="nothing more"):
        peer.feed(frame("flow", incoming_window=1, next_outgoing_id=0, outgoing_window=1, link_credit=1))


def test_replies_run_in_order_and_see_the_frame() -> None:
    peer = opened()
    seen: list[Any] = []
    expectation = peer.expect_end().then(lambda end: seen.append(end.name)).then(lambda _: seen.append(2))
    peer.feed(frame("end", error="a:b"))
    assert seen == ["end", 2]
    assert expectation.frame["error"]["condition"] == "a:b"
    expectation.then(lambda _: seen.append("late"))
    assert seen[-1] == "late"


def test_a_payload_is_compared() -> None:
    peer = attached()
    peer.expect_transfer(payload=b"x", body="y")
    with pytest.raises(AssertionError) as raised:
        peer.feed(frame("transfer", handle=0, delivery_id=0, payload=b"z"))
    assert "expected: transfer() with payload b'x' with body 'y'" in str(raised.value)
    assert "payload: expected b'x', got b'z'" in str(raised.value)
    assert "body: expected 'y', but the payload is no message: 0x7a at offset 0 is no constructor" in str(
        raised.value
    )


def test_a_delivery_may_not_be_broken_off_by_something_else() -> None:
    peer = attached()
    peer.expect_delivery(payload=b"xy")
    peer.feed(frame("transfer", handle=0, delivery_id=0, more=True, payload=b"x"))
    with pytest.raises(AssertionError, match="expected the next frame of the delivery, got end"):
        peer.feed(frame("end"))


def test_a_delivery_goes_on_on_its_own_link() -> None:
    peer = attached()
    peer.expect_delivery(payload=b"xy").optional()
    peer.ignore("transfer", handle=1)
    peer.feed(frame("transfer", handle=0, delivery_id=0, more=True, payload=b"x"))
    peer.feed(frame("transfer", handle=1, delivery_id=1, payload=b"other"))
    with pytest.raises(
        AssertionError, match="expected the next frame of the delivery on handle 0, got another's"
    ):
        peer.feed(frame("transfer", handle=2, payload=b"y"))


def test_a_body_is_compared() -> None:
    peer = attached()
    peer.expect_transfer(channel=3, body="x", settled=True)
    with pytest.raises(AssertionError) as raised:
        peer.feed(frame("transfer", handle=0, payload=message_octets("y"), settled=True))
    assert "channel: expected 3, got 0\n  expected: transfer(channel=3, settled=True) with body 'x'" in str(
        raised.value
    )
    peer = attached()
    peer.expect_delivery(body="x")
    with pytest.raises(AssertionError, match="body: expected 'x', got 'y'\n  expected: delivery by transfer"):
        peer.feed(frame("transfer", handle=0, payload=message_octets("y")))


def test_frames_are_ignored_on_a_channel() -> None:
    peer = opened()
    peer.ignore("end", channel=1)
    peer.feed(frame("end", channel=1))
    with pytest.raises(AssertionError, match="nothing more"):
        peer.feed(frame("end", channel=0))


def test_an_aborted_delivery_is_whole() -> None:
    peer = attached()
    seen = peer.expect_delivery(payload=b"x")
    peer.feed(frame("transfer", handle=0, delivery_id=0, more=True, payload=b"x"))
    peer.feed(frame("transfer", handle=0, aborted=True))
    assert seen.frame["aborted"]


def test_what_the_delivery_holds_is_said_when_it_is_whole() -> None:
    peer = attached()
    peer.expect_delivery(payload=b"xz")
    peer.feed(frame("transfer", handle=0, delivery_id=0, more=True, payload=b"x"))
    with pytest.raises(AssertionError, match="payload: expected b'xz', got b'xy'"):
        peer.feed(frame("transfer", handle=0, payload=b"y"))


def test_a_name_that_is_no_field_is_refused_at_once() -> None:
    peer = Peer()
    with pytest.raises(
        TypeError, match=r"transfer has no field 'bdy', only handle, .*, batchable, channel, payload, body$"
    ):
        peer.expect_delivery(bdy=b"x")  # type: ignore[call-arg]  # what the test is about
    with pytest.raises(TypeError, match="open has no field 'container', only container_id"):
        peer.expect_open(container="x")  # type: ignore[call-arg]  # what the test is about


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (lambda peer: peer.grant(1), "there is no link to send a flow for"),
        (lambda peer: peer.grant(1, link="x"), "there is no link 'x'"),
        (lambda peer: peer.remote_open(channel_max="many"), "open.channel_max"),
        (lambda peer: peer.remote_attach(names=1), "attach has no field 'names'"),
        (lambda peer: peer.remote_end(channel=2**16), "OverflowError"),
    ],
)
def test_a_script_that_cannot_go_on_says_why(act: Any, what: str) -> None:
    peer = Peer()
    with pytest.raises(AssertionError, match="the script cannot go on") as raised:
        act(peer)
    assert what in str(raised.value)


def test_an_answer_for_a_session_that_is_not_there() -> None:
    peer = Peer()
    peer.expect_end().respond()
    with pytest.raises(AssertionError, match="end came on channel 3, where no session is"):
        peer.feed(frame("end", channel=3))
