"""Formulas of the statements, as presentation MathML and as LaTeX.

Right sides are sympy expressions and printed by sympy. Left sides are written once beside each
claim, in the notation that :class:`bounds.Claim` describes, and translated here.
"""

from __future__ import annotations

import html
import re
from typing import Any, Literal
from xml.etree import ElementTree

from sympy import Expr, Float, Rational, Symbol, latex
from sympy.printing.mathml import MathMLPresentationPrinter
from sympy.printing.precedence import precedence_traditional

from bounds import Boundary, Claim, Condition, Lemma
from bounds.symbols import loss
from theorycheck.reporting.notation import as_latex, as_mathml, latex_text, parse

Form = Literal["mathml", "latex"]


# The relation that an order stands for: what stands between the left side and the right one.
RELATIONS = {
    "upper": ("≤", r"\le"),
    "lower": ("≥", r"\ge"),
    "both": ("=", "="),
    "above": (">", ">"),
}


ORDERS = {
    "O": ("<mi>O</mi>", "O"),
    "Omega": ('<mi mathvariant="normal">Ω</mi>', r"\Omega"),
    "Theta": ('<mi mathvariant="normal">Θ</mi>', r"\Theta"),
    "O~": ('<mover accent="true"><mi>O</mi><mo>~</mo></mover>', r"\tilde{O}"),
}


# All that a formula from a results file may contain: it goes into a page as it is.
ELEMENTS = {
    "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup",
    "munder", "mover", "munderover", "mspace", "mfenced", "mtable", "mtr", "mtd",
}  # fmt: skip


ATTRIBUTES = {"accent", "linethickness", "lspace", "mathvariant", "rspace", "stretchy"}


def expression(expr: Expr, form: Form) -> str:
    """Print a sympy expression."""
    named = expr.xreplace({loss: Symbol("L_S")})
    if form == "latex":
        return str(latex(named, fold_frac_powers=True))
    printed = _Printer().doprint(named).replace("&ExponentialE;", "e")  # not double-struck
    printed = re.sub(r"(?<=<m[on]>)-", "−", printed)
    printed = printed.replace("<mi>log</mi>", '<mo lspace="0.17em" rspace="0">log</mo>')
    # sympy writes names of signs that only HTML knows
    return _calm(re.sub(r"&(?!lt;|gt;|amp;|#)\w+;", lambda name: html.unescape(name[0]), printed))


class _Printer(MathMLPresentationPrinter):
    """Write powers as the theorems do: m^(-1/q), the exponent on one line, no 1 over a power."""

    def _print_Pow(self, expr: Expr) -> Any:
        if expr.exp.is_number:
            return super()._print_Pow(expr)
        return self._power(self.parenthesize(expr.base, precedence_traditional(expr)), expr.exp)

    def _print_exp(self, expr: Expr) -> Any:
        base = self.dom.createElement("mi")
        base.appendChild(self.dom.createTextNode("e"))
        return self._power(base, expr.exp)

    def _power(self, base: Any, exponent: Expr) -> Any:
        power = self.dom.createElement("msup")
        power.appendChild(base)
        power.appendChild(self._on_one_line(exponent))
        return power

    def _on_one_line(self, exponent: Expr) -> Any:
        over, under = exponent.as_numer_denom()
        if under == 1:
            return self._print(exponent)
        row = self.dom.createElement("mrow")
        slash = self.dom.createElement("mo")
        slash.appendChild(self.dom.createTextNode("/"))
        for part in (self._print(over), slash, self._print(under)):
            row.appendChild(part)
        return row


def claim_formula(claim: Claim, form: Form) -> str:
    """Return a claim as a formula; its left side in words where it has no other."""
    left = _left(claim.left, claim.quantity, form)
    right = expression(claim.bound, form)
    if claim.order.symbol in ORDERS:
        return _related(left, "both", _in_order(claim.order.symbol, right, form), form)
    return _related(left, claim.direction, right, form)


def boundary_formula(boundary: Boundary, form: Form) -> str:
    """Return a boundary as a formula: the left side and its level, if and only if index >= C."""
    side = "upper" if boundary.side == "below" else "lower"
    left = _left(boundary.left, boundary.quantity, form)
    success = _related(left, side, expression(Float(boundary.level, 4), form), form)
    index = _related(expression(boundary.index, form), "lower", expression(Symbol("C"), form), form)
    if form == "latex":
        return rf"{success} \iff {index}"
    return f"<mrow>{success}<mo>⟺</mo>{index}</mrow>"


def lemma_formula(lemma: Lemma, form: Form) -> str:
    """Return the event of a lemma as a formula; one without a probability speaks of an order."""
    formula = _left(lemma.left, lemma.quantity, form)
    if lemma.bound is None and lemma.upper is not None:
        return _related(formula, "both", _in_order("O", expression(lemma.upper, form), form), form)
    if lemma.lower is not None:
        formula = _related(expression(lemma.lower, form), "upper", formula, form)
    if lemma.upper is not None:
        relation = "both" if lemma.upper.is_zero else "upper"
        formula = _related(formula, relation, expression(lemma.upper, form), form)
    return formula


def condition_formula(condition: Condition, form: Form) -> str:
    """Return a premise as a formula: what its constant is compared with, and the constant."""
    relation = "above" if condition.strict else condition.direction
    if condition.hidden:
        constant = _constant_name(condition.constant_name, form)
    else:
        constant = expression(Rational(condition.constant), form)
    return _related(expression(condition.expression, form), relation, constant, form)


def _constant_name(name: str, form: Form) -> str:
    if name.startswith(("C", "c_")):
        return expression(Symbol(name), form)
    words = name.replace("_", " ")
    return rf"\text{{{latex_text(words)}}}" if form == "latex" else f"<mtext>{words}</mtext>"


def _left(formula: str, words: str, form: Form) -> str:
    if formula:
        terms = parse(formula)
        return as_latex(terms) if form == "latex" else as_mathml(terms)
    if form == "latex":
        return rf"\text{{{latex_text(words)}}}"
    return f"<mtext>{html.escape(words, quote=False)}</mtext>"


def _related(left: str, relation: str, right: str, form: Form) -> str:
    sign = RELATIONS[relation][form == "latex"]
    if form == "latex":
        return f"{left} {sign} {right}"
    return f"<mrow>{left}<mo>{sign}</mo>{right}</mrow>"


def _in_order(symbol: str, right: str, form: Form) -> str:
    order = ORDERS[symbol][form == "latex"]
    if form == "latex":
        return rf"{order}\left({right}\right)"
    return _calm(f"<mrow>{order}<mo>(</mo>{right}<mo>)</mo></mrow>")


def _calm(mathml: str) -> str:
    """Keep parentheses around a single line from growing with it."""
    root = ElementTree.fromstring(mathml)
    for row in root.iter("mrow"):
        if not any(True for _ in row.iter("mfrac")):
            for sign in row.findall("mo"):
                if sign.text in ("(", ")"):
                    sign.set("stretchy", "false")
    return ElementTree.tostring(root, encoding="unicode")


def checked_mathml(formula: str) -> str:
    """Return a formula from a results file with nothing in it but MathML."""
    try:
        root = ElementTree.fromstring(formula)
    except (ElementTree.ParseError, TypeError) as error:
        raise ValueError(f"formula must be MathML, got {formula!r}") from error
    for element in root.iter():
        if element.tag not in ELEMENTS or not set(element.attrib) <= ATTRIBUTES:
            raise ValueError(f"formula must hold nothing but MathML, got {formula!r}")
    return ElementTree.tostring(root, encoding="unicode")
