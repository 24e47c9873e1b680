"""What is written down: strict JSON with null for what is not a number, and whole files."""

import json
import math
import os
import sys
from pathlib import Path

import numpy as np
import pytest

import bounds
import theorycheck
from theorycheck import about, files
from theorycheck.judging.judge import judge_theorem
from theorycheck.predictions.lemma_check import judge_lemma, mild_problem
from theorycheck.reporting import document as document_module

EPSILON = 0.05
# design.md, section theorycheck, "Files"
VERDICT_KEYS = {"theorem", "claim", "outcome", "problems", "seeds", "epsilon", "runs", "total"}


def strict(text):
    """Parse JSON, refusing the NaN and Infinity that Python's parser would let pass."""
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


@pytest.fixture
def records(runs_along, long_path):
    """Records of every claim, by runs with infinities and zeros in them."""

    def constant(size, seed):
        return (0.0, 0.5, 2.0, math.inf, 0.7)[seed % 5]

    family = long_path["mild-pruning"]
    runs = runs_along("mild-pruning", "no-noise", constant, predicted_omega=math.nan)
    verdicts = judge_theorem(bounds.THEOREMS["mild-pruning"], family, runs)
    return [document_module.verdict_record(one, family, runs) for one in verdicts]


def test_document_has_what_the_format_promises(records):
    document = document_module.document("theorycheck verify", records)
    assert set(document) == {
        "format_version", "versions", "machine", "command", "theorems", "verdicts", "trajectories",
        "courses", "summaries", "claims",
    }  # fmt: skip
    assert document["format_version"] == 1
    assert document["command"] == "theorycheck verify"
    assert len(document["verdicts"]) == len(records)


def test_versions_are_those_of_this_process():
    versions = about.versions()
    assert versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert versions["numpy"] == np.__version__
    assert versions["theorycheck"] == theorycheck.__version__
    assert {"scipy", "sympy"} <= set(versions)


def test_verdict_says_what_it_rests_on(records, long_path):
    assert records[-1]["claim"] == "probability"
    assert records[-1]["sizes"] == []
    assert (records[-1]["draws"], records[-1]["runs"], records[-1]["total"]) == (15, 15, 75)
    for record in records[:-1]:
        assert set(record) >= VERDICT_KEYS
        assert record["draws"] == 15
        assert record["seeds"] == list(range(15))
        assert record["engines"] == ["flow"]
        assert record["statuses"] == {"reached": 75}
        assert (record["runs"], record["total"]) == (75, 75)
        assert record["epsilon"] == EPSILON
        assert record["problems"] == [
            problem.parameters() for problem in long_path["mild-pruning"].problems
        ]
        assert [size["size"] for size in record["sizes"]] == [1e3, 1e4, 1e5, 1e6, 1e7]
        assert all(size["step"] > 0 for size in record["sizes"])
        assert all(size["engines"] == ["flow"] * 15 for size in record["sizes"])


def test_verdict_shows_hidden_constants_at_each_size(records, long_path):
    premise = records[0]["premises"]["mild-pruning"]
    expected = [one.p * one.m / math.log(one.d) for one in long_path["mild-pruning"].problems]
    assert premise == pytest.approx(expected)
    assert list(records[0]["premises"]) == list(bounds.THEOREMS["mild-pruning"].conditions)


def test_verdict_says_what_the_path_does_to_each_premise(records):
    checks = {one["id"]: one for one in records[0]["premise_checks"]}
    assert list(checks) == list(records[0]["premises"])
    assert checks["mild-pruning"] == {
        "id": "mild-pruning", "statement": "p >= C1 log(d) / m", "relation": ">=",
        "constant_name": "C1", "declared": 0.1, "state": "kept", "left_at": (), "reason": "",
    }  # fmt: skip
    assert (checks["power"]["relation"], checks["power"]["declared"]) == ("=", 3)
    assert checks["width"]["state"] == "reported"


def test_json_holds_neither_nan_nor_infinity(records):
    text = files.as_json(document_module.document("x", records))
    parsed = strict(text)
    no_noise = next(one for one in parsed["verdicts"] if one["claim"] == "no-noise")
    assert no_noise["implied_constant"]["quantile_0.9"] is None  # infinite
    assert no_noise["prediction"] is None
    assert text.endswith("}\n")


def test_verdict_is_written_with_all_that_it_rests_on(records):
    stopping = strict(files.as_json(document_module.document("x", records)))["verdicts"][0]
    assert stopping["claim"] == "stopping-time"
    assert stopping["outcome"] == "consistent"
    assert stopping["tail"] == [1e5, 1e6, 1e7]
    assert 0.99 <= stopping["slope_level"] <= 0.998
    assert (stopping["slope_draws"], stopping["draws"]) == (15, 15)
    assert stopping["slope_interval"][0] <= stopping["slope"] <= stopping["slope_interval"][1]
    assert stopping["slope_interval"][1] < stopping["tolerated_slope"]
    # 15 of 15 draws: the Clopper-Pearson limit has a closed form
    assert stopping["share_within"] == pytest.approx(0.01 ** (1 / 15))
    assert stopping["without_step"] == 0
    assert set(stopping["end_slope"]) == {"median", "low", "high", "draws", "level"}
    constant = stopping["constant"]
    assert set(constant) == {"median", "low", "high", "quantile", "limit"}
    assert constant["median"] == stopping["implied_constant"]["median"]
    assert constant["quantile"] == stopping["implied_constant"]["quantile_0.9"]
    assert constant["limit"] is None  # too few draws for one
    assert stopping["holds_from"] == {"median": 1e3, "quantile_0.9": 1e3}
    nowhere = {"size": None, "median": None, "quantile_0.9": None}
    assert stopping["worst_before"] == nowhere
    assert len(stopping["constant_from_each_size"]) == 5
    assert stopping["tests"].startswith("tests ")
    assert (stopping["direction"], stopping["released"]) == ("up", [])
    by_claim = {record["claim"]: record for record in records}
    assert by_claim["no-noise"]["zeros"] == 15
    assert by_claim["no-noise"]["worst_before"]["size"] == 1e3
    assert by_claim["no-noise"]["holds_from"] == {"median": 1e3, "quantile_0.9": None}
    train = by_claim["train-loss"]
    assert (train["failures"], train["failure_interval"][0]) == (0, 0.0)


def test_unjudged_numbers_are_null(runs_along, long_path):
    family = long_path["mild-pruning"]
    runs = runs_along("mild-pruning", "no-noise", lambda size, seed: 1.0, in_event=False)
    verdicts = judge_theorem(bounds.THEOREMS["mild-pruning"], family, runs)
    records = [document_module.verdict_record(one, family, runs) for one in verdicts]
    *judged, probability = strict(files.as_json(document_module.document("x", records)))["verdicts"]
    assert (probability["claim"], probability["failure_interval"]) == ("probability", None)
    for record in judged:
        assert record["slope"] is None
        assert record["sizes"][0]["measured"] is None
        assert record["sizes"][0]["bound"] > 0


def test_sums_are_written_as_they_are(records):
    summaries = {
        "claims": [{"claim": "x", "paths": (("d", "holds"),)}],
        "summaries": [{"a": math.nan}],
    }
    parsed = strict(files.as_json(document_module.document("x", records, summaries=summaries)))
    assert parsed["claims"] == [{"claim": "x", "paths": [["d", "holds"]]}]
    assert parsed["summaries"] == [{"a": None}]


def test_lemma_is_written_with_its_interval():
    check = judge_lemma("init-signal", mild_problem(), 3, 200, 7)
    record = document_module.lemma_record(check)
    assert set(record) >= VERDICT_KEYS - {"epsilon"}
    assert (record["theorem"], record["claim"]) == ("lemmas", "init-signal")
    low, high = record["failure_interval"]
    assert low < 3 / 200 < high
    assert (record["failures"], record["runs"]) == (3, 200)


def test_lists_of_numbers_and_words_take_a_line_each():
    content = {
        "a": [1, None, "gram-law"],
        "b": ["two words", "[x"],
        "c": [{"d": []}],
        "e": ["", 2.5],
    }
    text = files.as_json(content)
    assert '"a": [1, null, "gram-law"],' in text
    assert '"e": ["", 2.5]' in text
    assert '"two words",\n' in text
    assert strict(text) == content


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float64("nan")])
def test_what_json_cannot_hold_becomes_null(value):
    assert files.without_gaps({"a": [1.5, (value, "b")]}) == {"a": [1.5, [None, "b"]]}


def test_plain_data_is_left_alone():
    plain = {"a": 1, "b": None, "c": True, "d": [0.0, -1e300, "nan"]}
    assert files.without_gaps(plain) == plain


def test_json_refuses_what_was_not_cleaned():
    with pytest.raises(ValueError, match="Out of range float values"):
        files.as_json({"a": math.nan})


# files


def test_file_is_written_whole(tmp_path):
    path = tmp_path / "a.json"
    files.write_whole(path, b"abc")
    assert path.read_bytes() == b"abc"
    assert list(tmp_path.iterdir()) == [path]


def test_file_is_replaced(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"old and longer")
    files.write_whole(path, b"new")
    assert path.read_bytes() == b"new"


def half_written(path, data):
    with path.open("wb") as file:
        file.write(data[: len(data) // 2])
    raise OSError(28, "No space left on device", str(path))


def no_replace(source, target):
    raise OSError(13, "Permission denied", str(target))


@pytest.mark.parametrize("old", [None, b"old"])
@pytest.mark.parametrize(
    ("where", "name", "failure", "message"),
    [(Path, "write_bytes", half_written, "No space"), (os, "replace", no_replace, "Permission")],
)
def test_failed_write_leaves_what_was_there(
    where, name, failure, message, old, tmp_path, monkeypatch
):
    path = tmp_path / "a.json"
    if old is not None:
        path.write_bytes(old)
    monkeypatch.setattr(where, name, failure)
    with pytest.raises(OSError, match=message):
        files.write_whole(path, b"new content")
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == ([path] if old is not None else [])
    assert old is None or path.read_bytes() == old


def test_interrupted_write_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def interrupted(path, data):
        path.open("wb").close()
        raise KeyboardInterrupt("stop")

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt, match="stop"):
        files.write_whole(path, b"new")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


# what can be written


def test_writable_file_is_left_as_it_was(tmp_path):
    files.check_writable(tmp_path / "new.npz")
    assert not list(tmp_path.iterdir())
    (tmp_path / "old.npz").write_text("kept")
    files.check_writable(tmp_path / "old.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["old.npz"]
    assert (tmp_path / "old.npz").read_text() == "kept"


def test_unwritable_file_is_named_as_it_was_given(tmp_path):
    with pytest.raises(OSError, match="No such file") as caught:
        files.check_writable(tmp_path / "missing" / "run.npz")
    assert Path(caught.value.filename).name in ("run.npz", "missing")
