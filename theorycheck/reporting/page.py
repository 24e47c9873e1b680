"""The report: one self-contained HTML page, made from ``verdicts.json`` or a store alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from theorycheck.judging.verdict import OUTCOMES
from theorycheck.printing import complain, in_one_line
from theorycheck.reporting.answers import answers, headline
from theorycheck.reporting.document import Results
from theorycheck.reporting.repeat import command_for, run_command

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure


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
    formula, figure : Markup or None
        Ready for the page.
    command, run_command : str
        What makes the verdict again, and what repeats its first run at the last size.
    """

    id: str
    record: Results
    stated: Results
    formula: Markup | None
    figure: Markup | None
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
    figure: Markup | None

    @property
    def several_paths(self) -> bool:
        """Whether a claim must be told from the same claim on another path."""
        return len(self.families) > 1

    def place_of(self, claim: str) -> str:
        """Return the place of the first entry on a claim."""
        return next(entry.id for entry in self.entries if entry.record["claim"] == claim)


def render(results: Results) -> str:
    """Return the page."""
    from jinja2 import ChainableUndefined, Environment, PackageLoader

    from theorycheck.reporting.page_parts import number

    environment = Environment(
        loader=PackageLoader("theorycheck.reporting"),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "kind": _kind, "parts": _parts, "signs": _signs}
    return environment.get_template("report.html.jinja").render(
        results=results,
        sections=_sections(results),
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
            figure = _lemmas_figure(own, place)
            families = _families(own)
            sections.append(Section(place, theorem, premises, families, entries, figure))
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
        _scaling_figure(record, stated, place) if _is_drawn(record, results) else None,
        command_for(results.get("command", ""), record["theorem"]),
        run_command(record),
    )


def _scaling_figure(record: Results, stated: Results, place: str) -> Markup | None:
    from theorycheck.reporting.figures.scaling import describe, scaling_figure

    if not record.get("sizes"):
        return None
    lower = stated.get("direction") == "lower" or record.get("order") == "Omega"
    return _inlined(
        lambda: scaling_figure(record, lower),
        place,
        describe(record),
        f"{record['claim']} ({record['theorem']})",
    )


def _lemmas_figure(records: Sequence[Results], place: str) -> Markup | None:
    """Draw the probabilities of lemmas that were held against draws."""
    from theorycheck.reporting.document import lemma_check
    from theorycheck.reporting.figures.style import figure_of
    from theorycheck.reporting.figures.trajectory import plot_lemmas

    checks = [lemma_check(one) for one in records if "exact" in one]
    if not checks:
        return None
    told = [f"{one.lemma}: {one.failures} of {one.draws} draws, exact {one.exact:.3g}, "
            f"bound {one.bound:.3g}" for one in checks]  # fmt: skip
    return _inlined(
        lambda: figure_of(plot_lemmas(checks)),
        place,
        "How often each event fails. " + "; ".join(told) + ".",
        "the lemmas",
    )


def _inlined(make: Callable[[], Figure | None], place: str, words: str, what: str) -> Markup | None:
    """Make a figure for the page; in place of one that fails, the page and a line say so."""
    from markupsafe import Markup

    from theorycheck.reporting.figures.style import house_style
    from theorycheck.reporting.page_parts import inline_svg

    try:
        with house_style():
            figure = make()
            return None if figure is None else Markup(inline_svg(figure, place, words))
    except Exception as error:
        complain(f"the figure of {what} on the page could not be drawn: {in_one_line(error)}")
        return Markup('<p class="note">This figure could not be drawn. {}</p>').format(words)
