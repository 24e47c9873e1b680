import tracemalloc

import pytest

import sims.draw
import sims.memory
import sims.patterns
from sims import (
    Problem,
    check_memory,
    jobs,
    peak_memory,
    simulate,
    simulate_many,
    stream_many,
)
from sims.memory import stack_memory

CASES = {
    "weights, long": (Problem.theorem_regime(100_000, 5, 10, 2, 0.5), "weights"),
    "weights, many samples": (Problem.theorem_regime(4000, 300, 2, 2, 0.5), "weights"),
    "gram, many samples": (Problem.theorem_regime(100, 300, 5, 2, 0.5), "gram"),
    "gram, many neurons": (Problem.theorem_regime(4000, 5, 300, 2, 0.5), "gram"),
    "gram-law, many patterns": (Problem.theorem_regime(10**12, 2, 9, 2, 0.5), "gram-law"),
    "gram-law, many samples": (Problem.theorem_regime(10**9, 150, 3, 2, 0.5), "gram-law"),
    "gram-law, coordinates one by one": (Problem.theorem_regime(10**5, 6, 16, 2, 0.5), "gram-law"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_estimate_is_near_the_peak(case):
    problem, engine = CASES[case]
    simulate(problem, 0, engine, max_steps=1)  # what is loaded on the way is no run's
    for keeping in (sims.draw._kept_units, sims.patterns._few_members):
        keeping.cache_clear()
    tracemalloc.start()
    try:
        simulate(problem, 0, engine, max_steps=1, memory=0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= peak_memory(problem, engine) <= 4 * peak


@pytest.mark.parametrize("engine", ["weights", "gram", "flow", "gram-law"])
def test_estimate_grows_with_every_size(engine):
    def estimate(**sizes):
        return peak_memory(
            Problem.theorem_regime(**{**dict(n=9, m=9, K=2, d=10**4, p=1), **sizes}), engine
        )

    assert estimate(n=90) > estimate()
    assert estimate(m=90) > estimate()
    # the others stream: nothing grows with d beyond what is kept of a seed for the next run
    assert (estimate(d=10**9) > estimate(d=10**7)) == (engine == "weights")


@pytest.mark.parametrize("engine", ["weights", "gram"])
def test_refusal_names_what_fits(monkeypatch, engine):
    problem = Problem.theorem_regime(10**6, 2000, 100, 2, 0.5)
    monkeypatch.setattr(sims.memory, "available_memory", lambda: 2e9)
    with pytest.raises(ValueError, match=r"engine '\w+' would need about .* GB") as refusal:
        check_memory(problem, engine)
    words = str(refusal.value).split(": ")[-1].split()
    assert words[1::2] == ["=", "would"]
    name, fits = words[0], int(words[2])
    for value, allowed in ((fits, True), (fits + 1, False)):
        changed = Problem.theorem_regime(
            **{**dict(d=10**6, n=2000, m=100, K=2, p=0.5), name: value}
        )
        assert (peak_memory(changed, engine) <= 2e9) == allowed


def test_runs_at_once_share_the_memory(monkeypatch):
    problem, engine = CASES["weights, long"]
    monkeypatch.setattr(sims.memory, "available_memory", lambda: 1.5 * peak_memory(problem, engine))
    check_memory(problem, engine)
    with pytest.raises(ValueError, match="for 2 runs of this problem at once"):
        check_memory(problem, engine, at_once=2)


def test_estimate_of_a_stack_is_near_the_peak(monkeypatch):
    problem = Problem.theorem_regime(500, 40, 10, 2, 0.5)
    monkeypatch.setattr(jobs, "STACK_BYTES", 4e6)
    simulate(problem, 0, "flow", max_steps=1e4)  # what is loaded on the way is no run's
    places = min(jobs.places(problem, "flow"), 30)
    assert 5 < places < 30
    tracemalloc.start()
    try:
        for _ in stream_many([problem] * 30, range(30), max_steps=1e4, engine="flow"):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= stack_memory(problem, "flow", places) <= 4 * peak


def test_a_stack_that_cannot_fit_is_not_started(monkeypatch):
    problem = Problem.theorem_regime(500, 4, 3, 2, 0.5)
    available = 1.5 * peak_memory(problem, "flow")
    monkeypatch.setattr(sims.memory, "available_memory", lambda: available)
    check_memory(problem, "flow")
    with pytest.raises(ValueError, match="for 100 runs of this problem at once"):
        simulate_many([problem] * 200, range(200), engine="flow")


def test_simulation_that_cannot_fit_is_not_started(monkeypatch):
    problem = Problem.theorem_regime(500, 4, 3, 2, 0.5)
    monkeypatch.setattr(sims.memory, "available_memory", lambda: 1000.0)
    for start in (lambda: simulate(problem), lambda: simulate_many([problem], [0])):
        with pytest.raises(ValueError, match="lowering d, n or m alone is not enough"):
            start()


def test_limit_of_the_group_is_read(monkeypatch, tmp_path):
    monkeypatch.setattr(sims.memory, "CGROUP_LIMIT", tmp_path / "memory.max")
    without = sims.memory.available_memory()
    (tmp_path / "memory.max").write_text("max\n")
    assert sims.memory.available_memory() == without
    (tmp_path / "memory.max").write_text("1000000\n")
    assert sims.memory.available_memory() == 1e6
