"""What can be said on the command line."""

from __future__ import annotations

import argparse

from amqp_spec import PORT


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command."""
    parser = argparse.ArgumentParser(
        prog="amqp", description="AMQP 1.0 (ISO/IEC 19464) from the command line."
    )
    parser.add_argument("--version", action=_Version, help="print the version and leave")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    broker = commands.add_parser(
        "broker",
        help="run a broker in memory until Ctrl-C",
        description="Run a broker in memory until Ctrl-C or SIGTERM. Its queues are made on use, and are lost with it.",
    )
    _add_broker_arguments(broker)
    demo = commands.add_parser(
        "demo",
        help="send and receive messages through a broker of its own",
        description="Start a broker on a free port of loopback, send and receive messages at least once at the same"
        " time, and check that each one arrived.",
    )
    demo.add_argument(
        "--messages", type=message_count, default=10_000, metavar="N", help="how many (default: %(default)s)"
    )
    return parser


def _add_broker_arguments(broker: argparse.ArgumentParser) -> None:
    broker.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    broker.add_argument(
        "--port", type=port_number, default=PORT, help="port, 0 for any that is free (default: %(default)s)"
    )
    broker.add_argument(
        "--user",
        type=credentials,
        action="append",
        metavar="NAME:PASSWORD",
        help="let this user in, and nobody without credentials; may be given several times"
        " (default: anybody and guest:guest, on loopback alone)",
    )
    broker.add_argument("--anonymous", action="store_true", help="let clients without credentials in")
    broker.add_argument("--quiet", action="store_true", help="do not say when it listens")


def port_number(text: str) -> int:
    """Read a port.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 0 to 65535")
    return int(text)


def message_count(text: str) -> int:
    """Read how many messages are wanted.

    Raises:
        argparse.ArgumentTypeError: it is no such number.
    """
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of messages: give 1 to 100000000")
    return int(text)


def credentials(text: str) -> tuple[str, str]:
    """Read a user name and a password.

    Raises:
        argparse.ArgumentTypeError: there is no name, no colon or no password. The message does not repeat what was
            given.
    """
    name, colon, password = text.partition(":")
    if not name or not colon or not password:
        raise argparse.ArgumentTypeError("give a user as NAME:PASSWORD, neither of them empty")
    return name, password


class _Version(argparse.Action):
    """Prints the version; finding it out waits until somebody asks."""

    def __init__(self, option_strings: list[str], dest: str, help: str | None = None) -> None:  # noqa: A002 - argparse's name
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help=help)

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        from amqp import __version__

        print(f"amqp10 {__version__}")
        parser.exit()
