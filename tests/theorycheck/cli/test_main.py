"""The command line in this process: one sentence and exit status 2 for all that is wrong."""

import inspect
import json
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

import bounds
import theorycheck
from sims import Problem, Trajectory, mask_of, simulate
from theorycheck.cli import main
from theorycheck.commands import check as run_module
from theorycheck.commands import falsify as falsify_module
from theorycheck.commands import phase
from theorycheck.defaults import DEFAULTS, SIZES
from theorycheck.judging.theorems import BUILT_IN_THEOREMS
from theorycheck.predictions import phase_diagram as phase_diagram_module
from theorycheck.predictions.experiments import STATEMENTS
from theorycheck.predictions.lemma_check import judge_lemma, mild_problem
from theorycheck.reporting.figures import plane_map
from theorycheck.reporting.findings import Findings

SHAPE = {"--d": "300", "--n": "4", "--m": "3", "--K": "2", "--p": "0.9"}
# click 8.2 keeps the two streams apart always, before it had to be asked
STREAMS = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Call the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(**STREAMS)

    def run(*words, **options):
        for name, value in options.items():
            words += (f"--{name.replace('_', '-')}", str(value))
        return runner.invoke(main, [str(word) for word in words])

    return run


def words_of(changes):
    return [word for pair in {**SHAPE, **changes}.items() for word in pair]


def assert_one_sentence(result, message):
    """One line on standard error that says what is wrong, nothing else, exit status 2."""
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("theorycheck: ")
    assert message in line
    assert "Traceback" not in line


WORDS = {"--noise", "--signals", "--flip", "--pruning"}  # of simulate alone
BAD_NUMBERS = [
    ({"--p": "0"}, "p is the probability to keep a weight and must satisfy 0 < p <= 1, got 0.0"),
    ({"--p": "1.5"}, "must satisfy 0 < p <= 1, got 1.5"),
    ({"--d": "1"}, "d must be an integer from 2"),
    ({"--d": "2", "--K": "3"}, "d must be an integer of at least K = 3, got 2"),
    ({"--K": "1"}, "K must be an integer from 2 to 2**53, got 1"),
    ({"--n": "0"}, "n must be an integer from 1"),
    ({"--n": "2.5"}, "n must be an integer from 1 to 2**53, got 2.5"),
    ({"--m": "inf"}, "m must be an integer from 1 to 2**53, got inf"),
    ({"--eta": "-1"}, "eta must be greater than 0, got -1.0"),
    ({"--sigma-n": "nan"}, "sigma_n must be a finite number, got nan"),
    ({"--sigma-0": "0"}, "sigma_0 must be greater than 0, got 0.0"),
    ({"--mu": "-2"}, "mu must be greater than 0, got -2.0"),
    ({"--q": "0.5"}, "q must be at least 1, got 0.5"),
    ({"--noise": "pink"}, "'pink' is not one of 'isotropic', 'orthogonal'"),
    ({"--signals": "round"}, "must be axis, antipodal or a .npy file, got 'round'"),
    ({"--signals": "antipodal", "--K": "3"}, "signals 'antipodal' need K = 2, got K = 3"),
    ({"--pruning": "given"}, "'given' is not one of 'random', 'magnitude', 'snip', 'grasp'"),
    ({"--pruning": "grasp", "--q": "1"}, "pruning 'grasp' needs q >= 2"),
    ({"--flip": "0.5"}, "must satisfy 0 <= flip < 1/2, got 0.5"),
    ({"--d": "many"}, "'many' is not a valid float"),
]
BAD_RUNS = [
    ({"--engine": "x"}, "engine must be one of"),
    ({"--engine": "flow", "--q": "1.5"}, "engine 'flow' needs q >= 2, got q = 1.5"),
    ({"--seed": "-1"}, "seed must be an integer of at least 0, got -1"),
    ({"--epsilon": "nan"}, "must be a finite number"),
    ({"--max-steps": "-5"}, "max_steps must be a finite number from 0"),
    ({"--bogus": "1"}, "No such option"),
]


@pytest.mark.parametrize(("changes", "message"), BAD_NUMBERS + BAD_RUNS, ids=str)
def test_bad_simulation_is_one_sentence(changes, message, call, tmp_path):
    assert_one_sentence(call("simulate", *words_of(changes), "--out", "run.npz"), message)
    assert not list(tmp_path.iterdir())


def test_simulate_makes_a_run_of_a_sibling(call, tmp_path):
    words = words_of({"--signals": "antipodal", "--flip": "0.3", "--max-steps": "3"})
    assert call("simulate", *words, out=tmp_path / "run.npz").exit_code == 0
    run = Trajectory.load(tmp_path / "run.npz")
    problem = Problem.theorem_regime(300, 4, 3, 2, 0.9, signals="antipodal", flip=0.3)
    assert run.problem == problem
    np.testing.assert_array_equal(run.gamma, simulate(problem, 0, max_steps=3).gamma)


def test_simulate_takes_a_mask_by_score(call, tmp_path):
    words = words_of({"--pruning": "snip", "--p": "0.4", "--max-steps": "3"})
    assert call("simulate", *words, out=tmp_path / "run.npz").exit_code == 0
    run = Trajectory.load(tmp_path / "run.npz")
    assert (run.problem.pruning, mask_of(run.draw).mean()) == ("snip", 0.4)


@pytest.mark.parametrize(
    ("changes", "message"), [one for one in BAD_NUMBERS if not WORDS & set(one[0])], ids=str
)
def test_bad_bound_is_one_sentence(changes, message, call):
    assert_one_sentence(call("bound", "mild-pruning", *words_of(changes)), message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["verify", "x"],
            "THEOREM must be one of mild-pruning, over-pruning, benign",
        ),
        (["verify", "--seeds", "0"], "seeds must be an integer of at least 1"),
        (["verify", "--seeds", "2.5"], "'2.5' is not a valid integer"),
        (["verify", "--d", "2000,x"], "must be integers separated by commas, got '2000,x'"),
        (["verify", "--d", ""], "must be integers separated by commas, got ''"),
        (["verify", "--d", "nan"], "must be integers separated by commas, got 'nan'"),
        (["verify", "--d", "inf"], "must be integers separated by commas, got 'inf'"),
        pytest.param(
            ["verify", "--d", "2000.5"],
            "must be integers separated by commas, got '2000.5'",
        ),
        (["verify", "mild-pruning", "--d", "1"], "d must be an integer from 2"),
        (["verify", "--K", "1"], "K must be an integer from 2"),
        (["verify", "--p", "0"], "must satisfy 0 < p <= 1"),
        (["verify", "--epsilon", "-1"], "epsilon must be a finite number greater than 0"),
        (["verify", "--engine", "x"], "engine must be one of"),
        (["verify", "--workers", "0"], "workers must be an integer of at least 1"),
        (["verify", "--noise", "pink"], "'pink' is not one of"),
        (["verify", "--format", "xml"], "'xml' is not one of"),
        (["verify", "--along", "x"], "along must be of d, n, m, K, p, mu, sigma_0, eta, epsilon"),
        (["verify", "--along", "eta", "--d", "300"], "d must be left out with --along"),
        (["verify", "over-pruning", "--p", "0.3"], "p must be left out of verify over-pruning"),
        (
            ["verify", "mild-pruning", "--along", "d", "--n", "9", "--engine", "flow"],
            "n and engine must be left out with --along",
        ),
        (["verify", "predictions", "--d", "300"], "d must be left out of verify predictions"),
        (["verify", "predictions", "--along", "d"], "along must be left out of verify predictions"),
        (["verify", "predictions", "--store", "a.db"], "got store = 'a.db'"),
        (["verify", "--constant", "x"], "constant must be CLAIM=C with a finite C greater than 0"),
        (["verify", "--constant", "x=2"], "constant must name one of no-cross-signal, no-noise"),
        (["verify", "--constant", "no-noise=-1"], "greater than 0, got 'no-noise=-1'"),
        (
            ["verify", "over-pruning", "--constant", "no-noise=2"],
            "constant must name one of noise-memorized, stopping-time, test-loss, got 'no-noise'",
        ),
        (["verify", "--quick", "--along", "eta"], "quick must be left out with --along"),
        (["verify", "lemmas", "--quick"], "quick must be left out of verify lemmas"),
        (
            ["verify", "predictions", "--quick", "--p-grid"],
            "quick and p_grid must be left out of verify predictions",
        ),
        (["verify", "--along", ""], "must be different names separated by commas, got ''"),
        (["verify", "--along", "d,d"], "must be different names separated by commas, got 'd,d'"),
        (["falsify", "mild-pruning", "--along", "d,"], "names separated by commas, got 'd,'"),
        (
            ["bound", "mild-pruning", *words_of({}), "--noise", "orthogonal"],
            "No such option",
        ),
        (["verify", "missing.py"], "missing.py must be a file, and is none"),
        (["verify", "--bogus"], "No such option"),
        (["falsify"], "Missing argument 'THEOREM'"),
        (["falsify", "lemmas"], "theorem must be one of mild-pruning, over-pruning, benign"),
        (["falsify", "mild-pruning", "--along", "x"], "along must be of d, n, m, K, p, mu"),
        (
            ["falsify", "mild-pruning", "--seeds", "0"],
            "seeds must be an integer of at least 1",
        ),
        (
            ["falsify", "mild-pruning", "--workers", "0"],
            "workers must be an integer of at least 1",
        ),
        (["verify", "mild-pruning", "again"], "unexpected extra argument"),
        (["bound", "x", *words_of({})], "theorem must be one of mild-pruning, over-pruning"),
        (["bound", *words_of({})], "Missing argument 'THEOREM'"),
        (["bound", "mild-pruning", *words_of({"--epsilon": "0"})], "epsilon must be"),
        (
            ["bound", "mild", "--d", "300"],
            "Missing options '--n', '--m', '--K' and '--p'.",
        ),
        (
            ["bound", "--d", "300", "--n", "4", "--m", "3"],
            "Missing argument 'THEOREM' and options '--K' and '--p'.",
        ),
        (["judge", "table.csv"], "Missing options '--bound' and '--order'."),
        (
            ["bound", "relu", *words_of({})],
            "'relu' begins relu-benign-overfitting and relu-harmful-overfitting",
        ),
        (["verify", "l"], "'l' begins low-snr-descent and lemmas"),
        (["falsify", "relu"], "THEOREM must name one theorem, and 'relu' begins relu-benign"),
        (["cite", "relu-"], "THEOREM must name one theorem, and 'relu-' begins relu-benign"),
        (["list", "relu-"], "THEOREM must name one theorem, and 'relu-' begins relu-benign"),
        (["list", "x"], "theorem must be one of mild-pruning, over-pruning"),
        (
            ["simulate", "--d", "300", "--out", "run.npz"],
            "Missing options '--n', '--m', '--K' and '--p'.",
        ),
        (["phase", "--p", "0.5,x"], "must be numbers separated by commas, got '0.5,x'"),
        (["phase", "--p", ""], "must be numbers separated by commas, got ''"),
        (["phase", "--p", "0.5,0.5"], "p must be different numbers"),
        (["phase", "--p", "0"], "must satisfy 0 < p <= 1, got 0.0"),
        (["phase", "--snr", "-1"], "snr must be a finite number greater than 0, got -1.0"),
        (["phase", "--snr", "inf"], "snr must be a finite number greater than 0, got inf"),
        (["phase", "--seeds", "0"], "seeds must be an integer of at least 1"),
        (["phase", "--d", "4000.5"], "d must be an integer from 1 to 2**53, got 4000.5"),
        (["phase", "--epsilon", "0"], "epsilon must be a finite number greater than 0"),
        (["phase", "--workers", "0"], "workers must be an integer of at least 1"),
        (["phase", "--noise", "pink"], "'pink' is not one of"),
        (["phase", "--d", "60,70"], "d must be one number unless it is x or y"),
        (["phase", "--x", "q"], "x must be one of d, n, m, K, p, mu, sigma_n"),
        (["phase", "--x", "n", "--y", "n"], "x and y must be two parameters, got 'n' for both"),
        (["phase", "--boundary", "n*x"], "boundary: "),
        (["nonsense"], "No such command 'nonsense'"),
        (["--bogus"], "No such option"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_bad_usage_is_one_sentence(words, message, call, tmp_path, monkeypatch):
    monkeypatch.setattr(run_module, "run_plan", lambda *_, **__: pytest.fail("work was started"))
    monkeypatch.setattr(
        falsify_module, "run_heaps", lambda *_, **__: pytest.fail("work was started")
    )
    monkeypatch.setattr(
        phase_diagram_module, "run_tasks", lambda *_: pytest.fail("work was started")
    )
    assert_one_sentence(call(*words), message)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("file/run.npz", "Not a directory"),
        ("missing/run.npz", "No such file or directory"),
        ("folder", "is a directory"),
    ],
)
def test_simulation_that_cannot_be_written_is_not_run(out, message, call, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr("sims.simulate", lambda *_, **__: pytest.fail("work was started"))
    assert_one_sentence(call("simulate", *words_of({}), out=out), message)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "kept"
    assert not list((tmp_path / "folder").iterdir())


def test_unwritable_file_is_named_as_it_was_given(call):
    result = call("simulate", *words_of({}), out="missing/run.npz")
    assert "partial" not in result.stderr
    assert "missing" in result.stderr


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_phases_that_cannot_be_written_are_not_measured(out, call, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("kept")
    monkeypatch.setattr(
        phase_diagram_module, "run_tasks", lambda *_: pytest.fail("work was started")
    )
    assert_one_sentence(call("phase", out=out), f"{out}: ")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_check_that_cannot_be_written_is_not_run(out, call, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("kept")
    monkeypatch.setattr(run_module, "_run_plan", lambda *_: pytest.fail("work was started"))
    result = call("verify", out=out)
    assert_one_sentence(result, f"{out}: ")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_problem_too_large_for_memory_is_one_sentence(call, tmp_path):
    changes = {"--m": "1e9", "--n": "1e7", "--engine": "weights"}  # some 10^19 bytes
    result = call("simulate", *words_of(changes), "--out", "run.npz")
    assert_one_sentence(result, "memory")
    assert not list(tmp_path.iterdir())


def test_interrupted_command_says_so(call, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(run_module, "run_plan", interrupted)
    result = call("verify")
    assert result.exit_code == 130
    assert result.stderr.split("\n") == ["theorycheck: interrupted", ""]
    assert result.stdout == ""


def raise_in_numpy():
    np.zeros(0).max()


def raise_in_python():
    float("x")


def raise_by_hand(error):
    def raise_it():
        raise error

    return raise_it


@pytest.mark.parametrize(
    ("blunder", "told"),
    [
        (raise_in_numpy, "ValueError: zero-size array"),
        (raise_in_python, "ValueError: could not convert string to float: 'x'"),
        (raise_by_hand(KeyError("x")), "KeyError: 'x'"),
        (raise_by_hand(EOFError("two\nlines")), "EOFError: two lines"),
        (raise_by_hand(SystemExit(1)), "SystemExit: 1"),
        (raise_by_hand(RuntimeError()), "RuntimeError: "),
    ],
    ids=["numpy", "python", "lookup", "eof", "exit", "silent"],
)
def test_error_that_nobody_expected_is_one_sentence_and_status_3(blunder, told, call, monkeypatch):
    monkeypatch.setattr(run_module, "run_plan", lambda *_, **__: blunder())
    result = call("verify")
    assert (result.exit_code, result.stdout) == (3, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"theorycheck: internal error: {told}")
    assert line.endswith("(THEORYCHECK_TRACEBACK=1 shows where)")


def test_traceback_is_shown_where_it_is_asked_for(call, monkeypatch):
    monkeypatch.setattr(run_module, "run_plan", lambda *_, **__: raise_in_numpy())
    monkeypatch.setenv("THEORYCHECK_TRACEBACK", "1")
    result = call("verify")
    assert result.exit_code == 3
    first, *_, last = result.stderr.splitlines()
    assert first.startswith("Traceback")
    assert "in raise_in_numpy" in result.stderr
    assert last.startswith("theorycheck: internal error: ")


OWN = """
from bounds.statements import BIG_O, Claim, Source, Theorem
from sims import Problem
from theorycheck import Family
SOURCE = Source("me", "derived", "")
CLAIM = Claim("test-loss", "", "", 1, BIG_O, SOURCE)
THEOREM = Theorem("own", "", "", "", "", SOURCE, {}, {"test-loss": CLAIM}, "learnable")
FAMILY = Family('d', (Problem.theorem_regime(77, 4, 3, 2, 1.0),), '')
"""


# what goes right


def test_simulation_is_saved_as_run(call, tmp_path):
    result = call("simulate", *words_of({}), epsilon=0.3, seed=2, out="run.npz")
    assert (result.exit_code, result.stderr) == (0, "")
    problem = Problem.theorem_regime(300, 4, 3, 2, 0.9)
    run, saved = simulate(problem, 2, "auto", 0.3), Trajectory.load(tmp_path / "run.npz")
    assert (saved.problem, saved.seed, saved.engine) == (problem, 2, run.engine)
    assert saved.steps.tolist() == run.steps.tolist()
    first, second, third, last = result.stdout.splitlines()
    assert third == f"{run.fitted_by_signal:.2f} of the training samples fitted by their signal"
    assert first == f"{run.status}: {run.reason} (engine {run.engine})"
    assert f"loss {run.loss[-1]:.4g}" in second
    assert f"max gamma {run.gamma[-1].max():.4g}" in second
    assert f"max |omega| {abs(run.omega[-1]).max():.4g}" in second
    assert last == "written to run.npz"


def test_options_reach_the_problem(call, tmp_path):
    changes = {
        "--mu": "2.0",
        "--sigma-n": "0.25",
        "--sigma-0": "0.125",
        "--eta": "0.0625",
        "--q": "2",
        "--noise": "orthogonal",
    }
    result = call("simulate", *words_of(changes), "--out", "r.npz", max_steps=3, engine="gram")
    assert result.exit_code == 0
    saved = Trajectory.load(tmp_path / "r.npz")
    expected = Problem(300, 4, 3, 2, 0.9, 2.0, 0.25, 0.125, 0.0625, 2.0, "orthogonal")
    assert saved.problem == expected
    assert (saved.steps[-1], saved.status, saved.engine) == (3, "max-steps", "gram")


def test_silent_options_follow_the_given_mu(call, tmp_path):
    call("simulate", *words_of({"--mu": "2"}), "--out", "r.npz", max_steps=1, engine="gram")
    expected = Problem.theorem_regime(300, 4, 3, 2, 0.9, mu=2.0)
    assert Trajectory.load(tmp_path / "r.npz").problem == expected


def test_bound_shows_the_test_loss(call):
    result = call("bound", "mild-pruning", *words_of({"--n": "1000", "--epsilon": "0.02"}))
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    (place,) = [i for i, line in enumerate(lines) if line.split()[:1] == ["test-loss"]]
    # exp(-n^2/p) is nothing beside K epsilon, and is shown beside it
    assert "bound 0.04 = 0.04 + exp(-1.111e+06), order O " in lines[place + 1]


@pytest.mark.parametrize("theorem", list(bounds.THEOREMS))
def test_bound_in_json_has_every_claim(theorem, call):
    result = call("bound", theorem, *words_of({}), format="json")
    table = json.loads(result.stdout, parse_constant=pytest.fail)
    assert [row["id"] for row in table["claims"]] == list(bounds.THEOREMS[theorem].claims)
    assert table["parameters"]["d"] == 300


def test_list_names_every_statement(call):
    result = call("list")
    assert (result.exit_code, result.stderr) == (0, "")
    named = [line.split(":")[0].strip() for line in result.stdout.splitlines()]
    expected = []
    for theorem in BUILT_IN_THEOREMS.values():
        expected += [theorem.id, *theorem.claims, *theorem.boundaries]
    assert named == [*expected, "lemmas", *bounds.LEMMAS, "predictions", *STATEMENTS]


@pytest.mark.parametrize(
    ("given", "first", "count"),
    [
        ("mild", "mild-pruning", 1 + len(bounds.THEOREMS["mild-pruning"].claims)),
        ("lem", "lemmas", 1 + len(bounds.LEMMAS)),
        ("predictions", "predictions", 1 + len(STATEMENTS)),
    ],
)
def test_one_theorem_is_listed_by_the_start_of_its_name(given, first, count, call):
    lines = call("list", given).stdout.splitlines()
    assert lines[0].startswith(f"{first}: ")
    assert len(lines) == count


def test_theorem_is_named_by_the_start_of_its_name_everywhere(call, monkeypatch):
    for short, whole in (("mild", "mild-pruning"), ("over", "over-pruning")):
        for words in (["cite"], ["bound", *words_of({})], ["list"]):
            command, *options = words
            results = [call(command, name, *options) for name in (short, whole)]
            assert results[0].stdout == results[1].stdout != ""
    asked = []
    monkeypatch.setattr(run_module, "run_plan", lambda plan, *_, **__: asked.append(plan) or 1 / 0)
    monkeypatch.setattr(falsify_module, "falsify_theorem", lambda *words, **_: asked.append(words))
    for words in (["verify", "mild"], ["verify", "pred"], ["falsify", "over"]):
        call(*words)
    assert [asked[0].theorem, asked[1].theorem, asked[2][0]] == [
        "mild-pruning",
        "predictions",
        "over-pruning",
    ]


def test_run_has_a_file_by_default(call, tmp_path):
    assert call("simulate", *words_of({}), max_steps=1).stdout.endswith("written to run.npz\n")
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


def commands():
    return [pytest.param(one, id=name) for name, one in main.commands.items()]


@pytest.mark.parametrize("command", commands())
def test_help_names_the_default_of_every_option(command):
    context = click.Context(command)
    for option in command.params:
        if isinstance(option, click.Option):
            _, told = option.get_help_record(context)
            assert ("[required]" if option.required else "[default: ") in told


def test_help_and_list_name_what_can_be_checked(call):
    told = " ".join(call("verify", "--help").stdout.split())
    for name in ("mild-pruning", "over-pruning", "lemmas", "predictions", "all", "my_theorem.py"):
        assert name in told
    assert "\npredictions: " in call("list").stdout


def test_version_is_that_of_the_package(call):
    result = call("--version")
    assert result.exit_code == 0
    assert result.stdout == f"theorycheck, version {theorycheck.__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["-h"],
        [],
        ["verify", "--help"],
        ["simulate", "-h"],
        ["bound", "--help"],
        ["phase", "--help"],
    ],
)
def test_help_is_given(words, call):
    result = call(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: ")


def test_help_names_the_letters_of_the_theory(call):
    text = call("simulate", "--help").stdout
    for letter in (*"dnmKpq", "mu", "sigma-n", "sigma-0", "eta", "epsilon", "noise", "engine"):
        assert f"--{letter} " in text
    assert {"--seed", "--max-steps", "--out"} <= set(text.split())


def found(**changes):
    """What a check found that made no run."""
    check = judge_lemma("class-counts", mild_problem(), 2, 200, 7)
    json = '{"verdicts": []}\n'
    return Findings(**{"lemmas": [check], "json": json, "files": [Path("v.json")], **changes})


REFUTED = [judge_lemma("class-counts", mild_problem(), 200, 200, 7)]


@pytest.mark.parametrize(("changes", "status"), [({}, 0), ({"lemmas": REFUTED}, 1)])
@pytest.mark.parametrize("form", ["text", "json"])
def test_exit_status_says_whether_anything_is_refuted(changes, status, form, call, monkeypatch):
    monkeypatch.setattr(run_module, "run_plan", lambda *_, **__: found(**changes))
    result = call("verify", format=form)
    assert result.exit_code == status
    if form == "json":
        assert result.stdout == found().json
    else:
        assert result.stdout.endswith("(-v says more); verdicts.json in .\n")


def test_each_part_is_told_when_it_is_known_and_in_text_alone(call, monkeypatch):
    def check(plan, command, progress, tell, begin):
        begin("lemmas, then predictions")
        tell(found())
        raise KeyboardInterrupt

    monkeypatch.setattr(run_module, "run_plan", check)
    result = call("verify")
    begun, gap, head, first, second, last = result.stdout.splitlines()
    assert (begun, gap) == ("Checking lemmas, then predictions.", "")
    assert head == "Lemmas, how often each event fails: 1 holds."
    assert first.split()[0] == "class-counts"
    assert second.startswith("    failed in 2 of 200")
    assert (last, result.exit_code) == ("", 130)
    for form in ("json", "csv"):
        assert call("verify", format=form).stdout == ""


@pytest.mark.parametrize("width", [40, 80, 160])
def test_lines_are_as_wide_as_the_surroundings_say(width, call, monkeypatch):
    def check(plan, command, progress, tell, begin):
        tell(found())
        return found()

    monkeypatch.setattr(run_module, "run_plan", check)
    monkeypatch.setenv("COLUMNS", str(width))
    lines = call("verify", "--verbose").stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert max(map(len, lines)) > 0.6 * width


def test_text_that_fails_changes_no_status(call, monkeypatch):
    def check(plan, command, progress, tell, begin):
        tell(found(lemmas=[None]))
        return found()

    monkeypatch.setattr(run_module, "run_plan", check)
    result = call("verify", out="here")
    assert result.exit_code == 0
    assert result.stdout == "1 holds (-v says more); verdicts.json in .\n"
    assert result.stderr == (
        "theorycheck: what was found could not be printed: AttributeError: 'NoneType' object has "
        "no attribute 'lemma'; it is in here/verdicts.json\n"
    )


def test_page_is_opened_in_the_browser_where_that_is_asked_for(call, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    page = Path("out") / "index.html"
    monkeypatch.setattr(run_module, "run_plan", lambda *_, **__: found(files=[page]))
    call("verify")
    assert opened == []
    result = call("verify", "--open")
    assert (result.exit_code, result.stderr) == (0, "")
    assert opened == [(tmp_path / page).as_uri()]


@pytest.mark.parametrize(
    ("opens", "files", "told"),
    [
        (lambda address: False, ["out/index.html"], "no browser was found; it is out/index.html"),
        (lambda address: 1 / 0, ["out/index.html"], "ZeroDivisionError: division by zero; it is"),
        (lambda address: True, ["verdicts.json"], "there is no page to open"),
    ],
)
def test_page_that_cannot_be_opened_changes_no_status(opens, files, told, call, monkeypatch):
    monkeypatch.setattr("webbrowser.open", opens)
    files = [Path(file) for file in files]
    monkeypatch.setattr(run_module, "run_plan", lambda *_, **__: found(files=files))
    result = call("verify", "--open")
    assert result.exit_code == 0
    (line,) = result.stderr.splitlines()
    assert told in line


def test_options_of_verify_reach_the_plan(call, monkeypatch):
    plans = []

    def keep(plan, command, progress, tell, begin):
        plans.append(plan)
        raise ValueError("enough")

    monkeypatch.setattr(run_module, "run_plan", keep)
    words = ["verify", "lemmas", "--d", "2e3,5000", "--seeds", "7", "--n", "9", "--m", "8"]
    call(*words, K=3, p=0.4, noise="orthogonal", epsilon=0.2, engine="gram", workers=2, out="o")
    (plan,) = plans
    assert (plan.theorem, plan.d, plan.seeds, plan.n, plan.m) == ("lemmas", (2000, 5000), 7, 9, 8)
    assert (plan.K, plan.p, plan.noise, plan.epsilon) == (3, 0.4, "orthogonal", 0.2)
    assert (plan.engine, plan.workers, str(plan.out)) == ("gram", 2, "o")


def test_flags_and_constants_of_verify_reach_the_plan(call, monkeypatch):
    asked = []
    monkeypatch.setattr(run_module, "run_plan", lambda *found, **_: asked.append(found) or 1 / 0)
    flags = ("--quick", "--no-figures", "--p-grid")
    call("verify", *flags, "--constant", "no-noise=3", "--constant", "test-loss=2")
    call("verify")
    (plan, _), (plain, _) = asked
    assert plan.constant == ("no-noise=3", "test-loss=2")
    assert (plan.quick, plan.p_grid, plan.no_figures) == (True, True, True)
    assert (plain.constant, plain.quick, plain.p_grid, plain.no_figures) == ((), *[False] * 3)


def test_phases_are_written_as_figure_and_table(call, tmp_path):
    shape = {"d": "6e1", "n": 6, "m": 4, "K": 3, "sigma_0": 0.05, "eta": 0.2, "epsilon": 0.1}
    chosen = {"p": "0.5,1", "snr": 2, "seeds": 1, "noise": "isotropic", "max_steps": 5000}
    result = call("phase", workers=1, out="new/folder", **shape, **chosen)
    assert (result.exit_code, result.stderr) == (0, "")
    counted, *_, last = result.stdout.splitlines()
    assert counted == "2 runs: 2 reached"
    assert last == "phase.csv, .pdf, .svg and .png in new/folder"
    folder = tmp_path / "new" / "folder"
    assert sorted(path.name for path in folder.iterdir()) == [
        "phase.csv",
        "phase.pdf",
        "phase.png",
        "phase.svg",
    ]
    grid = phase_diagram_module.PhaseGrid(
        (0.5, 1.0), (2.0,), 1, 60, 6, 4, 3, 0.05, 0.2, "isotropic", 0.1, 5000
    )
    expected = phase.phase_csv(phase_diagram_module.map_phases(grid))
    assert (folder / "phase.csv").read_text() == expected


def test_phases_are_kept_where_their_figure_fails(call, tmp_path, monkeypatch):
    monkeypatch.setattr(plane_map, "figure_of_map", lambda *_: 1 / 0)
    shape = {"d": 60, "n": 6, "m": 4, "p": 1, "snr": 2, "seeds": 1, "max_steps": 10}
    result = call("phase", workers=1, out="here", **shape)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "phase.csv in here"
    assert [path.name for path in (tmp_path / "here").iterdir()] == ["phase.csv"]
    (line,) = result.stderr.splitlines()
    assert line.startswith("theorycheck: the figure phase could not be drawn: ZeroDivisionError")


def test_help_of_phase_names_the_defaults(call):
    told = " ".join(call("phase", "--help").stdout.split())
    grid = phase_diagram_module.PhaseGrid()
    for option in ("seeds", "d", "n", "m", "K", "sigma-0", "eta", "noise", "epsilon"):
        shown = told.split(f"--{option} ")[1].split("--")[0]
        assert f"[default: {getattr(grid, option.replace('-', '_'))}]" in shown
    for option, values in (("p", grid.p), ("snr", grid.snr)):
        shown = told.split(f"--{option} ")[1].split("--")[0]
        assert f"[default: {len(values)}, {values[0]:g} to {values[-1]:g}]" in shown


def test_help_of_verify_names_the_defaults(call):
    told = " ".join(call("verify", "--help").stdout.split())
    for name, value in DEFAULTS.items():
        assert f"[default: {value}]" in told.split(f"--{name} ")[1].split(" --")[0]
    assert "[default: 1e4,1e6,1e8,1e10,1e12]" in told
    assert [10**power for power in (4, 6, 8, 10, 12)] == list(SIZES)


def test_module_with_a_family_of_its_own_refuses_a_shape(call, tmp_path, monkeypatch):
    monkeypatch.setattr(run_module, "run_plan", lambda *_, **__: pytest.fail("work was started"))
    (tmp_path / "own.py").write_text(OWN)
    result = call("verify", "own.py", "--n", "99", "--noise", "orthogonal")
    message = "n and noise must be left out with a module's own FAMILY, which brings its own"
    assert_one_sentence(result, message)


# calibrate


@pytest.mark.slow
def test_calibration_prints_its_tables_and_writes_its_files(call, tmp_path):
    result = call("calibrate", "--repetitions", 2, "--out", "here")
    assert result.exit_code == 0
    assert "all within tau together" in result.stdout
    assert result.stdout.splitlines()[-1] == "written to here"
    names = ["calibration.json", "calibration.png", "calibration.svg"]
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == names


@pytest.mark.slow
def test_calibration_as_json_is_what_is_written(call, tmp_path):
    result = call("calibrate", "--repetitions", 1, "--seed", 5, "--format", "json")
    content = json.loads(result.stdout, parse_constant=pytest.fail)
    assert (content["repetitions"], content["seed"]) == (1, 5)
    written = tmp_path / "theorycheck-report" / "calibration.json"
    assert written.read_text() == result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--repetitions", "0"), "'--repetitions': 0 is not in the range x>=1"),
        (("--seed", "-1"), "'--seed': -1 is not in the range x>=0"),
        (("--out", "file"), "file: "),
    ],
)
def test_bad_calibration_is_one_sentence(words, message, call, tmp_path):
    (tmp_path / "file").write_text("kept")
    assert_one_sentence(call("calibrate", *words), message)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_run_that_diverged_is_saved_and_fails(call, tmp_path):
    out = tmp_path / "run.npz"
    sizes = ["--d", "60", "--n", "4", "--m", "3", "--K", "2", "--p", "1"]
    result = call("simulate", *sizes, "--sigma-0", "1e60", "--engine", "gram", "--out", str(out))
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.startswith("diverged: ")
    assert Trajectory.load(out).status == "diverged"


def test_coefficient_of_0_is_printed_without_a_sign(call, tmp_path):
    sizes = ["--d", "60", "--n", "4", "--m", "3", "--K", "2", "--p", "1", "--max-steps", "0"]
    result = call("simulate", *sizes, "--engine", "gram", "--out", str(tmp_path / "run.npz"))
    assert result.exit_code == 0
    assert "max |omega| 0\n" in result.stdout
