"""What the page says first."""

import pytest

from theorycheck.reporting.answers import answers, headline

CLAIM = {"theorem": "mild-pruning", "claim": "no-noise", "outcome": "consistent"}
LINE = {
    "theorem": "mild-pruning",
    "title": "Mild pruning",
    "outcome": "consistent",
    "weakest": "no-noise",
    "along": "d",
    "constant": 1.5,
    "start": 1e12,
    "probability": "",
    "words": "consistent: no-noise is the weakest claim",
}


def answer(*claims, **changed):
    """The answer of one theorem with other claims than its weakest."""
    (found,) = answers({"summaries": [{**LINE, **changed}], "claims": [CLAIM, *claims]})
    return found


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("holds", "Every run keeps every claim."),
        ("undecided", "no-noise is not decided; the other claims: 1 holds."),
        ("refuted", "no-noise is refuted; the other claims: 1 holds."),
    ],
)
def test_sentence_names_the_weakest_claim_and_counts_the_others(outcome, words):
    other = {**CLAIM, "claim": "test-loss", "outcome": "holds"}
    assert answer(other, outcome=outcome).sentence == words


def test_consistent_is_never_told_as_a_proof():
    told = answer().sentence + headline([CLAIM], {"summaries": [LINE]})
    assert not any(word in told.lower() for word in ("holds", "verified", "true", "proves"))


def test_dense_paths_are_named_in_the_sentence():
    assert answer(dense=["d", "n"]).sentence.endswith(" Along d and n nothing is pruned (p = 1).")
    assert "pruned" not in answer(dense=[]).sentence


def test_event_stands_before_what_constants_it_needs():
    said = "C1 = 0.3 here; 1 - O(1/d) needs 1.4; the event holds in 9 of 9 draws; given it, all"
    assert answer(probability=said).probability == [
        "the event holds in 9 of 9 draws",
        "C1 = 0.3 here, 1 - O(1/d) needs 1.4",
        "given it, all",
    ]


def test_probability_is_no_other_claim():
    other = {**CLAIM, "claim": "probability", "outcome": "premise not met"}
    assert "the other claims: none" in answer(other, outcome="undecided").sentence


def test_headline_answers_for_two_theorems_and_counts_for_more():
    two = [LINE, {**LINE, "title": "Over-pruning", "outcome": "undecided"}]
    said = headline([CLAIM], {"summaries": two})
    assert said == "Mild pruning agrees with the runs, over-pruning is not decided"
    assert headline([CLAIM], {"summaries": [*two, LINE]}) == "Nothing is refuted"


def test_headline_of_what_no_path_moves_is_no_agreement():
    line = {**LINE, "unmoved": ["no-noise"]}
    assert headline([CLAIM], {"summaries": [line], "claims": [CLAIM]}) == (
        "Mild pruning was hardly tested"
    )
    moved = {**CLAIM, "claim": "test-loss"}
    assert headline([CLAIM], {"summaries": [line], "claims": [CLAIM, moved]}) == (
        "Mild pruning agrees with the runs"
    )


def test_unfinished_study_says_so_first():
    study = {"unfinished": True, "done": 3, "total": 9}
    assert headline([], {"study": study, "summaries": [LINE]}) == "Unfinished: 3 of 9 runs"


def test_results_of_elsewhere_with_an_unknown_outcome_are_counted():
    assert headline([CLAIM], {"summaries": [{**LINE, "outcome": "odd"}]}) == "Nothing is refuted"
