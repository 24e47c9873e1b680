"""Writing down a piece of evidence: small JSON with versions and date."""

from __future__ import annotations

import datetime
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evidence.sources import digest

RESULTS = Path(__file__).parent / "results"
# Colour, marker and dash of what a figure tells apart.
STYLES = (("#0072B2", "o", "-"), ("#D55E00", "s", "--"), ("#009E73", "^", "-."))
UNKNOWN = "unknown"  # what a result that records no sources is behind of


def read(name: str) -> dict[str, Any]:
    """Read a committed result."""
    content: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return content


def stamp(piece: str) -> dict[str, str]:
    """Return what tells a result that is behind its sources."""
    return {"piece": piece, "sources": digest(f"evidence.{piece}")}


def mark(name: str, piece: str) -> None:
    """Add to a result that a command of the checker wrote which sources it was made by."""
    path = RESULTS / f"{name}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**stamp(piece), **content}, indent=1, allow_nan=False) + "\n")


def stale() -> list[str]:
    """Return the results that other sources made than those that are there now."""
    behind = []
    for path in sorted(RESULTS.glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        piece = found.get("piece", UNKNOWN)
        if found.get("sources") != digest(f"evidence.{piece}"):
            behind.append(path.stem)
    return behind


def write(name: str, content: dict[str, Any]) -> None:
    """Write a result and print it; its name begins with that of its piece."""
    about = {
        **stamp(name.partition("-")[0]),
        "date": datetime.date.today().isoformat(),
        "versions": {
            "python": platform.python_version(),
            **{package: version(package) for package in ("numpy", "scipy")},
        },
    }
    text = json.dumps({**about, **content}, indent=1, allow_nan=False)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(text + "\n")
    print(name, text)
