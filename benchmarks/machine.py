"""What the numbers were measured on."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info


def describe() -> dict[str, Any]:
    """Return date, processor and versions; no paths and no names of hosts."""
    versions = {"python": platform.python_version()}
    for package in ("numpy", "scipy", "torch", "jax", "jaxlib"):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),  # of others, since it is asked for before any work
        "versions": versions,
        "blas": [
            f"{library['internal_api']} {library['version']} ({library.get('architecture')})"
            for library in threadpool_info()
            if library["user_api"] == "blas"
        ],
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
