"""Real runs of small families: every claim and every false mutant of it is counted once."""

from collections import Counter

import pytest

from evidence.true_claims import FALSE, errs, repetition, with_false

pytestmark = pytest.mark.slow


def test_every_claim_of_a_repetition_has_one_outcome():
    found = repetition(0)
    assert Counter(claim for claim, _, _ in found.elements()) == dict.fromkeys(
        with_false().claims, 1
    )


@pytest.mark.parametrize(
    ("claim", "outcome", "wrong"),
    [
        ("no-noise", "refuted", True),
        ("no-noise", "undecided", False),
        (f"{FALSE}no-noise, times d^(-1)", "consistent", True),
        (f"{FALSE}no-noise, times d^(-1)", "refuted", False),
    ],
)
def test_true_claim_refuted_and_false_one_consistent_are_wrong(claim, outcome, wrong):
    assert errs(Counter({(claim, "O~", outcome): 1})) is wrong
    assert not errs(Counter({(claim, "exact", outcome): 1}))
