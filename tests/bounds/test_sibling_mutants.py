"""What is false of the changed claims of other papers, worked out by hand from their laws."""

import pytest

import bounds
from bounds.mutants import kind, mutants

POWER = {"relu-benign-overfitting": 1, "relu-harmful-overfitting": 1, "low-snr-descent": 2}
MU = {"harmful-overfitting": 0.1, "relu-harmful-overfitting": 1e-3, "low-snr-descent": 0.1}

# Along d, s = sigma_n sqrt(d) is held; sigma_0, eta, epsilon fall; on a harmful side mu falls, and
# along n it falls so that the index stays. K and p do not move.
BY_HAND = [
    # T ~ m / (eta mu^3 sigma_0 sqrt(log m)) + m^(2/3) / (eta mu^2 epsilon log(1/epsilon)^(4/3))
    ("benign-overfitting", "stopping-time", "times m^(-1)", "stronger-but-true"),  # m^3 there
    ("benign-overfitting", "stopping-time", "m dropped", "false"),
    ("benign-overfitting", "stopping-time", "times mu^(-1/4)", "false"),
    ("benign-overfitting", "stopping-time", "times sigma_0^(1/4)", "false"),
    ("benign-overfitting", "stopping-time", "times epsilon^(1/4)", "false"),
    ("benign-overfitting", "stopping-time", "times n^(-1/4)", "false"),
    ("benign-overfitting", "stopping-time", "times K^(1)", "equivalent"),
    # gamma ~ (m log(1/epsilon))^(1/3)
    ("benign-overfitting", "signal-learned", "times m^(1/4)", "stronger-but-true"),
    ("benign-overfitting", "signal-learned", "times m^(1/2)", "false"),
    ("benign-overfitting", "signal-learned", "Omega -> O", "false"),
    # rho ~ sigma_0 s / (n SNR^3)
    ("benign-overfitting", "no-noise", "times mu^(-1)", "stronger-but-true"),
    ("benign-overfitting", "no-noise", "times m^(-1/4)", "false"),
    ("benign-overfitting", "no-noise", "times n^(-1/2)", "stronger-but-true"),
    ("benign-overfitting", "no-noise", "times sigma_0^(1/4)", "false"),
    ("benign-overfitting", "test-loss", "times epsilon^(1/4)", "false"),
    ("harmful-overfitting", "stopping-time", "times n^(-1/4)", "false"),
    ("harmful-overfitting", "stopping-time", "times m^(-1)", "stronger-but-true"),
    ("harmful-overfitting", "no-signal", "times sigma_0^(1/4)", "false"),
    ("harmful-overfitting", "no-signal", "mu dropped", "weaker"),  # mu falls
    ("harmful-overfitting", "test-loss", "times n^(1/4)", "stronger-but-true"),  # 0.1 against log 2
    ("harmful-overfitting", "test-loss", "times n^(1)", "false"),
    ("relu-benign-overfitting", "stopping-time", "times m^(-1/4)", "false"),
    ("relu-benign-overfitting", "stopping-time", "times mu^(1/4)", "weaker"),
    ("relu-benign-overfitting", "test-error", "times n^(-1/4)", "false"),
    ("relu-harmful-overfitting", "test-error", "times m^(1/4)", "false"),
    ("relu-harmful-overfitting", "stopping-time", "times epsilon^(1/4)", "false"),
    ("low-snr-descent", "stopping-time", "times n^(-1/4)", "false"),
    ("low-snr-descent", "stopping-time", "times m^(-1)", "stronger-but-true"),
    ("low-snr-descent", "stopping-time", "eta dropped", "false"),
    ("low-snr-descent", "stopping-time", "sigma_0 dropped", "undetermined"),  # it is in a logarithm
    ("low-snr-descent", "test-error", "times sigma_0^(-1/4)", "false"),
]  # fmt: skip


def starts(theorem):
    """Paths that keep the theorem's premise, from a problem on its side of it, and how far."""
    q = POWER.get(theorem, 3)
    values = {
        "d": 1e10, "n": 30, "m": 20, "K": 2, "p": 1.0, "q": q, "sigma_n": 1e-5, "sigma_0": 1e-5,
        "mu": MU.get(theorem, 3.0), "eta": 0.01, "epsilon": 0.05, "flip": 0.1,
    }  # fmt: skip
    routes = bounds.premise_paths(theorem, q)
    return [(path, values, 30.0 if name in "nm" else 1e6) for name, path in routes.items()]


@pytest.mark.parametrize(("theorem", "claim", "change", "expected"), BY_HAND)
def test_kind_of_a_mutant_is_as_worked_out_by_hand(theorem, claim, change, expected):
    original = bounds.SIBLING_THEOREMS[theorem].claims[claim]
    (mutant,) = [one for one in mutants(original) if one.change == change]
    found, why = kind(mutant, original, starts(theorem))
    assert found == expected, why


@pytest.mark.parametrize("theorem", bounds.SIBLING_THEOREMS)
def test_no_claim_as_it_is_stated_is_found_false(theorem):
    for claim in bounds.SIBLING_THEOREMS[theorem].claims.values():
        same = [one for one in mutants(claim) if one.change == "times K^(1/4)"]
        assert kind(same[0], claim, starts(theorem))[0] in ("equivalent", "stronger-but-true")
