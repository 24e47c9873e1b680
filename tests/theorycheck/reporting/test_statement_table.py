"""The table of `theorycheck bound`: every premise and claim at one problem."""

import json
import math
from dataclasses import replace

import pytest
from click.testing import CliRunner

import bounds
from sims import Problem
from theorycheck.cli import main
from theorycheck.files import as_json
from theorycheck.reporting.statements import as_text, bound_text, statement_table

PROBLEM = Problem.theorem_regime(20_000, 30, 20, 2, 0.5)
EPSILON = 0.05
BOTH = pytest.mark.parametrize("theorem", list(bounds.THEOREMS))


@BOTH
def test_table_has_every_premise_and_claim(theorem):
    stated = bounds.THEOREMS[theorem]
    table = statement_table(theorem, PROBLEM, EPSILON)
    assert [row["id"] for row in table["premises"]] == list(stated.conditions)
    assert [row["id"] for row in table["claims"]] == list(stated.claims)
    assert table["parameters"] == {**PROBLEM.parameters(), "epsilon": EPSILON}


def test_values_are_those_of_the_formulas():
    claims = {row["id"]: row for row in statement_table("mild-pruning", PROBLEM, 0.01)["claims"]}
    # sigma_0 = 1/(20^4 30), sigma_n = 1/(sqrt(d) log d), q = 3, mu = eta = 1
    sigma_0 = 1 / (20**4 * 30)
    expected = {
        "stopping-time": 2 / sigma_0 + 4 * 20**4 / 0.01,
        "train-loss": 0.01,
        "signal-learned": 20 ** (-1 / 3),
        "no-cross-signal": sigma_0,
        "no-noise": sigma_0 * math.sqrt(0.5) / math.log(20_000),
        "test-loss": 2 * 0.01,
    }
    assert {name: row["value"] for name, row in claims.items()} == pytest.approx(expected)
    for name, row in claims.items():
        assert row["log_value"] == pytest.approx(math.log(expected[name]))


def test_bound_of_zero_has_no_logarithm():
    claims = {row["id"]: row for row in statement_table("over-pruning", PROBLEM, 0.05)["claims"]}
    assert (claims["no-signal"]["value"], claims["no-signal"]["log_value"]) == (0.0, None)


def test_hidden_premise_shows_its_implied_constant():
    premises = {
        row["id"]: row for row in statement_table("mild-pruning", PROBLEM, EPSILON)["premises"]
    }
    row = premises["mild-pruning"]
    assert row["holds"] is None
    assert (row["hidden_constant"], row["declared"]) == ("C1", 0.1)
    assert row["value"] == pytest.approx(0.5 * 20 / math.log(20_000))
    assert premises["power"]["holds"] is True


def test_failing_premise_is_said_to_fail():
    table = statement_table("mild-pruning", replace(PROBLEM, q=2.5), EPSILON)
    assert {row["id"]: row["holds"] for row in table["premises"]}["power"] is False
    (text,) = [one for one in as_text(table).splitlines() if one.strip().startswith("q = 3 ")]
    assert "FAILS" in text


@BOTH
def test_table_can_be_written_down(theorem):
    table = statement_table(theorem, PROBLEM, EPSILON)
    assert json.loads(as_json(table), parse_constant=pytest.fail) == table


@BOTH
def test_text_has_every_claim_with_value_order_and_source(theorem):
    table = statement_table(theorem, PROBLEM, EPSILON)
    lines = as_text(table).splitlines()
    for row in table["claims"]:
        (place,) = [i for i, one in enumerate(lines) if one.split()[:1] == [row["id"]]]
        assert row["statement"] in lines[place]
        assert f"{row['value']:.4g}" in lines[place + 1]
        assert f"order {row['order']}" in lines[place + 1]
        assert f"[{row['tag']}]" in lines[place + 1]
        assert row["source"] in lines[place + 1]
    assert bounds.THEOREMS[theorem].event in lines[-1]
    assert not [one for one in lines if "\\" in one or "$" in one]


OWN = """
import sympy
from bounds.symbols import *
from bounds.statements import *

SOURCE = Source("me", "paper", "page 1")
k = sympy.Symbol("k", integer=True, positive=True)
BOUNDS = {
    "harmonic": sympy.Sum(1 / k, (k, 1, n)),
    "sum": epsilon + sympy.Sum(1 / k, (k, 1, n)),
    "imaginary": sympy.log(m - n),
    "negative": m - n,
    "infinite": sympy.Sum(1 / k, (k, 1, sympy.oo)),
}
CLAIMS = {
    name: Claim(name, name, "", bound, BIG_O, SOURCE, measure="test-loss")
    for name, bound in BOUNDS.items()
}
PREMISES = {
    "open": Condition("open", "log", sympy.log(m - n), "lower", SOURCE, 1.0, "C"),
    "many": Condition("many", "H_n >= 2", BOUNDS["harmonic"], "lower", SOURCE, 2.0),
}
THEOREM = Theorem("own", "Own & sums", "", "", "", SOURCE, PREMISES, CLAIMS)
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """The path of a module with a theorem of one's own, and its table at n = 6."""
    path = tmp_path_factory.mktemp("own") / "own.py"
    path.write_text(OWN)
    return str(path), statement_table(str(path), replace(PROBLEM, n=6, m=3), EPSILON)


def test_own_theorem_has_a_table(own):
    _, table = own
    rows = {row["id"]: row for row in table["claims"]}
    assert table["theorem"] == "own"
    assert rows["harmonic"]["value"] == pytest.approx(2.45)
    assert [one["term"] for one in rows["sum"]["terms"]] == ["epsilon", "Sum(1/k, (k, 1, n))"]
    assert [row["holds"] for row in table["premises"]] == [None, True]


def test_bound_that_is_not_real_is_not_defined(own):
    _, table = own
    rows = {row["id"]: row for row in table["claims"]}
    values = {name: (row["value"], row["defined"]) for name, row in rows.items()}
    assert values["imaginary"] == (None, False)
    assert values["negative"] == (-3.0, True)
    assert values["infinite"] == (None, True)
    lines = [line.strip() for line in as_text(table).splitlines()]
    shown = {name: lines[lines.index(f"{name:18} {name}") + 1] for name in rows}
    assert shown["imaginary"].startswith("bound not defined, order O")
    assert shown["negative"].startswith("bound -3, order O")
    assert shown["infinite"].startswith("bound inf, order O")
    assert any("C = not defined (hidden constant, declared 1)" in line for line in lines)


def test_power_that_a_theorem_leaves_open_is_not_called_declared():
    table = statement_table("mild-pruning", PROBLEM, EPSILON)
    lines = [line for line in as_text(table).splitlines() if "power_" in line]
    assert lines
    assert all(line.split("(")[-1].startswith("any will do)") for line in lines)
    assert any("(hidden constant, declared 0.1)" in line for line in as_text(table).splitlines())


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("text", "bound 2.45, order O"),
        ("json", '"value": 2.45'),
        ("latex", r"O\left(\sum_{k=1}^{n} \frac{1}{k}\right)$ & $2.45$ & paper"),
    ],
)
def test_command_takes_a_module(form, told, own):
    path, _ = own
    words = f"--d 1e4 --n 6 --m 3 --K 2 --p 0.5 --format {form}".split()
    result = CliRunner().invoke(main, ["bound", path, *words])
    assert result.exit_code == 0
    assert told in result.output


def test_module_is_cited(own):
    result = CliRunner().invoke(main, ["cite", own[0]])
    assert result.exit_code == 0
    assert "note = {me}" in result.output


def test_unknown_theorem_is_refused():
    with pytest.raises(
        ValueError, match=r"must be one of mild-pruning, over-pruning, .* or .*got 'x'"
    ):
        statement_table("x", PROBLEM, EPSILON)


@pytest.mark.parametrize("epsilon", [0.0, -1.0, math.nan, math.inf])
def test_epsilon_outside_its_domain_is_refused(epsilon):
    with pytest.raises(ValueError, match="epsilon must be"):
        statement_table("mild-pruning", PROBLEM, epsilon)


@pytest.mark.parametrize(
    ("value", "log_value", "text"),
    [
        (0.05, math.log(0.05), "0.05"),
        (123456.0, math.log(123456.0), "1.235e+05"),
        (0.0, -2e6, "exp(-2e+06)"),
        (None, 1e4, "exp(1e+04)"),
        (0.0, None, "0"),
        (math.inf, None, "inf"),
        (None, None, "not defined"),
        (math.nan, None, "not defined"),
    ],
)
def test_number_beyond_the_floats_is_written_by_its_exponent(value, log_value, text):
    assert bound_text(value, log_value) == text
