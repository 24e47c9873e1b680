"""The package as it is imported: light, typed, and with every public name in place."""

import subprocess
import sys
from importlib.resources import files

import bounds
from bounds.papers import PAPERS


def test_importing_it_loads_sympy_but_neither_scipy_nor_the_other_packages():
    code = "import sys, bounds; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    names = set(loaded.stdout.split())
    assert "sympy" in names
    assert names.isdisjoint({"scipy", "sims", "theorycheck"})


def test_every_public_name_exists_and_has_a_docstring():
    assert sorted(set(bounds.__all__)) == sorted(bounds.__all__)
    values = {name: getattr(bounds, name) for name in bounds.__all__}
    assert all(found.__doc__ for found in values.values())


def test_the_package_is_marked_as_typed():
    assert files("bounds").joinpath("py.typed").is_file()


BY_ID = (bounds.THEOREMS, bounds.SIBLING_THEOREMS, bounds.THRESHOLD_THEOREMS)
EVERY = [theorem for table in BY_ID for theorem in table.values()]


def test_theorems_and_lemmas_are_found_by_their_own_id():
    assert list(bounds.THEOREMS) == ["mild-pruning", "over-pruning"]
    tables = (*BY_ID, bounds.LEMMAS, bounds.REGIME)
    for table in tables:
        assert all(id == found.id for id, found in table.items())
    for theorem in EVERY:
        for parts in (theorem.claims, theorem.conditions, theorem.boundaries):
            assert all(id == part.id for id, part in parts.items())


def test_theorems_of_other_papers_stay_out_of_the_default():
    assert list(bounds.SIBLING_THEOREMS) == [
        "benign-overfitting",
        "harmful-overfitting",
        "relu-benign-overfitting",
        "relu-harmful-overfitting",
        "low-snr-descent",
    ]
    assert list(bounds.THRESHOLD_THEOREMS) == [
        "threshold-benign",
        "threshold-relu-benign",
    ]
    assert len({id for table in BY_ID for id in table}) == len(EVERY)


def test_every_paper_of_a_theorem_is_known():
    for theorem in EVERY:
        assert theorem.source.citation in PAPERS
    assert all(citation == f"arXiv:{paper.arxiv}" for citation, paper in PAPERS.items())
