"""2.4.7 and 2.5.5: what each state of a connection and a session lets in, by the standard's own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from amqp.engine import (
    ConnectionFailed,
    ConnectionState,
    LinkFailed,
    LinkState,
    Session,
    SessionFailed,
    SessionRequested,
    SessionState,
)
from amqp.engine.states import (
    CONNECTION_RULES,
    LINK_RULES,
    SESSION_RULES,
    Empty,
    ErrorClose,
    ErrorDetach,
    ErrorEnd,
    Header,
)
from amqp_spec import Close, Disposition, Error
from tests.engine.wire import (
    AMQP,
    EMPTY,
    Attach,
    Begin,
    Detach,
    End,
    Flow,
    Open,
    Rig,
    Transfer,
    accept_receiver,
    accept_session,
    begin,
    client,
    flow,
    frame,
    in_state,
    opened_client,
    opened_server,
    sender_attach,
    server,
    transfer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

OPEN = frame(Open(container_id="peer"))
ERROR = Error(condition="amqp:internal-error")
C = ConnectionState
S = SessionState
L = LinkState

INPUTS: dict[str, bytes] = {
    "header": AMQP,
    "empty": EMPTY,
    "open": OPEN,
    "begin": frame(begin(), channel=5),
    "attach": frame(sender_attach("new", 7)),
    "flow": frame(flow()),
    "transfer": frame(transfer(0)),
    "disposition": frame(Disposition(role=True, first=0, settled=True)),
    "detach": frame(Detach(handle=0, closed=True)),
    "end": frame(End()),
    "close": frame(Close()),
}
FRAMES = set(INPUTS) - {"header"}
ON_OPEN = FRAMES - {"open"}


# -- connections: how to come into each state, and what 2.4.7 lets in there


def start() -> Rig:
    return server()


def hdr_exch() -> Rig:
    return server().raw(AMQP)


def open_pipe() -> Rig:
    rig = client()
    rig.engine.open()
    return rig


def oc_pipe() -> Rig:
    rig = open_pipe()
    rig.engine.close()
    return rig


def open_sent() -> Rig:
    return open_pipe().raw(AMQP)


def close_pipe() -> Rig:
    return oc_pipe().raw(AMQP)


def open_rcvd() -> Rig:
    rig = server().raw(AMQP + OPEN + frame(begin()) + frame(sender_attach()))
    rig.forget()
    return rig


def oc_rcvd() -> Rig:
    return open_rcvd().receive(Close())


def opened() -> Rig:
    rig = opened_server()
    accept_session(rig)
    accept_receiver(rig)
    return rig


def close_sent() -> Rig:
    rig = opened()
    rig.engine.close()
    return rig


def discarding() -> Rig:
    rig = opened()
    rig.engine.close(ERROR)
    return rig


def end() -> Rig:
    return opened().receive(Close())


CONNECTIONS: dict[ConnectionState, tuple[Callable[[], Rig], set[str]]] = {
    C.START: (start, {"header"}),
    C.HDR_EXCH: (hdr_exch, {"open"}),
    C.OPEN_PIPE: (open_pipe, {"header"}),
    C.OC_PIPE: (oc_pipe, {"header"}),
    C.OPEN_SENT: (open_sent, {"open"}),
    C.CLOSE_PIPE: (close_pipe, {"open"}),
    C.OPEN_RCVD: (open_rcvd, ON_OPEN - {"transfer"}),  # no credit can have been granted
    C.OPENED: (opened, ON_OPEN),
    # 2.4.3, 2.4.6: all is read, and nothing but the close is acted upon.
    C.CLOSE_SENT: (close_sent, FRAMES),
    C.DISCARDING: (discarding, FRAMES),
    # Nothing is read any more.
    C.OC_RCVD: (oc_rcvd, set(INPUTS)),
    C.END: (end, set(INPUTS)),
}
AFTER: dict[tuple[ConnectionState, str], ConnectionState] = {
    (C.START, "header"): C.HDR_EXCH,
    (C.HDR_EXCH, "open"): C.OPEN_RCVD,
    (C.OPEN_PIPE, "header"): C.OPEN_SENT,
    (C.OC_PIPE, "header"): C.CLOSE_PIPE,
    (C.OPEN_SENT, "open"): C.OPENED,
    (C.CLOSE_PIPE, "open"): C.CLOSE_SENT,
    (C.OPEN_RCVD, "close"): C.OC_RCVD,
    (C.OPENED, "close"): C.END,
    (C.CLOSE_SENT, "close"): C.END,
    (C.DISCARDING, "close"): C.END,
}


@pytest.mark.requirement("transport-2.4.7-01")
@pytest.mark.parametrize("state", CONNECTIONS, ids=lambda each: each.name)
@pytest.mark.parametrize("name", INPUTS)
def test_what_a_connection_lets_in(state: ConnectionState, name: str) -> None:
    make, legal = CONNECTIONS[state]
    rig = make()
    assert in_state(rig.engine, state)
    rig.forget()
    rig.raw(INPUTS[name])
    events = rig.events()
    failed = [
        event for event in events if isinstance(event, ConnectionFailed) and event.fault.blame == "remote"
    ]
    if name in legal:
        assert failed == []
        assert in_state(rig.engine, AFTER.get((state, name), state))
    elif state is C.OPEN_RCVD and name == "transfer":
        assert any(isinstance(event, SessionFailed | LinkFailed) for event in events)
    else:
        assert len(failed) == 1
        assert rig.engine.state in (C.END, C.DISCARDING, C.CLOSE_PIPE)
        rig.raw(OPEN + frame(Close()))
        assert not any(isinstance(event, ConnectionFailed) for event in rig.events())


def test_every_state_that_lasts_is_looked_at() -> None:
    # The others are left at once, within the call that enters them.
    assert set(C) - set(CONNECTIONS) == {C.HDR_RCVD, C.HDR_SENT, C.CLOSE_RCVD}


# -- sessions


def with_session(rig: Rig, session: Session) -> tuple[Rig, Session]:
    rig.forget()
    return rig, session


def session_begin_sent() -> tuple[Rig, Session]:
    rig = opened_client()
    return with_session(rig, rig.engine.begin())


def session_begin_rcvd() -> tuple[Rig, Session]:
    rig = opened_server()
    rig.receive(begin(), sender_attach())
    (requested, _) = rig.events()
    assert isinstance(requested, SessionRequested)
    return with_session(rig, requested.session)


def session_mapped() -> tuple[Rig, Session]:
    rig = opened_server()
    session = accept_session(rig)
    accept_receiver(rig)
    return with_session(rig, session)


def session_end_sent() -> tuple[Rig, Session]:
    rig, session = session_mapped()
    session.end()
    return with_session(rig, session)


def session_discarding() -> tuple[Rig, Session]:
    rig, session = session_mapped()
    session.end(ERROR)
    return with_session(rig, session)


ON_SESSION = {"attach", "flow", "transfer", "disposition", "detach", "end"}
SESSIONS: dict[SessionState, tuple[Callable[[], tuple[Rig, Session]], set[str]]] = {
    S.BEGIN_SENT: (session_begin_sent, set()),
    S.BEGIN_RCVD: (session_begin_rcvd, ON_SESSION - {"transfer"}),
    S.MAPPED: (session_mapped, ON_SESSION),
    S.END_SENT: (session_end_sent, ON_SESSION),
    S.DISCARDING: (session_discarding, ON_SESSION),
}


@pytest.mark.requirement("transport-2.5.5-01")
@pytest.mark.parametrize("state", SESSIONS, ids=lambda each: each.name)
@pytest.mark.parametrize("name", sorted(ON_SESSION))
def test_what_a_session_lets_in(state: SessionState, name: str) -> None:
    make, legal = SESSIONS[state]
    rig, session = make()
    assert in_state(session, state)
    rig.raw(INPUTS[name])
    failed = [
        event
        for event in rig.events()
        if isinstance(event, ConnectionFailed | SessionFailed) and event.fault.blame == "remote"
    ]
    if name in legal:
        assert failed == []
        ended = S.END_RCVD if state is S.BEGIN_RCVD else S.UNMAPPED
        assert in_state(session, ended if name == "end" else state)
    else:
        assert len(failed) == 1


@pytest.mark.requirement("transport-2.5.5-01")
def test_a_begin_answers_only_what_waits_for_it() -> None:
    for make, waits in (
        (session_begin_sent, True),
        (session_mapped, False),
        (session_end_sent, False),
        (session_discarding, False),
    ):
        rig, session = make()
        rig.receive(begin(remote_channel=session.channel), channel=9)
        assert in_state(session, S.MAPPED) is waits
        assert any(isinstance(event, ConnectionFailed) for event in rig.events()) is not waits


# -- the tables themselves


def test_no_state_is_forgotten() -> None:
    assert set(CONNECTION_RULES) == set(C)
    assert set(SESSION_RULES) == set(S)
    assert set(LINK_RULES) == set(L)


def test_nothing_is_sent_behind_an_end() -> None:
    for connection in (C.CLOSE_PIPE, C.OC_PIPE, C.CLOSE_SENT, C.DISCARDING, C.END):
        assert CONNECTION_RULES[connection].sends == {}
    for session in (S.END_SENT, S.DISCARDING):
        assert SESSION_RULES[session].sends == {}
    for link in (L.DETACH_SENT, L.DISCARDING, L.DETACHED, L.CLOSED):
        assert LINK_RULES[link].sends == {}


def test_all_that_a_state_allows_is_an_input() -> None:
    inputs: set[Any] = {Header, Empty, ErrorClose, ErrorEnd, ErrorDetach}
    inputs |= {Open, Begin, Attach, Flow, Transfer, Disposition, Detach, End, Close}
    for rules in (CONNECTION_RULES, SESSION_RULES, LINK_RULES):
        for rule in rules.values():
            assert {*rule.sends, *rule.receives} <= inputs
            assert rule.condition.startswith("amqp:")


def test_nothing_behind_open_and_close_is_read() -> None:
    rig = server()
    rig.raw(AMQP + OPEN + frame(Close()) + frame(begin()) + b"\0\0\0\0 what is this")
    assert len(rig.events()) == 1
    rig.raw(frame(begin()))
    rig.engine.open()
    assert [type(each) for each in rig.sent()] == [bytes, Open, Close]
