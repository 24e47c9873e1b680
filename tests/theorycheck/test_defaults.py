"""Defaults are written once: every place that shows or takes one has the same."""

import inspect
import subprocess
import sys

import pytest

import bounds
import sims
import theorycheck as tc
from theorycheck.defaults import DEFAULTS, EPSILON, SIZES
from theorycheck.predictions.phase_diagram import PhaseGrid
from theorycheck.running.spec import RunSpec


def taken(function, name):
    return inspect.signature(function).parameters[name].default


def test_target_loss_is_the_same_in_all_packages():
    assert DEFAULTS["epsilon"] == EPSILON == bounds.regime.DEFAULT_EPSILON == PhaseGrid().epsilon
    for function in (sims.simulate, sims.simulate_many, RunSpec.plan):
        assert taken(function, "target_loss") == EPSILON


@pytest.mark.parametrize("name", ["n", "m", "K", "p"])
def test_families_take_the_defaults(name):
    assert taken(tc.mild_family, name) == DEFAULTS[name]
    assert name == "p" or taken(tc.over_family, name) == DEFAULTS[name]


def test_families_take_the_default_sizes_and_noise():
    for family in (tc.mild_family(), tc.over_family()):
        assert family.sizes == SIZES
        assert {one.noise for one in family.problems} == {DEFAULTS["noise"]}


def test_check_takes_the_default_seeds_and_engine():
    assert taken(tc.verify, "seeds") == DEFAULTS["seeds"]
    assert taken(tc.verify, "engine") == DEFAULTS["engine"] == taken(sims.simulate, "engine")


def test_command_line_shows_its_help_without_the_libraries():
    code = "import sys, theorycheck.cli; print(*({'numpy', 'sympy', 'scipy'} & set(sys.modules)))"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout == "\n"
