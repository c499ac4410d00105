"""What the command line takes, and what it says to what it does not take."""

from __future__ import annotations

import pytest

from amqp.cli.parser import make_parser


def test_broker_listens_on_loopback_at_the_standards_port() -> None:
    options = make_parser().parse_args(["broker"])
    assert (options.command, options.host, options.port, options.user) == ("broker", "127.0.0.1", 5672, None)
    assert not options.quiet
    assert not options.anonymous


def test_broker_takes_users() -> None:
    options = make_parser().parse_args(
        ["broker", "--user", "ann:a:b", "--user", "bob:c", "--port", "0", "--quiet"]
    )
    assert options.user == [("ann", "a:b"), ("bob", "c")]
    assert (options.port, options.quiet) == (0, True)


def test_demo_sends_ten_thousand() -> None:
    assert make_parser().parse_args(["demo"]).messages == 10_000
    assert make_parser().parse_args(["demo", "--messages", "5"]).messages == 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["broker", "--port", "65536"], "is not a port"),
        (["broker", "--port", "amqp"], "is not a port"),
        (["broker", "--port", "-1"], "is not a port"),
        (["demo", "--messages", "0"], "is not a number of messages"),
        (["demo", "--messages", "many"], "is not a number of messages"),
        (["broker", "--user", "ann"], "NAME:PASSWORD"),
        (["broker", "--user", "ann:"], "NAME:PASSWORD"),
        ([], "COMMAND"),
        (["nothing"], "nothing"),
    ],
)
def test_nonsense_is_answered_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        make_parser().parse_args(arguments)
    assert exit_.value.code == 2
    assert said in capsys.readouterr().err


def test_a_password_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        make_parser().parse_args(["broker", "--user", ":secret"])
    assert "secret" not in capsys.readouterr().err
