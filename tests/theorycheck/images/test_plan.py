"""Settings: in order, and refused in one sentence."""

import pytest

from theorycheck.images.plan import DigitsPlan


def test_the_dense_network_is_always_there_and_p_falls():
    assert DigitsPlan(p=(0.1, 0.5)).p == (1.0, 0.5, 0.1)
    assert DigitsPlan(p=(0.1, 1.0, 0.1)).p == (1.0, 0.1)


def test_layers_say_what_is_pruned():
    assert DigitsPlan().pruned_layers == (0,)
    assert DigitsPlan(layers="all", hidden=(5, 4)).pruned_layers == (0, 1, 2)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"n": 0}, "n must be an integer of at least 1, got 0"),
        ({"p": (0.5, 1.5)}, "p is the share of weights kept .* got 1.5"),
        ({"p": (float("nan"),)}, "p is the share of weights kept .* got nan"),
        ({"hidden": (3, 3, 3)}, r"hidden must be the units of one or two layers, got \(3, 3, 3\)"),
        ({"hidden": (0,)}, "hidden must be an integer of at least 1, got 0"),
        ({"pruning": ("best",)}, "pruning must be different masks of random, .* got 'best'"),
        ({"pruning": ("snip", "snip")}, "pruning must be different masks"),
        ({"pruning": ()}, "pruning must be different masks of random"),
        ({"layers": "last"}, "layers must be first or all, got 'last'"),
        ({"noise": -1.0}, "noise must be a finite number from 0"),
        ({"eta": 0.0}, "eta must be a finite number"),
        ({"epsilon": float("inf")}, "epsilon must be a finite number"),
        ({"seeds": 0}, "seeds must be an integer of at least 1"),
    ],
)
def test_a_setting_outside_its_domain_is_one_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        DigitsPlan(**settings)
