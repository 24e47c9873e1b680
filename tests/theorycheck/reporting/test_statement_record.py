"""A results file says what was checked: every premise and claim of every theorem."""

import json

import pytest

import bounds
from theorycheck.reporting.statements import lemmas_record, predictions_record, theorem_record


@pytest.mark.parametrize("theorem", bounds.THEOREMS.values(), ids=lambda one: one.id)
def test_every_premise_and_claim_is_recorded(theorem):
    record = json.loads(json.dumps(theorem_record(theorem), allow_nan=False))
    assert (record["id"], record["event"]) == (theorem.id, theorem.event)
    assert list(record["claims"]) == list(theorem.claims)
    assert [one["id"] for one in record["premises"]] == list(theorem.conditions)
    for name, claim in theorem.claims.items():
        told = record["claims"][name]
        assert told["source"]["tag"] == claim.source.tag
        assert (told["order"], told["direction"]) == (claim.order.symbol, claim.direction)
        assert (told["constant"], told["hidden"]) == (claim.constant, claim.hidden)


def test_every_lemma_is_recorded():
    record = lemmas_record()
    assert record["id"] == "lemmas"
    assert list(record["claims"]) == list(bounds.LEMMAS)
    assert all(one["formula"].startswith("<m") for one in record["claims"].values())


def test_predictions_are_told_to_be_derived():
    record = predictions_record()
    assert (record["id"], record["title"]) == ("predictions", "Sharp predictions")
    assert record["source"]["tag"] == "derived"
