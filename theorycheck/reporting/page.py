"""The report: one self-contained HTML page, made from ``verdicts.json`` or a store alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from theorycheck.judging.verdict import OUTCOMES
from theorycheck.reporting.answers import answers, headline
from theorycheck.reporting.document import Results
from theorycheck.reporting.figures.style import Each
from theorycheck.reporting.page_parts import Drawing, drawn, lemmas_drawing, number, scaling_drawing
from theorycheck.reporting.repeat import command_for, run_command

if TYPE_CHECKING:
    from markupsafe import Markup

PAGE = "index.html"
MEANINGS = {
    "holds": "derived for every run, and true in every run; a lemma that keeps its bound",
    "consistent": "for the median draw, the implied constant grows no faster than the order "
    "allows on every path; a claim that hides nothing, true in every draw",
    "refuted": "for the median draw, the implied constant grows faster than the order allows, to "
    "the end of a path, and passes the declared constant",
    "premise not met": "the theorem says nothing about these runs",
    "undecided": "the numbers cannot tell; the reason says why, and what would decide",
}


@dataclass(frozen=True)
class Entry:
    """One claim on the page.

    Attributes
    ----------
    id : str
        Name of its place on the page.
    record : dict
        Its verdict.
    stated : dict
        What it says; empty where the results do not hold it.
    formula : Markup or None
        Ready for the page.
    drawing : Drawing or None
        The figure to be drawn.
    command, run_command : str
        What makes the verdict again, and what repeats its first run at the last size.
    """

    id: str
    record: Results
    stated: Results
    formula: Markup | None
    drawing: Drawing | None
    command: str
    run_command: str


@dataclass(frozen=True)
class Section:
    """One theorem on the page, or the lemmas."""

    id: str
    theorem: Results
    premises: list[Results]
    families: list[Results]
    entries: list[Entry]
    drawing: Drawing | None

    @property
    def drawings(self) -> list[Drawing]:
        """The figures to be drawn for it."""
        every = [self.drawing, *(one.drawing for one in self.entries)]
        return [one for one in every if one is not None]

    @property
    def several_paths(self) -> bool:
        """Whether a claim must be told from the same claim on another path."""
        return len(self.families) > 1

    def place_of(self, claim: str) -> str:
        """Return the place of the first entry on a claim."""
        return next(entry.id for entry in self.entries if entry.record["claim"] == claim)


def render(results: Results, each: Each = map) -> str:
    """Return the page; `each` draws its figures, as ``map`` does or the one of an executor."""
    from jinja2 import ChainableUndefined, Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("theorycheck.reporting"),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    environment.filters |= {"number": number, "kind": _kind, "parts": _parts, "signs": _signs}
    sections = _sections(results)
    drawings = [drawing for section in sections for drawing in section.drawings]
    figures = zip((one.place for one in drawings), each(drawn, drawings), strict=True)
    return environment.get_template("report.html.jinja").render(
        results=results,
        sections=sections,
        figures=dict(figures),
        counts=_counts(_summed_up(results)),
        decided=_summed_up(results),
        meanings=MEANINGS,
        headline=headline(_summed_up(results), results),
        answers=answers(results),
        seeds=_used("seeds", results),
        engines=_used("engines", results),
    )


def _summed_up(results: Results) -> list[Results]:
    """Return one record a claim: the sum over its paths where there is one."""
    claims = results.get("claims") or []
    known = {(one["theorem"], one["claim"]) for one in claims}
    rest = [one for one in results["verdicts"] if (one["theorem"], one["claim"]) not in known]
    return [*claims, *rest]


def _kind(outcome: str) -> str:
    """Return the CSS class of an outcome."""
    return outcome.replace(" ", "-") if outcome in OUTCOMES else "undecided"


def _parts(reason: str) -> list[str]:
    """Split a reason into what decided and what else should be known."""
    return reason.split("; ")


def _signs(words: str) -> str:
    """Write the relations in plain text as print does."""
    for plain, sign in (("<=", "≤"), (">=", "≥"), ("!=", "≠"), ("O~", "Õ")):
        words = words.replace(plain, sign)
    return words


def _counts(records: Sequence[Results]) -> dict[str, int]:
    """Count the outcomes, in their own order."""
    outcomes = [one["outcome"] for one in records]
    return {
        outcome: outcomes.count(outcome)
        for outcome in dict.fromkeys((*OUTCOMES, *outcomes))
        if outcome in outcomes
    }


def _used(name: str, results: Results) -> list[Any]:
    """Return what verdicts and a study list under a name, each once."""
    listing = [*results["verdicts"], results.get("study") or {}]
    return sorted({one for listed in listing for one in listed.get(name) or []})


def _sections(results: Results) -> list[Section]:
    """Sort the verdicts by theorem, in the order of the results."""
    stated = {one["id"]: one for one in results.get("theorems") or []}
    records = results["verdicts"]
    names = dict.fromkeys([*stated, *(one["theorem"] for one in records)])
    places = iter(range(1, len(records) + 1))
    sections: list[Section] = []
    for name in names:
        own = _by_claim([one for one in records if one["theorem"] == name])
        theorem = stated.get(name, {"id": name, "title": name})
        entries = [_entry(one, theorem, results, f"claim-{next(places)}") for one in own]
        if entries:
            place = f"theorem-{len(sections) + 1}"
            premises = [_premise(one, name, own) for one in theorem.get("premises", [])]
            drawing = lemmas_drawing(own, place)
            families = _families(own)
            sections.append(Section(place, theorem, premises, families, entries, drawing))
    return sections


def _by_claim(records: Sequence[Results]) -> list[Results]:
    """Return records claim by claim, in the order in which the claims come first."""
    places = {name: place for place, name in enumerate(dict.fromkeys(x["claim"] for x in records))}
    return sorted(records, key=lambda one: places[one["claim"]])


def _is_drawn(record: Results, results: Results) -> bool:
    """Tell whether a record is drawn: where anything is, that on the path which decides a claim."""
    if not results.get("drawn", True):
        return False
    for claim in results.get("claims") or []:
        if (claim["theorem"], claim["claim"]) == (record["theorem"], record["claim"]):
            return bool(claim["paths"][claim["deciding"]][0] == record.get("along"))
    return True


def _families(records: Sequence[Results]) -> list[Results]:
    """Return the paths that verdicts rest on, each once, and how complete its runs are."""
    found: dict[tuple[str, str], Results] = {}
    for one in records:
        if sizes := one.get("sizes"):
            found.setdefault(
                (one["along"], one.get("tied", "")),
                {
                    "along": one["along"],
                    "tied": one.get("tied", ""),
                    "sizes": [size["size"] for size in sizes],
                    "inside": sum(size["runs"] for size in sizes),
                    "total": sum(size["total"] for size in sizes),
                },
            )
    return list(found.values())


def _premise(premise: Results, theorem: str, records: Sequence[Results]) -> Results:
    """Return a premise with its formula, and what becomes of it along each path."""
    place = premise["id"]
    paths: dict[tuple[str, str], Results] = {}
    for one in records:
        if one.get("premises"):
            # results of 0.1.0 hold the constants alone
            checks = {check["id"]: check for check in one.get("premise_checks", [])}
            found = {"along": one["along"], "values": one["premises"].get(place, [])}
            paths.setdefault((one["along"], one.get("tied", "")), found | checks.get(place, {}))
    return {
        "own": place == theorem,
        **premise,
        "formula": _formula(premise.get("formula")),
        "paths": list(paths.values()),
    }


def _formula(mathml: str | None) -> Markup | None:
    from markupsafe import Markup

    from theorycheck.reporting.formulas import checked_mathml

    if mathml is None:
        return None
    return Markup(f'<math display="block">{checked_mathml(mathml)}</math>')


def _entry(record: Results, theorem: Results, results: Results, place: str) -> Entry:
    stated = theorem.get("claims", {}).get(record["claim"], {})
    return Entry(
        place,
        record,
        stated,
        _formula(stated.get("formula")),
        scaling_drawing(record, stated, place) if _is_drawn(record, results) else None,
        command_for(results.get("command", ""), record["theorem"]),
        run_command(record),
    )
