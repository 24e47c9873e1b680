"""What to cite, in BibTeX: the tool, and the paper of each theorem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bounds import Theorem
from bounds.papers import PAPERS
from theorycheck.about import VERSION
from theorycheck.reporting.notation import latex_text

OWN = "this project"


def bibtex(theorems: Iterable[Theorem]) -> str:
    """Return the entries for this tool and for the papers of some theorems."""
    cited = dict.fromkeys(name for theorem in theorems for name in _citations(theorem))
    papers = [_paper(citation) for citation in cited if citation != OWN]
    return "\n".join([_tool(), *papers])


def _citations(theorem: Theorem) -> Iterable[str]:
    yield theorem.source.citation
    yield from (condition.source.citation for condition in theorem.conditions.values())
    yield from (claim.source.citation for claim in theorem.claims.values())


def _tool() -> str:
    return _entry(
        "software",
        "theorycheck",
        {
            "title": "{theorycheck}",
            "author": "{The theorycheck maintainers}",
            "version": VERSION,
            "note": "Checks theorems on randomly pruned networks against exact simulations of them",
        },
    )


def _paper(citation: str) -> str:
    if citation not in PAPERS:
        key = "".join(sign for sign in citation.lower() if sign.isascii() and sign.isalnum())
        return _entry("misc", key[:40] or "theorem", {"note": latex_text(citation)})
    paper = PAPERS[citation]
    return _entry(
        "misc",
        paper.key,
        {
            "title": f"{{{paper.title}}}",
            "author": " and ".join(paper.authors),
            "year": str(paper.year),
            "eprint": paper.arxiv,
            "archiveprefix": "arXiv",
            "url": f"https://arxiv.org/abs/{paper.arxiv}",
            "note": paper.note,
        },
    )


def _entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])
