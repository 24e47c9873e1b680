"""What the page says first: does a theorem hold, with which constant, from where, how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from theorycheck.printing import listed

Results = dict[str, Any]

FEW = 2  # theorems that a headline names
SHORT = {
    "holds": "{} holds in every run",
    "consistent": "{} agrees with the runs",
    "undecided": "{} is not decided",
    "refuted": "{} is refuted",
    "premise not met": "{} was not tested",
}
UNTESTED = "{} was hardly tested"
LONG = {
    "holds": "Every run keeps every claim.",
    "consistent": "Every claim moves as it is stated, along every path that its premises allow.",
    "undecided": "{weakest} is not decided; {others}.",
    "refuted": "{weakest} is refuted; {others}.",
    "premise not met": "Its premises are met on no path, so that the runs say nothing of it.",
}


@dataclass(frozen=True)
class Answer:
    """What a reader wants to know of a theorem in ten seconds.

    Attributes
    ----------
    title, outcome : str
        Of the theorem.
    sentence : str
        Whether it holds, as far as the runs can tell.
    constant, start : float or None
        With which constant all claims hold at once in 9 draws of 10, and from which size on.
    along : str
        What grows on the path that these two are from.
    alone : bool
        Whether that size is the last one.
    limitless : bool
        Whether the claims were asked for a constant, and none is large enough.
    probability : list of str
        What is known of the probability, clause by clause, the event first.
    """

    title: str
    outcome: str
    sentence: str
    constant: float | None
    start: float | None
    along: str
    alone: bool
    limitless: bool
    probability: list[str]


def answers(results: Results) -> list[Answer]:
    """Return the answer for each theorem that was summed up."""
    return [_answer(one, results.get("claims") or []) for one in results.get("summaries") or []]


def _answer(summary: Results, claims: Sequence[Results]) -> Answer:
    own = [one for one in claims if one["theorem"] == summary["theorem"]]
    others = [
        one["outcome"] for one in own if one["claim"] not in (summary["weakest"], "probability")
    ]
    found = {name: others.count(name) for name in dict.fromkeys(others)}
    rest = ", ".join(f"{count} {name}" for name, count in found.items()) or "none"
    told = {"weakest": summary["weakest"], "others": f"the other claims: {rest}"}
    sentence = LONG.get(summary["outcome"], "").format(**told)
    if unmoved := summary.get("unmoved"):
        sentence += f" No path moves the bound of {' and '.join(unmoved)}: hardly tested."
    if dense := summary.get("dense"):
        sentence += f" Along {listed(dense)} nothing is pruned (p = 1)."
    return Answer(
        summary["title"],
        summary["outcome"],
        sentence,
        summary.get("constant"),
        summary.get("start"),
        summary.get("along") or "",
        summary.get("start") is not None and summary.get("start") == summary.get("last"),
        "no constant" in summary["words"],
        _clauses(summary.get("probability") or ""),
    )


def _clauses(probability: str) -> list[str]:
    """Return what is known of a probability, the event first, a constant beside what it must be."""
    together = probability.replace(" here; 1 - O", " here, 1 - O")
    clauses = [one for one in together.split("; ") if one]
    return sorted(clauses, key=lambda one: not one.startswith("the event"))


def headline(records: Sequence[Results], results: Results) -> str:
    """Return the first line of the page."""
    study, summaries = results.get("study"), results.get("summaries") or []
    if study and study["unfinished"]:
        return f"Unfinished: {study['done']} of {study['total']} runs"
    if study and not records:
        return f"{study['done']} of {study['total']} runs"
    if not records:
        return "Nothing was checked"
    if 0 < len(summaries) <= FEW and all(one["outcome"] in SHORT for one in summaries):
        claims = results.get("claims") or []
        told = [_in_short(one, claims).format(one["title"].lower()) for one in summaries]
        whole = ", ".join(told)
        return whole[0].upper() + whole[1:]
    refuted = sum(one["outcome"] == "refuted" for one in records)
    if refuted == 1:
        return "One claim is refuted"
    return f"{refuted} claims are refuted" if refuted else "Nothing is refuted"


def _in_short(summary: Results, claims: Sequence[Results]) -> str:
    """Return what is said of a theorem in a few words; no more than its paths have tested."""
    consistent = {
        one["claim"]
        for one in claims
        if one["theorem"] == summary["theorem"] and one["outcome"] == "consistent"
    }
    unmoved = summary.get("unmoved") or ()
    if summary["outcome"] == "consistent" and consistent and consistent <= set(unmoved):
        return UNTESTED
    return SHORT[summary["outcome"]]
