"""A theorem of one's own with one claim: what a check of it costs is mostly imports."""

import pytest

MODULE = """
import os, signal, time
from pathlib import Path
from bounds.statements import BIG_O, Claim, Source, Theorem
from bounds.symbols import epsilon
from sims import Problem
from theorycheck import Family

FOLDER = Path(__file__).parent
SOURCE = Source("me", "derived", "")
CLAIM = Claim("half", "", "", epsilon, BIG_O, SOURCE)
THEOREM = Theorem("own", "", "", "", "", SOURCE, {}, {"half": CLAIM}, "every-draw")
FAMILY = Family("d", tuple(Problem(d, 4, 3, 2, 1.0, 1.0, 0.1, 0.3, 0.5) for d in (60, 90)), "")

def half(run, test):
    DO()
    return run.loss[-1] / 2

QUANTITIES = {"half": half}
"""


@pytest.fixture(scope="session")
def write_theorem():
    """Write ``own.py``, whose quantity first does something, into a folder."""

    def write(folder, first=""):
        (folder / "own.py").write_text(MODULE.replace("DO()", first or "pass"))

    return write
