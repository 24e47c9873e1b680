"""What the theorems of arXiv:2301.00335 say: expressions, conditions, exact probabilities.

Plain numbers go in and come out; nothing here runs a network. The letters are those of Theory,
section 1.
"""

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
)
from bounds.hidden_constants import (
    Shortfall,
    lemma_thresholds,
    shortfalls,
    thresholds,
)
from bounds.lemmas import LEMMAS
from bounds.mild_pruning import MILD_PRUNING
from bounds.noise_term import (
    Derivation,
    Step,
    derive_isotropic_noise_term,
    derive_loss_noise_term,
    derive_noise_term,
)
from bounds.omega import drift, omega_drift, signal_overlap
from bounds.over_pruning import OVER_PRUNING, over_pruning_p
from bounds.phase import (
    critical_quantile,
    even_snr,
    learned_share,
    phase_boundary,
    positive_maximum,
    race,
    race_index,
)
from bounds.regime import REGIME, THEOREM_REGIME, theorem_regime_values
from bounds.statements import Claim, Condition, Lemma, Order, Source, Theorem
from bounds.symbols import SYMBOLS, SymbolInfo
from bounds.threshold import Threshold
from bounds.units import UnitError, unit

THEOREMS: dict[str, Theorem] = {theorem.id: theorem for theorem in (MILD_PRUNING, OVER_PRUNING)}

__all__ = [
    "LEMMAS",
    "REGIME",
    "SYMBOLS",
    "THEOREMS",
    "THEOREM_REGIME",
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
    "learnable_probability",
    "learned_share",
    "learns_signal",
    "lemma_thresholds",
    "log_value",
    "noise_rate",
    "omega_drift",
    "omega_rate",
    "over_pruning_p",
    "phase_boundary",
    "positive_maximum",
    "race",
    "race_index",
    "shortfalls",
    "signal_overlap",
    "signal_rate",
    "theorem_regime_values",
    "thresholds",
    "unit",
    "value",
]
