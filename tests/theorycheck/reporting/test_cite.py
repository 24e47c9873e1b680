"""What to cite: the tool as it is, and every paper that a theorem names."""

import re
from dataclasses import replace
from pathlib import Path

import bounds
import theorycheck
from bounds.papers import PAPERS
from bounds.sources import PAPER
from theorycheck.reporting.cite import bibtex

CITATION = Path(__file__).resolve().parents[3] / "CITATION.cff"


def entries(text):
    return re.findall(r"^@(\w+)\{([^,]+),", text, re.MULTILINE)


def test_tool_and_paper_are_cited_once():
    text = bibtex(bounds.THEOREMS.values())
    assert entries(text) == [("software", "theorycheck"), ("misc", "yang2023pruning")]
    assert f"version = {{{theorycheck.__version__}}}," in text
    assert text.count("{") == text.count("}")


def test_every_paper_of_the_theorems_is_known():
    for theorem in bounds.THEOREMS.values():
        for one in (theorem, *theorem.claims.values(), *theorem.conditions.values()):
            assert one.source.citation in (*PAPERS, "this project")


def test_paper_is_that_of_the_citation_file():
    paper, cff = PAPERS[PAPER], CITATION.read_text(encoding="utf-8")
    assert f"title: {paper.title}\n" in cff
    assert f"year: {paper.year}\n" in cff
    assert f"url: https://arxiv.org/abs/{paper.arxiv}\n" in cff
    families = re.findall(r"family-names: (\w+)\s+given-names: (\w+)", cff)
    assert paper.authors == tuple(f"{family}, {given}" for family, given in families)


def test_unknown_citation_is_cited_by_its_words():
    mild = bounds.THEOREMS["mild-pruning"]
    source = replace(mild.source, citation="A & B, 50% {sure}")
    own = replace(mild, source=source, conditions={}, claims={})
    assert r"note = {A \& B, 50\% \{sure\}}," in bibtex([own])
    assert entries(bibtex([own]))[1] == ("misc", "ab50sure")
