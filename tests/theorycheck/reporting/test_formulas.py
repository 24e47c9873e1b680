"""Formulas: left sides are read as they are written, right sides come from the expressions."""

import re
from xml.etree import ElementTree

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import bounds
from bounds import Claim, Source
from bounds.statements import BIG_O
from bounds.symbols import K, d, m, n, p, q
from theorycheck.reporting import formulas
from theorycheck.reporting.notation import Term, parse

CLAIMS = [claim for theorem in bounds.THEOREMS.values() for claim in theorem.claims.values()]
CONDITIONS = [one for theorem in bounds.THEOREMS.values() for one in theorem.conditions.values()]


def left_mathml(formula):
    return formulas.as_mathml(parse(formula))


def left_latex(formula):
    return formulas.as_latex(parse(formula))


def spoken(mathml):
    """The text of a formula without its structure."""
    return "".join(ElementTree.fromstring(mathml).itertext())


@pytest.mark.parametrize(
    ("formula", "mathml"),
    [
        ("L_S", "<msub><mi>L</mi><mi>S</mi></msub>"),
        ("gamma", "<mi>γ</mi>"),
        ("x^2", "<msup><mi>x</mi><mn>2</mn></msup>"),
        ("S_a^k", "<msubsup><mi>S</mi><mi>a</mi><mi>k</mi></msubsup>"),
        ("max_r", "<munder><mo>max</mo><mi>r</mi></munder>"),
        ("xi~", '<mover accent="true"><mi>ξ</mi><mo>~</mo></mover>'),
        ("S_signal", "<msub><mi>S</mi><mtext>signal</mtext></msub>"),
        ("j != k", "<mrow><mi>j</mi><mo>≠</mo><mi>k</mi></mrow>"),
        (
            "zeta_{y_i,r}",
            "<msub><mi>ζ</mi><mrow><msub><mi>y</mi><mi>i</mi></msub><mo>,</mo><mi>r</mi></mrow>"
            "</msub>",
        ),
    ],
)
def test_left_side_is_written_as_mathml(formula, mathml):
    assert left_mathml(formula) == mathml


@pytest.mark.parametrize(
    ("formula", "latex"),
    [
        ("L_S", "L_{S}"),
        ("min_j max_r gamma_{j,r,j}", r"\min_{j} \max_{r} \gamma_{j , r , j}"),
        ("||xi~_i||^2", r"\| \tilde{\xi}_{i} \|^{2}"),
        ("|<w~, xi_i>|", r"| \langle \tilde{w} , \xi_{i} \rangle |"),
        ("S_signal^k", r"S_{\mathrm{signal}}^{k}"),
        ("t^*", "t^{*}"),
    ],
)
def test_left_side_is_written_as_latex(formula, latex):
    assert left_latex(formula) == latex


@pytest.mark.parametrize("formula", ["x_", "_x", "x_{", "x_{}", "x}", "^2", "x_{a", "x__y", "{x}"])
def test_formula_that_does_not_close_is_refused(formula):
    with pytest.raises(ValueError, match="formula must"):
        parse(formula)


@given(st.text(alphabet="ab12_^{}~|<>!=, xi", max_size=12))
def test_formula_is_well_formed_or_refused(formula):
    try:
        terms = parse(formula)
    except ValueError:
        return
    if terms:
        ElementTree.fromstring(formulas.as_mathml(terms))
    latex = formulas.as_latex(terms)
    assert latex.count("{") == latex.count("}")


def test_terms_keep_what_stands_below_and_above():
    (term,) = parse("w~_{j,r}^2")
    assert term == Term("w", True, (Term("j"), Term(","), Term("r")), (Term("2"),))


def test_signs_of_html_are_escaped():
    assert left_mathml("a & b") == "<mrow><mi>a</mi><mo>&amp;</mo><mi>b</mi></mrow>"


@pytest.mark.parametrize("form", ["mathml", "latex"])
@pytest.mark.parametrize("one", [*CLAIMS, *CONDITIONS, *bounds.LEMMAS.values()], ids=lambda x: x.id)
def test_every_statement_has_a_formula(one, form):
    kinds = {
        bounds.Claim: formulas.claim_formula,
        bounds.Condition: formulas.condition_formula,
        bounds.Lemma: formulas.lemma_formula,
    }
    formula = kinds[type(one)](one, form)
    if form == "mathml":
        assert formulas.checked_mathml(formula)
        assert not re.search(r"&\w+;", formula)
    else:
        assert formula.count("{") == formula.count("}")
        assert formula.count(r"\left") == formula.count(r"\right")


@pytest.mark.parametrize("one", [*CLAIMS, *bounds.LEMMAS.values()], ids=lambda one: one.id)
def test_left_side_of_every_built_in_statement_is_a_formula(one):
    assert parse(one.left)


def test_claims_say_what_they_compare():
    mild = bounds.THEOREMS["mild-pruning"].claims
    assert spoken(formulas.claim_formula(mild["train-loss"], "mathml")) == "LS≤ε"
    cross = formulas.claim_formula(mild["no-cross-signal"], "mathml")
    assert spoken(cross) == "maxj≠k,r|γj,r,k|=O~(μ\u2062σ0)"
    learned = formulas.claim_formula(mild["signal-learned"], "mathml")
    assert spoken(learned) == "minjmaxrγj,r,j=Ω(m−1/q)"
    over = bounds.THEOREMS["over-pruning"].claims
    assert spoken(formulas.claim_formula(over["no-signal"], "mathml")) == "maxj,rγj,r,j=0"
    assert spoken(formulas.claim_formula(over["test-error-exact"], "mathml")) == "P(error)≥1−1K"


def test_premises_say_what_they_compare():
    conditions = bounds.THEOREMS["mild-pruning"].conditions
    told = {
        name: spoken(formulas.condition_formula(conditions[name], "mathml"))
        for name in ("mild-pruning", "keep-positive", "keep-at-most-one", "power", "width")
    }
    assert told == {
        "mild-pruning": "m\u2062plog(d)≥C1",
        "keep-positive": "p>0",
        "keep-at-most-one": "p≤1",
        "power": "q=3",
        "width": "log(m)log(log(d))≥power m",
    }


def test_lemmas_stand_between_their_ends():
    told = {
        name: spoken(formulas.lemma_formula(bounds.LEMMAS[name], "mathml"))
        for name in ("class-counts", "no-signal-left", "gradient-norm")
    }
    assert told["class-counts"] == "n2\u2062K≤nk≤3\u2062n2\u2062K"
    assert told["no-signal-left"] == "|Ssignalk|=0"
    assert told["gradient-norm"].startswith("‖∇LS‖F2=O(")


def test_left_side_without_a_formula_is_told_in_words():
    own = Claim("own", "x & y < 1", "x & y", n, BIG_O, Source("me", "derived", "1"))
    assert "<mtext>x &amp; y</mtext>" in formulas.claim_formula(own, "mathml")
    assert formulas.claim_formula(own, "latex") == r"\text{x \& y} = O\left(n\right)"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (m ** (-1 / q), "m−1/q"),
        (sympy.exp(-(n**2) / p), "e−n2/p"),
        (d**2, "d2"),
        (1 / K, "1K"),
        ((p * d) ** (q / 2), "(d\u2062p)q/2"),
        (K ** (2 - q), "K2−q"),
        (sympy.sqrt(K), "K"),
    ],
    ids=str,
)
def test_powers_stand_on_one_line(expression, expected):
    assert spoken(formulas.expression(expression, "mathml")) == expected


def test_parentheses_grow_around_fractions_alone():
    flat, tall = (formulas.expression(sympy.log(one), "mathml") for one in (K, K / n))
    assert '<mo stretchy="false">(</mo>' in flat
    assert "<mo>(</mo>" in tall


def test_latex_text_shows_every_sign():
    assert formulas.latex_text(r"a_b^c & 5% ~ {x} \ #$<|>") == (
        r"a\_b\textasciicircum{}c \& 5\% \textasciitilde{} \{x\} \textbackslash{} "
        r"\#\$\textless{}\textbar{}\textgreater{}"
    )


@pytest.mark.parametrize(
    "formula", ["<mi>x</mi>", '<mo stretchy="false">(</mo>', "<mrow><mn>1</mn><mn>2</mn></mrow>"]
)
def test_mathml_passes_the_check(formula):
    assert formulas.checked_mathml(formula) == formula


@pytest.mark.parametrize(
    "formula",
    [
        "<script/>",
        "<mrow><script>x</script></mrow>",
        "<mi href='javascript:x'>a</mi>",
        "<mi style='x'>a</mi>",
        "<semantics/>",
        "<annotation-xml/>",
        '<mi xmlns="http://www.w3.org/1999/xhtml">a</mi>',
        "<mi>",
        "",
    ],
)
def test_anything_else_is_refused(formula):
    with pytest.raises(ValueError, match="formula must"):
        formulas.checked_mathml(formula)


def test_small_constants_are_typeset_like_large_ones():
    small = next(
        one
        for one in bounds.SIBLING_THEOREMS["low-snr-descent"].conditions.values()
        if one.constant_name == "c_sigma_0"
    )
    assert formulas.condition_formula(small, "latex").endswith(r"c_{\sigma 0}")
    assert "<mi>c</mi>" in formulas.condition_formula(small, "mathml")
