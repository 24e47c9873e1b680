"""How Sphinx builds the documentation: from the installed packages, and without a network."""

import sys
import warnings
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "extensions"))

project = "theorycheck"
author = copyright = "The theorycheck maintainers"
release = version = installed_version("theorycheck")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_nb",
    "sphinx_click",
    # docs/extensions
    "code_links",
    "generated",
    "mathml",
]
exclude_patterns = ["extensions"]

# Lessons show the outputs they were committed with; `pytest --nbmake docs/lessons` runs them.
nb_execution_mode = "off"
nb_code_prompt_show = "Solution"  # the only cells that are folded
nb_code_prompt_hide = "Hide the solution"
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say them
numpydoc_show_class_members = False

# numpydoc also reads the docstrings of imported sympy functions, which have sections of their own
warnings.filterwarnings("ignore", "Unknown section", UserWarning, "numpydoc")

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["style.css"]
html_title = f"theorycheck {release}"
html_math_renderer = "mathml"
html_show_sphinx = False
html_copy_source = False
