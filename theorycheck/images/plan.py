"""What is measured on images: every setting once, validated."""

from __future__ import annotations

from dataclasses import dataclass

from sims.arguments import check_count, check_number
from sims.perceptron import PRUNINGS

LAYERS = ("first", "all")
MOST_HIDDEN = 2  # layers
SPARE = 500  # made images beyond those that train and test, whose class means are the signals


@dataclass(frozen=True)
class DigitsPlan:
    """Settings of the three arms.

    Attributes
    ----------
    n : int
        Training images.
    test : int
        Test images; all others make the signals.
    hidden : tuple of int
        Units of one or two hidden layers.
    p : tuple of float
        Shares of weights that are KEPT, falling; 1 is among them, the dense network.
    pruning : tuple of str
        Masks: random, magnitude, snip, grasp, synflow.
    layers : {"first", "all"}
        Layers that are pruned, shrunk and rescaled: the one whose inputs are pixels, or every one.
    noise : float
        Standard deviation of the noise on every pixel of training and test images.
    eta : float
        Learning rate of full-batch gradient descent.
    epsilon : float
        Training loss to stop at.
    max_steps : int
        Steps after which a run stops in any case.
    seeds : int
        Repetitions, each with images, noise, start and masks of its own.

    Raises
    ------
    ValueError
        If a setting is outside its domain.
    """

    n: int = 100
    test: int = 1000
    hidden: tuple[int, ...] = (100,)
    p: tuple[float, ...] = (1.0, 0.5, 0.2, 0.1, 0.05)
    pruning: tuple[str, ...] = ("random",)
    layers: str = "first"
    noise: float = 0.25
    eta: float = 0.5
    epsilon: float = 0.05
    max_steps: int = 2000
    seeds: int = 5

    def __post_init__(self) -> None:
        """Validate, and put p in order, with 1 in front."""
        for name in ("n", "test", "max_steps", "seeds"):
            check_count(name, getattr(self, name), 1)
        check_number("noise", self.noise, 0.0, 1e6)
        for name in ("eta", "epsilon"):
            check_number(name, getattr(self, name), 1e-12, 1e12)
        if not 1 <= len(self.hidden) <= MOST_HIDDEN:
            raise ValueError(f"hidden must be the units of one or two layers, got {self.hidden!r}")
        for units in self.hidden:
            check_count("hidden", units, 1)
        for p in self.p:
            if not 0 < p <= 1:
                raise ValueError(
                    f"p is the share of weights kept and must satisfy 0 < p <= 1, got {p!r}"
                )
        object.__setattr__(self, "p", tuple(sorted({1.0, *self.p}, reverse=True)))
        known = set(self.pruning) & set(PRUNINGS)
        if not known or len(known) < len(self.pruning):
            raise ValueError(
                f"pruning must be different masks of {', '.join(PRUNINGS)}, "
                f"got {','.join(self.pruning)!r}"
            )
        if self.layers not in LAYERS:
            raise ValueError(f"layers must be first or all, got {self.layers!r}")

    @property
    def pruned_layers(self) -> tuple[int, ...]:
        """The layers that are pruned, from 0."""
        return (0,) if self.layers == "first" else tuple(range(len(self.hidden) + 1))
