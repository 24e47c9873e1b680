import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sims import Problem
from theorycheck.running.spec import RunSpec
from theorycheck.running.study_file import read_study

FIXED = {"d": 60, "n": 4, "m": 3, "K": 2, "p": 0.5}


def problems(study):
    return [run.problem for run in read_study(study)]


def test_file_and_its_content_are_the_same_study(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(
        'engine = "gram"\nseeds = { start = 2, count = 3 }\n'
        "[problem]\nd = 60\nn = 4\nm = 3\nK = 2\np = [0.5, 1.0]\nsigma_n = 0.1\n"
    )
    content = {
        "engine": "gram",
        "seeds": {"start": 2, "count": 3},
        "problem": {**FIXED, "p": [0.5, 1.0], "sigma_n": 0.1},
    }
    runs = read_study(str(path))
    assert runs == read_study(path) == read_study(content)
    assert [run.seed for run in runs] == [2, 3, 4] * 2
    assert {run.problem.sigma_n for run in runs} == {0.1}


def test_silent_study_is_in_the_theorem_regime():
    (problem,) = problems({"problem": FIXED})
    assert problem == Problem.theorem_regime(**FIXED)
    (problem,) = problems({"problem": {**FIXED, "sigma_0": 0.3, "mu": 2.0}})
    assert problem == dataclasses.replace(Problem.theorem_regime(**FIXED, mu=2.0), sigma_0=0.3)


def test_masks_are_an_axis_and_none_can_be_given():
    study = {"problem": {**FIXED, "pruning": ["random", "snip", "synflow"]}}
    runs = read_study(study)
    assert [run.problem.pruning for run in runs] == ["random", "snip", "synflow"]
    assert [run.problem.pruning for run in read_study({"problem": FIXED})] == ["random"]
    with pytest.raises(ValueError, match="pruning 'given' needs a mask"):
        read_study({"problem": {**FIXED, "pruning": "given"}})
    with pytest.raises(ValueError, match="engine 'gram-law' draws no weights"):
        read_study({"problem": {**FIXED, "pruning": "snip"}, "engine": "gram-law"})


def test_siblings_are_axes_like_any_other():
    study = {"problem": {**FIXED, "signals": ["axis", "antipodal"], "flip": [0.0, 0.1]}}
    found = problems(study)
    assert found == [
        Problem.theorem_regime(**FIXED, signals=signals, flip=flip)
        for signals in ("axis", "antipodal")
        for flip in (0.0, 0.1)
    ]


def test_random_designs_range_over_flip_and_not_over_words():
    ranges = {"flip": {"low": 0.0, "high": 0.4}}
    found = problems({"problem": FIXED, "random": {"count": 4, "ranges": ranges}})
    assert all(0 <= one.flip <= 0.4 for one in found)
    words = {"count": 4, "ranges": {"signals": {"low": 0, "high": 1}}}
    with pytest.raises(ValueError, match="ranges of \\[random\\] has no key 'signals'"):
        read_study({"problem": FIXED, "random": words})


def test_lists_are_crossed():
    study = {
        "problem": {**FIXED, "d": [60, 70], "p": [0.5, 0.6, 0.7]},
        "engine": ["gram", "weights"],
        "max_steps": [10, 20],
        "seeds": [5, 1],
    }
    runs = read_study(study)
    assert len(runs) == len(set(runs)) == 2 * 3 * 2 * 2 * 2


def test_together_goes_in_step():
    study = {
        "problem": {"n": 4, "m": 3, "K": 2, "p": [0.5, 1.0]},
        "together": [{"d": [100, 200], "sigma_n": [0.4, 0.2]}, {"mu": [1, 2, 3], "q": [2, 3, 4]}],
    }
    found = problems(study)
    assert len(found) == 2 * 2 * 3
    assert {(one.d, one.sigma_n) for one in found} == {(100, 0.4), (200, 0.2)}
    assert {(one.mu, one.q) for one in found} == {(1, 2), (2, 3), (3, 4)}


def random_study(count, seed=0, **ranges):
    fixed = {name: value for name, value in FIXED.items() if name not in ranges}
    return {"problem": fixed, "random": {"count": count, "seed": seed, "ranges": ranges}}


@given(count=st.integers(1, 40), more=st.integers(0, 40))
def test_larger_design_keeps_the_points_of_a_smaller(count, more):
    ranges = {"p": {"low": 0.1, "high": 1.0}, "d": {"low": 50, "high": 5000, "scale": "log"}}
    small, large = (problems(random_study(size, **ranges)) for size in (count, count + more))
    assert large[: len(small)] == small


def test_random_design_fills_its_ranges():
    ranges = {"p": {"low": 0.2, "high": 0.8}, "d": {"low": 100, "high": 10_000, "scale": "log"}}
    found = problems(random_study(256, **ranges))
    assert all(0.2 <= one.p <= 0.8 and 100 <= one.d <= 10_000 for one in found)
    # half the points lie below the middle of each range, on its scale
    assert abs(sum(one.p < 0.5 for one in found) - 128) <= 2
    assert abs(sum(one.d < 1000 for one in found) - 128) <= 4


def test_seed_of_a_design_changes_it():
    ranges = {"p": {"low": 0.2, "high": 0.8}}
    assert problems(random_study(4, 0, **ranges)) != problems(random_study(4, 1, **ranges))


def test_same_run_asked_for_twice_is_one_run():
    study = {"problem": {**FIXED, "p": [0.5, 0.5]}, "engine": ["auto", "flow"], "seeds": [1, 1]}
    assert len(read_study(study)) == 1


def test_runs_themselves_are_a_study():
    run = RunSpec.plan(Problem.theorem_regime(**FIXED))
    assert read_study([run, run]) == [run]
    for nothing in ([], [1]):
        with pytest.raises(ValueError, match="study must hold at least one run"):
            read_study(nothing)


BAD = {
    "momentum": ({"momentum": 0.9}, "full-batch gradient descent only, at a constant"),
    "batches": ({"problem": {"batch_size": 8}}, "has no key 'batch_size'; training is full-batch"),
    "layers": ({"layers": 3}, "the network has two layers"),
    "unknown key": ({"sead": 1}, "a study has no key 'sead'; the nearest is 'seeds'"),
    "unknown parameter": (
        {"problem": {**FIXED, "sigmaN": 1}},
        r"\[problem\] has no key 'sigmaN'; the nearest is 'sigma_n'",
    ),
    "missing": ({"problem": {"d": 60}}, "n is missing from"),
    "no problem": ({}, "d is missing from"),
    "problem no table": ({"problem": 3}, r"\[problem\] must be a table, got 3"),
    "bad value": ({"problem": {**FIXED, "p": [0.5, 2.0]}}, "must satisfy 0 < p <= 1, got 2.0"),
    "nested": (
        {"problem": {**FIXED, "p": [[0.5]]}},
        r"p must be a number or a word, .* got \[0.5\]",
    ),
    "empty list": ({"problem": {**FIXED, "p": []}}, "p must be a value or a list of at least one"),
    "word for a number": ({"problem": {**FIXED, "d": "many"}}, "d must be an integer"),
    "truth for a number": ({"problem": {**FIXED, "d": True}}, "d must be an integer"),
    "engine": ({"problem": FIXED, "engine": "x"}, "engine must be one of"),
    "target": ({"problem": FIXED, "target_loss": "low"}, "target_loss must be a finite number"),
    "budget": ({"problem": FIXED, "max_steps": -1}, "max_steps must be a finite number"),
    "rtols": ({"problem": FIXED, "rtol": [1e-5]}, "rtol must be one value"),
    "rtol unfelt": (
        {"problem": FIXED, "rtol": 1e-7, "engine": ["gram", "weights"]},
        "rtol must be left out where no run leaps over steps, got 1e-07",
    ),
    "population": ({"problem": FIXED, "population": 1}, "population must be true or false, got 1"),
    "no seeds": ({"problem": FIXED, "seeds": []}, "seeds must be at least one"),
    "negative seed": ({"problem": FIXED, "seeds": [-1]}, "seeds must be an integer of at least 0"),
    "seed count": ({"problem": FIXED, "seeds": 0}, "seeds must be an integer of at least 1, got 0"),
    "seed key": (
        {"problem": FIXED, "seeds": {"stop": 3}},
        "no key 'stop'; it may have start, count",
    ),
    "seeds without count": ({"problem": FIXED, "seeds": {"start": 3}}, "count of seeds must be"),
    "too many seeds": ({"problem": FIXED, "seeds": 10**30}, "may have up to 1000000 runs"),
    "too many runs": (
        {"problem": {**FIXED, "p": [0.5] * 20, "d": [60] * 100}, "seeds": 1000},
        "this one has 2000000",
    ),
    "together twice": ({"problem": FIXED, "together": [{"d": [1]}]}, "d is given twice"),
    "together lengths": (
        {"together": [{"d": [60, 70], "p": [0.5]}]},
        "must hold lists of one length",
    ),
    "together empty": ({"together": [{}]}, "must hold lists of one length"),
    "together no list": ({"together": {"d": [60]}}, "must be a list of tables"),
    "random no count": ({"random": {}}, r"count of \[random\] must be an integer"),
    "random key": ({"random": {"cuont": 1}}, "the nearest is 'count'"),
    "random too many": (random_study(10**9, p={"low": 0.1, "high": 1}), "at most 1000000"),
    "no ranges": ({"random": {"count": 3}}, r"ranges of \[random\] must be a table"),
    "empty ranges": (random_study(3), "must name at least one parameter"),
    "range of noise": (random_study(3, noise={"low": 0, "high": 1}), "has no key 'noise'"),
    "range no table": (random_study(3, p=0.5), "range p must be a table, got 0.5"),
    "range reversed": (random_study(3, p={"low": 1, "high": 0.1}), "low of range p must be less"),
    "range infinite": (
        random_study(3, mu={"low": 1, "high": float("inf")}),
        "high of range mu must be",
    ),
    "range below zero": (
        random_study(3, mu={"low": 0, "high": 1, "scale": "log"}),
        "greater than 0 on a log",
    ),
    "range scale": (
        random_study(3, mu={"low": 1, "high": 2, "scale": "x"}),
        "must be 'linear' or 'log'",
    ),
    "range nowhere": (random_study(3, mu={"low": -2, "high": -1}), "mu must be greater than 0"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_study_is_one_sentence(case):
    content, message = BAD[case]
    with pytest.raises(ValueError, match=f"^study: .*{message}"):
        read_study(content)


@pytest.mark.parametrize(
    "text", ["p = ", "p = 1\np = 2", "a = [" * 3000, "\xff\xfe", "a = 1e", "[problem"], ids=range(6)
)
def test_file_that_is_no_toml_is_one_sentence(tmp_path, text):
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=r"study.toml is not TOML: "):
        read_study(path)


def test_file_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_study(tmp_path / "none.toml")
