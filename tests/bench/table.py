"""Table: the results as text. Measures nothing."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from rows import OURS, Result

HEAD = (
    "row",
    "survives",
    "adds us/await",
    "(min-max)",
    "saving alone",
    "native",
    "x ours",
    "(min-max)",
    "x same",
    "kB/await",
    "with start",
    "start ms",
    "resume ms",
    "killed, restored",
)


def added_us(result: Result) -> list[float]:
    """Return what a kept await costs above a native one, for each repetition."""
    return [one["durable_us"] - one["native_us"] for one in result.figures]


def ratios(result: Result, base: Result) -> list[float]:
    """Return the ratios of repetitions that ran side by side."""
    return [a / b for a, b in zip(added_us(result), added_us(base), strict=False)]


def is_measured(result: Result) -> bool:
    return bool(result.figures) and not result.failures and result.not_measured is None


def find_base(results: Sequence[Result]) -> Result | None:
    """Return our first row, which ratios are to; None where it has no figures."""
    ours = next((one for one in results if one.spec.peer == OURS), None)
    return ours if ours and is_measured(ours) else None


def format_spread(values: Sequence[float], digits: int) -> str:
    return f"({min(values):.{digits}f}-{max(values):.{digits}f})"


def format_check(result: Result) -> str:
    if result.failures:
        return f"FAILED: {result.failures[0]}"
    again = [one["again"] for one in result.figures]
    if not max(again):
        return "exact"
    return f"same state, {min(again)}-{max(again)} awaits done again"


def format_table(results: Sequence[Result]) -> str:
    """Return one line a row; ratios are to our first row, and to ours of the same promise."""
    lines = [HEAD, *(_cells(result, results) for result in results)]
    full = [line for line in lines if len(line) == len(HEAD)]
    widths = [max(len(line[i]) for line in full) for i in range(len(HEAD) - 1)]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    if len(cells) < len(HEAD):
        return f"{cells[0].ljust(widths[0])}  {cells[1]}"
    head = [cells[0].ljust(widths[0]), cells[1].ljust(widths[1])]
    figures = [cell.rjust(width) for cell, width in zip(cells[2:-1], widths[2:], strict=True)]
    return "  ".join([*head, *figures, cells[-1]])


def _cells(result: Result, results: Sequence[Result]) -> tuple[str, ...]:
    if result.failures:
        return (result.spec.label, format_check(result))
    if not is_measured(result):
        return (result.spec.label, f"not measured: {result.not_measured or 'no figures'}")
    added = added_us(result)
    base = find_base(results)
    against = ratios(result, base) if base else []
    return (
        result.spec.label,
        result.spec.survives,
        f"{median(added):.0f}",
        format_spread(added, 0),
        _saving(result),
        f"{_median(result, 'native_us'):.1f}",
        f"{median(added) / median(added_us(base)):.1f}" if base else "-",
        format_spread(against, 1) if against else "-",
        _same_promise(result, results),
        f"{_median(result, 'bytes_per_await') / 1000:.1f}",
        f"{_median(result, 'whole_us'):.0f}",
        f"{_median(result, 'start_ms'):.0f}",
        f"{_median(result, 'resume_ms'):.0f}",
        format_check(result),
    )


def _median(result: Result, name: str) -> float:
    return median(one[name] for one in result.figures)


def _saving(result: Result) -> str:
    if any(one["plain_us"] is None for one in result.figures):
        return "-"
    return f"{median(one['durable_us'] - one['plain_us'] for one in result.figures):.0f}"


def _same_promise(result: Result, results: Sequence[Result]) -> str:
    """Return the ratio to our row that survives the same, or "-" where there is none."""
    for base in results:
        same = base.spec.survives == result.spec.survives
        if base.spec.peer == OURS and same and is_measured(base):
            return f"{median(added_us(result)) / median(added_us(base)):.1f}"
    return "-"
