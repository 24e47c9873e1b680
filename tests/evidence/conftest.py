"""Evidence is run from the checkout and never installed: behind what is, the checkout is found."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))
