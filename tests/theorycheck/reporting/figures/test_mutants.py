"""The figure of mutants shows every count of its document."""

import numpy as np
import pytest
from scipy.stats import beta

import bounds
from bounds.mutants import mutants
from theorycheck.commands.falsify import Falsification, JudgedMutant
from theorycheck.reporting.figures import checker, style


def document(*several):
    """A falsification of (change, kind, outcome)."""
    judged = [
        JudgedMutant("a", change, kind, "", True, "undecided", outcome, "", "", True, False)
        for change, kind, outcome in several
    ]
    return Falsification("own", (), tuple(judged), (0,), 1).document("")


SOME = document(
    ("times d^(1/4)", "false", "refuted"),
    ("times d^(-1/4)", "false", "undecided"),
    ("times d^(-1/4)", "equivalent", "undecided"),
    ("times K^(1)", "undetermined", "consistent"),
    ("K dropped", "weaker", "consistent"),
    ("O~ -> Omega", "stronger-but-true", "refuted"),
)


@pytest.fixture
def ax():
    with style.house_style():
        yield style.new_figure(checker.HEIGHT).subplots()


def shares(ax):
    """The share of each outcome in each row."""
    rows = [label.get_text() for label in ax.get_yticklabels()]
    return {
        bars.get_label(): dict(zip(rows, (bar.get_width() for bar in bars), strict=True))
        for bars in ax.containers
        if bars.get_label() in checker.OUTCOMES
    }


def test_rows_are_false_mutants_by_change_and_true_ones_by_kind(ax):
    assert checker.plot_mutants(SOME, ax) is ax
    found = shares(ax)
    third = pytest.approx(1 / 3)
    assert found["refuted"] == {
        "all false": third,
        "exponent by 1/4": 0.5,
        "exponent by 1": 0,
        "equivalent": 0,
        "weaker": 0,
        "stronger but true": pytest.approx(1),
    }
    assert found["undecided"]["all false"] == third
    assert found["consistent"]["exponent by 1"] == pytest.approx(1)
    assert np.sum([list(row.values()) for row in found.values()], axis=0) == pytest.approx(1)


def test_counts_stand_beside_the_bars(ax):
    checker.plot_mutants(SOME, ax)
    told = [text.get_text() for text in ax.texts]
    assert told == ["1 of 3", "1 of 2", "0 of 1", "0 of 1", "0 of 1", "1 of 1"]
    assert ax.get_legend().get_title().get_text() == "own: 1 of 3 false mutants refuted"


def test_interval_is_that_of_all_false_ones(ax):
    checker.plot_mutants(SOME, ax)
    (interval,) = [one for one in ax.containers if one.get_label() == "95 % interval"]
    (segment,) = interval.lines[2][0].get_segments()
    expected = [beta.ppf(0.025, 1, 3), beta.ppf(0.975, 2, 2)]
    assert segment[:, 0] == pytest.approx(expected)
    assert set(segment[:, 1]) == {0}


@pytest.mark.parametrize(
    ("outcome", "shown"), [("holds", "consistent"), ("premise not met", "undecided")]
)
def test_outcome_of_few_is_shown_with_its_like(outcome, shown, ax):
    checker.plot_mutants(document(("a", "false", outcome)), ax)
    assert {name: row["all false"] for name, row in shares(ax).items()} == {
        name: float(name == shown) for name in checker.OUTCOMES
    }


@pytest.mark.parametrize("theorem", bounds.THEOREMS)
def test_every_mutant_has_a_row(theorem):
    claims = bounds.THEOREMS[theorem].claims.values()
    words = [one.change for claim in claims for one in mutants(claim)]
    assert "another change" not in {checker.change_of(one) for one in words}


@pytest.mark.parametrize(("kind", "rows"), [("false", 2), ("weaker", 1)])
def test_mutants_of_one_kind_are_a_figure_too(kind, rows):
    assert len(checker.plot_mutants(document(("a", kind, "refuted"))).get_yticks()) == rows
