"""One repetition: the dense network and the three arms at every p, trained and measured.

The arms are pruned (the start under a mask), shrunk (nothing is pruned and the start multiplied by
sqrt(p), as small as a random mask would make it) and rescaled (the kept weights divided by sqrt(p),
as large as nothing would make it). At p = 1 all three are the dense network.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sims.arrays import Floats, Integers
from sims.perceptron import (
    Layers,
    Masks,
    Trained,
    coefficients,
    draw_layers,
    draw_masks,
    logits,
    signal_to_noise,
    spread,
    train,
)
from sims.perceptron.gradients import forward, loss_and_gradient
from theorycheck.images.collection import Images
from theorycheck.images.plan import DigitsPlan
from theorycheck.images.samples import Samples, draw_samples

ARMS = ("pruned", "shrunk", "rescaled")


@dataclass(frozen=True)
class Run:
    """What was measured of one network.

    Attributes
    ----------
    arm : {"dense", "pruned", "shrunk", "rescaled"}
        What was done to the start.
    pruning : str
        The mask; empty where nothing is pruned.
    p : float
        Share kept, or whose root shrinks the start.
    status, steps, loss : str, int, float
        How training ended, after how many steps, with which training loss.
    test_loss, accuracy : float
        On the test images; of images whose largest logits tie, the expectation. nan after a
        divergence, as everything below.
    kept : tuple of float
        Share of weights kept in each layer.
    dead : float
        Share of hidden units that answer no training image in the end.
    gamma_rms, gamma_max, zeta_rms, zeta_max : float
        What the first layer learned of the signals and of the residuals, in size.
    noise_over_signal : float
        zeta_rms / gamma_rms.
    snr : float
        SNR_p under the mask of the first layer.
    """

    arm: str
    pruning: str
    p: float
    status: str
    steps: int
    loss: float
    test_loss: float
    accuracy: float
    kept: tuple[float, ...]
    dead: float
    gamma_rms: float
    gamma_max: float
    zeta_rms: float
    zeta_max: float
    noise_over_signal: float
    snr: float


@dataclass(frozen=True)
class Repetition:
    """One seed.

    Attributes
    ----------
    seed : int
        Of images, noise, start and masks.
    spread : tuple of float
        s_eff of each signal.
    runs : tuple of Run
        The dense network first.
    """

    seed: int
    spread: tuple[float, ...]
    runs: tuple[Run, ...]


def repeat(images: Images, plan: DigitsPlan, seed: int) -> Repetition:
    """Draw images and a start, train the dense network and every arm, and measure."""
    streams = np.random.SeedSequence(seed).spawn(3)
    samples = draw_samples(images, plan.n, plan.test, plan.noise, np.random.default_rng(streams[0]))
    sizes = (samples.images.shape[1], *plan.hidden, images.classes)
    start = draw_layers(sizes, np.random.default_rng(streams[1]))
    everything = tuple(np.ones(weight.shape, bool) for weight in start)
    measured = [_run("dense", "", 1.0, start, everything, samples, plan)]
    for p in plan.p[1:]:
        smaller = _scaled(start, math.sqrt(p), plan)
        measured.append(_run("shrunk", "", p, smaller, everything, samples, plan))
        larger = _scaled(start, 1 / math.sqrt(p), plan)
        for pruning, masks in _masks(p, start, samples, plan, streams[2]):
            measured.append(_run("pruned", pruning, p, start, masks, samples, plan))
            measured.append(_run("rescaled", pruning, p, larger, masks, samples, plan))
    return Repetition(seed, tuple(spread(samples.signals).tolist()), tuple(measured))


def _masks(
    p: float, start: Layers, samples: Samples, plan: DigitsPlan, stream: np.random.SeedSequence
) -> Iterator[tuple[str, Masks]]:
    for pruning in plan.pruning:
        # the same uniforms at every p, so that kept sets are nested
        rng = np.random.default_rng(stream)
        yield (
            pruning,
            draw_masks(pruning, p, start, samples.images, samples.labels, rng, plan.pruned_layers),
        )


def _scaled(start: Layers, factor: float, plan: DigitsPlan) -> Layers:
    """Multiply the layers that may be pruned."""
    return tuple(
        factor * weight if layer in plan.pruned_layers else weight
        for layer, weight in enumerate(start)
    )


def _run(
    arm: str,
    pruning: str,
    p: float,
    start: Layers,
    masks: Masks,
    samples: Samples,
    plan: DigitsPlan,
) -> Run:
    run = train(
        start, masks, samples.images, samples.labels, plan.eta, plan.epsilon, plan.max_steps
    )
    kept = tuple(float(mask.mean()) for mask in masks)
    ended = (arm, pruning, p, run.status, run.steps, run.loss)
    snr = signal_to_noise(masks[0], samples.signals, samples.residuals)
    if run.status == "diverged":
        nothing = math.nan
        return Run(
            *ended,
            nothing,
            nothing,
            kept,
            nothing,
            nothing,
            nothing,
            nothing,
            nothing,
            nothing,
            snr,
        )
    test_loss, _ = loss_and_gradient(run.weights, samples.test_images, samples.test_labels)
    return Run(
        *ended,
        test_loss,
        accuracy(logits(run.weights, samples.test_images), samples.test_labels),
        kept,
        _dead(run.weights, samples.images),
        *_learned(run, masks, samples),
        snr,
    )


def accuracy(F: Floats, labels: Integers) -> float:
    """Return the share of images whose largest logit, ``F`` (K, N), is that of their class.

    Of an image with several largest ones it counts the expectation over these.
    """
    largest = F.max(axis=0) == F
    hit = largest[labels, np.arange(len(labels))]
    return float((hit / largest.sum(axis=0)).mean())


def _dead(weights: Layers, images: Floats) -> float:
    hidden = forward(weights, images).products[:-1]
    return float(np.concatenate([(z <= 0).all(axis=1) for z in hidden]).mean())


def _learned(
    run: Trained, masks: Masks, samples: Samples
) -> tuple[float, float, float, float, float]:
    found = coefficients(run.updates, masks[0], samples.signals, samples.residuals, samples.labels)
    gamma, zeta = (float(np.sqrt(np.square(each).mean())) for each in (found.gamma, found.zeta))
    ratio = zeta / gamma if gamma > 0 else math.nan
    return (
        gamma, float(np.abs(found.gamma).max()), zeta, float(np.abs(found.zeta).max()), ratio
    )  # fmt: skip
