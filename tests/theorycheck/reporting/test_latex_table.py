"""The LaTeX table has a row for each claim, with its formula and the value of its bound."""

import re

import pytest

import bounds
from sims import Problem
from theorycheck.reporting.statements import statement_table
from theorycheck.reporting.text import statement_latex

PROBLEM = Problem.theorem_regime(20000, 30, 20, 2, 0.5)


@pytest.fixture(params=bounds.THEOREMS)
def theorem(request):
    return bounds.THEOREMS[request.param]


def latex(theorem, problem=PROBLEM):
    return statement_latex(theorem, statement_table(theorem.id, problem, 0.05))


def test_every_claim_is_a_row(theorem):
    first, begin, _, _, *rows, end = latex(theorem).splitlines()
    assert first.startswith(f"% {theorem.title} at d = 20000, n = 30")
    assert (begin, end) == (r"\begin{tabular}{llrl}", r"\end{tabular}")
    assert [row.split(" & ")[0] for row in rows] == list(theorem.claims)
    assert all(row.count(" & ") == 3 and row.endswith(r" \\") for row in rows)


def test_braces_and_dollars_are_closed(theorem):
    for line in latex(theorem).splitlines()[1:]:
        assert line.count("{") == line.count("}")
        assert line.count("$") % 2 == 0


def test_values_are_those_of_the_bounds(theorem):
    parameters = {**PROBLEM.parameters(), "epsilon": 0.05}
    for row, claim in zip(latex(theorem).splitlines()[4:-1], theorem.claims.values(), strict=True):
        shown = row.split(" & ")[2].strip("$")
        shown = re.sub(r" \\times 10\^\{(-?\d+)\}", r"e\1", shown)
        assert float(shown) == pytest.approx(claim.evaluate(parameters), rel=1e-3)


def test_value_beyond_the_floats_is_shown_by_its_logarithm():
    theorem = bounds.THEOREMS["mild-pruning"]
    table = statement_table(theorem.id, PROBLEM, 0.05)
    table["claims"][0].update(value=0.0, log_value=-1e6)
    table["claims"][1].update(value=None, log_value=None)
    table["claims"][2].update(value=None, log_value=None, defined=False)
    rows = statement_latex(theorem, table).splitlines()[4:]
    assert r"$\exp(-1e+06)$" in rows[0]
    assert r" & $\infty$ & " in rows[1]
    assert " & not defined & " in rows[2]
