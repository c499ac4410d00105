"""`python -m codegen`: make generated/amqp_spec from the XML, or check that it is what the XML says."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from codegen.faults import Faults
from codegen.output import compare, write

DEFAULT_SPEC = Path("spec/amqp-1.0-xml")
DEFAULT_OUT = Path("generated")


def main(arguments: list[str] | None = None) -> int:
    """Run the generator; returns 0, or 1 when the input has faults or the check finds differences."""
    options = _parser().parse_args(arguments)
    try:
        from codegen.pipeline import changes, generate
    except ModuleNotFoundError as missing:
        print(f"{missing.name} is not installed: pip install 'amqp10[codegen]'", file=sys.stderr)
        return 1
    try:
        files = generate(options.spec or [DEFAULT_SPEC])
        told = changes(options.spec or [DEFAULT_SPEC]) if options.report else []
    except Faults as faults:
        print(faults, file=sys.stderr)
        return 1
    for line in told:
        print(line)
    if options.check:
        differences = compare(files, options.out)
        print("\n".join(differences) or f"{len(files)} files are as the XML says")
        if differences:
            print("Run `python -m codegen` and look at the difference.", file=sys.stderr)
        return 1 if differences else 0
    changed = write(files, options.out)
    print(f"{len(files)} files, {len(changed)} changed{': ' if changed else ''}{', '.join(changed)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m codegen", description=__doc__)
    parser.add_argument(
        "--spec",
        action="append",
        type=Path,
        metavar="DIR",
        help=f"a folder of XML parts, several times if need be (default: {DEFAULT_SPEC})",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=DEFAULT_OUT,
        metavar="DIR",
        help=f"where the package goes (default: {DEFAULT_OUT})",
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; name drifted, stray and missing files"
    )
    parser.add_argument(
        "--report",
        action="store_true",
        help="say also what all folders together change for users of the first one",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
