"""Formulas in plain text, as the statements hold them, set as MathML or LaTeX."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

TOKEN = re.compile(r"\|\||<=|>=|!=|\d+|[A-Za-z]+|\S")
GREEK = {
    "gamma": "γ", "zeta": "ζ", "omega": "ω", "sigma": "σ", "mu": "μ", "xi": "ξ", "eta": "η",
    "epsilon": "ε", "delta": "δ",
}  # fmt: skip


NAMED = ("max", "min", "log", "exp")
SIGNS = {
    "||": ("‖", r"\|"),
    "<=": ("≤", r"\le "),
    ">=": ("≥", r"\ge "),
    "!=": ("≠", r"\ne "),
    "<": ("⟨", r"\langle "),
    ">": ("⟩", r"\rangle "),
    "in": ("∈", r"\in "),
    "grad": ("∇", r"\nabla "),
    "*": ("∗", "*"),
    "'": ("′", "'"),
}


FENCES = ("|", "||", "<", ">", "(", ")")


@dataclass(frozen=True)
class Term:
    """One sign of a formula, with what stands below and above it."""

    sign: str
    tilde: bool = False
    below: tuple[Term, ...] = ()
    above: tuple[Term, ...] = ()


def parse(formula: str) -> tuple[Term, ...]:
    """Read a formula in the notation of left sides."""
    tokens = TOKEN.findall(formula)
    terms = tuple(_terms(tokens, formula))
    if tokens:
        raise ValueError(f"formula must close what it opens, got {formula!r}")
    return terms


def _terms(tokens: list[str], formula: str) -> Iterator[Term]:
    """Take terms from the front of the tokens, up to a closing brace or the end."""
    while tokens and tokens[0] != "}":
        sign = tokens.pop(0)
        if sign in ("_", "^", "~", "{"):
            raise ValueError(f"formula must not have {sign!r} after nothing, got {formula!r}")
        term = Term(sign)
        while tokens and tokens[0] in ("_", "^", "~"):
            script = tokens.pop(0)
            if script == "~":
                term = replace(term, tilde=True)
            elif script == "_":
                term = replace(term, below=_script(tokens, formula))
            else:
                term = replace(term, above=_script(tokens, formula))
        yield term


def _script(tokens: list[str], formula: str) -> tuple[Term, ...]:
    if tokens[:1] != ["{"]:
        if not tokens or tokens[0] in "_^~}":
            raise ValueError(f"formula must not have an empty script, got {formula!r}")
        return (Term(tokens.pop(0)),)
    tokens.pop(0)
    inner = tuple(_terms(tokens, formula))
    if not tokens or not inner:
        raise ValueError(f"formula must close what it opens, got {formula!r}")
    tokens.pop(0)
    return inner


def as_mathml(terms: tuple[Term, ...]) -> str:
    """Return terms as presentation MathML, without the element ``math`` around them."""
    return _row([_term_mathml(term) for term in terms])


def _row(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"


def _term_mathml(term: Term) -> str:
    sign = _sign_mathml(term.sign)
    if term.tilde:
        sign = f'<mover accent="true">{sign}<mo>~</mo></mover>'
    below, above = (as_mathml(script) if script else "" for script in (term.below, term.above))
    under = "munder" if term.sign in NAMED else "msub"
    if below and above:
        return f"<msubsup>{sign}{below}{above}</msubsup>"
    if below:
        return f"<{under}>{sign}{below}</{under}>"
    return f"<msup>{sign}{above}</msup>" if above else sign


def _sign_mathml(sign: str) -> str:
    if sign in FENCES:
        fence = SIGNS[sign][0] if sign in SIGNS else sign
        return f'<mo stretchy="false" lspace="0" rspace="0">{fence}</mo>'
    if sign in SIGNS:
        return f"<mo>{SIGNS[sign][0]}</mo>"
    if sign in NAMED:
        return f"<mo>{sign}</mo>"
    if sign.isdigit():
        return f"<mn>{sign}</mn>"
    if sign.isalpha() and (len(sign) == 1 or sign in GREEK):
        return f"<mi>{GREEK.get(sign, sign)}</mi>"
    if sign.isalpha():
        return f"<mtext>{sign}</mtext>"
    return f"<mo>{html.escape(sign)}</mo>"


def as_latex(terms: tuple[Term, ...]) -> str:
    """Return terms as LaTeX, without dollars."""
    return " ".join(map(_term_latex, terms))


def _term_latex(term: Term) -> str:
    sign = _sign_latex(term.sign)
    if term.tilde:
        sign = rf"\tilde{{{sign}}}"
    below, above = (as_latex(script) for script in (term.below, term.above))
    return sign + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")


def _sign_latex(sign: str) -> str:
    if sign in SIGNS:
        return SIGNS[sign][1].rstrip()
    if sign in NAMED or sign in GREEK:
        return rf"\{sign}"
    return rf"\mathrm{{{sign}}}" if sign.isalpha() and len(sign) > 1 else sign


def latex_text(words: str) -> str:
    """Write plain text for LaTeX."""
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {sign: rf"\{sign}" for sign in "&%$#_{}"}
    special |= {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
    return "".join(special.get(sign, sign) for sign in words)
