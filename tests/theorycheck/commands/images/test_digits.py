"""``theorycheck digits`` end to end, small."""

import inspect
import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from theorycheck.cli import main
from theorycheck.commands.images.digits import load_images, write_digits
from theorycheck.images.measure import measure_digits
from theorycheck.images.plan import DigitsPlan
from theorycheck.reporting.digits import NOT_CLAIMED

PLAN = DigitsPlan(n=20, test=60, hidden=(16,), p=(0.4, 0.1), seeds=2)
STREAMS = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


def call(*words):
    return CliRunner(**STREAMS).invoke(main, ["digits", *(str(word) for word in words)])


def test_everything_is_written_and_told(tmp_path):
    lines = write_digits("made", PLAN, tmp_path / "out", "theorycheck digits")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"digits.json", "digits.svg", "digits.png"}
    content = json.loads((tmp_path / "out" / "digits.json").read_text())
    assert content["not_claimed"] == NOT_CLAIMED
    assert NOT_CLAIMED in lines
    assert {cell["arm"] for cell in content["cells"]} == {"dense", "pruned", "shrunk", "rescaled"}
    assert content["slopes_of_the_theorem"]["snr"] == -0.5
    assert len(content["repetitions"]) == 2
    assert sum("pruned" in line and "shrunk" in line and "rescaled" in line for line in lines) == 2


def test_a_figure_is_drawn_for_each_mask(tmp_path):
    write_digits("made", replace(PLAN, pruning=("snip", "random"), seeds=1), tmp_path, "")
    names = {path.name for path in tmp_path.glob("*.svg")}
    assert names == {"digits.svg", "digits-snip.svg"}


def test_processes_change_no_bit():
    images = load_images("made", PLAN)
    assert measure_digits(images, PLAN, 2) == measure_digits(images, PLAN, 1)


def test_options_reach_the_plan_and_a_file_is_read(tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "a.npz", images=rng.random((60, 3, 4)), labels=np.arange(60) % 2)
    out = tmp_path / "out"
    result = call("--data", tmp_path / "a.npz", "--n", 10, "--test", 20, "--hidden", "5,4",
                  "--p", "0.5", "--pruning", "magnitude", "--layers", "all", "--noise", 0,
                  "--eta", 0.2, "--epsilon", 0.5, "--max-steps", 20, "--seeds", 1,
                  "--workers", 1, "--out", out)  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("a.npz: d = 12, K = 2, n = 10, noise 0, eta 0.2, loss 0.5")
    plan = json.loads((out / "digits.json").read_text())["plan"]
    assert plan == {
        "n": 10, "test": 20, "hidden": [5, 4], "p": [1.0, 0.5], "pruning": ["magnitude"],
        "layers": "all", "noise": 0.0, "eta": 0.2, "epsilon": 0.5, "max_steps": 20, "seeds": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--p", "2"), "p is the share of weights kept and must satisfy 0 < p <= 1, got 2.0"),
        (("--pruning", "best"), "pruning must be different masks of random"),
        (("--hidden", "5,5,5"), "hidden must be the units of one or two layers"),
        (("--workers", "0"), "workers must be an integer of at least 1, got 0"),
        (("--data", "here.csv"), "here.csv must be a table of numbers"),
        (("--data", "few.csv"), "n + test must be at most 0"),
        (("--data", "gone.npz"), "gone.npz: No such file"),
    ],
)
def test_bad_usage_is_one_sentence_and_writes_nothing(tmp_path, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.csv").write_text("1,2,0\n3,x,1\n")
    (tmp_path / "few.csv").write_text("1,2,0\n3,4,1\n")
    result = call(*words, "--out", "out")
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert sentence in line
    assert not (tmp_path / "out").exists()
