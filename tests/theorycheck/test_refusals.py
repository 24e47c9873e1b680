"""What was written for the user is told from what nobody expected."""

import numpy as np
import pytest

import bounds
from sims import Problem
from theorycheck.commands.results import load_results
from theorycheck.judging.theorems import find
from theorycheck.refusals import WorkerTraceback, is_refusal


def raised_by(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def run_as(module, text):
    exec(text, {"__name__": module})


SENTENCE = "raise ValueError('p must be at most 1,'\n                 ' got 2')"


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (Problem, (300, 4, 3, 2, 2.0, 1.0, 0.1, 0.1, 0.1)),
        (bounds.growth.escape_time, (1.0, 1.0, 0.5)),
        (find, ("no theorem",)),
        (run_as, ("sims.made_up", SENTENCE)),
    ],
)
def test_sentence_of_these_packages_is_a_refusal(function, arguments):
    assert is_refusal(raised_by(function, *arguments))


def test_sentence_in_place_of_a_library_error_is_a_refusal(tmp_path):
    (tmp_path / "results.json").write_text("{")
    assert is_refusal(raised_by(load_results, tmp_path / "results.json"))


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (np.max, ([],)),
        (float, ("x",)),
        (run_as, ("theorycheck.made_up", "a, b = (1, 2, 3)")),
        (run_as, ("theorycheck.made_up", "import numpy; numpy.zeros(0).max()")),
        (run_as, ("theorycheck.made_up", "raise KeyError('x')")),
        (run_as, ("simsalabim", SENTENCE)),
    ],
    ids=["library", "interpreter", "interpreter, ours", "library, ours", "other kind", "not ours"],
)
def test_anything_else_is_none(function, arguments):
    assert not is_refusal(raised_by(function, *arguments))


def test_unexpected_error_of_a_process_is_none():
    error = raised_by(find, "no theorem")
    error.__cause__ = WorkerTraceback("elsewhere")
    assert not is_refusal(error)


def test_error_that_was_never_raised_is_none():
    assert not is_refusal(ValueError("made up"))
