"""A numerical checker for theorems about randomly pruned networks.

``tc.verify`` gives verdicts on a theorem, ``tc.sims`` runs the networks and ``tc.bounds`` holds
what the theorems say; ``tc.run_sweep`` makes thousands of runs and ``tc.open_store`` reads them.
Each is loaded when it is first touched.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import bounds
    import sims
    from theorycheck.family import Family, mild_family, over_family
    from theorycheck.phase_diagram import PhaseDiagram, PhaseGrid, map_phases
    from theorycheck.run_spec import RunSpec
    from theorycheck.store import open_store
    from theorycheck.sweep import run_sweep
    from theorycheck.verdict import Verdict
    from theorycheck.verification import verify

__version__ = "0.1.0"

_HOME = {
    "Family": "theorycheck.family",
    "mild_family": "theorycheck.family",
    "over_family": "theorycheck.family",
    "PhaseDiagram": "theorycheck.phase_diagram",
    "PhaseGrid": "theorycheck.phase_diagram",
    "map_phases": "theorycheck.phase_diagram",
    "RunSpec": "theorycheck.run_spec",
    "Verdict": "theorycheck.verdict",
    "open_store": "theorycheck.store",
    "run_sweep": "theorycheck.sweep",
    "verify": "theorycheck.verification",
}

__all__ = [
    "Family",
    "PhaseDiagram",
    "PhaseGrid",
    "RunSpec",
    "Verdict",
    "bounds",
    "map_phases",
    "mild_family",
    "open_store",
    "over_family",
    "run_sweep",
    "sims",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first touched (PEP 562)."""
    if name in ("bounds", "sims"):
        return importlib.import_module(name)
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'theorycheck' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
