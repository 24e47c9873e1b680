"""What the theorems of arXiv:2301.00335, and of its siblings, say: expressions and conditions.

Plain numbers go in and come out; nothing here runs a network. The letters are those of Theory,
section 1.
"""

from bounds.antipodal_race import antipodal_race_index, guessed_loss
from bounds.averaged import averaged, coefficient_factor, in_engine_letters, summed
from bounds.benign_overfitting import BENIGN_OVERFITTING, HARMFUL_OVERFITTING
from bounds.boundary import Boundary
from bounds.evaluation import decide, log_value, value
from bounds.events import EventFailure, event_failure
from bounds.growth import (
    descent_lag,
    escape_time,
    learnable_probability,
    learns_signal,
    noise_rate,
    omega_rate,
    signal_rate,
    signal_tilt,
)
from bounds.hidden_constants import (
    Shortfall,
    lemma_thresholds,
    shortfalls,
    thresholds,
)
from bounds.kept_starts import positive_maximum, signal_maximum
from bounds.lemmas import LEMMAS
from bounds.low_snr_descent import LOW_SNR_DESCENT
from bounds.mild_pruning import MILD_PRUNING
from bounds.noise_term import (
    Derivation,
    Step,
    derive_isotropic_noise_term,
    derive_loss_noise_term,
    derive_noise_term,
)
from bounds.omega import drift, omega_drift, signal_overlap
from bounds.orders import Order
from bounds.over_pruning import OVER_PRUNING, over_pruning_p
from bounds.overfitting_thresholds import OVERFITTING_THRESHOLD, RELU_OVERFITTING_THRESHOLD
from bounds.phase import (
    critical_quantile,
    even_snr,
    learned_share,
    phase_boundary,
    race,
    race_index,
)
from bounds.premise_paths import averaged_route, premise_paths
from bounds.regime import REGIME, THEOREM_REGIME, theorem_regime_values
from bounds.relu_benign_overfitting import RELU_BENIGN_OVERFITTING, RELU_HARMFUL_OVERFITTING
from bounds.relu_error import relu_error, relu_even_index, relu_index, relu_stopping_time
from bounds.score_masks import (
    magnitude_gain,
    product_tail,
    snip_cut,
    snip_empty_chance,
    snip_kept_share,
    synflow_collapse,
)
from bounds.square_growth import (
    square_noise_growth,
    square_signal_growth,
    square_stopping_time,
)
from bounds.statements import Claim, Condition, Lemma, Source, Theorem
from bounds.symbols import SYMBOLS, SymbolInfo
from bounds.threshold import Threshold
from bounds.units import UnitError, unit

# What a check takes unless told otherwise: the two theorems of the paper.
THEOREMS: dict[str, Theorem] = {theorem.id: theorem for theorem in (MILD_PRUNING, OVER_PRUNING)}

# The theorems of other papers on the same data, checked by name.
SIBLING_THEOREMS: dict[str, Theorem] = {
    theorem.id: theorem
    for theorem in (
        BENIGN_OVERFITTING,
        HARMFUL_OVERFITTING,
        RELU_BENIGN_OVERFITTING,
        RELU_HARMFUL_OVERFITTING,
        LOW_SNR_DESCENT,
    )
}

# Both sides of such a theorem read as one: no claims, but a boundary each.
THRESHOLD_THEOREMS: dict[str, Theorem] = {
    theorem.id: theorem for theorem in (OVERFITTING_THRESHOLD, RELU_OVERFITTING_THRESHOLD)
}

__all__ = [
    "LEMMAS",
    "REGIME",
    "SIBLING_THEOREMS",
    "SYMBOLS",
    "THEOREMS",
    "THEOREM_REGIME",
    "THRESHOLD_THEOREMS",
    "Boundary",
    "Claim",
    "Condition",
    "Derivation",
    "EventFailure",
    "Lemma",
    "Order",
    "Shortfall",
    "Source",
    "Step",
    "SymbolInfo",
    "Theorem",
    "Threshold",
    "UnitError",
    "antipodal_race_index",
    "averaged",
    "averaged_route",
    "coefficient_factor",
    "critical_quantile",
    "decide",
    "derive_isotropic_noise_term",
    "derive_loss_noise_term",
    "derive_noise_term",
    "descent_lag",
    "drift",
    "escape_time",
    "even_snr",
    "event_failure",
    "guessed_loss",
    "in_engine_letters",
    "learnable_probability",
    "learned_share",
    "learns_signal",
    "lemma_thresholds",
    "log_value",
    "magnitude_gain",
    "noise_rate",
    "omega_drift",
    "omega_rate",
    "over_pruning_p",
    "phase_boundary",
    "positive_maximum",
    "premise_paths",
    "product_tail",
    "race",
    "race_index",
    "relu_error",
    "relu_even_index",
    "relu_index",
    "relu_stopping_time",
    "shortfalls",
    "signal_maximum",
    "signal_overlap",
    "signal_rate",
    "signal_tilt",
    "snip_cut",
    "snip_empty_chance",
    "snip_kept_share",
    "square_noise_growth",
    "square_signal_growth",
    "square_stopping_time",
    "summed",
    "synflow_collapse",
    "theorem_regime_values",
    "thresholds",
    "unit",
    "value",
]
