"""The committed notebooks are fit to be read; `pytest --nbmake docs/lessons` runs them."""

import ast
import base64
import json
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

LESSONS = sorted((Path(__file__).resolve().parents[2] / "docs" / "lessons").glob("*.ipynb"))
LARGEST_FIGURE = 60_000  # bytes
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|tmp|usr|opt|work|Users|private)/|[A-Z]:\\\\")
FOLDED = {"tags": ["hide-cell"], "jupyter": {"source_hidden": True, "outputs_hidden": True}}
PACKAGES = {"bounds", "sims", "theorycheck"}


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def notebook(request):
    return json.loads(request.param.read_text(encoding="utf-8"))


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def outputs(notebook):
    return [output for cell in code_cells(notebook) for output in cell["outputs"]]


def source(cell):
    return "".join(cell["source"])


def test_there_are_six_lessons():
    assert [path.stem[:2] for path in LESSONS] == ["1_", "2_", "3_", "4_", "5_", "6_"]


def test_every_cell_was_run_in_order(notebook):
    counts = [cell["execution_count"] for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_outputs_are_text_and_figures_only(notebook):
    for output in outputs(notebook):
        if output["output_type"] == "stream":
            assert output["name"] == "stdout"
        else:
            assert output["output_type"] == "display_data"
            assert list(output["data"]) == ["image/png"]


def test_figures_are_small(notebook):
    figures = [one["data"]["image/png"] for one in outputs(notebook) if "data" in one]
    assert figures
    assert max(len(base64.b64decode(figure)) for figure in figures) < LARGEST_FIGURE


def test_no_path_of_a_machine_is_shown(notebook):
    text = json.dumps([cell for cell in notebook["cells"]])
    assert not MACHINE_PATH.search(re.sub(r'"image/png": "[^"]*"', "", text))


def test_metadata_hold_nothing_that_changes_from_run_to_run(notebook):
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags", "jupyter"}
        assert re.fullmatch(r"\d-\d\d", cell["id"])


def test_goal_minutes_and_prerequisites_come_first(notebook):
    first = source(notebook["cells"][0])
    number = re.match(r"# (\d)\. .*\n\n\*\*Goal:\*\* ", first)[1]
    read, practice = re.search(
        r"\*\*Time:\*\* 60 minutes: (\d\d) to read, (\d\d) for the exercises\. ", first
    ).groups()
    assert int(read) + int(practice) == 60
    listed = (LESSONS[0].parent / "index.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| \[{number}\. .* \| {read} \+ {practice} \|$", listed, re.MULTILINE)
    assert "**Before this:** " in first


def test_the_first_figure_of_lesson_1_is_in_its_first_five_cells():
    cells = json.loads(LESSONS[0].read_text(encoding="utf-8"))["cells"]
    assert any("data" in output for cell in cells[:5] for output in cell.get("outputs", []))


def test_one_thing_can_be_moved_and_is_shown_in_panels(notebook):
    cells = code_cells(notebook)
    (slider,) = [k for k, cell in enumerate(cells) if "ipywidgets" in source(cell)]
    guarded, alternative = source(cells[slider]).split("except ImportError:\n")
    assert guarded.startswith("try:\n    from ipywidgets import ")
    assert "    interact(lambda " in alternative
    assert cells[slider]["outputs"] == []
    assert source(cells[slider - 1]).splitlines()[-1].startswith("show(")
    assert any("data" in output for output in cells[slider - 1]["outputs"])


def test_three_graded_exercises_have_a_check_and_a_folded_solution(notebook):
    cells = notebook["cells"]
    graded = []
    for exercise, check, solution in zip(cells, cells[1:], cells[2:], strict=False):
        asked = re.findall(r"^\*\*(\d)\.\*\* (★+) ", source(exercise), re.MULTILINE)
        if exercise["cell_type"] == "markdown" and asked:
            graded += asked
            name = f"check_{asked[0][0]}"
            assert f"def {name}(" in source(check)
            assert "assert " in source(check)
            assert re.search(rf"^{name}\(\.\.\..*\)  # ", source(check), re.MULTILINE)
            assert check["outputs"] == []
            assert solution["metadata"] == FOLDED
            assert re.search(rf"^{name}\((?!\.\.\.)", source(solution), re.MULTILINE)
            assert "right" in "".join("".join(one["text"]) for one in solution["outputs"])
    assert graded == [("1", "★"), ("2", "★★"), ("3", "★★★")]
    assert sum(cell["metadata"] == FOLDED for cell in cells) == 3


def test_what_is_taught_is_imported(notebook):
    imported = set()
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(source(cell))):
            if isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).split(".")[0])
            elif isinstance(node, ast.Import):
                imported |= {name.name.split(".")[0] for name in node.names}
    assert imported & PACKAGES


def test_prose_rests_on_assertions(notebook):
    assert sum("assert " in source(cell) for cell in code_cells(notebook)) >= 3
