"""Which sources a piece of evidence depends on, as one digest: a result older than them is stale.

The digest is of the code: of every module that is imported from a piece, step by step, within this
repository. Comments, docstrings and layout do not count, imports inside functions do. Imports for
type checkers alone do not, except those of a front door that is imported by name: it loads what it
offers when that is touched.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("bounds", "sims", "theorycheck", "evidence", "benchmarks")
FRONT_DOORS = ("theorycheck",)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def digest(module: str) -> str:
    """Return the digest of the sources that a module depends on."""
    whole = hashlib.sha256()
    for name in sorted(reached(module)):
        whole.update(f"{name}\n{_code(name)}\n".encode())
    return whole.hexdigest()[:16]


def reached(module: str) -> set[str]:
    """Return a module and all that it imports from this repository, directly or not."""
    found, waiting = set(), list(_with_packages(module))
    while waiting:
        name = waiting.pop()
        if name not in found and _file(name) is not None:
            found.add(name)
            waiting += _imports(name)
    return found


@cache
def _imports(name: str) -> tuple[str, ...]:
    """Return the modules that one module names in its imports, with the packages they lie in."""
    return tuple(_named(_tree(name)))


def _named(tree: ast.Module, offered: bool = False) -> Iterator[str]:
    for node in ast.walk(tree) if offered else _run(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # what is imported may be a module itself
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        for whole in names:
            if whole.partition(".")[0] in PACKAGES:
                yield from _with_packages(whole)
                if whole in FRONT_DOORS and isinstance(node, ast.Import):
                    yield from _named(_tree(whole), offered=True)


def _run(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every node of a tree but what stands under ``if TYPE_CHECKING``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for branch in node.orelse:
                yield branch
                yield from _run(branch)
            continue
        yield node
        yield from _run(node)


def _with_packages(module: str) -> Iterator[str]:
    parts = module.split(".")
    yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


@cache
def _tree(name: str) -> ast.Module:
    file = _file(name)
    return ast.parse(file.read_text(encoding="utf-8") if file else "")


@cache
def _code(name: str) -> str:
    """Return what a module does, in a form that neither comments nor docstrings change."""
    tree = _tree(name)
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)


@cache
def _file(name: str) -> Path | None:
    path = ROOT.joinpath(*name.split("."))
    return next(
        (one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None
    )
