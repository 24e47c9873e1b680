"""What the reference takes from the code itself: lists of modules, and statements with their lines.

A page asks for it by a line of its own: ``<!-- modules: sims -->`` for every module of a package,
``<!-- statements: bounds.mild_pruning -->`` for a theorem, its premises and claims (or the lemmas).
"""

import ast
import inspect
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import sympy
from sphinx.application import Sphinx

from bounds import LEMMAS, Claim, Condition, Lemma, Theorem
from bounds.sources import TAGS
from bounds.statements import Source

MARKER = re.compile(r"^<!-- (modules|statements): ([\w.]+) -->$", re.MULTILINE)
COMMAND_LINE = ("theorycheck.__main__", "theorycheck.cli")  # on a page of its own

Statement = Claim | Condition | Lemma


def _modules(package: str) -> Iterator[str]:
    for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
        if not module.name.startswith(COMMAND_LINE):
            depth = "#" * (module.name.count(".") + 1)
            described = f".. automodule:: {module.name}\n   :members:\n"
            if module.ispkg:  # what it hands on is described where it lives
                described += "   :ignore-module-all:\n"
            yield f"{depth} {module.name}\n\n```{{eval-rst}}\n{described}```\n"


def _statements(name: str) -> Iterator[str]:
    module = import_module(name)
    lines = _lines_of_statements(module)
    for theorem in (one for one in vars(module).values() if isinstance(one, Theorem)):
        yield _theorem(theorem)
        own = [one for one in theorem.conditions.values() if one.id in lines]
        for statement in [*own, *theorem.claims.values()]:
            yield _statement(name, statement, *lines[statement.id])
    if name == "bounds.lemmas":
        for lemma in LEMMAS.values():
            yield _statement(name, lemma, *lines[lemma.id])


def _theorem(theorem: Theorem) -> str:
    return (
        f"## {theorem.title}\n\n{theorem.statement}\n\n"
        f"* Probability: {theorem.probability}.\n"
        f"* A single run is held to the claims if {theorem.event}.\n"
        f"* Source: {_source(theorem.source)}.\n"
    )


def _statement(module: str, statement: Statement, first: int, code: str) -> str:
    return (
        f"({module}.{statement.id})=\n### {statement.id}\n\n"
        f"    {statement.statement}\n\n{_formula(statement)}"
        f"Source: {_source(statement.source)}.\n\n"
        f"```{{code-block}} python\n:lineno-start: {first}\n\n{code}\n```\n"
    )


def _formula(statement: Statement) -> str:
    if isinstance(statement, Lemma):
        if statement.bound is None:
            return ""
        return f"It fails with probability at most\n\n$$ {sympy.latex(statement.bound)} $$\n\n"
    if isinstance(statement, Condition):
        held = {"upper": "at most", "lower": "at least", "both": "of the order of"}
        name = statement.constant_name or f"{statement.constant:g}"
        side = held[statement.direction]
        return f"Implied constant, {side} {name}:\n\n$$ {sympy.latex(statement.expression)} $$\n\n"
    order = statement.order
    hides = f", hides {order.hides}"
    return f"Bound ({order.symbol}{hides}):\n\n$$ {sympy.latex(statement.bound)} $$\n\n"


def _source(source: Source) -> str:
    note = f"; {source.note}" if source.note else ""
    return f"{source.citation}, **{source.tag}** ({TAGS[source.tag]}){note}; {source.section}"


def _lines_of_statements(module: ModuleType) -> dict[str, tuple[int, str]]:
    """Return the first line and the code of every call in a module that builds a statement."""
    text = inspect.getsource(module)
    found = {}
    for node in ast.walk(ast.parse(text)):
        if not (isinstance(node, ast.Call) and node.end_lineno is not None):
            continue
        ids = [word.value for word in node.keywords if word.arg == "id"] + node.args[:1]
        if ids and isinstance(ids[0], ast.Constant) and getattr(node.func, "id", "") in KINDS:
            lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
            found[str(ids[0].value)] = node.lineno, inspect.cleandoc("\n".join(["", *lines]))
    return found


KINDS = ("Claim", "Condition", "Lemma")
GENERATORS = {"modules": _modules, "statements": _statements}


def _expand(app: Sphinx, docname: str, source: list[str]) -> None:
    source[0] = MARKER.sub(lambda found: "\n".join(GENERATORS[found[1]](found[2])), source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Expand the markers when a page is read."""
    app.connect("source-read", _expand)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
