"""How far a store is, in one screen."""

from __future__ import annotations

from typing import Any

from theorycheck.store import Store

MOST_REASONS = 8
WIDEST_REASON = 100


def status(store: Store) -> dict[str, Any]:
    """Return how many runs are done, failed, missing, and how many there are in all."""
    found = store.progress()
    return {
        "done": found.done,
        "failed": found.failed,
        "missing": found.missing,
        "total": found.total,
    }


def status_lines(store: Store) -> list[str]:
    """Return the same as text, with the most common reasons of failed runs."""
    found = store.progress()
    lines = [f"{store.path}: {found} done, {found.failed} failed, {found.missing} missing"]
    failures = store.failures()
    for reason, count, key in failures[:MOST_REASONS]:
        lines.append(f"  {count} failed, as run {key[:12]}: {reason[:WIDEST_REASON]}")
    if len(failures) > MOST_REASONS:
        lines.append(f"  and for {len(failures) - MOST_REASONS} more reasons")
    return lines
