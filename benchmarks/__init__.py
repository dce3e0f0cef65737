"""Comparisons side by side, and measurements of quality and endurance: see README.md."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # the loopback server of the API is theirs
