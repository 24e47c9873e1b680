"""`theorycheck judge`: a table in, the verdict of `tc.judge` out, one sentence for all errors."""

import inspect
import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

import theorycheck as tc
from theorycheck.cli import main
from theorycheck.commands.judge_table import judge_table
from theorycheck.judging.orders.allowance import TIE

SIZES = np.array([1e2, 1e3, 1e4, 1e5, 1e6])
MEASURED = 3 * np.exp(np.random.default_rng(1).normal(0, 0.05, (12, 5))) / np.sqrt(SIZES)
# click 8.2 keeps the two streams apart always, before it had to be asked
STREAMS = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


@pytest.fixture
def table(tmp_path):
    """Write a table; `lines` replaces some of its lines, of which the first is number 2."""

    def write(columns=None, along="d", lines=(), order=1, header=None):
        columns = {"p": np.full(5, 0.5)} if columns is None else columns
        text = [",".join(["seed", along, "measured", *columns]) if header is None else header]
        for seed in range(12):
            for place in range(5)[::order]:
                cells = [seed, SIZES[place], MEASURED[seed, place]]
                cells += [column[place] for column in columns.values()]
                text.append(",".join(map(str, cells)))
        for number, line in dict(lines).items():
            text[number - 1] = line
        file = tmp_path / "table.csv"
        file.write_text("\n".join(line for line in text if line is not None) + "\n")
        return file

    return write


def call(*words):
    return CliRunner(**STREAMS).invoke(main, ["judge", *map(str, words)])


@pytest.mark.parametrize("order", ["O", "Omega", "O~", "<=", ">="])
def test_table_gets_the_verdict_of_its_numbers(order, table):
    given = tc.judge(
        SIZES, MEASURED, 2 * np.sqrt(0.5) / SIZES**0.5, order, along="d",
        symbols={"d": SIZES, "p": np.full(5, 0.5)}, statement="",
    )  # fmt: skip
    read = judge_table(table(), "2*sqrt(p)/sqrt(d)", order, "d")
    for name in ("outcome", "reason", "direction", "tested", "failures", "zeros", "draws"):
        assert getattr(read, name) == getattr(given, name)
    assert read.slope.median == pytest.approx(given.slope.median, nan_ok=True, abs=1e-12)
    assert [one.each for one in read.sizes] == [one.each for one in given.sizes]


def test_refuted_claim_ends_with_status_1_and_others_with_0(table):
    file = table()
    refuted = call(file, "--bound", "1/d", "--order", "O", "--along", "d")
    assert refuted.exit_code == 1
    assert refuted.stdout.splitlines()[0] == "measured = O(1/d)"
    assert "refuted: measured/bound moves like d^+0." in refuted.stdout
    kept = call(file, "--bound", "p/sqrt(d)", "--order", "O", "--along", "d", "--constant", "9")
    assert kept.exit_code == 0
    lines = kept.stdout.splitlines()
    heads = [line.partition(":")[0] for line in lines[1:]]
    assert heads == ["consistent", "slope", "constant, over the declared one", "start", "tested"]
    assert lines[0] == "measured = O(p/sqrt(d)) with constant 9"
    assert lines[4] == "start: kept from d = 100 on"
    assert lines[5] == "tested: tests d; p fixed"
    undecided = call(file, "--bound", "1e9/d", "--order", "O", "--along", "d")
    assert (undecided.exit_code, undecided.stdout[:9]) == (0, "measured ")
    assert "undecided: " in undecided.stdout


def test_json_has_the_same_outcome_and_no_nan(table):
    result = call(table(), "--bound", "1/d", "--order", "O", "--along", "d", "--format", "json")
    content = json.loads(result.stdout, parse_constant=lambda name: pytest.fail(name))
    (verdict,) = content["verdicts"]
    assert (verdict["outcome"], verdict["tag"], verdict["along"]) == ("refuted", "measured", "d")
    assert verdict["slope"] == pytest.approx(0.5, abs=0.05)
    assert result.exit_code == 1


def test_column_is_called_size_unless_it_is_named(table):
    result = call(table(along="size"), "--bound", "size**-0.5", "--order", "O", "--constant", "5")
    assert (result.exit_code, "consistent: " in result.stdout) == (0, True)


def test_falling_lines_make_a_path_downwards(table):
    file = table(along="sigma_0", order=-1)
    verdict = judge_table(file, "sigma_0", "O", "sigma_0")
    assert (verdict.direction, verdict.sizes[0].size) == ("down", 1e6)


def test_line_that_is_missing_is_a_number_that_was_not_measured(everything, table):
    as_nan = judge_table(table(lines={4: "0,1e4,nan,0.5"}), "1/d", "O", "d")
    missing = judge_table(table(lines={4: None}), "1/d", "O", "d")
    assert everything(missing) == everything(as_nan)
    assert "1 of 60 numbers were not measured" in missing.reason


def test_logarithm_is_of_the_product_where_the_table_has_all_four(table):
    columns = {"d": np.full(5, 1e4), "m": np.full(5, 5), "K": np.full(5, 2)}
    verdict = judge_table(table(columns, along="n"), "1/sqrt(n)", "O~", "n")
    logs = 2 * np.log(np.log(1e4 * 5 * 2 * SIZES[2:] / 0.01))
    slope = np.polyfit(np.log(SIZES[2:]), logs, 1)[0]
    assert verdict.tolerated_slope == pytest.approx(slope + TIE)
    call_without = call(table(along="n"), "--bound", "1/n", "--order", "O~", "--along", "n")
    assert_one_sentence(call_without, "d, m and K must be told too where n moves")


def assert_one_sentence(result, message):
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert message in line


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lines": {3: "0,1e3,abc,0.5"}}, "line 3, column measured: must be a number, inf or nan"),
        ({"lines": {3: "0,1e3,,0.5"}}, "line 3, column measured: must be a number, inf or nan"),
        ({"lines": {3: "0,1e3,-1,0.5"}}, "line 3, column measured: must be at least 0"),
        ({"lines": {3: "0,x,1,0.5"}}, "line 3, column d: must be a number, got 'x'"),
        ({"lines": {3: "0,1e3,1,1.5"}}, "column p: must be a finite number > 0 and <= 1, got"),
        ({"lines": {3: "0,10.5,1,0.5"}}, "column d: must be a whole number >= 1, got '10.5'"),
        ({"lines": {3: "0,inf,1,0.5"}}, "column d: must be a whole number >= 1, got 'inf'"),
        ({"lines": {3: "0.5,1e3,1,0.5"}}, "line 3, column seed: must be a whole number"),
        ({"lines": {3: "-1,1e3,1,0.5"}}, "line 3, column seed: must be a whole number"),
        ({"lines": {3: "0,1e3,1"}}, "line 3: must have 4 cells as the header has, got 3"),
        ({"lines": {3: "0,1e2,1,0.5"}}, "lines 2 and 3 are both of seed 0 at d = 100"),
        ({"lines": {8: "1,1e3,1,0.6"}}, "line 8: p must be the same in every draw at d = 1000"),
        (
            {"lines": {3: "0,1e4,1,0.5", 4: "0,1e3,1,0.5"}},
            "or fall in every seed, and rises in line 3 and falls in line 4",
        ),
        ({"lines": {3: '0,1e3,"1,0.5'}}, "must be a CSV file in UTF-8"),
        ({"header": "seed,d,value,p"}, "must have one column 'measured', got 0 among seed, d"),
        ({"header": "seed,d,measured,d"}, "must have one column 'd', got 2 among"),
        ({"columns": {}}, "must have one column 'p', got 0"),
    ],
    ids=str,
)
def test_bad_table_is_one_sentence(changes, message, table):
    result = call(table(**changes), "--bound", "p/d", "--order", "O", "--along", "d")
    assert_one_sentence(result, message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--bound", "p/x"], "bound must use symbols among"),
        (["--bound", "sin(d)"], "bound must be made of numbers, symbols, + - * / **"),
        (["--bound", "d - 1e4"], "and d - 1e4 is -9900 at d = 100"),
        (["--bound", "log(1 - d)"], "and log(1 - d) is nan at d = 100"),
        (["--bound", "exp(d)"], "and exp(d) is inf at d = 1000"),
        (["--bound", "d", "--constant", "0"], "constant must be a finite number greater than 0"),
        (["--bound", "d", "--log-power", "-1"], "log_power must be a finite number of at least 0"),
        (["--bound", "d", "--along", "seed"], "along must be another column than seed and meas"),
        (["--bound", "d", "--order", "Theta"], "'Theta' is not one of 'O', 'Omega', 'O~'"),
        (["--bound", "d", "--order", "<=", "--constant", "2"], "constant must be left out"),
    ],
    ids=str,
)
def test_bad_option_is_one_sentence(words, message, table):
    result = call(table(), "--order", "O", "--along", "d", *words)
    assert_one_sentence(result, message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must have one column 'seed', got 0 among none"),
        (b"seed,d,measured\n", "must have a line for each seed and d, got none"),
        (b"seed,d,measured\n0,1e2,\xff\n", "must be a CSV file in UTF-8"),
        (None, "No such file"),
    ],
)
def test_file_that_is_no_table_is_one_sentence(content, message, tmp_path):
    file = tmp_path / "table.csv"
    if content is not None:
        file.write_bytes(content)
    assert_one_sentence(call(file, "--bound", "d", "--order", "O", "--along", "d"), message)


def test_number_that_does_not_exist_is_inf(table):
    lines = {4 + 2 + 5 * seed: f"{seed},1e6,inf,0.5" for seed in range(12)}
    verdict = judge_table(table(lines=lines), "1", "O", "d")
    assert (verdict.outcome, verdict.slope.median) == ("refuted", math.inf)
