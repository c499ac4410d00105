"""The result of a run as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ALLOCATIONS = (
    "One typical message in memory: blocks that the result holds (sys.getallocatedblocks),"
    " bytes at most while it is made (tracemalloc)"
)


def report(result: dict[str, Any]) -> str:
    """Return the text of a result as the runner writes it."""
    return "\n".join(
        [
            *_head(result),
            "",
            *_table(_times(result)),
            "",
            *_goals(result),
            *_memory(result),
        ]
    )


def _head(result: dict[str, Any]) -> Iterator[str]:
    yield f"{result['python']}, {result['cores']} cores, {result['rounds']} rounds, seed {result['seed']}"
    for name, version in result["libraries"].items():
        compiled = " (compiled)" if name in result["compiled"] else ""
        losses = result["losses"].get(name)
        yield f"  {name}: {version}{compiled}{'; does not give back: ' + ', '.join(losses) if losses else ''}"
    yield "Microseconds of CPU for one operation, the median of the rounds +- half the distance of the quartiles."
    yield "Ratios say how many times as fast ours is, as the median of the rounds' ratios."


def _times(result: dict[str, Any]) -> list[list[str]]:
    names = list(result["libraries"])
    table = [["", *names, "ratio to the fastest", "to the fastest in pure Python"]]
    letter = ""
    for row in result["rows"]:
        if row["row"] != letter:
            letter = row["row"]
            table.append([f"({letter})"])
        table.append(
            [
                row["title"],
                *(_time(row["times"].get(name)) for name in names),
                _ratio(row, row["fastest"]),
                _ratio(row, row["fastest_pure"]),
            ]
        )
    return table


def _time(time: dict[str, float] | None) -> str:
    if time is None:
        return "-"
    digits = 2 if time["microseconds"] < 100 else 0
    return f"{time['microseconds']:.{digits}f} +-{time['spread'] * 50:.0f}%"


def _ratio(row: dict[str, Any], peer: str | None) -> str:
    return "-" if peer is None else f"{row['times'][peer]['ratio']:.2f} ({peer})"


def _goals(result: dict[str, Any]) -> Iterator[str]:
    rows = [row for row in result["rows"] if row["goal"] is not None]
    missed = [row for row in rows if row["reached"] < row["goal"]]
    yield f"Goals: {len(rows) - len(missed)} of {len(rows)} reached."
    for row in missed:
        against = f"{row['goal_against']}, not {row['goal']:.1f} times"
        yield f"  missed: {row['title']}: {row['reached']:.2f} times as fast as {against}"


def _memory(result: dict[str, Any]) -> Iterator[str]:
    found = result["allocations"]
    if not found:
        return
    names = list(result["libraries"])
    table = [["", *names]]
    for measure in dict.fromkeys(entry["measure"] for entry in found):
        of_measure = {entry["library"]: entry for entry in found if entry["measure"] == measure}
        cells = (f"{of_measure[name]['blocks']:.1f}, {of_measure[name]['peak']:.0f} B" for name in names)
        table.append([measure, *cells])
    yield ""
    yield _ALLOCATIONS
    yield from _table(table)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, its first column to the left and the others to the right."""
    columns = max(len(row) for row in rows)
    widths = [max((len(row[at]) for row in rows if at < len(row)), default=0) for at in range(columns)]
    for row in rows:
        cells = [cell.rjust(widths[at]) if at else cell.ljust(widths[0]) for at, cell in enumerate(row)]
        yield "  ".join(cells).rstrip()
