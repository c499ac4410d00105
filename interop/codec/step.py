"""The step: the corpus through each library in both ways, one after the other."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from amqp_spec import encode_value
from interop.codec.compare import SHOWN, Verdict, compare, stale
from interop.codec.corpus import corpus
from interop.codec.known import Way
from interop.codec.libraries import Library
from interop.codec.trees import Tree, value_of
from interop.errors import CheckFailed, InteropError
from interop.report import Report, Stopwatch

NAME = "codec"
_SECONDS = 300
_WAYS: tuple[tuple[Way, str], ...] = (("reads", "decode"), ("writes", "encode"))


async def cross_decode(libraries: Sequence[Library], report: Report) -> None:
    """Install each library, have it read what we write and write what we read, and report."""
    values = corpus()
    for library in libraries:
        watch = Stopwatch()
        try:
            async with asyncio.timeout(_SECONDS):
                await library.install()
                said = await _exchange(library, values)
        except InteropError as error:
            report.failure(library.name, NAME, watch.seconds, str(error))
        except TimeoutError:
            report.failure(library.name, NAME, watch.seconds, f"not done in {_SECONDS} s")
        else:
            report.done(library.name, NAME, watch.seconds, said)


async def _exchange(library: Library, values: list[Tree]) -> str:
    asked, answered = library.folder / "codec-asked.json", library.folder / "codec-answered.json"
    octets = [encode_value(value_of(tree)).hex() for tree in values]
    asked.write_text(json.dumps({"encode": values, "decode": octets}))
    answered.unlink(missing_ok=True)
    await library.run(asked, answered)
    return judged(library.name, values, answered)


def judged(library: str, values: list[Tree], answered: Path) -> str:
    """Return a line about the answers of a library. Raises CheckFailed where they are not what is known of it."""
    answers = json.loads(answered.read_text())
    lines: list[str] = []
    for way, key in _WAYS:
        verdict = compare(library, way, values, answers[key])
        _check(library, way, verdict)
        lines.append(f"{way} {verdict.agreed:,} alike, {len(values) - verdict.agreed:,} as known")
    return f"{len(values):,} values: {'; '.join(lines)}"


def _check(library: str, way: Way, verdict: Verdict) -> None:
    if verdict.unknown:
        shown = "\n".join(verdict.unknown[:SHOWN])
        raise CheckFailed(
            f"{library} {way} {len(verdict.unknown)} values otherwise than is known, such as\n{shown}"
        )
    gone = stale(library, way, verdict)
    if gone:
        raise CheckFailed(
            "does not show any more, so it goes from interop/codec/known.py: "
            + "; ".join(f"{library} {way}: {rule.says}" for rule in gone)
        )
