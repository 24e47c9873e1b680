"""The command line on theorems of other papers."""

import inspect

import pytest
from click.testing import CliRunner

import bounds
from bounds.papers import PAPERS
from sims import problem as problem_module
from theorycheck.cli import main
from theorycheck.cli.options import PRUNINGS
from theorycheck.judging.theorems import BUILT_IN_THEOREMS

ARXIV = {
    "benign-overfitting": "2202.06526",
    "harmful-overfitting": "2202.06526",
    "relu-benign-overfitting": "2303.04145",
    "relu-harmful-overfitting": "2303.04145",
    "low-snr-descent": "2510.17526",
}
# click 8.2 keeps the two streams apart always, before it had to be asked
STREAMS = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Call the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner(**STREAMS).invoke(main, list(words))


def test_list_names_every_theorem_and_its_claims(call):
    result = call("list")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    theorems = [line.split(":")[0] for line in lines if not line.startswith(" ")]
    assert theorems == [
        *bounds.THEOREMS,
        *ARXIV,
        *bounds.THRESHOLD_THEOREMS,
        "lemmas",
        "predictions",
    ]
    for id in ARXIV:
        start = lines.index(next(line for line in lines if line.startswith(f"{id}:")))
        claims = bounds.SIBLING_THEOREMS[id].claims
        listed = [line.split(":")[0].strip() for line in lines[start + 1 : start + 1 + len(claims)]]
        assert listed == list(claims)
        assert lines[start].endswith("[recalled*]")


def test_list_tells_statements_in_the_letters_of_the_paper(call):
    for line in call("list").stdout.splitlines():
        assert "m^(1/q)" not in line


@pytest.mark.parametrize("id", ARXIV)
def test_cite_gives_the_paper_of_a_theorem_and_the_tool(id, call):
    result = call("cite", id)
    assert (result.exit_code, result.stderr) == (0, "")
    entries = [line for line in result.stdout.splitlines() if line.startswith("@")]
    assert entries[0].startswith("@software{theorycheck")
    assert len(entries) == 2
    assert f"eprint = {{{ARXIV[id]}}}" in result.stdout


def test_cite_of_all_gives_every_paper_once(call):
    text = call("cite").stdout
    assert text.count("@") == 1 + len(PAPERS) == 5
    for paper in PAPERS.values():
        assert text.count(f"eprint = {{{paper.arxiv}}}") == 1


@pytest.mark.parametrize("id", ARXIV)
def test_option_that_a_sibling_cannot_use_is_one_sentence(id, call, tmp_path):
    result = call("verify", id, "--d", "300,600", "--n", "4")
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"theorycheck: d and n must be left out of verify {id}, which brings")
    assert not list(tmp_path.iterdir())


def test_unknown_theorem_is_told_all_that_are_known(call):
    line = call("verify", "x").stderr
    assert all(id in line for id in BUILT_IN_THEOREMS)


def test_bound_takes_the_share_of_wrong_labels(call):
    shape = {"d": 4000, "n": 20, "m": 10, "K": 2, "p": 1, "q": 1, "mu": 2, "sigma-n": 0.3}
    given = [f"--{name}={value}" for name, value in shape.items()]
    for flip, expected in ((0, 0.1), (0.1, 0.2)):  # flip + 0.1
        told = call("bound", "relu-harmful-overfitting", *given, f"--flip={flip}").stdout
        assert f"bound {expected}," in told


def test_phase_maps_a_sibling_model_with_its_loss(call, tmp_path):
    words = "--x n --y snr --signals antipodal --flip 0.1 --q 1 --measure loss --seeds 1"
    shape = "--d 60 --m 4 --n 4,6 --snr 0.5 --max-steps 20 --workers 1 --out here"
    result = call("phase", *words.split(), *shape.split())
    assert (result.exit_code, result.stderr) == (0, "")
    assert "mean test loss: " in result.stdout
    assert result.stdout.splitlines()[-1] == "phase.csv, .pdf, .svg and .png in here"
    header, *_ = (tmp_path / "here" / "phase.csv").read_text().splitlines()
    assert header == "n,snr,seed,test_loss,fitted_by_signal"


def test_phase_takes_a_mask_by_score(call, tmp_path):
    words = "--pruning snip --p 0.2,0.6 --snr 0.5 --seeds 1 --d 60 --m 4 --n 4"
    result = call("phase", *words.split(), "--max-steps", "20", "--workers", "1", "--out", "here")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "mask by snip" in (tmp_path / "here" / "phase.svg").read_text()


def test_phase_refuses_flips_that_are_too_many(call):
    result = call("phase", "--signals", "antipodal", "--flip", "0.7")
    assert result.exit_code == 2
    assert "flip is the probability of a wrong label" in result.stderr


def test_every_mask_but_a_given_one_is_on_offer():
    assert (*PRUNINGS, "given") == problem_module.PRUNINGS
