"""False theorems against real runs: they are refuted, and no true one is."""

import inspect
import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

import bounds
from bounds.mutants import KINDS, mutants
from theorycheck.cli import main
from theorycheck.commands import falsify as module
from theorycheck.commands.courses import Course, observe_courses
from theorycheck.commands.falsify import (
    CHECKS,
    OUTCOMES,
    TRUE_KINDS,
    Falsification,
    JudgedMutant,
    falsify,
    falsify_theorem,
    report_lines,
    separable,
)
from theorycheck.files import as_json
from theorycheck.judging.paths.exponent_paths import chosen_paths
from theorycheck.judging.table import points_of
from theorycheck.judging.verdict import Verdict
from theorycheck.reporting.figures import checker
from theorycheck.running.tasks import run_heaps

pytestmark = pytest.mark.slow

THEOREM = bounds.THEOREMS["mild-pruning"]
SEEDS = [seed for seed in range(13) if seed != 7]  # 7 has a class that cannot learn
STREAMS = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}

OWN = """
from dataclasses import replace
from bounds import MILD_PRUNING
from theorycheck import mild_family
CLAIMS = {name: MILD_PRUNING.claims[name] for name in ("train-loss", "no-noise")}
THEOREM = replace(MILD_PRUNING, id="own", claims=CLAIMS)
FAMILY = mild_family()
"""


@pytest.fixture(scope="module")
def paths():
    along_d, along_sigma_0 = chosen_paths(THEOREM, ("d", "sigma_0"))
    return [replace(along_d, sizes=5), replace(along_sigma_0, sizes=5)]


@pytest.fixture(scope="module")
def runs(paths):
    courses = [Course("mild-pruning", one.family, one.epsilon, one.engine) for one in paths]
    return observe_courses(courses, SEEDS, lambda heaps: run_heaps(heaps, None, False))


@pytest.fixture(scope="module")
def found(paths, runs):
    """What becomes of the mutants, the path along d being that of the default check."""
    return falsify(THEOREM, paths, runs, 1)


@pytest.fixture(scope="module")
def few(paths, runs):
    """The theorem with one of its claims, and what becomes of its mutants."""
    theorem = replace(THEOREM, claims={"no-noise": THEOREM.claims["no-noise"]})
    return theorem, falsify(theorem, paths, runs, 1)


def outcomes_of(found, *kinds):
    return {one.outcome for one in found.mutants if one.kind in kinds}


# what becomes of mutants


def test_unchanged_claims_stand_on_both_paths(found):
    outcomes = {(one.claim, one.along): one.outcome for one in found.originals}
    assert set(outcomes) == {(claim, name) for claim in THEOREM.claims for name in ("d", "sigma_0")}
    assert "refuted" not in outcomes.values()
    assert outcomes["train-loss", "d"] == "consistent"
    assert outcomes["signal-learned", "sigma_0"] == "consistent"


def test_every_separable_false_mutant_is_refuted(found):
    separable = [one for one in found.mutants if one.false and one.separable]
    assert {one.outcome for one in separable} == {"refuted"}
    assert found.separable_refuted("outcome") == (len(separable), len(separable))
    assert found.separable_passed("outcome") == 0
    assert len(separable) >= 70
    assert outcomes_of(found, "false") == {"refuted", "undecided"}


def test_mutant_that_is_not_separable_is_wrong_by_a_logarithm_or_less(found):
    (one,) = [x for x in found.mutants if x.false and not x.separable and x.kind != "false"]
    assert one.change == "p -> 1 - p"
    others = [x for x in found.mutants if x.kind == "false" and not x.separable]
    # d^(1/8), where log(d)^4 is d^0.146 from 10^10 to 10^14
    assert {x.change for x in others} == {"times sigma_n^(1/4)"}
    assert all("like a logarithm, no faster than log(d)^4" in x.reason for x in others)


def test_default_check_is_judged_by_its_own_paths(found):
    by_default, by_all = found.separable_refuted("default"), found.separable_refuted("outcome")
    assert by_default[1] == by_all[1]
    assert 0 < by_default[0] < by_all[0]
    assert found.separable_passed("default") > 0  # one path does not see every symbol
    # no path is worse than none, and one that refutes refutes
    assert all(one.outcome == "refuted" for one in found.mutants if one.default == "refuted")


def test_check_without_default_paths_refutes_nothing_by_them(paths, runs, few):
    theorem, _ = few
    other = falsify(theorem, paths, runs, 0)
    assert {one.default for one in other.mutants} == {"undecided"}


def test_separable_is_what_outgrows_a_bound_by_more_than_a_logarithm(paths):
    on = [(one.family, points_of(one.family, one.epsilon)) for one in paths]
    claim = THEOREM.claims["no-noise"]
    by_change = {one.change: one.claim for one in mutants(claim)}
    found = {change: [separable(one, *path) for path in on] for change, one in by_change.items()}
    assert [separable(claim, *path) for path in on] == [False, False]
    assert found["times sigma_0^(1/4)"] == [False, True]
    assert found["times sigma_n^(1/4)"] == [False, False]
    assert found["times sigma_n^(1)"] == [True, False]


def test_no_true_mutant_is_refuted(found):
    assert outcomes_of(found, *TRUE_KINDS) <= {"consistent", "undecided"}
    refuted, true = found.refuted_true
    assert refuted == 0
    assert true >= 200


def test_every_mutant_of_every_claim_is_judged(found):
    expected = [
        (claim.id, one.change) for claim in THEOREM.claims.values() for one in mutants(claim)
    ]
    assert [(one.claim, one.change) for one in found.mutants] == expected
    assert found.killed_by_units == sum(
        not one.unit_sound for claim in THEOREM.claims.values() for one in mutants(claim)
    )


def test_it_says_what_it_rests_on(found):
    assert (found.theorem, found.runs) == ("mild-pruning", 2 * 5 * len(SEEDS))
    assert found.seeds == tuple(SEEDS)


def test_confusion_adds_up(found):
    for check in CHECKS:
        confusion = found.confusion(check)
        assert set(confusion) <= set(KINDS)
        assert sum(sum(row.values()) for row in confusion.values()) == len(found.mutants)
        for kind, row in confusion.items():
            assert tuple(row) == OUTCOMES
            for outcome, count in row.items():
                told = [(one.kind, getattr(one, check)) for one in found.mutants]
                assert count == told.count((kind, outcome))
    false = sum(one.false for one in found.mutants)
    assert false + found.refuted_true[1] == len(found.mutants)
    assert len(found.survivors) == sum(
        one.outcome != "refuted" for one in found.mutants if one.false
    )


def test_kinds_do_not_depend_on_the_runs(paths, runs, few):
    theorem, found = few
    rng = np.random.default_rng(0)
    shuffled = []
    for family, observations in runs:
        order = rng.permutation(len(observations))
        measured = [observations[index].measured for index in order]
        shuffled.append(
            (
                family,
                [
                    replace(one, measured=other)
                    for one, other in zip(observations, measured, strict=True)
                ],
            )
        )
    other = falsify(theorem, paths, shuffled, 1)
    assert [(one.kind, one.kind_reason) for one in other.mutants] == [
        (one.kind, one.kind_reason) for one in found.mutants
    ]
    assert [one.outcome for one in other.mutants] != [one.outcome for one in found.mutants]


def test_outcomes_do_not_depend_on_the_laws(paths, runs, few):
    theorem, found = few
    (claim,) = theorem.claims.values()
    lawless = replace(theorem, claims={claim.id: replace(claim, law=None)})
    other = falsify(lawless, paths, runs, 1)
    assert {one.kind for one in other.mutants if one.change.startswith("times")} == {"undetermined"}
    assert [one.outcome for one in other.mutants] == [one.outcome for one in found.mutants]


# what is told


def test_document_is_json_with_everything_in_it(found):
    document = json.loads(as_json(found.document("the command")), parse_constant=pytest.fail)
    assert document["command"] == "the command"
    assert {"format_version", "versions", "theorem", "seeds", "runs", "originals"} <= set(document)
    assert len(document["mutants"]) == len(found.mutants)
    for one in document["mutants"]:
        assert {"claim", "change", "kind", "kind_reason", "outcome", "reason", "short"} <= set(one)
        assert {"default", "separable"} <= set(one)
    assert document["confusion"] == {check: found.confusion(check) for check in CHECKS}
    for check in CHECKS:
        assert document["separable_refuted"][check] == list(found.separable_refuted(check))
        assert document["separable_passed"][check] == found.separable_passed(check)
    assert document["true_refuted"] == [0, found.refuted_true[1]]


def test_refuted_mutant_says_where_and_suspects_are_left_to_the_full_reason(found):
    for one in found.mutants:
        if one.outcome == "refuted":
            assert one.reason.startswith(("along d: ", "along sigma_0: "))
            assert "suspects in order" in one.reason
        if one.outcome == "consistent":
            agreed = ("along d: scales as claimed", "along d: true in all 12 draws")
            assert one.reason.startswith(agreed)
            assert "; along sigma_0: " in one.reason
        assert one.reason.startswith(one.short.split("; ")[0])
        assert "suspects" not in one.short
        assert "the path may leave" not in one.short


def mutant(
    change, kind="false", outcome="undecided", short="along d: too short", default="", separate=True
):
    reason = short + "; more"
    by_default = default or outcome
    return JudgedMutant(
        "claim", change, kind, "", separate, by_default, outcome, reason, short, True, False
    )


def told(*several):
    verdict = Verdict("own", "claim", "", "O", "derived", "consistent", "")
    return list(report_lines(Falsification("own", (verdict,), several, (0, 1), 10)))


def test_report_counts_what_was_refuted_by_either_check():
    lines = told(
        mutant("a", outcome="refuted", default="consistent"),
        mutant("b", "weaker", "consistent"),
        mutant("c", "undetermined", "refuted", separate=False),
    )
    assert lines[:2] == [
        "own: 3 mutants, 10 runs",
        "unchanged claims, each along each path: 1 consistent",
    ]
    assert [" ".join(line.split()) for line in lines[2:12]] == [
        "by the default check refuted consistent",
        "false 0 1",
        "weaker 0 1",
        "undetermined 1 0",
        "separable false ones refuted: 0 of 1, called consistent: 1 (undetermined count as false)",
        "by all paths refuted consistent",
        "false 1 0",
        "weaker 0 1",
        "undetermined 1 0",
        "separable false ones refuted: 1 of 1, called consistent: 0 (undetermined count as false)",
    ]
    assert lines[12:] == ["true ones refuted: 0 of 1", "the unit check alone would refuse 0"]


def test_report_lists_survivors_with_one_reason_once():
    several = [
        mutant("a"),
        mutant("b"),
        mutant("c", "undetermined"),
        mutant("d", short="along d: another"),
        mutant("e", "weaker"),
        mutant("f", outcome="refuted"),
    ]
    lines = told(*several)
    assert lines[lines.index("not refuted:") + 1 :] == [
        "  claim [false], a, b",
        "    along d: too short",
        "  claim [undetermined], c",
        "    along d: too short",
        "  claim [false], d",
        "    along d: another",
    ]


# paths, and what is asked for


def test_paths_are_those_asked_for_in_their_own_order():
    assert [one.path.along for one in chosen_paths(THEOREM, ("eta", "d"))] == ["d", "eta"]
    assert len(chosen_paths(THEOREM)) == 9


def test_theorem_with_an_event_of_its_own_is_run_where_the_signal_wins():
    own = replace(THEOREM, inside="of its own")
    assert chosen_paths(own) == chosen_paths(THEOREM)
    assert chosen_paths(bounds.THEOREMS["over-pruning"]) != chosen_paths(THEOREM)


def test_unknown_parameter_is_refused():
    with pytest.raises(ValueError, match=r"along must be of d, n, m, .*, epsilon, got 'sigma_n'"):
        chosen_paths(THEOREM, ("d", "sigma_n"))


def test_runs_are_those_of_their_path(paths, runs):
    assert [family for family, _ in runs] == [one.family for one in paths]
    for family, observations in runs:
        assert [one.problem for one in observations[:: len(SEEDS)]] == list(family.problems)
        assert [one.seed for one in observations[: len(SEEDS)]] == SEEDS
        assert {one.engine for one in observations} == {"gram-law"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"reference": "x"}, "theorem must be one of"),
        ({"seeds": 0}, "seeds must be an integer of at least 1, got 0"),
        ({"workers": 0}, "workers must be an integer of at least 1, got 0"),
        ({"along": ("x",)}, "along must be of"),
    ],
    ids=str,
)
def test_bad_argument_is_refused_before_any_run(arguments, message, monkeypatch):
    monkeypatch.setattr(module, "run_heaps", lambda *_: pytest.fail("work was started"))
    with pytest.raises(ValueError, match=message):
        falsify_theorem(**{"reference": "mild-pruning", **arguments})


def test_folder_that_cannot_be_written_stops_before_any_run(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "run_heaps", lambda *_: pytest.fail("work was started"))
    (tmp_path / "falsify.json").mkdir()
    with pytest.raises(OSError, match="is a directory"):
        falsify_theorem("mild-pruning", out=tmp_path)


def test_command_writes_what_it_prints(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(OWN)
    words = ["falsify", "own.py", "--along", "eta", "--seeds", "2", "--workers", "1"]
    result = CliRunner(**STREAMS).invoke(main, [*words, "--format", "json", "--out", "a/b"])
    assert (result.exit_code, result.stderr) == (0, "")
    assert (tmp_path / "a" / "b" / "falsify.json").read_text() == result.stdout
    written = {file.name for file in (tmp_path / "a" / "b").iterdir()}
    assert written == {"falsify.json", "falsify.svg", "falsify.png"}
    document = json.loads(result.stdout, parse_constant=pytest.fail)
    found = (document["theorem"], document["seeds"], document["runs"])
    assert found == ("own", [0, 1], 14)
    # two draws are too few: nothing with an order is decided
    assert {one["outcome"] for one in document["mutants"] if not one["exact"]} <= {"undecided"}


def test_figure_that_fails_leaves_the_document(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(checker, "plot_mutants", lambda _: 1 / 0)
    document = Falsification("own", (), (mutant("a", "false", "refuted"),), (0,), 1).document("")
    module.write_falsification(document, tmp_path)
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_text())["theorem"] == "own"
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("theorycheck: the figure falsify could not be drawn: ZeroDivisionError")


@pytest.mark.parametrize(("kind", "status"), [("false", 0), ("undetermined", 0), ("weaker", 1)])
def test_status_says_whether_a_true_mutant_is_refuted(kind, status, monkeypatch):
    found = Falsification("own", (), (mutant("a", kind, "refuted"),), (0,), 1)
    monkeypatch.setattr(module, "falsify_theorem", lambda *_, **__: found)
    assert CliRunner(**STREAMS).invoke(main, ["falsify", "mild-pruning"]).exit_code == status


def test_refuted_on_one_path_is_refuted():
    verdicts = [
        Verdict("t", "c", "", "O", "paper", outcome, f"{along} says so; and more", along)
        for along, outcome in (("d", "consistent"), ("n", "undecided"), ("m", "refuted"))
    ]
    assert module._outcome(verdicts) == ("refuted", verdicts[2:])
    assert module._outcome(verdicts[:2]) == ("undecided", verdicts[1:2])
    assert module._outcome(verdicts[:1]) == ("consistent", verdicts[:1])
    unmet = replace(verdicts[0], outcome="premise not met")
    assert module._outcome([unmet, verdicts[0]]) == ("consistent", verdicts[:1])  # does not count
    assert module._outcome([unmet]) == ("premise not met", [unmet])
    assert module._outcome([replace(unmet, outcome="holds")])[0] == "holds"
    assert module._outcome([]) == ("undecided", [])
    assert module._reason(verdicts[1:], short=True) == "along n: n says so; along m: m says so"
    assert module._reason(verdicts[1:2]) == "along n: n says so; and more"
