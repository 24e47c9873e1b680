"""Memory of the running process in megabytes, from the kernel's status file.

``getrusage`` would not do: a process inherits the peak of the one that started it.
"""

from __future__ import annotations

from pathlib import Path


def resident() -> float:
    """Return the memory in use now."""
    return _status("VmRSS")


def peak() -> float:
    """Return the most memory ever in use since this process began."""
    return _status("VmHWM")


def _status(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / 1e6  # the kernel counts in KiB
    raise RuntimeError(f"the kernel does not report {name} of a process")
