"""The front door: what `import theorycheck as tc` offers."""

import importlib

import pytest

import bounds
import sims
import theorycheck as tc


def test_packages_below_are_reachable():
    assert tc.sims is sims
    assert tc.bounds is bounds


@pytest.mark.parametrize("name", tc.__all__)
def test_public_name_is_reachable_and_listed(name):
    assert getattr(tc, name) is not None
    assert name in dir(tc)


def test_verify_stays_a_function_once_used():
    for module in ("theorycheck.running.tasks", "theorycheck.commands.plan"):
        importlib.import_module(module)
    for _ in range(2):
        with pytest.raises(ValueError, match="theorem must be one of"):
            tc.verify("no such theorem")


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'theorycheck' has no attribute 'verdict_of'"):
        tc.verdict_of  # noqa: B018
