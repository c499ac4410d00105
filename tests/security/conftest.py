"""Each test refuses something; what was refused, and how it was told, is printed as a table."""

from __future__ import annotations

import inspect
import ssl
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from tests.contract.conftest import broker, front, peer, serve, server, start_broker, start_peer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    import amqp

__all__ = ["broker", "front", "peer", "serve", "server", "start_broker", "start_peer"]

HERE = Path(__file__).resolve().parent
_ROWS: dict[tuple[str, str], set[str]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if HERE.name not in report.nodeid or not (report.when == "call" or report.failed):
        return
    for name, told in report.user_properties:
        if name == "refusal":
            what, _, kind = str(told).rpartition(": ")
            _ROWS.setdefault((what, kind), set()).add(report.outcome)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _ROWS:
        return
    terminalreporter.section(f"refusals: {len({what for what, _ in _ROWS})}")
    wide = max(len(what) for what, _ in _ROWS)
    for (what, told), outcomes in sorted(_ROWS.items()):
        state = "ok" if outcomes == {"passed"} else "FAILED"
        terminalreporter.write_line(f"{what:{wide}}  {told:20}  {state}")


@pytest.fixture
def refused(request: pytest.FixtureRequest) -> Callable[..., AbstractContextManager[Any]]:
    """Check that what is done inside is refused with an error of this class that says how to mend it."""

    @contextmanager
    def refusing(kind: type[amqp.AmqpError], mend: str) -> Iterator[pytest.ExceptionInfo[Any]]:
        what = (inspect.getdoc(request.function) or request.node.name).partition("\n")[0].rstrip(".")
        if hasattr(request.node, "callspec"):
            what = what.format_map(request.node.callspec.params)
        with pytest.raises(kind, match=mend) as caught:
            yield caught
        assert type(caught.value) is kind
        request.node.user_properties.append(("refusal", f"{what}: {kind.__name__}"))

    return refusing


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who is trusted."""
    return trustme.CA()


@pytest.fixture(scope="session")
def stranger() -> trustme.CA:
    """Who is not."""
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """What a client has that trusts the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
