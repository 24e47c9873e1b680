"""The table of `theorycheck bound`: every premise and claim at one problem."""

import json
import math
from dataclasses import replace

import pytest

import bounds
from sims import Problem
from theorycheck.results import as_json
from theorycheck.statement_table import as_text, bound_text, statement_table

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


def test_unknown_theorem_is_refused():
    with pytest.raises(ValueError, match="must be one of mild-pruning, over-pruning, got 'x'"):
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
        (None, None, "none"),
        (math.nan, None, "none"),
    ],
)
def test_number_beyond_the_floats_is_written_by_its_exponent(value, log_value, text):
    assert bound_text(value, log_value) == text
