"""The programs beside the notebooks import each other by plain names, as in their own folder."""

import sys
from pathlib import Path

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
sys.path.append(str(NOTEBOOKS))
