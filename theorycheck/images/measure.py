"""All repetitions of a plan on one set of images, shared among processes."""

from __future__ import annotations

from dataclasses import dataclass

from theorycheck.images.collection import Images
from theorycheck.images.plan import DigitsPlan
from theorycheck.images.runs import Repetition, repeat
from theorycheck.images.samples import check_enough
from theorycheck.images.summary import Cell, Slopes, cells, slopes
from theorycheck.running.tasks import Task, open_pool, run_tasks


@dataclass(frozen=True)
class DigitsFindings:
    """What was measured on one set of images.

    Attributes
    ----------
    data : str
        What the images are called.
    shape : dict
        N images, d pixels, K classes.
    plan : DigitsPlan
        The settings.
    repetitions : tuple of Repetition
        One a seed.
    """

    data: str
    shape: dict[str, int]
    plan: DigitsPlan
    repetitions: tuple[Repetition, ...]

    def cells(self) -> list[Cell]:
        """Return every arm at every p."""
        return cells(self.repetitions)

    def slopes(self) -> list[Slopes]:
        """Return the slopes under every mask."""
        return [slopes(self.repetitions, pruning) for pruning in self.plan.pruning]


def measure_digits(
    images: Images, plan: DigitsPlan, workers: int = 1, progress: bool = False
) -> DigitsFindings:
    """Train the dense network and the three arms on images, for every seed.

    Parameters
    ----------
    images : Images
        Read by :func:`theorycheck.images.reading.read_images`, or made by
        :func:`theorycheck.images.made.made_digits`.
    plan : DigitsPlan
        The settings.
    workers : int, default 1
        Processes that share the seeds; they change no bit.
    progress : bool, default False
        Whether to show a bar.

    Returns
    -------
    DigitsFindings
        Everything that was measured.

    Raises
    ------
    ValueError
        If the images are too few.
    """
    check_enough(images, plan.n, plan.test)
    tasks = [Task(repeat, (images, plan, seed), 1.0) for seed in range(plan.seeds)]
    with open_pool(min(workers, plan.seeds)) as pool:
        repetitions = run_tasks(tasks, pool, progress, "seeds")
    shape = {"N": len(images.labels), "d": images.pixels.shape[1], "K": images.classes}
    return DigitsFindings(images.name, shape, plan, tuple(repetitions))
