"""A user's module: what is wrong with it is one sentence, found before any run where it can be."""

import hashlib
import inspect
import json
import math
import os
import py_compile
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bounds.mutants import kind, mutants
from bounds.paths import PATHS
from sims import Problem
from theorycheck.cli import main
from theorycheck.commands.verify import verify
from theorycheck.judging.family import Family
from theorycheck.judging.theorems import find

STREAMS = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}
MODULE = """
import sympy
from bounds.statements import BIG_O, EXACT_UPPER, THETA, Claim, Condition, Source, Theorem
from bounds.symbols import C, epsilon, gamma, m, q, sigma_0
from sims import Problem
from theorycheck import Family

SOURCE = Source("me", "derived", "page 1")
CLAIM = dict(id="half", statement="", quantity="", bound=epsilon, order=BIG_O, source=SOURCE)
PARTS = dict(id="own", title="", statement="", probability="", event="", source=SOURCE,
             conditions={}, inside="every-draw")
PROBLEMS = [Problem(60, 4, 3, 2, 1.0, 1.0, 0.1, 0.3, 0.5) for _ in (0,)]
FAMILY = Family("d", tuple(PROBLEMS), "")
QUANTITIES = {"half": lambda run, test: run.loss[-1] / 2}
EVENTS = {"never": lambda event: False}
# here
THEOREM = Theorem(**PARTS, claims={CLAIM["id"]: Claim(**CLAIM)})
# there
"""
SPENT = r"quantity 'half' at seed \d of Problem\(d=60, .*\) must return a number"


@pytest.fixture
def write(tmp_path):
    """Write the module with a change before the theorem, and one after it."""

    def write(here="", there=""):
        path = tmp_path / "own.py"
        path.write_text(MODULE.replace("# here", here).replace("# there", there))
        return str(path)

    return write


def call(path, folder, *words):
    words = [
        "verify",
        path,
        "--seeds",
        "2",
        "--epsilon",
        "0.5",
        "--out",
        str(folder / "out"),
        *words,
    ]
    return CliRunner(**STREAMS).invoke(main, words)


def assert_one_sentence(result, message, folder):
    """One line on standard error, exit status 2, and nothing left behind."""
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("theorycheck: ")
    assert re.search(message, line), line
    assert "Traceback" not in line
    assert not (folder / "out").exists()


def test_sound_module_is_checked(write, tmp_path):
    result = call(write(), tmp_path, "--workers", "1")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("own is ")


@pytest.mark.parametrize("seed", [0, 1])
def test_own_quantity_is_what_its_function_returns(seed, write):
    path = write()
    verdict, _ = verify(path, seeds=[seed], epsilon=0.5)
    (train,) = [
        one
        for one in verify("mild-pruning", find(path).family, [seed], epsilon=0.5)
        if one.claim == "train-loss"
    ]
    assert verdict.sizes[0].measured == train.sizes[0].measured / 2


STATEMENTS = [
    ("CLAIM['bound'] = sigma_0 * gamma", "", "the bound of claim 'half' .* got gamma"),
    ("CLAIM['bound'] = sympy.Symbol('d')", "", "from bounds.symbols, got d"),
    ("CLAIM['bound'] = C * epsilon", "", "bound of claim 'half' .* got C"),
    ("CLAIM['bound'] = sympy.Eq(m, q)", "", "bound .* must be a sympy expression"),
    ("CLAIM['bound'] = 'epsilon'", "", "must import, and raised SympifyError"),
    ("CLAIM['bound'] = sympy.Function('f')(m)", "", "the bound of claim 'half' of own: .* no fun"),
    ("CLAIM['bound'] = sympy.Sum(C**C, (C, 1, sympy.oo))", "", "no closed form of a sum"),
    ("CLAIM['bound'] = sympy.Sum(gamma, (m, 1, 3))", "", "the bound of claim 'half' .* got gamma"),
    ("CLAIM['constant'] = 0", "", "constant of claim 'half' must be a finite number greater than"),
    (
        "PARTS['conditions'] = {'x': Condition('x', '', sympy.Order(m), 'lower', SOURCE)}",
        "",
        "the premise 'x' of own: .* must be possible to evaluate",
    ),
    ("CLAIM['law'] = gamma", "", "the law of claim 'half' .* got gamma"),
    ("CLAIM['law'] = 3", "", "the law of claim 'half' .* must be a sympy expression, got 3"),
    ("CLAIM['smallest'] = gamma", "", "the law of claim 'half' .* got gamma"),
    ("CLAIM['order'] = THETA", "", "must be split into one that says O and one that says Omega"),
    (
        "CLAIM['measure'] = 'nothing'",
        "",
        "'half' in .* must measure .*half, or what LEFT_SIDES .* 'nothing'",
    ),
    (
        "CLAIM['smallest'] = q",
        "",
        "must measure .*half, or what LEFT_SIDES .*, got 'half:min'",
    ),
    ("PARTS['inside'] = 'sometimes'", "", "must be one of .*never, got 'sometimes'"),
    ("PARTS['id'] = 'mild-pruning'", "", "must be its own, got 'mild-pruning'"),
    ("PARTS['conditions'] = [1]", "", "conditions of THEOREM .* must map the id of each"),
    (
        "PARTS['conditions'] = {'x': Condition('x', '', gamma, 'lower', SOURCE)}",
        "",
        "expression of condition 'x' .* got gamma",
    ),
    ("", "THEOREM = Theorem(**PARTS, claims=[Claim(**CLAIM)])", "claims of THEOREM .* must map"),
    ("", "THEOREM = Theorem(**PARTS, claims={'x': Claim(**CLAIM)})", "must map the id of each"),
    ("", "THEOREM = Theorem(**PARTS, claims={})", "must hold at least one Claim, got none"),
]
PARTS = [
    ("", "del THEOREM", "must define THEOREM, a bounds.Theorem, got None"),
    ("", "THEOREM = 'mild-pruning'", "must define THEOREM, a bounds.Theorem, got 'mild-pruning'"),
    ("", "FAMILY = PROBLEMS", "FAMILY in .* must be a theorycheck.Family"),
    ("", "QUANTITIES = [max]", "QUANTITIES in .* must map names to functions"),
    ("", "QUANTITIES['half'] = 3", "QUANTITIES in .* must map names to functions"),
    ("", "QUANTITIES['test-loss'] = max", "names that are not built in, got 'test-loss'"),
    ("", "EVENTS = {3: max}", "EVENTS in .* must map names to functions"),
    ("", "EVENTS['learnable'] = max", "names that are not built in, got 'learnable'"),
]
IMPORTS = [
    ("CLAIM['id'] = 'probability'", "", "claim 'probability' .* must have another id"),
    ("def", "", "must import, and raised SyntaxError"),
    ("1 / 0", "", r"must import, and raised ZeroDivisionError in line \d+: division by zero"),
    ("raise SystemExit(3)", "", r"must import, and raised SystemExit in line \d+: 3"),
    (
        "raise ValueError('two\\nlines')",
        "",
        r"raised ValueError in line \d+: two lines",
    ),
    (
        "import no_such_package",
        "",
        r"raised ModuleNotFoundError in line \d+: No module named",
    ),
]


@pytest.mark.parametrize(("here", "there", "message"), STATEMENTS + PARTS + IMPORTS)
def test_bad_module_is_one_sentence_before_any_run(
    here, there, message, write, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        "theorycheck.judging.observation.stream_many", lambda *_: pytest.fail("work was started")
    )
    assert_one_sentence(call(write(here, there), tmp_path), message, tmp_path)


def test_module_is_its_text_whatever_was_compiled_of_an_earlier_one(write):
    path = Path(write())
    before = path.stat()
    py_compile.compile(str(path))
    path.write_text(path.read_text().replace("page 1", "page 2"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    subject = find(str(path))
    assert subject.theorem.source.section == "page 2"
    assert subject.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_missing_module_is_one_sentence(tmp_path):
    assert_one_sentence(call("no.py", tmp_path), "no.py must be a file, and is none", tmp_path)


def test_folder_is_no_module(tmp_path):
    (tmp_path / "own.py").mkdir()
    assert_one_sentence(call(str(tmp_path / "own.py"), tmp_path), "must be a file", tmp_path)


QUANTITY = [
    (
        "lambda run, test: 1 / 0",
        SPENT + r", and raised ZeroDivisionError in line \d+: division",
    ),
    ("lambda run: 1", SPENT + ", and raised TypeError"),
    ("lambda run, test: 'much'", SPENT + " of at least 0, or nan, got 'much'"),
    ("lambda run, test: None", SPENT + " of at least 0, or nan, got None"),
    ("lambda run, test: run.loss", SPENT + r" of at least 0, or nan, got array\("),
    ("lambda run, test: -1e-9", SPENT + " of at least 0, or nan, got -1e-09"),
]


@pytest.mark.parametrize(("function", "message"), QUANTITY)
def test_bad_quantity_names_itself_the_problem_and_the_seed(function, message, write, tmp_path):
    path = write(there=f"QUANTITIES['half'] = {function}")
    assert_one_sentence(call(path, tmp_path, "--workers", "1"), message, tmp_path)


@pytest.mark.slow
def test_bad_quantity_is_one_sentence_from_another_process(write, tmp_path):
    path = write(there="QUANTITIES['half'] = lambda run, test: 1 / 0")
    assert_one_sentence(call(path, tmp_path, "--workers", "2"), SPENT, tmp_path)


@pytest.mark.parametrize("function", ["lambda event: event.learnable", "lambda event: 1 / 0"])
def test_bad_event_is_one_sentence(function, write, tmp_path):
    path = write("PARTS['inside'] = 'never'", f"EVENTS['never'] = {function}")
    message = "event 'never' must return True or False, and raised"
    assert_one_sentence(call(path, tmp_path, "--workers", "1"), message, tmp_path)


def test_own_event_decides_what_is_judged(write):
    # two draws that count are looked for among twenty times as many
    verdict, _ = verify(write("PARTS['inside'] = 'never'"), seeds=2, epsilon=0.5)
    assert (verdict.outcome, verdict.runs, verdict.total) == ("premise not met", 0, 40)


def test_infinite_quantity_is_a_number(write):
    path = write(there="import math; QUANTITIES['half'] = lambda run, test: math.inf")
    verdict, _ = verify(path, seeds=2, epsilon=0.5)
    assert verdict.sizes[0].measured == math.inf


@pytest.mark.parametrize("order", ["BIG_O", "EXACT_UPPER"])
def test_quantity_that_cannot_be_measured_decides_nothing(order, write):
    there = "import math; QUANTITIES['half'] = lambda run, test: math.nan"
    verdict, _ = verify(write(f"CLAIM['order'] = {order}", there), seeds=2, epsilon=0.5)
    assert verdict.outcome == "undecided"
    assert "2 of 2 runs in the event could not be measured" in verdict.reason


SUMS = [
    ("sympy.Sum(1 / k, (k, 1, m))", 11 / 6),
    ("sympy.Product(1 + 1 / k, (k, 1, m))", 4.0),
    ("sympy.Piecewise((m, m > 2), (1, True))", 3.0),
    ("sympy.Max(m, 5)", 5.0),
    ("sympy.gamma(m + 1)", 6.0),
    ("sympy.Integral(k, (k, 0, m))", 4.5),
    ("sympy.binomial(m, 2)", 3.0),
]


@pytest.mark.slow
@pytest.mark.parametrize(("bound", "expected"), SUMS)
def test_bound_may_be_more_than_arithmetic(bound, expected, write, tmp_path):
    path = write(f"k = sympy.Symbol('k', integer=True); CLAIM['bound'] = {bound}")
    result = call(path, tmp_path, "--workers", "1", "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    verdict, _ = json.loads(result.stdout)["verdicts"]
    assert verdict["sizes"][0]["bound"] == pytest.approx(expected)
    assert (tmp_path / "out" / "index.html").exists()


def test_module_may_take_everything_with_a_star(write):
    stars = "from sympy import *\nfrom bounds.symbols import *\nfrom bounds.statements import *"
    path = write(f"{stars}\nCLAIM['bound'] = gamma(m) * beta(1, 1) / E * exp(1)")
    verdict, _ = verify(path, seeds=1, epsilon=0.5)
    assert verdict.sizes[0].bound == pytest.approx(2.0)


def test_falsify_takes_a_bound_with_a_sum(write):
    path = write(
        "k = sympy.Symbol('k'); CLAIM['bound'] = epsilon * sympy.Sum(1 / k, (k, 1, m))\n"
        "CLAIM['law'] = epsilon * sympy.harmonic(m)"
    )
    theorem = find(path).theorem
    starts = [(PATHS["m"], {**find(path).family.problems[0].parameters(), "epsilon": 0.5}, 16.0)]
    (claim,) = theorem.claims.values()
    kinds = {one.change: kind(one, claim, starts)[0] for one in mutants(claim)}
    assert kinds["times m^(-1/2)"] == "false"
    assert kinds["times m^(1/2)"] == "weaker"
    assert all(one.unit_sound for one in mutants(claim) if "times m^" in one.change)


def test_plain_number_is_a_bound(write):
    path = write("CLAIM['bound'] = 1")
    problem = Problem(60, 4, 3, 2, 1.0, 1.0, 0.1, 0.3, 0.5)
    assert find(path).theorem.claims["half"].evaluate(problem.parameters()) == 1.0
    assert find(path).family == Family("d", (problem,), "")
