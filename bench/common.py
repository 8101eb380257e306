"""What the benchmarks share: a database of their own, timing, a table, and a JSON file under var/bench."""

import json
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def seconds(work: Callable[[], object], *, times: int = 1) -> float:
    """Median of so many runs."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def interleaved(cases: Mapping[str, Callable[[], object]], *, rounds: int) -> dict[str, float]:
    """Median seconds of each case, all of them once a round, after one round that isn't counted.

    On a machine that others use too, a slow minute then slows every case alike.
    """
    taken: dict[str, list[float]] = {label: [] for label in cases}
    for number in range(rounds + 1):
        for label, work in cases.items():
            begin = time.perf_counter()
            work()
            if number:
                taken[label].append(time.perf_counter() - begin)
    return {label: statistics.median(times) for label, times in taken.items()}


def commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def report(name: str, figures: dict[str, object]) -> None:
    """Print the figures as a table and write them, with date and commit, to var/bench/NAME.json."""
    print(f"\n{name} ({datetime.now(UTC):%Y-%m-%d}, {commit()})")
    for label, value in figures.items():
        shown = f"{value:.3f}" if isinstance(value, float) else str(value)
        print(f"  {label:<58} {shown:>12}")
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    written = {"at": datetime.now(UTC).isoformat(), "commit": commit(), "figures": figures}
    (folder / f"{name}.json").write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


@contextmanager
def own_database(label: str) -> Iterator[str]:
    """A database with public, template and platform, dropped afterwards with its roles."""
    from tests.conftest import template
    from tests.support.databases import cloned_database

    with cloned_database(template(), f"bench_{label}") as name:
        yield name
