"""A theorem speaks of the problems of its model, and of no others."""

from dataclasses import replace

import numpy as np
import pytest

import bounds
import theorycheck as tc
from sims import Directions, Problem
from theorycheck.commands import verify as module
from theorycheck.judging.family import Family
from theorycheck.judging.table import check_evaluable, model_left
from theorycheck.judging.theorems import BUILT_IN_THEOREMS, find

FIRST = Problem(300, 4, 3, 2, 1.0, 1.0, 0.05, 0.02, 0.1, q=3.0, noise="orthogonal")
ANTIPODAL = replace(FIRST, signals="antipodal")
WITH_FLIPS = ["relu-benign-overfitting", "relu-harmful-overfitting", "low-snr-descent",
              "threshold-relu-benign"]  # fmt: skip


@pytest.mark.parametrize("id", bounds.THEOREMS)
def test_first_theorems_speak_of_orthogonal_signals_with_right_labels(id):
    theorem = find(id).theorem
    assert model_left(theorem, FIRST) == ""
    assert model_left(theorem, replace(FIRST, noise="isotropic")) == ""
    assert model_left(theorem, ANTIPODAL) == (
        f"{id} speaks of problems with signals = axis, got 'antipodal'"
    )
    assert model_left(theorem, replace(FIRST, flip=0.1)) == (
        f"{id} speaks of problems with flip = 0, got 0.1"
    )
    assert model_left(theorem, replace(FIRST, support=4)) == (
        f"{id} speaks of problems with support = 1, got 4"
    )
    given = replace(FIRST, noise="isotropic", directions=Directions(np.eye(2, FIRST.d)))
    assert "directions None" in model_left(theorem, given)


@pytest.mark.parametrize("id", bounds.SIBLING_THEOREMS)
def test_siblings_speak_of_antipodal_signals_and_orthogonal_noise(id):
    theorem = find(id).theorem
    assert model_left(theorem, ANTIPODAL) == ""
    assert model_left(theorem, FIRST) == (
        f"{id} speaks of problems with signals = antipodal, got 'axis'"
    )
    assert model_left(theorem, replace(ANTIPODAL, noise="isotropic")) == (
        f"{id} speaks of problems with noise = orthogonal, got 'isotropic'"
    )


@pytest.mark.parametrize("id", BUILT_IN_THEOREMS)
def test_wrong_labels_are_allowed_for_relu_and_at_low_snr_alone(id):
    model = FIRST if id in bounds.THEOREMS else ANTIPODAL
    left = model_left(find(id).theorem, replace(model, flip=0.25))
    expected = f"{id} speaks of problems with flip = 0, got 0.25"
    assert left == ("" if id in WITH_FLIPS else expected)


def test_theorem_of_ones_own_is_of_the_first_model_unless_it_names_another():
    own = replace(bounds.THEOREMS["mild-pruning"], id="own", model={})
    assert "signals = axis" in model_left(own, ANTIPODAL)
    assert model_left(replace(own, model={"signals": "antipodal"}), ANTIPODAL) == ""
    assert model_left(replace(own, model={"signals": "any"}), ANTIPODAL) == ""
    assert model_left(replace(own, model={"flip": "0.1"}), replace(FIRST, flip=0.1)) == ""


def test_every_problem_of_a_path_is_looked_at():
    theorem = find("benign-overfitting").theorem
    check_evaluable(theorem, [(ANTIPODAL, 0.1)])
    with pytest.raises(ValueError, match=r"^benign-overfitting speaks of .*, got 'axis'$"):
        check_evaluable(theorem, [(ANTIPODAL, 0.1), (FIRST, 0.1)])


@pytest.mark.parametrize(
    ("id", "problem", "field"),
    [
        ("mild-pruning", ANTIPODAL, "signals"),
        ("over-pruning", replace(FIRST, flip=0.2), "flip"),
        ("over-pruning", replace(FIRST, pruning="snip"), "pruning"),
        ("harmful-overfitting", FIRST, "signals"),
        ("benign-overfitting", replace(ANTIPODAL, flip=0.2), "flip"),
        ("low-snr-descent", replace(ANTIPODAL, noise="isotropic"), "noise"),
    ],
)
def test_path_of_another_model_is_refused_before_any_run(id, problem, field, monkeypatch):
    monkeypatch.setattr(module, "run_heaps", lambda *told: pytest.fail("something was run"))
    family = Family("d", tuple(replace(problem, d=d) for d in (300, 600, 1200)), "")
    given = getattr(problem, field)
    with pytest.raises(ValueError, match=f"^{id} speaks of problems with {field} = .*{given}"):
        tc.verify(id, family, 2)
