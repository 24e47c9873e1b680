"""Writing down a piece of evidence: small JSON with versions and date."""

from __future__ import annotations

import datetime
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def write(name: str, content: dict[str, Any]) -> None:
    """Write a result and print it."""
    about = {
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
