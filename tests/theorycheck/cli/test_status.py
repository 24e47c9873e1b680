import pytest

from sims import Problem
from theorycheck.cli.stores import status_lines, store_counts
from theorycheck.running.spec import RunSpec
from theorycheck.running.store import MOST_REASONS, open_store
from theorycheck.running.stored_run import execute, failed

PROBLEM = Problem(d=60, n=4, m=3, K=2, p=0.5, mu=1.0, sigma_n=0.05, sigma_0=0.01, eta=0.5)
SPECS = [RunSpec.plan(PROBLEM, seed, "gram", max_steps=3, population=False) for seed in range(30)]


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "study.db", "create") as opened:
        opened.plan(spec.key for spec in SPECS)
        opened.add(execute(SPECS[0]))
        opened.add(failed(SPECS[1], "no luck", 0.0))
        opened.add(failed(SPECS[2], "no luck", 0.0))
        yield opened


def test_status_counts(store):
    assert store_counts(store) == {"done": 1, "failed": 2, "missing": 27, "total": 30}


def test_status_says_n_of_n_and_why_runs_failed(store):
    head, reason = status_lines(store)
    assert head == f"{store.path}: 1 of 30 runs done, 2 failed, 27 missing"
    key = min(SPECS[1].key, SPECS[2].key)
    assert reason == f"  2 failed, as run {key[:12]}: no luck"


def test_status_fits_one_screen(store):
    for index, spec in enumerate(SPECS[3:]):
        store.add(failed(spec, f"reason {index} " + "x" * 500, 0.0))
    lines = status_lines(store)
    assert len(lines) == MOST_REASONS + 2
    assert max(map(len, lines[1:])) < 150
    assert lines[-1] == "  and for 20 more reasons"
