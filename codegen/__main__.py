"""`python -m codegen`: make generated/amqp_spec from the XML, or check that it is what the XML says."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from codegen.faults import Faults
from codegen.output import PACKAGE, compare, write

DEFAULT_SPEC = Path("spec/amqp-1.0-xml")
DEFAULT_OUT = Path("generated")


def main(arguments: list[str] | None = None) -> int:
    """Run the generator; returns 0, or 1 when the input has faults or the check finds differences."""
    parser = _parser()
    options = parser.parse_args(arguments)
    specs: list[Path] = options.spec or [DEFAULT_SPEC]
    folder: Path = (options.out or DEFAULT_OUT) / PACKAGE
    if options.base:
        if not options.spec or not options.out:
            parser.error(
                "--base needs --spec, the folder of the new types, and --out, the folder of their package"
            )
        specs = [DEFAULT_SPEC, *specs]
        folder = options.out
    try:
        from codegen.pipeline import changes, generate
    except ModuleNotFoundError as missing:
        print(f"{missing.name} is not installed: pip install 'amqp10[codegen]'", file=sys.stderr)
        return 1
    try:
        files = generate(specs, options.base)
        told = changes(specs) if options.report else []
        changed = [] if options.check else write(files, folder)
    except Faults as faults:
        print(faults, file=sys.stderr)
        return 1
    for line in told:
        print(line)
    if options.check:
        differences = compare(files, folder)
        print("\n".join(differences) or f"{len(files)} files are as the XML says")
        if differences:
            print("Run `python -m codegen` and look at the difference.", file=sys.stderr)
        return 1 if differences else 0
    print(f"{len(files)} files, {len(changed)} changed{': ' if changed else ''}{', '.join(changed)}")
    return 0


def _module(text: str) -> str:
    if text and not all(name.isidentifier() for name in text.split(".")):
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a module")
    return text


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
        "--base",
        default="",
        type=_module,
        metavar="MODULE",
        help=f"make only the new types of --spec, with the values, errors and codec of this module, {PACKAGE}",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"where {PACKAGE} goes (default: {DEFAULT_OUT}); with --base, the folder of the package itself, "
        "such as src/my_types",
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
