"""Who is at work on which runs: the owners of claims, and whether they live."""

from __future__ import annotations

import os
import uuid

LEASE_SECONDS = 60.0  # a claim not renewed for so long is anyone's


def new_owner() -> str:
    """Return a name for one sweep that no other has."""
    return uuid.uuid4().hex


def is_alive(pid: int) -> bool:
    """Tell whether a process of this machine lives; where that cannot be asked, say so."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # someone else's
        return True
    return True
