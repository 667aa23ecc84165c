"""Invariants: what holds for every row of every table, the next ones too. No test here names a row.

The environment variable GPUSTRAP_CATALOG, a folder of tables, puts other rows in the place of the built-in ones.
"""

from __future__ import annotations

import os
from pathlib import Path

from gpustrap.catalog import rows

if other := os.environ.get("GPUSTRAP_CATALOG"):
    rows.DATA = Path(other)  # before any test module of this folder reads a table
