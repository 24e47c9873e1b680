"""A numerical checker for theorems about randomly pruned networks.

``tc.verify`` gives verdicts on a theorem, ``tc.check`` everything that ``theorycheck verify``
does, with a page; ``tc.judge`` judges numbers that were computed elsewhere by the same rules;
``tc.sims`` runs the networks and ``tc.bounds`` holds what the theorems say; ``tc.run_sweep`` makes
thousands of runs and ``tc.open_store`` reads them.
Each is loaded when it is first touched.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from theorycheck.about import VERSION

if TYPE_CHECKING:
    import bounds
    import sims
    from theorycheck.commands.check import check
    from theorycheck.commands.verify import verify, verify_lemmas
    from theorycheck.judging.boundary_paths import BoundaryPaths
    from theorycheck.judging.elsewhere.numbers import judge
    from theorycheck.judging.family import Family, mild_family, over_family
    from theorycheck.judging.verdict import Verdict
    from theorycheck.notebook import Verdicts
    from theorycheck.predictions.experiments import verify_predictions
    from theorycheck.predictions.phase_diagram import PhaseDiagram, PhaseGrid, map_phases
    from theorycheck.reporting.figures.plot import plot
    from theorycheck.running.spec import RunSpec
    from theorycheck.running.store import open_store
    from theorycheck.running.sweep import run_sweep

__version__ = VERSION

_HOME = {
    "BoundaryPaths": "theorycheck.judging.boundary_paths",
    "Family": "theorycheck.judging.family",
    "mild_family": "theorycheck.judging.family",
    "over_family": "theorycheck.judging.family",
    "PhaseDiagram": "theorycheck.predictions.phase_diagram",
    "PhaseGrid": "theorycheck.predictions.phase_diagram",
    "map_phases": "theorycheck.predictions.phase_diagram",
    "RunSpec": "theorycheck.running.spec",
    "Verdict": "theorycheck.judging.verdict",
    "plot": "theorycheck.reporting.figures.plot",
    "Verdicts": "theorycheck.notebook",
    "judge": "theorycheck.judging.elsewhere.numbers",
    "open_store": "theorycheck.running.store",
    "run_sweep": "theorycheck.running.sweep",
    "check": "theorycheck.commands.check",
    "verify": "theorycheck.commands.verify",
    "verify_lemmas": "theorycheck.commands.verify",
    "verify_predictions": "theorycheck.predictions.experiments",
}

__all__ = [
    "BoundaryPaths",
    "Family",
    "PhaseDiagram",
    "PhaseGrid",
    "RunSpec",
    "Verdict",
    "Verdicts",
    "bounds",
    "check",
    "judge",
    "map_phases",
    "mild_family",
    "open_store",
    "over_family",
    "plot",
    "run_sweep",
    "sims",
    "verify",
    "verify_lemmas",
    "verify_predictions",
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
