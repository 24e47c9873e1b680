"""Thousands of command lines, problems, study files and damaged stores: one sentence each at worst.

Everything is called in this process, where a traceback is an exception that can be seen; a few real
processes check that the wrapping holds. What would start long work is cut short after all checks
of its input.
"""

from __future__ import annotations

import math
import os
import random
import shlex
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sims
import theorycheck.commands.check
import theorycheck.reporting.document
from evidence.record import write
from evidence.sweeping import COMMAND, exported
from sims import Problem, Trajectory, peak_memory
from sims.engines import check_arguments, settle
from theorycheck.cli import main as command_line
from theorycheck.running.spec import RunSpec
from theorycheck.running.stored_run import StoredRun, execute, failed
from theorycheck.running.study_file import read_study
from theorycheck.running.sweep import run_sweep

LINES, PROBLEMS, STUDIES, STORES, REAL = 3000, 1500, 1500, 500, 40
LONGEST = 10  # seconds
SMALL = Problem(d=20, n=2, m=2, K=2, p=0.7, mu=1.0, sigma_n=0.05, sigma_0=0.3, eta=0.5)
STATUSES = {0, 1, 2}

seen: Counter[str] = Counter()


def main() -> None:
    """Make everything up and write the counts; a surprise ends it with what caused it."""
    with tempfile.TemporaryDirectory() as folder, work_cut_short():
        os.chdir(folder)
        prepare()
        for fuzz in (fuzz_problems, fuzz_studies, fuzz_lines):
            fuzz()
        fuzz_stores()
        fuzz_processes()
    write("fuzz", {"cases": dict(sorted(seen.items())), "tracebacks": 0, "hangs": 0})


class TooSlow(BaseException):
    """Raised in what takes longer than it may."""


@contextmanager
def hurried() -> Iterator[None]:
    """Interrupt what takes too long."""

    def stop(*_: Any) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class Here:
    """An executor that makes every run at once, in this process."""

    def submit(self, function: Callable[..., Any], spec: RunSpec) -> Future[StoredRun]:
        """Make a run."""
        future: Future[StoredRun] = Future()
        future.set_result(function(spec))
        return future

    def shutdown(self, **_: Any) -> None:
        """Do nothing."""


@contextmanager
def work_cut_short() -> Iterator[None]:
    """Let every check of input happen, and little of what comes after."""
    real = sims.simulate

    def short(
        problem: Problem, seed: int, engine: str, target: float, **options: Any
    ) -> Trajectory:
        options.pop("progress", None)
        check_arguments(problem, seed, engine, target, options.get("max_steps"), 1e-5, 0.0, 1)
        sims.check_memory(problem, settle(problem, engine, None)[0])
        return real(SMALL, 0, "gram", max_steps=3)

    def short_execute(spec: RunSpec) -> StoredRun:
        if spec.problem == SMALL:
            return execute(spec)
        return failed(spec, "cut short", 0.0)

    report = theorycheck.reporting.document.Findings(
        json="{}\n", files=[Path("theorycheck-report/verdicts.json")]
    )
    with (
        mock.patch.object(sims, "simulate", short),
        mock.patch("theorycheck.running.sweep.execute_in_worker", short_execute),
        mock.patch("theorycheck.running.rerun.execute", short_execute),
        mock.patch("theorycheck.running.sweep.Processes", return_value=Here()),
        mock.patch("theorycheck.commands.check.run_plan", return_value=report),
    ):
        yield


def prepare() -> None:
    """Make the files that command lines speak of."""
    Path("study.toml").write_text(GOOD_STUDY)
    Path("file").write_text("kept")
    Path("folder").mkdir()
    specs = [RunSpec.plan(SMALL, seed, "gram", 0.0, max_steps=3) for seed in range(12)]
    run_sweep(specs, "study.db", executor=Here())  # type: ignore[arg-type]


def call(words: list[str]) -> Result:
    """Call the command line; insist on a documented status and on one sentence of refusal."""
    with hurried():
        result = CliRunner().invoke(command_line, words)
    surprise = result.exception is not None and not isinstance(result.exception, SystemExit)
    lines = result.stderr.splitlines()
    refused = result.exit_code == 2
    if (
        surprise
        or result.exit_code not in STATUSES
        or (refused and (len(lines) != 1 or result.stdout))
        or list(Path().rglob("*.partial*"))
    ):
        raise SystemExit(f"{shlex.join(words)}: {result.exit_code} {result.stderr}") from (
            result.exception
        )
    return result


# --- problems

NUMBERS = st.one_of(
    st.integers(-3, 50),
    st.integers(),
    st.sampled_from([10**400, -(10**400), 2**53, 2**53 + 1, 2**63]),
    st.floats(),
    st.floats(1e-3, 10),
)
ANYTHING = st.one_of(
    NUMBERS,
    st.none(),
    st.booleans(),
    st.text(max_size=5),
    st.binary(max_size=3),
    st.complex_numbers(),
    st.fractions(),
    st.decimals(),
    st.lists(st.integers(), max_size=2),
    st.sampled_from([np.int64(7), np.float32(0.5), np.nan, np.array([1.0]), object()]),
)
FIELDS = {
    "d": st.integers(2, 10**6),
    "n": st.integers(1, 100),
    "m": st.integers(1, 50),
    "K": st.integers(2, 4),
    "p": st.floats(0.01, 1),
    **dict.fromkeys(("mu", "sigma_n", "sigma_0", "eta"), st.floats(1e-3, 10)),
    "q": st.floats(1, 5),
    "noise": st.sampled_from(["isotropic", "orthogonal"]),
}
WILD = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@settings(WILD, max_examples=PROBLEMS)
@given(
    good=st.fixed_dictionaries(FIELDS),
    bad=st.dictionaries(st.sampled_from(list(FIELDS)), ANYTHING, max_size=3),
    seed=ANYTHING,
    target=ANYTHING,
    engine=st.sampled_from(["auto", "weights", "gram", "flow", "gram-law", "x", None, 3]),
)
def fuzz_problems(
    good: dict[str, Any], bad: dict[str, Any], seed: Any, target: Any, engine: Any
) -> None:
    """Make problems, and runs of them: they are, or are refused in one sentence."""
    seen["problems"] += 1
    with hurried():
        try:
            problem = Problem(**{**good, **bad})
            seen["problems, valid"] += 1
            spec = RunSpec.plan(problem, seed, engine, target)
            if not math.isfinite(peak_memory(problem, spec.engine)):
                raise SystemExit(f"no estimate for {problem}")
            sims.check_memory(problem, spec.engine)
        except ValueError as error:
            if "\n" in str(error):
                raise SystemExit(f"two lines: {error}") from error


# --- study files

GOOD_STUDY = """engine = "gram"
target_loss = 0.05
max_steps = 3
population = false
seeds = { start = 0, count = 3 }
[problem]
n = 2
m = 2
K = 2
p = [1.0, 0.5]
[[together]]
mu = [1.0, 2.0]
eta = [0.5, 0.1]
[random]
count = 4
seed = 1
[random.ranges]
d = { low = 10, high = 100, scale = "log" }
sigma_n = { low = 0.01, high = 0.1 }
"""
TOKENS = st.sampled_from(
    ["[", "]", "{", "}", "=", ",", '"', "#", "\n", ".", "-", "e", "inf", "nan", "1e400", "true",
     "0x" + "f" * 5000, "1979-05-27", "[[", "]]", "\x00", "é", "problem", "seeds = 1e9", "count",
     "p = 2", "seeds = [0, -1]", "engine = 3", "d = 10", "scale = 1", "9" * 30, "9" * 5000]
)  # fmt: skip
EDITS = st.lists(
    st.tuples(st.integers(0, len(GOOD_STUDY)), st.integers(0, 12), st.one_of(TOKENS, st.text())),
    min_size=1,
    max_size=4,
)
KEYS = ["engine", "target_loss", "max_steps", "rtol", "population", "seeds", "problem", "together",
        "random", "sead", "d", "p"]  # fmt: skip
LEAVES = st.one_of(NUMBERS, st.booleans(), st.text(max_size=4), st.sampled_from(["gram", "log"]))
NESTED = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from([*FIELDS, "count", "start", "seed", "ranges", "low", "high", "scale"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)


@settings(WILD, max_examples=STUDIES)
@given(
    edits=EDITS,
    changes=st.dictionaries(st.sampled_from(KEYS), NESTED, max_size=3),
    by_hand=st.booleans(),
)
def fuzz_studies(edits: list[tuple[int, int, str]], changes: dict[str, Any], by_hand: bool) -> None:
    """Read study files: they are, or are refused in one sentence."""
    seen["study files"] += 1
    if by_hand:
        text = GOOD_STUDY
        for place, length, new in edits:
            text = text[:place] + new + text[place + length :]
        study: Any = Path("edited.toml")
        study.write_bytes(text.encode("utf-8", "surrogatepass"))
        words = ["sweep", "edited.toml", "--store", "edited.db"]
        result = call(words)
        seen[f"study files, status {result.exit_code}"] += 1
        for made in Path().glob("edited.db*"):
            made.unlink()
        return
    base = {"max_steps": 3, "problem": {"d": 20, "n": 2, "m": 2, "K": 2, "p": 0.5}}
    with hurried():
        try:
            read_study({**base, **changes})
            seen["study files, valid"] += 1
        except ValueError as error:
            if "\n" in str(error) and "\\n" not in repr(changes):
                raise SystemExit(f"two lines: {error!r}") from error


# --- command lines, none with a zero byte: no process can be given one

WORDS = st.one_of(
    st.sampled_from(
        ["0", "1", "-1", "2.5", "1e4", "1e400", "nan", "inf", "-inf", "0.5", "3", "20", "many", "",
         "gram", "flow", "auto", "mild-pruning", "over-pruning", "all", "json", "xml", "local",
         "study.toml", "study.db", "file", "folder", "none", "file/below", "é", "--", "-",
         "999999999999999999999", "isotropic", "1,2,3", "2000,2000", "abcd", "/dev/null", "."]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6),
)  # fmt: skip
OPTIONS = ["--d", "--n", "--m", "--K", "--p", "--q", "--mu", "--sigma-n", "--sigma-0", "--eta",
           "--epsilon", "--noise", "--engine", "--seed", "--seeds", "--max-steps", "--out",
           "--format", "--store", "--workers", "--retry-failed", "--check", "--help", "--bogus",
           "--version"]  # fmt: skip
SHAPE = ["--d", "300", "--n", "4", "--m", "3", "--K", "2", "--p", "0.9"]
STARTS = st.sampled_from(
    [["verify"], ["verify", "mild-pruning"], ["simulate"], ["simulate", *SHAPE, "--out", "run.npz"],
     ["bound"], ["bound", "mild-pruning", *SHAPE], ["bound", "over-pruning", *SHAPE], ["list"],
     ["sweep"], ["sweep", "study.toml", "--store", "new.db"], ["sweep", "study.toml", "--store"],
     ["status"], ["status", "study.db"], ["rerun"], ["rerun", "study.db"], ["export"],
     ["export", "study.db", "--out", "out"], []]
)  # fmt: skip


@settings(WILD, max_examples=LINES)
@given(
    start=STARTS,
    rest=st.lists(
        st.one_of(st.tuples(st.sampled_from(OPTIONS), WORDS).map(list), WORDS.map(lambda w: [w])),
        max_size=3,
    ),
)
def fuzz_lines(start: list[str], rest: list[list[str]]) -> None:
    """Call command lines: they are refused in one sentence, or files are whole or not there."""
    seen["command lines"] += 1
    words = [*start, *(word for part in rest for word in part)]
    out = Path("run.npz")
    out.unlink(missing_ok=True)
    result = call(words)
    seen[f"command lines, status {result.exit_code}"] += 1
    if out.exists():
        Trajectory.load(out)
    if Path("file").read_text() != "kept":
        raise SystemExit(f"{shlex.join(words)} wrote over a file")


# --- damaged stores


def fuzz_stores() -> None:
    """Read damaged stores: refused, or what they give is what was stored, and never changed."""
    chance = random.Random(0)
    whole = Path("study.db").read_bytes()
    expected = exported(Path("study.db"))
    with tempfile.TemporaryDirectory() as folder:
        for case in range(STORES):
            path = Path(folder) / f"{case}.db"
            damaged = damage(whole, chance)
            path.write_bytes(damaged)
            told = [
                call([*words.split(), str(path)]).exit_code
                for words in ("status", "status --check")
            ]
            call(["export", str(path), "--out", f"{folder}/out{case}"])
            call(["rerun", str(path), "abcd"])
            if path.read_bytes() != damaged:
                raise SystemExit(f"reading changed damaged store {case}")
            call(["sweep", "study.toml", "--store", str(path)])
            seen["stores"] += 1
            seen[f"stores, {'found to be damaged' if told[1] else 'not found'}"] += 1
            if not told[1]:
                path.write_bytes(damaged)
                for beside in ("-wal", "-shm"):
                    path.with_name(path.name + beside).unlink(missing_ok=True)
                if exported(path) != expected:
                    raise SystemExit(f"damaged store {case} gave other results")


def damage(whole: bytes, chance: random.Random) -> bytes:
    """Flip bytes, or lose some: at the end, in the middle, or a page that reads as zeros."""
    content = bytearray(whole)
    way = chance.choice(["flip", "flip", "flip", "flip many", "truncate", "cut", "zero"])
    if way.startswith("flip"):
        for _ in range(chance.randint(20, 200) if way == "flip many" else chance.randint(1, 4)):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    elif way == "truncate":
        del content[chance.randrange(len(content)) :]
    elif way == "cut":
        start = chance.randrange(len(content))
        del content[start : start + chance.randint(1, 5000)]
    else:
        start = 4096 * chance.randrange(len(content) // 4096)
        content[start : start + 4096] = bytes(4096)
    return bytes(content)


# --- real processes


def fuzz_processes() -> None:
    """Call a few in processes of their own."""
    chance = random.Random(1)
    whole = Path("study.db").read_bytes()
    lines = [["sweep", "nonsense.toml", "--store", "x.db"], ["status", "damaged.db", "--check"],
             ["export", "damaged.db", "--out", "out2"], ["rerun", "study.db", "zzzz"],
             ["simulate", *SHAPE, "--out", "file/x"], ["verify", "x"], ["bound", "x", *SHAPE],
             ["status", "folder"]]  # fmt: skip
    for case in range(REAL):
        Path("damaged.db").write_bytes(whole[: chance.randrange(len(whole))])
        Path("nonsense.toml").write_bytes(chance.randbytes(50))
        words = lines[case % len(lines)]
        done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60)
        if done.returncode != 2 or len(done.stderr.splitlines()) != 1 or done.stdout:
            raise SystemExit(f"{shlex.join(words)}: {done.returncode} {done.stderr}")
        seen["processes"] += 1


if __name__ == "__main__":
    main()
