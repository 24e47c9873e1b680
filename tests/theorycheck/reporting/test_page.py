"""The page shows every verdict, says nothing that is not in the results, and runs none of it."""

import copy
import json
import re
from html.parser import HTMLParser

import pytest

import bounds
from theorycheck.commands import results as results_module
from theorycheck.files import as_json
from theorycheck.reporting import page as page_module
from theorycheck.reporting.figures import scaling, trajectory
from theorycheck.reporting.page_parts import number

SCRIPT = "<script>alert(1)</script>"
VOID = {"meta", "input", "link", "br"}
COUNT = 19  # verdicts of the made-up results


class Page(HTMLParser):
    """The elements of a page: tags with their attributes, ids, and the text of each tag."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.texts = [], [], {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data.strip())

    def all(self, tag, css_class=""):
        return [
            found
            for name, found in self.elements
            if name == tag and css_class in ["", *(found.get("class") or "").split()]
        ]


@pytest.fixture(scope="module")
def text(made_up_results):
    return page_module.render(made_up_results)


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


@pytest.fixture
def results(made_up_results):
    """A copy to spoil, without what takes time to draw."""
    spoiled = copy.deepcopy(made_up_results)
    for one in spoiled["verdicts"]:
        one.pop("exact", None)
        for size in one.get("sizes", []):
            del size["each"]
    return spoiled


def without_sums(results, verdicts):
    """Results with other verdicts, which nothing sums up."""
    return {**results, "verdicts": verdicts, "claims": [], "summaries": []}


@pytest.mark.slow
def test_elements_are_closed_and_ids_are_unique(page):
    assert page.open == []
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert len(ids) == len(set(ids))


def test_every_verdict_is_a_claim_that_opens(page, made_up_results):
    claims = page.all("details", "claim")
    assert len(claims) == len(made_up_results["verdicts"]) == COUNT
    linked = {found["href"].removeprefix("#") for found in page.all("a")}
    assert {found["id"] for found in claims} <= linked


def test_every_link_leads_to_a_place_on_the_page(page):
    ids = {found["id"] for _, found in page.elements if "id" in found}
    assert {found["href"] for found in page.all("a")} <= {f"#{one}" for one in ids}


def test_outcomes_are_counted(page, made_up_results):
    # one path each, so that a claim has one verdict
    outcomes = [one["outcome"] for one in made_up_results["verdicts"]]
    assert {"refuted", "consistent", "holds", "undecided"} <= set(outcomes)
    assert page.texts["h1"] == ["Mild pruning is refuted, over-pruning is not decided"]
    assert page.texts["b"][0] == str(outcomes.count("holds"))


@pytest.mark.parametrize(
    ("outcomes", "headline"),
    [
        ([], "Nothing was checked"),
        (["holds", "undecided"], "Nothing is refuted"),
        (["refuted", "refuted", "holds"], "2 claims are refuted"),
    ],
)
def test_headline_says_what_is_refuted(outcomes, headline, results):
    verdict = results["verdicts"][0]
    several = [
        {**verdict, "claim": f"claim {number}", "outcome": outcome}
        for number, outcome in enumerate(outcomes)
    ]
    assert f"<h1>{headline}</h1>" in page_module.render(without_sums(results, several))


def test_answer_for_each_theorem_stands_first(text, made_up_results):
    head, _ = text.split('<main id="main"')
    lines = made_up_results["summaries"]
    assert [one["theorem"] for one in lines] == ["mild-pruning", "over-pruning"]
    titles = [head.index(f">{one['title']} <span") for one in lines]
    assert titles == sorted(titles)
    assert head.count("<dt>Probability</dt>") == len([one for one in lines if one["probability"]])


def on_two_paths(results):
    """Results whose claims of mild pruning are judged along n too, where one of them decides."""
    own = [one for one in results["verdicts"] if one["theorem"] == "mild-pruning"]
    again = [{**one, "along": "n", "outcome": "undecided", "reason": "no path"} for one in own]
    claims = [
        {
            **one,
            "outcome": "undecided" if one["outcome"] != "refuted" else "refuted",
            "paths": [("d", one["outcome"]), ("n", "undecided")],
            "deciding": int(one["outcome"] != "refuted"),
        }
        for one in results["claims"]
        if one["theorem"] == "mild-pruning"
    ]
    return {**results, "verdicts": [*own, *again], "claims": claims}


def test_claim_is_counted_once_by_the_sum_over_its_paths(results):
    found = Page(page_module.render(on_two_paths(results)))
    assert len(found.all("details", "claim")) == 14
    assert found.texts["h1"] == ["Mild pruning is refuted, over-pruning is not decided"]
    assert found.texts["b"] == ["1", "6"]
    (board,) = [one for name, one in found.elements if one.get("class") == "board"]
    assert board


def test_figure_is_that_of_the_path_that_decides(made_up_results):
    both = on_two_paths(made_up_results)
    kept = ("no-noise", "no-cross-signal")
    both["verdicts"] = [one for one in both["verdicts"] if one["claim"] in kept]
    both["claims"] = [one for one in both["claims"] if one["claim"] in kept]
    found = Page(page_module.render(both))
    drawn = [one["aria-label"] for one in found.all("svg") if "aria-label" in one]
    assert [label.split(", ")[0] for label in drawn] == [
        "Measured over bound of every run against d",  # no-cross-signal is refuted along d
        "Measured over bound of every run against n",
    ]


def test_declared_constant_is_shown_where_it_is_not_1(results):
    assert "Declared constant" not in page_module.render(results)
    results["theorems"][0]["claims"]["no-noise"]["constant"] = 3.5
    found = page_module.render(results)
    assert found.count("<dt>Declared constant</dt><dd>3.5</dd>") == 1


def test_every_claim_of_a_theorem_shows_its_formula(page, made_up_results):
    premises = sum(1 + len(one["premises"]) for one in made_up_results["theorems"][:2])
    formulas = len(page.all("math"))
    # the claim `probability` has words alone
    stated = [one for one in made_up_results["verdicts"] if one["claim"] != "probability"]
    assert len(stated) == COUNT - 2
    assert formulas == len(stated) + premises


def test_claim_shows_reason_numbers_runs_and_command(text, made_up_results):
    record = next(one for one in made_up_results["verdicts"] if one["claim"] == "no-noise")
    part = next(one for one in text.split('<details class="claim') if "no-noise by size" in one)
    for words in record["reason"].split("; "):
        assert words in part
    assert "13 of 14" in part
    assert part.count("<tr>") > len(record["sizes"]) + len(record["seeds"])
    assert "theorycheck verify mild-pruning --seeds 14 --out &#39;my report&#39;" in part


def test_runs_of_a_claim_are_those_that_it_is_judged_by(made_up_results):
    for record in made_up_results["verdicts"]:
        if record["theorem"] == "lemmas" or not record.get("sizes"):
            continue
        at_any_step = (
            record["claim"] in ("stopping-time", "train-loss") or record["tag"] == "derived"
        )
        last = record["sizes"][-1]
        assert last["seeds"] == list(range(1, 14 if at_any_step else 13))
        assert all(len(size["each"]) == len(size["seeds"]) for size in record["sizes"])
        assert sorted(last["each"])[len(last["each"]) // 2] == pytest.approx(
            last["measured"], rel=0.2
        )


def test_figure_has_words_for_it(page, made_up_results):
    pictures = [one for one in page.all("svg") if "aria-label" in one]
    drawn = [one for one in made_up_results["verdicts"] if one.get("sizes")]
    # a measured and claimed 0 has no ratio to draw; the lemmas share one figure
    assert len(pictures) == len(drawn) - 1 + 1
    assert all(one["role"] == "img" and len(one["aria-label"]) > 40 for one in pictures)


def test_page_asks_for_nothing_from_elsewhere(page, text):
    for tag, found in page.elements:
        assert tag not in ("link", "img", "iframe", "object")
        for name in ("src", "href", "xlink:href"):
            assert (found.get(name) or "#").startswith("#")
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)


def test_page_from_a_file_is_that_of_the_results(results, tmp_path):
    (tmp_path / "verdicts.json").write_text(as_json(results), encoding="utf-8")
    loaded = results_module.load_results(tmp_path)
    assert loaded == results_module.load_results(tmp_path / "verdicts.json")
    written = results_module.write_report(loaded, tmp_path / "new" / "page")
    assert written == tmp_path / "new" / "page" / "index.html"
    assert written.read_text(encoding="utf-8") == page_module.render(results)


def test_courses_on_the_page_are_those_of_the_results(text, page, made_up_results):
    _, data = text.split('<script type="application/json" id="courses">')
    courses = json.loads(data[: data.index("</script>")])
    assert courses == json.loads(json.dumps(made_up_results["courses"]))
    offered = [one["value"] for one in page.all("option")]
    assert offered == ["0", "1"]
    assert [one["theorem"] for one in courses] == list(bounds.THEOREMS)
    assert "Mild pruning along d" in page.texts["option"]


def test_courses_are_in_numbers_too(text, made_up_results):
    _, section = text.split('<h2 id="courses-title">')
    section = section[: section.index("</section>")]
    paths = made_up_results["courses"]
    runs = [run for path in paths for size in path["sizes"] for run in size["runs"]]
    assert section.count("<tr>") == 1 + len(paths) + len(runs) == 1 + 2 + 30
    assert section.count("rowgroup") == len(paths)
    first = paths[0]["sizes"][0]
    row = next(one for one in section.split("<tr>") if '"row"' in one)
    for value in (first["levels"]["stopping-time"], runs[0]["gamma"][-1], runs[0]["test_loss"]):
        assert f">{number(value)}</td>" in row


def test_what_needs_the_script_is_hidden_until_it_runs(page):
    for place in ("explorer", "course-explorer"):
        (found,) = [one for _, one in page.elements if one.get("id") == place]
        assert "hidden" in found


@pytest.mark.parametrize("courses", [[], None])
def test_results_without_courses_have_no_section_of_them(courses, results):
    results["courses"] = courses
    found = page_module.render(results)
    assert "One run along a path" not in found
    assert 'id="explorer"' in found


# what results must not do to the page


def spoiled(value, key=""):
    """Plain data with a script at the end of every string and every name of a claim."""
    if isinstance(value, dict):
        ending = SCRIPT if key == "claims" else ""
        return {name + ending: spoiled(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [spoiled(item, key.replace("claims", "")) for item in value]
    # what a formula may hold is tested below
    return value + SCRIPT if isinstance(value, str) and key != "formula" else value


def test_script_in_any_string_is_shown_as_text(results):
    found = page_module.render(spoiled(results))
    assert found.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 300
    assert SCRIPT not in found
    assert found.count("<script") == 3  # the page's own, and its data
    assert len(Page(found).all("math")) == len(Page(page_module.render(results)).all("math"))


def test_script_in_the_trajectories_stays_inside_them(results):
    results["trajectories"]["problem"]["noise"] = "</script>" + SCRIPT
    found = page_module.render(results)
    assert SCRIPT not in found
    assert "</script><script>" not in found


def test_script_in_the_courses_stays_inside_them(results):
    results["courses"][0]["tied"] = "</script>" + SCRIPT
    found = page_module.render(results)
    assert SCRIPT not in found
    assert "</script><script>" not in found


@pytest.mark.parametrize(
    "formula",
    [
        SCRIPT,
        "<mi onclick='x'>a</mi>",
        "<mrow><mi>a</mi><a href='#'>b</a></mrow>",
        "<mi>a",
        "no element",
        3,
    ],
)
def test_formula_that_is_no_mathml_is_refused(formula, results, tmp_path):
    results["theorems"][0]["claims"]["no-noise"]["formula"] = formula
    with pytest.raises(ValueError, match="RESULTS must be as verify writes them"):
        results_module.write_report(results, tmp_path)
    assert not list(tmp_path.iterdir())


def test_claim_without_a_formula_shows_its_statement(results):
    del results["theorems"][0]["claims"]["no-noise"]
    assert "max zeta and max |omega| = Õ(sigma_0 sigma_n sqrt(p d))" in page_module.render(results)


KEYS = ("theorems", "trajectories", "courses", "command", "versions", "machine")


@pytest.mark.parametrize("key", KEYS)
def test_part_that_is_missing_leaves_the_verdicts(key, results):
    del results[key]
    found = Page(page_module.render(results))
    assert len(found.all("details", "claim")) == COUNT


def test_numbers_that_are_missing_leave_the_verdicts(results):
    kept = ("theorem", "claim", "statement", "outcome", "reason")
    results["verdicts"] = [{key: one[key] for key in kept} for one in results["verdicts"]]
    found = Page(page_module.render(results))
    assert len(found.all("details", "claim")) == COUNT


@pytest.mark.slow
@pytest.mark.parametrize("key", ["slope_interval", "tail", "holds_from", "tolerated_slope", "tied"])
def test_one_number_that_is_missing_leaves_figure_and_page(key, made_up_results, results):
    drawn = next(one for one in made_up_results["verdicts"] if one["claim"] == "no-noise")
    only = [{name: drawn[name] for name in drawn if name != key}]
    found = Page(page_module.render({**results, "verdicts": only}))
    assert len(found.all("details", "claim")) == 1
    assert any("aria-label" in one for one in found.all("svg"))


def no_latex(*_):
    raise RuntimeError("no LaTeX")


def test_figure_that_fails_leaves_the_page_which_says_so(made_up_results, monkeypatch, capsys):
    monkeypatch.setattr(scaling, "scaling_figure", no_latex)
    found = Page(page_module.render(made_up_results))
    figures = [one for one in made_up_results["verdicts"] if one.get("sizes")]
    assert len(found.all("details", "claim")) == COUNT
    (lemmas,) = (one["aria-label"] for one in found.all("svg") if "aria-label" in one)
    assert lemmas.startswith("How often each event fails")
    notes = [one for one in found.texts["p"] if one.startswith("This figure could not be drawn. ")]
    assert len(notes) == len(figures)
    assert "Median: " in notes[0]
    assert sorted(capsys.readouterr().err.splitlines()) == sorted(
        f"theorycheck: the figure of {one['claim']} ({one['theorem']}) on the page could not be "
        "drawn: RuntimeError: no LaTeX"
        for one in figures
    )


@pytest.mark.slow
def test_figure_of_the_lemmas_that_fails_leaves_the_others(made_up_results, monkeypatch, capsys):
    monkeypatch.setattr(trajectory, "plot_lemmas", no_latex)
    kept = [
        one for one in made_up_results["verdicts"] if "exact" in one or one["claim"] == "no-noise"
    ]
    found = Page(page_module.render({**made_up_results, "verdicts": kept}))
    (label,) = (one["aria-label"] for one in found.all("svg") if "aria-label" in one)
    assert not label.startswith("How often")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("theorycheck: the figure of the lemmas on the page could not be drawn: ")


def test_outcome_of_a_later_version_is_shown(results):
    results["claims"][0]["outcome"] = "brand new"
    assert "1</b> brand new" in page_module.render(results)


def test_claim_on_several_paths_names_its_path(results):
    found = page_module.render(on_two_paths(results))
    for along in "dn":
        assert found.count(f'<span class="name">no-noise, along {along}</span>') == 1
    assert len(re.findall(r'<li><a href="#claim-\d+">no-noise</a>', found)) == 1


# files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no JSON"),
        (b"{", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"\xff\xfe\x00", "is no JSON"),
        (b'{"format_version": 1, "verdicts": [], "x": NaN}', "is no JSON"),
        (b"[]", "must be a verdicts.json, its directory or a store"),
        (b"{}", "must be a verdicts.json, its directory or a store"),
        (b'{"format_version": 2, "verdicts": []}', "must have format_version 1, got 2"),
        (b'{"format_version": 1}', "must be a list of verdicts"),
        (b'{"format_version": 1, "verdicts": {}}', "must be a list of verdicts"),
        (b'{"format_version": 1, "verdicts": [{"claim": "x"}]}', "must be a list of verdicts"),
        (b'{"format_version": 1, "verdicts": [[]]}', "must be a list of verdicts"),
    ],
)
def test_file_of_another_kind_is_refused(content, message, tmp_path):
    path = tmp_path / "verdicts.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        results_module.load_results(path)
    assert "\n" not in str(caught.value)


def test_damaged_results_are_one_sentence(results, tmp_path):
    results["verdicts"][0]["sizes"] = 3
    path = tmp_path / "verdicts.json"
    path.write_text(json.dumps(results), encoding="utf-8")
    with pytest.raises(ValueError, match="RESULTS must be as verify writes them"):
        results_module.write_report(results_module.load_results(path), tmp_path / "out")
    assert not (tmp_path / "out").exists()


# commands


@pytest.mark.parametrize(
    ("command", "theorem", "expected"),
    [
        ("theorycheck verify", "mild-pruning", "theorycheck verify mild-pruning"),
        ("theorycheck verify all --p 0.5", "lemmas", "theorycheck verify lemmas --p 0.5"),
        ("theorycheck verify --p 0.5 all", "lemmas", "theorycheck verify --p 0.5 lemmas"),
        ("theorycheck verify --p=0.5", "lemmas", "theorycheck verify lemmas --p=0.5"),
        ("theorycheck verify --p=0.5 all", "lemmas", "theorycheck verify --p=0.5 lemmas"),
        ("theorycheck verify --p 0.5", "over-pruning", "theorycheck verify over-pruning"),
        ("theorycheck verify --p=0.5 --seeds 2", "over-pruning",
         "theorycheck verify over-pruning --seeds 2"),
        ("theorycheck verify --d 300 --seeds 2 --store a.db --out p", "predictions",
         "theorycheck verify predictions --out p"),
        ("theorycheck verify all --along eta --noise orthogonal", "mild-pruning",
         "theorycheck verify mild-pruning --along eta"),
        ("theorycheck verify all --along=eta --noise orthogonal", "lemmas",
         "theorycheck verify lemmas --along=eta --noise orthogonal"),
        ("theorycheck verify --out all", "x", "theorycheck verify x --out all"),
        ("theorycheck verify lemmas --seeds 2", "lemmas", "theorycheck verify lemmas --seeds 2"),
        ("theorycheck verify my.py --seeds 2", "mine", "theorycheck verify my.py --seeds 2"),
        ("theorycheck falsify my.py", "mine", "theorycheck falsify my.py"),
        ("", "mine", ""),
        ("theorycheck verify --quick all", "mild-pruning",
         "theorycheck verify --quick mild-pruning"),
        ("theorycheck verify --quick --p-grid", "over-pruning",
         "theorycheck verify over-pruning --quick --p-grid"),
        ("theorycheck verify --p-grid --constant no-noise=2 --out p", "predictions",
         "theorycheck verify predictions --out p"),
        ("theorycheck verify --constant no-noise=2 --constant test-loss=3", "mild-pruning",
         "theorycheck verify mild-pruning --constant no-noise=2 --constant test-loss=3"),
        ("theorycheck verify --constant=no-noise=2 --constant=test-loss=3", "over-pruning",
         "theorycheck verify over-pruning --constant=test-loss=3"),
        ("theorycheck verify --constant no-noise=2 --seeds 3", "lemmas",
         "theorycheck verify lemmas --seeds 3"),
        ("theorycheck verify my.py --constant mine=2 --quick", "mine",
         "theorycheck verify my.py --constant mine=2 --quick"),
    ],
)  # fmt: skip
def test_command_of_a_claim_verifies_its_theorem(command, theorem, expected):
    assert page_module.command_for(command, theorem) == expected


def test_command_of_one_run_repeats_it(text, made_up_results):
    record = next(one for one in made_up_results["verdicts"] if one["claim"] == "no-noise")
    part = next(one for one in text.split('<details class="claim') if "no-noise by size" in one)
    (command,) = re.findall(r"theorycheck simulate .*?npz", part)
    for name, value in record["problems"][-1].items():
        assert f"--{name.replace('_', '-')} {value} " in command
    assert "--epsilon 0.05" in command
    assert command.endswith("--seed 1 --out run.npz")


def test_premises_are_shown_with_what_becomes_of_them_along_each_path(results):
    mild = [
        one
        for one in results["verdicts"]
        if one["theorem"] == "mild-pruning" and one["claim"] != "probability"
    ]
    left = [{**one, "state": "not kept", "left_at": [7.0]} for one in mild[0]["premise_checks"]]
    results["verdicts"] = [*mild, *({**one, "along": "n", "premise_checks": left} for one in mild)]
    found = page_module.render(results)
    assert re.findall(r"Along (\w)</th>", found) == ["d", "n"]
    premises = len(mild[0]["premise_checks"])
    assert found.count("left at n = 7") == premises + 1  # the theorem's own stands by itself too
    assert found.count("<td>reported</td>") == 5
    assert found.count("<td>kept</td>") == premises - 5


def test_premises_that_0_1_0_wrote_are_shown(results):
    for one in results["verdicts"]:
        if "premise_checks" in one:
            hidden = [check["id"] for check in one.pop("premise_checks") if check["constant_name"]]
            one["premises"] = {name: one["premises"][name] for name in hidden}
    for theorem in results["theorems"]:
        for premise in theorem["premises"]:
            del premise["own"], premise["constant_name"]
    found = page_module.render(results)
    assert found.count('<div class="premise">') == 2
    assert "its hidden constant declared as 0.1; along d it is 0.521 to 0.174" in found
