"""What is printed of digits: three arms in a row, unreached losses marked, nothing claimed."""

import math
from dataclasses import replace

import pytest

from theorycheck.images.measure import DigitsFindings
from theorycheck.images.plan import DigitsPlan
from theorycheck.images.runs import Repetition, Run
from theorycheck.reporting.digits import NOT_CLAIMED, digits_lines, digits_record

DENSE = Run(
    "dense", "", 1.0, "reached", 9, 0.05, 0.9, 0.6, (1.0, 1.0), 0.0, 1.0, 2.0, 1.0, 2.0, 1.0, 0.4
)
GAINS = {"pruned": 0.02, "shrunk": 0.05, "rescaled": -0.03}


def findings(status="reached", seeds=2):
    repetitions = []
    for seed in range(seeds):
        runs = [DENSE] + [
            replace(DENSE, arm=arm, pruning="" if arm == "shrunk" else "random", p=0.5,
                    accuracy=0.6 + gain + 0.01 * seed, status=status)
            for arm, gain in GAINS.items()
        ]  # fmt: skip
        repetitions.append(Repetition(seed, (3.0, 70.4), tuple(runs)))
    plan = DigitsPlan(p=(0.5,), seeds=seeds)
    return DigitsFindings("made", {"N": 9, "d": 4, "K": 2}, plan, tuple(repetitions))


def test_a_row_has_the_three_arms_with_their_standard_errors():
    text = list(digits_lines(findings()))
    row = next(line for line in text if line.strip().startswith("0.5"))
    assert "0.5    +2.5 ± 0.5    +5.5 ± 0.5    -2.5 ± 0.5 " in row
    assert "60.0 dense" in "\n".join(text)
    assert "spread over 3 to 70 pixels" in text[0]
    assert text[-1] == NOT_CLAIMED


def test_unreached_losses_are_marked_and_a_single_seed_has_no_error():
    text = "\n".join(digits_lines(findings("max-steps", seeds=1)))
    assert "+2.0*" in text
    assert "±" not in text
    assert "* some runs did not reach the training loss" in text


def test_nothing_is_called_verified_or_refuted():
    text = "\n".join(digits_lines(findings())).replace(NOT_CLAIMED, "")
    for word in ("verified", "refuted", "consistent", "holds"):
        assert word not in text


def test_the_record_holds_null_where_there_is_no_number():
    found = findings(seeds=1)
    content = digits_record(found, "theorycheck digits")
    assert content["cells"][1]["gain"]["error"] is None
    assert content["cells"][1]["gain"]["value"] == pytest.approx(0.02)
    nan_run = replace(found.repetitions[0].runs[1], accuracy=math.nan)
    runs = (found.repetitions[0].runs[0], nan_run)
    broken = replace(found, repetitions=(Repetition(0, (math.nan,), runs),))
    assert digits_record(broken, "")["repetitions"][0]["runs"][1]["accuracy"] is None
    assert digits_record(broken, "")["repetitions"][0]["spread"] == [None]
