"""Links into the code: a file of the checkout on GitHub, its entry in the reference here.

``[text](../sims/gram.py#build)`` becomes ``[text](#sims.gram.build)``. What follows ``#`` is a
public name of the module, or the id of a statement in it.
"""

import re

from sphinx.application import Sphinx

LINK = re.compile(r"\]\((?:\.\./)+((?:bounds|sims|theorycheck)(?:/\w+)+)\.py(?:#([\w.-]+))?\)")


def _entry(found: re.Match[str]) -> str:
    module, name = found[1].replace("/", "."), found[2]
    return f"](#{module}.{name})" if name else f"](#{module})"


def _replace(app: Sphinx, docname: str, source: list[str]) -> None:
    source[0] = LINK.sub(_entry, source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Replace the links when a page is read."""
    app.connect("source-read", _replace)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
