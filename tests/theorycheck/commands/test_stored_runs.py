"""`verify` with a store: the same verdicts, every run made once and kept when it ends."""

import hashlib
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

import theorycheck.commands.check
import theorycheck.commands.plan
import theorycheck.judging.observation
import theorycheck.running.stored_run
import theorycheck.running.sweep
from sims import Problem
from theorycheck.cli import main
from theorycheck.commands.check import run_plan
from theorycheck.commands.check_runs import RunFailed, observe_record
from theorycheck.commands.plan import Plan, plan_from
from theorycheck.judging.observation import NO_POPULATION, observe
from theorycheck.running.progress import Progress
from theorycheck.running.spec import RunSpec
from theorycheck.running.store import open_store
from theorycheck.running.stored_run import execute

pytestmark = pytest.mark.slow

# of the draws of mild pruning 3 and 5 lie outside the event, of over-pruning more
SMALL = {"d": (300, 600, 1200), "n": 4, "m": 3, "epsilon": 0.3, "seeds": 3, "workers": 1}
OWN = """
import numpy as np
from bounds.statements import BIG_O, Claim, Source, Theorem
from bounds.symbols import sigma_0
from sims import Problem
from theorycheck import Family
SOURCE = Source("me", "derived", "")
CLAIM = Claim("kept", "", "", sigma_0, BIG_O, SOURCE, measure="kept")
THEOREM = Theorem("own", "", "", "", "", SOURCE, {}, {"kept": CLAIM}, "seen")
QUANTITIES = {"kept": lambda run, test: float(np.abs(run.draw.initial_noise).max())}
EVENTS = {"seen": lambda event: bool(event.memorizable.any())}
FAMILY = Family("d", tuple(
    Problem(d=d, n=6, m=3, K=3, p=0.6, mu=1.3, sigma_n=0.3, sigma_0=1.0, eta=eta)
    for d, eta in ((40, 1e5), (60, 1e5), (80, 1e5))
), "")
"""


@pytest.fixture(autouse=True)
def small_figure(monkeypatch):
    """A grid of p for the figure of mild pruning that takes no time."""
    monkeypatch.setattr(theorycheck.commands.plan, "P_GRID", (1.0, 0.5))
    monkeypatch.setattr(
        theorycheck.commands.plan, "P_GRID_SHAPE", {"d": 300, "n": 4, "m": 3, "K": 2}
    )


@pytest.fixture(autouse=True)
def nothing_drawn(monkeypatch):
    """Leave out figures and page, which are made of the same observations and take seconds."""
    monkeypatch.setattr(theorycheck.commands.check, "draw_check", lambda *_: [])
    monkeypatch.setattr(theorycheck.commands.check, "render", lambda content: "")


@pytest.fixture
def no_simulation(monkeypatch):
    """Let every simulation from now on raise."""

    def forbid():
        def refuse(*arguments, **options):
            pytest.fail("a run was made")

        monkeypatch.setattr(theorycheck.judging.observation, "stream_many", refuse)
        for name in ("simulate", "stream_many"):
            monkeypatch.setattr(theorycheck.running.stored_run, name, refuse)

    return forbid


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(OWN)
    return str(path)


PLANS = {
    "mild-pruning": SMALL,
    "over-pruning": SMALL,
    "over p too": {"theorem": "mild-pruning", **SMALL, "p_grid": True},
    "declared": {"theorem": "mild-pruning", **SMALL, "constant": ("no-noise=3",)},
    "along": {"theorem": "mild-pruning", "along": ("epsilon", "eta"), "seeds": 1, "workers": 1},
    "own": {"seeds": 3, "workers": 1},
}


@pytest.mark.parametrize("name", PLANS)
def test_verdicts_with_and_without_a_store_are_the_same(
    name, own, tmp_path, made_here, no_simulation
):
    options = {"theorem": own if name == "own" else name, **PLANS[name]}
    plain = run_plan(Plan(**options, out=tmp_path / "plain"), "the command")
    kept = Plan(**options, out=tmp_path / "kept", store=tmp_path / "runs.db")
    assert run_plan(kept, "the command").json == plain.json
    assert len(made_here) == len(set(made_here)) > 0
    no_simulation()
    again = replace(kept, out=tmp_path / "again")
    assert run_plan(again, "the command").json == plain.json
    for out in ("kept", "again"):
        assert (tmp_path / out / "verdicts.json").read_text("utf-8") == plain.json
    assert not list(tmp_path.glob("runs.db-*"))
    with open_store(tmp_path / "runs.db") as store:
        assert store.progress().missing == 0
        module = own if name == "own" else None
        assert plan_from(store.last_check()[1], module) == plain_plan(kept)


def plain_plan(plan):
    """The plan without what changes no result."""
    return replace(plan, workers=None, out=Plan.out, store=None)


def test_diverged_runs_are_among_those_tried(own):
    ((course,),) = Plan(own).families().values()
    runs = [observe(own, course.family.problems[0], seed, 0.05) for seed in range(3)]
    assert "diverged" in {run.status for run in runs}


def test_runs_of_a_sweep_and_of_another_check_are_not_made_again(tmp_path, made_here):
    plan = Plan("mild-pruning", **SMALL, out=tmp_path / "out", store=tmp_path / "runs.db")
    ((course,),) = plan.families().values()
    problem = course.family.problems[0]
    theorycheck.running.sweep.run_sweep([RunSpec.plan(problem, 1, target_loss=0.3)], plan.store)
    run_plan(plan, "")
    assert len(made_here) == 9
    report = run_plan(replace(plan, seeds=4), "")
    assert report.verdicts[0].draws == 4
    assert len(set(made_here)) == len(made_here) == report.verdicts[0].total == 18


# --- what goes wrong


@pytest.fixture
def fail_at(monkeypatch):
    """Let the run with some seed at the largest d raise."""

    def arrange(error):
        simulate = theorycheck.running.stored_run.simulate

        def fail(problem, seed, *arguments, **options):
            if (problem.d, seed) == (600, 1):
                raise error
            return simulate(problem, seed, *arguments, **options)

        monkeypatch.setattr(theorycheck.running.stored_run, "simulate", fail)
        return lambda: monkeypatch.setattr(theorycheck.running.stored_run, "simulate", simulate)

    return arrange


def test_interrupted_check_goes_on_where_it_was(tmp_path, monkeypatch, made_here, fail_at):
    monkeypatch.chdir(tmp_path)
    words = "verify mild-pruning --d 300,600,1200 --n 4 --m 3 --epsilon 0.3 --seeds 3 --workers 1"
    call = [*words.split(), "--store", "runs.db"]
    repair = fail_at(KeyboardInterrupt())
    stopped = CliRunner().invoke(main, call)
    assert (stopped.exit_code, stopped.stderr) == (130, "theorycheck: interrupted\n")
    assert [path.name for path in tmp_path.iterdir()] == ["runs.db"]
    first = list(made_here)
    with open_store("runs.db") as store:
        assert store.keys() == set(first)
        assert store.progress() == Progress(len(first), 0, 9 - len(first))
    assert 0 < len(first) < 9
    repair()
    assert CliRunner().invoke(main, call).exit_code == 0
    assert len(set(made_here)) == len(made_here) == 9
    made = json.loads((tmp_path / "theorycheck-report" / "verdicts.json").read_text())
    assert made["verdicts"][0]["total"] == 9


def test_run_that_raises_ends_the_check_when_the_others_are_kept(tmp_path, made_here, fail_at):
    plan = Plan("mild-pruning", **SMALL, out=tmp_path / "out", store=tmp_path / "runs.db")
    repair = fail_at(RuntimeError("out of luck"))
    for count in (9, 10):  # it is tried again each time
        with pytest.raises(RunFailed, match="came to nothing: RuntimeError: out of luck"):
            run_plan(plan, "")
        assert not plan.out.exists()
        assert len(made_here) == count
        with open_store(plan.store) as store:
            assert store.progress() == Progress(8, 1, 0)
    repair()
    kept = run_plan(plan, "")
    assert len(made_here) == 11
    assert kept.json == run_plan(replace(plan, store=None), "").json


def test_file_that_is_no_store_is_refused_before_any_work(tmp_path, no_simulation):
    no_simulation()
    (tmp_path / "notes.txt").write_text("hello")
    plan = Plan("over-pruning", **SMALL, out=tmp_path / "out", store=tmp_path / "notes.txt")
    with pytest.raises(ValueError, match=r"notes.txt is not a store"):
        run_plan(plan, "")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_problem_that_cannot_fit_is_refused_before_any_work(tmp_path, made_here):
    plan = Plan("over-pruning", d=(10**12,), engine="weights", out=tmp_path / "out",
                store=tmp_path / "runs.db")  # fmt: skip
    with pytest.raises(ValueError, match="memory"):
        run_plan(plan, "")
    assert made_here == []
    with open_store(plan.store) as store:
        assert store.progress().total == 0


def test_options_say_where_the_module_was_and_what_its_text_was(own, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = json.loads(Plan("own.py", seeds=3).options())
    assert options["theorem"] == own
    assert options["sha256"] == hashlib.sha256(OWN.encode()).hexdigest()
    assert "sha256" not in json.loads(Plan("mild-pruning").options())


@pytest.mark.parametrize("options", ["", "[]", '{"thorem": "all"}', "7"])
def test_options_that_are_none_are_refused(options):
    with pytest.raises(ValueError, match="these are no options of verify"):
        plan_from(options)


# --- one run


@pytest.fixture(scope="module")
def record():
    return execute(RunSpec.plan(Problem.theorem_regime(300, 4, 3, 2, 0.9), 1))


def test_stored_run_is_measured_as_one_that_was_just_made(record):
    problem = Problem.theorem_regime(300, 4, 3, 2, 0.9)
    made, read = observe("mild-pruning", problem, 1, 0.05), observe_record("mild-pruning", record)
    for name in ("problem", "seed", "epsilon", "engine", "status", "reason", "step", "time_error",
                 "in_event", "test", "measured", "numerical_error", "omega",
                 "predicted_omega"):  # fmt: skip
        assert getattr(read, name) == getattr(made, name), name
    for name, values in vars(made.series).items():
        assert vars(read.series)[name].tobytes() == values.tobytes(), name


def test_test_loss_beyond_the_columns_is_integrated_again(record):
    lost = replace(record, values={**record.values, "test_loss": None})
    assert observe_record("mild-pruning", lost).test == record.population()


def test_run_without_population_has_no_test_loss():
    spec = RunSpec.plan(Problem.theorem_regime(300, 4, 3, 2, 0.9), 1, population=False)
    assert observe_record("mild-pruning", execute(spec)).test is NO_POPULATION
