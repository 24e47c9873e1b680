"""Theorems as Python and a notebook show them."""

from dataclasses import replace

import pytest

import bounds

EVERY = [*bounds.THEOREMS.values(), *bounds.SIBLING_THEOREMS.values()]


@pytest.mark.parametrize("theorem", EVERY, ids=lambda one: one.id)
def test_theorem_is_short_and_a_table_of_its_claims(theorem):
    assert len(repr(theorem)) < 400
    assert theorem.id in repr(theorem)
    told = theorem._repr_html_()
    assert told.count("<tr>") == 1 + len(theorem.claims) + len(theorem.boundaries)
    assert all(id in told for id in theorem.claims)
    assert "color" not in told


def test_long_words_of_an_own_theorem_are_cut_and_escaped():
    theorem = replace(EVERY[0], id="<i>" * 200, title="<b>" * 200)
    assert len(repr(theorem)) < 400
    assert "<b>" not in theorem._repr_html_()
