"""A module with a boundary is checked from its text to its page; its runs are made up here."""

import csv
import io
import json
import math
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from theorycheck.cli import main
from theorycheck.commands import check, parts
from theorycheck.commands.falsify import falsify_theorem
from theorycheck.commands.plan import Plan
from theorycheck.commands.verify import verify
from theorycheck.judging.theorems import find
from theorycheck.reporting.document import boundary_record
from theorycheck.reporting.formulas import boundary_formula
from theorycheck.reporting.terminal.layout import Layout
from theorycheck.reporting.terminal.report import text_lines
from theorycheck.reporting.text import verdicts_csv

MODULE = """
from sympy import sqrt
from bounds.statements import Boundary, Source, Theorem
from bounds.symbols import d, eta, mu, n, q, sigma_n
from sims import Problem
from theorycheck import BoundaryPaths

SOURCE = Source("me", "derived", "page 2")
INDEX = n * (mu / (sigma_n * sqrt(d)))**q
GIVEN = dict(id="won", statement="learned iff n SNR^q >= C", quantity="share of classes learned",
             index=INDEX, source=SOURCE, level=0.5, measure="learned-classes", side="above")
PARTS = dict(id="own", title="Who wins", statement="", probability="", event="", source=SOURCE,
             conditions={}, claims={})
START = Problem(100, 10, 4, 2, 1.0, 1.0, 0.05, 0.01, 0.1, noise="orthogonal")
BOUNDARY_PATHS = {"won": BoundaryPaths(START, "sigma_n", {"n": (10, 30, 90), "d": (100, 200, 400)},
                                       epsilon=0.01, engine="gram")}
# here
THEOREM = Theorem(**PARTS, boundaries={"won": Boundary(**GIVEN)})
"""


@pytest.fixture
def write(tmp_path):
    def write(here=""):
        path = tmp_path / "own.py"
        path.write_text(MODULE.replace("# here", here))
        return str(path)

    return write


def made_up(heaps):
    """Runs that learn where n SNR^3 is at least a constant of the draw's own, about 2."""

    def run(theorem, problem, seed, epsilon, engine):
        index = problem.n * (problem.mu / (problem.sigma_n * math.sqrt(problem.d))) ** 3
        learned = index >= 2 * math.exp(0.3 * math.sin(seed * problem.n))
        return SimpleNamespace(
            measured={"learned-classes": float(learned)}, in_event=True, status="reached"
        )

    return [[run(*task.arguments) for task in heap] for heap in heaps]


@pytest.fixture
def told(write, tmp_path, monkeypatch):
    """What a check with made-up runs finds."""
    monkeypatch.setattr(check, "run_heaps", lambda heaps, *_: made_up(heaps))
    plan = Plan(write(), out=tmp_path / "out", workers=1)
    return check.run_plan(plan, plan.command)


def test_boundary_is_judged_by_the_paths_of_the_module(told):
    (verdict,) = told.boundaries
    assert (verdict.theorem, verdict.boundary, verdict.outcome) == ("own", "won", "consistent")
    assert verdict.located.low <= 2 <= verdict.located.high
    assert [one.symbol for one in verdict.along] == ["n", "d"]
    assert verdict.located.draws == parts.DRAWS
    assert told.outcomes == ["consistent"]
    assert not told.refuted


def test_it_is_told_in_two_lines_and_along_each_symbol_where_that_is_wanted(told):
    lines = list(text_lines(told, Layout(100)))
    assert lines[0].startswith("Boundaries, ")
    assert lines[1].split()[:2] == ["won", "consistent"]
    assert "lies at" not in lines[1]
    assert "declared 1" in lines[2]
    assert lines[3] == ""
    assert lines[4].startswith("1 consistent ")
    more = list(text_lines(told, Layout(2000, verbose=True)))
    assert [line.split()[:3] for line in more[4:6]] == [
        ["along", "n:", "consistent:"],
        ["along", "d:", "consistent:"],
    ]


def test_it_is_written_as_plain_data_and_on_the_page(told):
    content = json.loads(told.json)
    (record,) = content["verdicts"]
    assert (record["claim"], record["order"], record["across"]) == ("won", "iff", "sigma_n")
    assert record["located"]["median"] == told.boundaries[0].located.median
    assert [one["symbol"] for one in record["along_boundary"]] == ["n", "d"]
    assert json.loads(json.dumps(boundary_record(told.boundaries[0]))) is not None
    (row,) = csv.DictReader(io.StringIO(verdicts_csv(content["verdicts"])))
    assert (row["claim"], row["outcome"], row["order"]) == ("won", "consistent", "iff")
    page = next(path for path in told.files if path.suffix == ".html").read_text()
    for words in ("Who wins", "stays at its index along n, d", "⟺", "critical index"):
        assert words in page


def test_seeds_decide_how_many_draws_are_surveyed(write):
    plan = Plan(write(), seeds=7)
    part = parts.observe_part(plan, plan.theorem, made_up)
    assert len(part.surveys[0].sides) == 10
    (verdict,) = parts.judge_boundaries(plan, part)
    assert verdict.located.draws == 7
    assert verdict.outcome == "undecided"


def test_formula_says_if_and_only_if(write):
    (boundary,) = find(write()).theorem.boundaries.values()
    written = boundary_formula(boundary, "latex")
    assert r"\ge 0.5 \iff" in written
    assert written.endswith(r"\ge C")


def test_bound_evaluates_the_index(write):
    words = ["--d", "100", "--n", "20", "--m", "4", "--K", "2", "--p", "1", "--sigma-n", "0.05"]
    shown = CliRunner().invoke(main, ["bound", write(), *words]).stdout
    assert "learned iff n SNR^q >= C" in shown
    assert "index 160, constant C hidden, declared 1" in shown


@pytest.mark.parametrize(
    ("here", "message"),
    [
        ("GIVEN['index'] = n * mu", r"must be unit-free, and has the unit X\^\(1\)"),
        ("GIVEN['index'] = n + mu", "must be unit-free: term"),
        ("import sympy; GIVEN['index'] = n * sympy.Symbol('x')", "must be made of K, d, .*, got x"),
        ("GIVEN['measure'] = 'luck'", "must measure one of .*, got 'luck'"),
        ("BOUNDARY_PATHS = {'lost': None}", "must map ids of boundaries to theorycheck.Boundary"),
        ("GIVEN['id'] = 'other'", "boundaries of THEOREM in .* must map the id of each"),
    ],
)
def test_bad_boundary_is_refused_before_any_run(here, message, write):
    with pytest.raises(ValueError, match=message):
        Plan(write(here))


def test_default_paths_are_taken_where_the_module_has_none(write):
    subject = find(write("BOUNDARY_PATHS = {}"))
    assert list(subject.boundary_paths["won"].along) == ["d", "n", "m"]


@pytest.mark.parametrize("option", [{"along": ("n",)}, {"d": (100,)}, {"epsilon": 0.1}])
def test_options_of_claims_are_refused_where_there_are_none(option, write):
    with pytest.raises(ValueError, match="must be left out of a theorem with boundaries alone"):
        Plan(write(), **option)


@pytest.mark.parametrize("command", [verify, falsify_theorem])
def test_commands_that_speak_of_claims_alone_say_so(command, write):
    with pytest.raises(ValueError, match="theorem must have claims, got "):
        command(write())
