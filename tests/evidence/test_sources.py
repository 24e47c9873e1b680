import json

import pytest

from evidence import record, sources


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A repository with one piece that imports one module of sims."""
    (tmp_path / "evidence").mkdir()
    (tmp_path / "sims").mkdir()
    for name in ("evidence", "sims"):
        (tmp_path / name / "__init__.py").write_text("")
    (tmp_path / "evidence" / "piece.py").write_text("def main():\n    from sims.flow import go\n")
    (tmp_path / "sims" / "flow.py").write_text('"""Words."""\nimport numpy\n\ngo = 1\n')
    (tmp_path / "sims" / "other.py").write_text("")
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    yield tmp_path
    forget()


def forget():
    for cached in (sources._imports, sources._tree, sources._code, sources._file):
        cached.cache_clear()


def digest():
    forget()
    return sources.digest("evidence.piece")


def test_imports_inside_functions_are_followed_and_those_of_others_are_not(house):
    forget()
    assert sources.reached("evidence.piece") == {"evidence", "evidence.piece", "sims", "sims.flow"}


def test_imports_for_type_checkers_count_for_a_front_door_by_name_alone(house):
    (house / "theorycheck").mkdir()
    offers = "if TYPE_CHECKING:\n    from theorycheck.judge import judge\n"
    (house / "theorycheck" / "__init__.py").write_text(offers)
    for name in ("judge", "running"):
        (house / "theorycheck" / f"{name}.py").write_text("")
    for text, followed in (
        ("from theorycheck.running import run\n", False),
        ("def main():\n    import theorycheck as tc\n", True),
    ):
        (house / "evidence" / "piece.py").write_text(text)
        forget()
        assert ("theorycheck.judge" in sources.reached("evidence.piece")) is followed


@pytest.mark.parametrize(
    ("file", "text", "same"),
    [
        ("sims/flow.py", '"""Other words."""\nimport numpy  # a comment\n\n\ngo = 1\n', True),
        ("sims/other.py", "changed = 1\n", True),
        ("sims/flow.py", '"""Words."""\nimport numpy\n\ngo = 2\n', False),
        ("evidence/piece.py", "def main():\n    from sims.flow import went\n", False),
    ],
)
def test_digest_changes_with_code_it_depends_on_and_with_nothing_else(house, file, text, same):
    before = digest()
    (house / file).write_text(text)
    assert (digest() == before) is same


def test_result_is_stale_once_its_sources_change(house, monkeypatch):
    results = house / "results"
    monkeypatch.setattr(record, "RESULTS", results)
    forget()
    record.write("piece-one", {"number": 1})
    assert json.loads((results / "piece-one.json").read_text())["piece"] == "piece"
    assert record.stale() == []
    (house / "sims" / "flow.py").write_text("go = 2\n")
    forget()
    assert record.stale() == ["piece-one"]


def test_result_without_a_record_of_its_sources_is_stale(house, monkeypatch):
    (house / "results").mkdir()
    (house / "results" / "old.json").write_text("{}")
    monkeypatch.setattr(record, "RESULTS", house / "results")
    assert record.stale() == ["old"]
